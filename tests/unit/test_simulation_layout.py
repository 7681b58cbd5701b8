"""Layout of a simulated genome: overlapping and nested genes, decoys, gaps, sizes, determinism."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from simulated_genomes import STOPS, sense, simulate

from helixtune.errors import ParameterError
from helixtune.simulation.assembly import sequence_lengths


def test_overlapping_genes_are_on_opposite_strands_and_share_no_coding_base():
    assembly = simulate(genes={"overlap_share": 1.0, "nested_share": 0.0})
    genes = sorted(assembly.genes, key=lambda gene: (gene.sequence, gene.start))
    pairs = [(a, b) for a, b in pairwise(genes) if a.sequence == b.sequence and b.start < a.end]
    assert len(pairs) > 10
    for left, right in pairs:
        assert (left.strand, right.strand) == ("+", "-")
        assert left.coding[-1, 1] <= right.start
        assert left.end <= right.coding[0, 0]


def test_nested_genes_lie_in_one_intron_of_the_other_strand():
    assembly = simulate(genes={"nested_share": 1.0, "overlap_share": 0.0})
    pairs = [
        (host, guest)
        for host, guest in pairwise(assembly.genes)
        if host.sequence == guest.sequence and host.start < guest.start and guest.end < host.end
    ]
    assert len(pairs) > 20
    for host, guest in pairs:
        assert host.strand != guest.strand
        assert sum(start < guest.start and guest.end < end for start, end in host.introns) == 1


def test_decoys_are_there_and_apart_from_genes():
    assembly = simulate("demo-base-sparse", size_bp=1_000_000)
    kinds = Counter(decoy.kind for decoy in assembly.decoys)
    assert min(kinds["transposon"], kinds["pseudogene"], kinds["microsatellite"]) > 5
    for decoy in assembly.decoys:
        assert not any(
            g.sequence == decoy.sequence and g.start < decoy.end and decoy.start < g.end for g in assembly.genes
        )


def longest_frame(letters: str) -> int:
    """Codons between two stops."""
    codons = (letters[i : i + 3] for i in range(0, len(letters) - 2, 3))
    return max(map(len, "".join("*" if codon in STOPS else "x" for codon in codons).split("*")))


def test_young_transposons_carry_an_open_reading_frame():
    assembly = simulate("demo-base-sparse", size_bp=1_500_000, landscape={"young_transposon_share": 1.0})
    longest = []
    for decoy in assembly.decoys:
        if decoy.kind == "transposon" and decoy.name.startswith(("LTR", "DNA")):
            letters = sense(assembly, decoy, decoy.start, decoy.end)
            longest.append(max(longest_frame(letters[first:]) for first in range(3)))
    assert len(longest) > 10
    assert np.median(longest) > 250


def test_gaps_are_runs_of_n():
    assembly = simulate(landscape={"gaps_per_gene": 0.5})
    gaps = [decoy for decoy in assembly.decoys if decoy.kind == "gap"]
    assert len(gaps) > 10
    assert all((assembly.sequences[gap.sequence][gap.start : gap.end] == 4).all() for gap in gaps)
    assert sum((bases == 4).sum() for bases in assembly.sequences) == sum(gap.end - gap.start for gap in gaps)


@pytest.mark.parametrize("size_bp", [10_000, 199_999, 200_000, 1_200_000, 50_000_000])
def test_sequences_add_up_to_the_size(size_bp):
    names, lengths = sequence_lengths(size_bp)
    assert sum(lengths) == size_bp
    assert min(lengths) > 0
    assert len(set(names)) == len(names)


def test_same_seed_gives_the_same_genome_and_another_seed_another_one():
    first, again, other = simulate(seed=4), simulate(seed=4), simulate(seed=5)
    assert all(np.array_equal(a, b) for a, b in zip(first.sequences, again.sequences, strict=True))
    assert not np.array_equal(first.sequences[0], other.sequences[0])
    assert len(other.genes) == pytest.approx(len(first.genes), rel=0.25)


def test_shares_outside_zero_to_one_are_refused():
    with pytest.raises(ParameterError, match="overlap_share must lie between 0 and 1"):
        simulate(genes={"overlap_share": 1.5})

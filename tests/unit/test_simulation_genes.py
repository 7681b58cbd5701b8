"""Simulated genes: frames, splice sites, lengths and what breaks the gene caller's assumptions."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from helixtune.errors import ParameterError
from helixtune.simulation.assembly import sequence_lengths
from helixtune.simulation.composition import LETTERS, reverse_complement
from helixtune.simulation.presets import PRESETS, SpliceSites, preset
from helixtune.simulation.species import simulate_species

STOPS = {"TAA", "TAG", "TGA"}


def simulate(name: str = "demo-base", seed: int = 3, size_bp: int = 600_000, **changes):
    parameters = preset(name)
    changed = {part: replace(getattr(parameters, part), **values) for part, values in changes.items()}
    return simulate_species(replace(parameters, **changed), name, seed, size_bp, 0)[0]


def sense(assembly, gene, start: int, end: int) -> str:
    """Bases of a plus-strand interval as the gene's strand reads them, from the finished genome."""
    bases = assembly.sequences[gene.sequence][start:end]
    return LETTERS[bases if gene.strand == "+" else reverse_complement(bases)].tobytes().decode()


def longest_frame(letters: str) -> int:
    """Codons between two stops."""
    codons = (letters[i : i + 3] for i in range(0, len(letters) - 2, 3))
    return max(map(len, "".join("*" if codon in STOPS else "x" for codon in codons).split("*")))


def introns(assembly) -> list[str]:
    return [sense(assembly, gene, *span) for gene in assembly.genes for span in gene.introns]


@pytest.fixture(scope="module")
def assembly():
    return simulate(size_bp=2_000_000)


@pytest.mark.parametrize("name", PRESETS)
def test_every_gene_reads_from_start_to_stop(name):
    """The CDS as it stands in the finished genome: ATG, no stop inside, a stop at the end, length divisible by 3."""
    assembly = simulate(name)
    assert len(assembly.genes) > 50
    for gene in assembly.genes:
        parts = gene.coding if gene.strand == "+" else gene.coding[::-1]
        coding = "".join(sense(assembly, gene, start, end) for start, end, _ in parts)
        codons = [coding[i : i + 3] for i in range(0, len(coding), 3)]
        assert codons[0] == "ATG"
        assert codons[-1] in STOPS
        assert not STOPS & set(codons[:-1])


def test_phases_say_how_many_bases_belong_to_the_codon_before(assembly):
    for gene in assembly.genes:
        parts = gene.coding if gene.strand == "+" else gene.coding[::-1]
        read = 0
        for start, end, phase in parts:
            assert (read + phase) % 3 == 0
            read += end - start
        assert read % 3 == 0


def test_exons_ascend_and_hold_the_cds(assembly):
    for gene in assembly.genes:
        assert gene.start == gene.exons[0, 0]
        assert gene.end == gene.exons[-1, 1]
        assert (np.diff(gene.exons.ravel()) > 0).all()
        assert gene.start < gene.coding[0, 0]
        assert gene.coding[-1, 1] < gene.end


def test_introns_have_canonical_ends_and_one_in_a_hundred_a_gc_donor(assembly):
    ends = Counter(intron[:2] + intron[-2:] for intron in introns(assembly))
    total = sum(ends.values())
    assert set(ends) == {"GTAG", "GCAG"}
    assert 0.003 < ends["GCAG"] / total < 0.025


def test_donor_and_acceptor_follow_their_matrices(assembly):
    sequences = introns(assembly)
    sites = SpliceSites()
    for offset, expected in ((2, sites.donor_intron[2]), (4, sites.donor_intron[4]), (-3, sites.acceptor_intron[2])):
        seen = Counter(intron[offset] for intron in sequences)
        assert [seen[base] / len(sequences) for base in "ACGT"] == pytest.approx(expected, abs=0.05)


def test_exon_side_of_the_donor_is_conserved_although_codons_are_untouched(assembly):
    """Introns are put where the codons look like MAG|GT: -1 is G in about 79 % (SpliceSites.donor_exon)."""
    lasts = []
    for gene in assembly.genes:
        for start, end in gene.introns:
            lasts.append(
                sense(assembly, gene, start - 1, start) if gene.strand == "+" else sense(assembly, gene, end, end + 1)
            )
    assert 0.68 < np.mean(np.array(lasts) == "G") < 0.86


def test_intron_lengths_have_the_published_median_and_tail(assembly):
    lengths = np.array([len(intron) for intron in introns(assembly)])
    assert 85 < np.median(lengths) < 110
    assert 130 < lengths.mean() < 200
    assert lengths.min() >= 60
    assert 250 < np.percentile(lengths, 90) < 400


def test_genes_lie_on_both_strands_and_cover_a_plausible_share(assembly):
    strands = Counter(gene.strand for gene in assembly.genes)
    assert 0.4 < strands["+"] / len(assembly.genes) < 0.6
    coding = sum(int((gene.coding[:, 1] - gene.coding[:, 0]).sum()) for gene in assembly.genes)
    assert 0.18 < coding / 2_000_000 < 0.32  # A. thaliana: 0.25 to 0.28


def test_gc_is_higher_in_shifted_species():
    def gc_share(name):
        bases = np.concatenate(simulate(name).sequences)
        return np.isin(bases, (1, 2)).sum() / (bases < 4).sum()

    assert gc_share("demo-base") == pytest.approx(0.37, abs=0.015)
    assert gc_share("demo-shifted") > gc_share("demo-base") + 0.03


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


def test_short_introns_appear_where_the_preset_says():
    lengths = np.array([len(intron) for intron in introns(simulate("fission-yeast"))])
    assert 0.10 < np.mean(lengths < 50) < 0.30
    assert lengths.min() >= 35


def test_decoys_are_there_and_apart_from_genes():
    assembly = simulate("demo-base-sparse", size_bp=1_000_000)
    kinds = Counter(decoy.kind for decoy in assembly.decoys)
    assert min(kinds["transposon"], kinds["pseudogene"], kinds["microsatellite"]) > 5
    for decoy in assembly.decoys:
        assert not any(
            g.sequence == decoy.sequence and g.start < decoy.end and decoy.start < g.end for g in assembly.genes
        )


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

"""Simulated genes: frames, splice sites, lengths and what breaks the gene caller's assumptions."""

import re
from collections import Counter

import numpy as np
import pytest
from simulated_genomes import STOPS, introns, sense, simulate

from helixtune.simulation.composition import sharpened
from helixtune.simulation.parameters import SpliceSites
from helixtune.simulation.presets import PRESETS


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
    columns = sharpened((sites.donor_intron[2], sites.donor_intron[4], sites.acceptor_intron[0]), sites.sharpness)
    for offset, expected in zip((2, 4, -3), columns, strict=True):
        seen = Counter(intron[offset] for intron in sequences)
        assert [seen[base] / len(sequences) for base in "ACGT"] == pytest.approx(expected, abs=0.05)


def test_first_ag_behind_the_branch_point_is_the_acceptor(assembly):
    """CTRAY within 10 to 25 bases of the end is followed by no AG but the acceptor's (Gooding et al. 2006)."""
    found = [re.search("CT[AG]A[CT]([ACGT]{8,23})AG$", intron) for intron in introns(assembly)]
    behind = [match.group(1) for match in found if match]
    assert len(behind) > 0.85 * len(found)
    assert np.mean(["AG" in bases for bases in behind]) < 0.05


def test_exon_side_of_the_donor_is_conserved_although_codons_are_untouched():
    """Introns are put where the codons look like AG|GT: in the plant preset -1 is G in 79 %."""
    assembly, lasts = simulate("plant", size_bp=1_000_000), []
    for gene in assembly.genes:
        for start, end in gene.introns:
            at = start - 1 if gene.strand == "+" else end
            lasts.append(sense(assembly, gene, at, at + 1))
    assert 0.70 < np.mean(np.array(lasts) == "G") < 0.86


@pytest.mark.parametrize(
    ("name", "median", "mean", "shortest"),
    [
        ("demo-base", (62, 76), (75, 105), 42),
        ("plant", (85, 110), (130, 200), 60),
        ("fission-yeast", (48, 64), (60, 90), 36),
    ],
)
def test_intron_lengths_are_as_published(name, median, mean, shortest):
    lengths = np.array([len(intron) for intron in introns(simulate(name, genes={"nested_share": 0.0}))])
    assert median[0] < np.median(lengths) < median[1]
    assert mean[0] < lengths.mean() < mean[1]
    assert lengths.min() >= shortest


def test_genes_of_the_base_species_have_the_published_structure(assembly):
    """M. oryzae: CDS median 1,083 bp, 2.8 exons a transcript, 41 Mb / 12,700 genes (Okagaki et al. 2015)."""
    lengths = [(gene.coding[:, 1] - gene.coding[:, 0]).sum() for gene in assembly.genes]
    assert np.median(lengths) == pytest.approx(1083, rel=0.1)
    assert np.mean([len(gene.exons) for gene in assembly.genes]) == pytest.approx(2.8, abs=0.3)
    assert 2_000_000 / len(assembly.genes) == pytest.approx(3200, rel=0.15)


def test_genes_lie_on_both_strands_and_cover_a_plausible_share(assembly):
    strands = Counter(gene.strand for gene in assembly.genes)
    assert 0.4 < strands["+"] / len(assembly.genes) < 0.6
    coding = sum(int((gene.coding[:, 1] - gene.coding[:, 0]).sum()) for gene in assembly.genes)
    assert 0.30 < coding / 2_000_000 < 0.50


def test_gc_is_as_published_and_differs_in_the_shifted_species():
    def gc_share(name):
        bases = np.concatenate(simulate(name).sequences)
        return np.isin(bases, (1, 2)).sum() / (bases < 4).sum()

    assert gc_share("demo-base") == pytest.approx(0.505, abs=0.02)  # M. oryzae 0.516, A. nidulans 0.504
    assert gc_share("demo-same") == pytest.approx(gc_share("demo-base"), abs=0.01)
    assert abs(gc_share("demo-shifted") - gc_share("demo-base")) > 0.05


def test_introns_below_the_gene_caller_s_minimum_appear_where_the_preset_says():
    shares = {
        name: np.mean([len(intron) < 50 for intron in introns(simulate(name))]) for name in ("plant", "fission-yeast")
    }
    assert shares["plant"] == 0
    assert 0.25 < shares["fission-yeast"] < 0.45

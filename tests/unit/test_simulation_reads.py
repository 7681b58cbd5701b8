"""Simulated RNA-seq reads against the genes that they come from."""

from collections import Counter

import numpy as np
import pytest

from helixtune.simulation.presets import preset
from helixtune.simulation.reads import MATCH, READ_BP, SHORTEST_ANCHOR_BP, SKIP
from helixtune.simulation.species import simulate_species


@pytest.fixture(scope="module")
def simulated():
    return simulate_species(preset("demo-base"), "demo-base", 11, 500_000, 20.0)


def junctions(read) -> list[tuple]:
    position, found = read.start, []
    for operation, length in read.cigar:
        if operation == SKIP:
            found.append((read.sequence, position, position + length, read.transcript_strand))
        position += length
    return found


def test_junctions_are_introns_of_the_truth_on_the_right_strand(simulated):
    assembly, reads = simulated
    true = {(gene.sequence, int(s), int(e), gene.strand) for gene in assembly.genes for s, e in gene.introns}
    seen = {junction for read in reads for junction in junctions(read)}
    assert seen <= true
    assert len(seen) > 0.5 * len(true)


def test_reads_have_one_length_and_long_enough_anchors(simulated):
    for read in simulated[1]:
        matched = [length for operation, length in read.cigar if operation == MATCH]
        assert sum(matched) == READ_BP
        if len(matched) > 1:
            assert min(matched[0], matched[-1]) >= SHORTEST_ANCHOR_BP


def test_reads_are_sorted_and_inside_their_sequences(simulated):
    assembly, reads = simulated
    places = [(read.sequence, read.start) for read in reads]
    assert places == sorted(places)
    for read in reads:
        assert read.start >= 0
        assert read.start + sum(length for _, length in read.cigar) <= len(assembly.sequences[read.sequence])


def test_depth_is_as_asked_and_uneven_between_genes(simulated):
    assembly, reads = simulated
    exonic = sum(int((gene.exons[:, 1] - gene.exons[:, 0]).sum()) for gene in assembly.genes)
    assert len(reads) * READ_BP / exonic == pytest.approx(20, rel=0.15)
    starts = np.array([read.start for read in reads if read.sequence == 0])
    counts = [int(((starts >= g.start) & (starts < g.end)).sum()) for g in assembly.genes if g.sequence == 0]
    assert min(counts) < 30
    assert max(counts) > 10 * np.median(counts)


def test_most_reads_come_from_genes_of_both_strands(simulated):
    strands = Counter(read.transcript_strand for read in simulated[1])
    assert 0.2 < strands["+"] / strands.total() < 0.8


def test_genome_does_not_depend_on_the_reads(simulated):
    without, no_reads = simulate_species(preset("demo-base"), "demo-base", 11, 500_000, 0)
    assert no_reads is None
    assert all(np.array_equal(a, b) for a, b in zip(without.sequences, simulated[0].sequences, strict=True))

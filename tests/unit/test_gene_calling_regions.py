"""Candidate regions, sequences, gene models from labels, and their confidence."""

import numpy as np
import pytest

from helixtune.errors import FormatError, ParameterError
from helixtune.gene_calling.confidence import calibrated, gene_confidence
from helixtune.gene_calling.genes import CalledGene, on_plus_strand, split_segments
from helixtune.gene_calling.output import escape_seqid, gene_id, gene_parts
from helixtune.gene_calling.regions import RegionScan, Thresholds
from helixtune.gene_calling.sequences import group_sequences
from helixtune.gene_calling.settings import CallSettings
from helixtune.subsequences import Rows, cut_sequence


def naive_regions(intergenic: np.ndarray, limits: Thresholds) -> list[tuple[int, int]]:
    scores = [int((np.float32(1) - value) * np.float32(1e6)) for value in intergenic]
    window = limits.window_size
    totals = [sum(scores[i : i + window]) for i in range(len(scores) - window + 1)]
    found, i = [], 0
    while i < len(totals):
        if totals[i] < limits.edge:
            i += 1
            continue
        start = i
        while i < len(totals) and totals[i] >= limits.edge:
            i += 1
        if max(totals[start:i]) > limits.peak:
            found.append((start, i + window - 1))
    return found


@pytest.mark.parametrize(("window", "edge", "peak"), [(100, 0.1, 0.8), (10, 0.5, 0.6), (1, 0.5, 0.5), (7, 0.0, 0.4)])
def test_scan_in_blocks_finds_what_a_plain_scan_finds(window, edge, peak):
    rng = np.random.default_rng(window)
    steps = np.repeat(rng.random(60), rng.integers(1, 40, 60)).astype(np.float32)
    limits = Thresholds.of(window, edge, peak)
    for block in (1, 13, len(steps)):
        scan = RegionScan(limits)
        found = [region for i in range(0, len(steps), block) for region in scan.push(steps[i : i + block])]
        assert found + scan.finish() == naive_regions(steps, limits)


def test_limits_are_the_references():
    assert Thresholds.of(100, 0.1, 0.8) == Thresholds(100, 10_000_000, 80_000_000)


def test_no_region_in_a_strand_shorter_than_the_window():
    scan = RegionScan(Thresholds.of(100, 0.1, 0.8))
    assert scan.push(np.zeros(99, np.float32)) + scan.finish() == []
    assert (scan.seen, scan.open_start, scan.next_start) == (99, None, 0)


def test_segments_are_split_at_intergenic_labels():
    labels = np.array([0, 1, 1, 2, 2, 2, 3, 3, 2, 4, 0, 0, 1, 2])
    assert split_segments(labels) == [
        [(1, 1, 3), (2, 3, 6), (3, 6, 8), (2, 8, 9), (4, 9, 10)],
        [(1, 12, 13), (2, 13, 14)],
    ]
    assert split_segments(np.zeros(0)) == []


def test_minus_strand_coordinates_and_phases():
    segments = on_plus_strand([(1, 0, 10), (2, 10, 14), (3, 14, 70), (2, 70, 75), (4, 75, 80)], 100, "-", 1000)
    gene = CalledGene("-", segments, 0.5)
    assert (gene.start, gene.end, gene.coding_bp) == (820, 900, 9)
    assert [[s[1:] for s in exon] for exon in gene.exons()] == [[(890, 900), (886, 890)], [(825, 830), (820, 825)]]
    assert [(f, phase) for f, _, _, phase, _ in gene_parts(gene) if f == "CDS"] == [("CDS", "0"), ("CDS", "2")]


def test_calibration_divides_the_odds_and_keeps_the_ends():
    assert [calibrated(value) for value in (0.0, 1.0)] == [0.0, 1.0]
    assert calibrated(5.8 / 6.8) == pytest.approx(0.5)
    assert calibrated(0.9) < calibrated(0.91) < 0.91


def test_confidence_is_the_least_certain_part():
    probs = np.full((40, 4), 0.1)
    probs[10:20, 2] = 0.9
    probs[20:30, 3] = 0.4
    probs[30:40, 2] = [0.8] * 5 + [0.6] * 5
    segments = [(1, 0, 10), (2, 10, 20), (3, 20, 30), (2, 30, 40)]
    assert gene_confidence(segments, probs) == pytest.approx(calibrated(0.4))
    assert gene_confidence([segments[0], segments[3]], probs) == pytest.approx(calibrated(0.7))
    assert gene_confidence(segments[:1], probs) == pytest.approx(calibrated(0.1))


def test_names_are_escaped_and_stay_apart():
    assert escape_seqid("chr 1;x|y>") == "chr%201%3Bx|y%3E"
    assert gene_id("Ab cd", "s=1,2", 7) == "Ab_cd_s%3D1%2C2_000007"
    assert gene_id("x", "a%3B", 1) != gene_id("x", "a;", 1)


def rows_of(*pieces: tuple[str, list]) -> Rows:
    names = [name.encode() for name, start_ends in pieces for _ in start_ends]
    start_ends = np.concatenate([np.array(start_ends) for _, start_ends in pieces])
    return Rows(np.full(len(names), b"sp", "S25"), np.array(names, "S50"), start_ends)


def test_names_that_return_open_another_sequence():
    rows = rows_of(("a", cut_sequence(250, 100)[::-1]), ("b", cut_sequence(90, 100)), ("a", cut_sequence(100, 100)))
    sequences = group_sequences(rows, "g.h5")
    assert [(s.seqid, s.length_bp, s.gaps) for s in sequences] == [("a", 250, 0), ("b", 90, 0), ("a", 100, 0)]
    assert sequences[0].strands["+"].tolist() == [5, 4, 3]
    assert sequences[0].strands["-"].tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    ("start_ends", "words"),
    [
        ([(0, 10)], "from end to end on both strands"),
        ([(5, 10), (10, 5)], "from end to end"),
        ([(0, 10), (0, 10), (10, 0), (10, 0)], "twice"),
        ([(0, 0), (0, 10), (10, 0)], "empty subsequence"),
        ([(0, 10), (12, 0)], "from end to end"),
    ],
)
def test_incomplete_sequences_are_refused(start_ends, words):
    with pytest.raises(FormatError, match=words):
        group_sequences(rows_of(("a", start_ends)), "g.h5")


def test_gaps_are_counted_as_the_reference_passes_over_them():
    rows = rows_of(("a", [(0, 10), (20, 30), (30, 20), (10, 0)]))
    assert group_sequences(rows, "g.h5")[0].gaps == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rules": "other"}, "upstream, improved"),
        ({"min_intron_bp": 30}, "--rules improved"),
        ({"rules": "improved", "min_intron_bp": 3}, "--min-intron 3"),
        ({"window_size": 0}, "at least 1"),
        ({"edge_threshold": -0.1}, "--edge-threshold"),
        ({"peak_threshold": float("nan")}, "--peak-threshold"),
        ({"min_coding_bp": -1}, "not be negative"),
    ],
)
def test_settings_check_themselves(options, words):
    with pytest.raises(ParameterError, match=words):
        CallSettings(**options)

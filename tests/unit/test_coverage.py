"""Counting reads over rows, and the introns they span."""

import numpy as np
import pysam
import pytest

from bam_files import write_bam
from helixtune.h5files import COVERAGE, SPLICED_COVERAGE
from helixtune.rnaseq.alignments import comes_from_minus, open_bam, splice_junctions
from helixtune.rnaseq.coverage import CoverageSource, coverage_of_rows, neighbouring_rows, region_counts
from helixtune.subsequences import Rows, cut_sequence

REFERENCES = {"c1": 300, "c2": 90}


def rows_of(seqid: str, L: int) -> Rows:
    start_ends = cut_sequence(REFERENCES[seqid], L)
    n = len(start_ends)
    return Rows(np.full(n, b"sp", "S25"), np.full(n, seqid.encode(), "S50"), start_ends)


@pytest.fixture
def source(tmp_path):
    rng = np.random.default_rng(5)
    reads = []
    for _ in range(200):
        seqid = "c1" if rng.random() < 0.8 else "c2"
        cigar = str(rng.choice(["20M", "5S10M", "8M30N8M", "4M2D4M1I3M", "10=2X", "3M50N3M10N4M"]))
        start = int(rng.integers(0, REFERENCES[seqid] - 75))
        reads.append((int(rng.choice([0, 16, 99, 147, 83, 163])), seqid, start, cigar))
    with open_bam(write_bam(tmp_path / "a.bam", REFERENCES, reads)) as bam:
        yield CoverageSource(bam, "fr-firststrand", {name: name for name in REFERENCES})


def by_hand(source: CoverageSource, seqid: str, strand: str) -> np.ndarray:
    """Base by base, from the pairs of read and reference positions."""
    counts = np.zeros((2, REFERENCES[seqid]), int)
    for read in source.bam.fetch(seqid):
        if comes_from_minus(read.flag, source.library) == (strand == "-"):
            aligned = {reference for query, reference in read.get_aligned_pairs() if query is not None}
            for position in range(read.reference_start, read.reference_end):
                counts[0 if position in aligned else 1, position] += 1
    return counts


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize("seqid", ["c1", "c2"])
def test_counts_agree_with_counting_base_by_base(source, seqid, strand):
    expected = by_hand(source, seqid, strand)
    length = REFERENCES[seqid]
    np.testing.assert_array_equal(region_counts(source, seqid, strand, 0, length), expected)
    for start, end in ((0, 1), (37, 71), (length - 5, length)):
        np.testing.assert_array_equal(region_counts(source, seqid, strand, start, end), expected[:, start:end])


@pytest.mark.parametrize("L", [7, 100, 300, 1000])
def test_rows_are_in_reading_direction_and_padded_with_minus_one(source, L):
    rows = rows_of("c1", L)
    tracks = coverage_of_rows([source, source], rows, L)
    for track, name in enumerate((COVERAGE, SPLICED_COVERAGE)):
        assert tracks[name].shape == (len(rows), L, 2)
        np.testing.assert_array_equal(tracks[name][..., 0], tracks[name][..., 1])
        for row, (first, second) in zip(tracks[name][..., 0], rows.start_ends, strict=True):
            strand = "+" if first < second else "-"
            expected = by_hand(source, "c1", strand)[track, min(first, second) : max(first, second)]
            np.testing.assert_array_equal(row[: len(expected)], expected if strand == "+" else expected[::-1])
            assert (row[len(expected) :] == -1).all()


def test_rows_in_any_order_give_the_same_counts(source):
    rows = rows_of("c1", 40)
    shuffled = np.random.default_rng(0).permutation(len(rows))
    whole, some = (coverage_of_rows([source], one, 40)[COVERAGE] for one in (rows, rows[shuffled]))
    np.testing.assert_array_equal(some, whole[shuffled])


def test_neighbours_are_counted_together():
    rows = rows_of("c1", 100)
    assert [(run.start, run.stop) for run in neighbouring_rows(rows)] == [(0, 3), (3, 6)]
    assert [(run.start, run.stop) for run in neighbouring_rows(rows[np.array([0, 2, 3])])] == [(0, 1), (1, 2), (2, 3)]
    assert list(neighbouring_rows(rows[:0])) == []


@pytest.mark.parametrize(
    ("library", "minus_flags"),
    [
        ("unstranded", {16, 83, 147}),
        ("fr-firststrand", {0, 99, 147}),
        ("fr-secondstrand", {16, 83, 163}),
    ],
)
def test_strand_of_the_rna(library, minus_flags):
    assert {flag for flag in (0, 16, 99, 147, 83, 163) if comes_from_minus(flag, library)} == minus_flags


def test_junctions_are_counted_once_per_read_and_intron(tmp_path):
    reads = [
        (0, "c1", 10, "5M20N5M"),
        (16, "c1", 12, "3M20N5M30N2M"),
        (256, "c1", 10, "5M20N5M"),
        (0, "c2", 0, "4M2D4M"),
    ]
    bam = write_bam(tmp_path / "a.bam", REFERENCES, reads)
    assert list(splice_junctions(bam)) == [("c1", ".", 15, 35, 2), ("c1", ".", 40, 70, 1)]
    stranded = list(splice_junctions(bam, "fr-secondstrand"))
    assert stranded == [("c1", "+", 15, 35, 1), ("c1", "-", 15, 35, 1), ("c1", "-", 40, 70, 1)]


@pytest.mark.parametrize(
    ("flag", "tags", "strand"),
    [
        (0, {"XS": "-"}, "-"),
        (16, {"XS": "+"}, "+"),
        (0, {"ts": "+"}, "+"),
        (16, {"ts": "+"}, "-"),
        (16, {"ts": "-"}, "+"),
    ],
)
def test_the_aligner_knows_the_strand_of_an_intron(tmp_path, flag, tags, strand):
    bam = write_bam(tmp_path / "a.bam", REFERENCES, [(flag, "c1", 10, "5M20N5M", tags)])
    assert [junction[1] for junction in splice_junctions(bam, "fr-firststrand")] == [strand]


@pytest.mark.parametrize(
    ("flag", "tags", "strand"),
    [
        (0, {"XS": 57}, "."),  # an aligner's score
        (0, {"ts": 120}, "."),  # samples that a basecaller cut off
        (0, {"XS": 57, "ts": "-"}, "-"),
        (0, {"XS": "?"}, "."),
        (0, {"XS": 1.5}, "."),
    ],
)
def test_a_number_by_the_name_of_a_strand_is_no_strand(tmp_path, flag, tags, strand):
    bam = write_bam(tmp_path / "a.bam", REFERENCES, [(flag, "c1", 10, "5M20N5M", tags)])
    assert [junction[1] for junction in splice_junctions(bam)] == [strand]


@pytest.mark.shared
def test_both_strands_add_up_to_samtools_depth(shared_dir):
    path = shared_dir / "data" / "drosophila_melanogaster_demo1mb" / "sample1.bam"
    lines = pysam.depth("-a", "-g", "DUP", "-G", "UNMAP,SECONDARY,QCFAIL", str(path)).splitlines()
    expected = np.array([int(line.split("\t")[2]) for line in lines])
    with open_bam(path) as bam:
        source = CoverageSource(bam, "unstranded", {"chr2L": "chr2L"})
        found = sum(region_counts(source, "chr2L", strand, 0, len(expected))[0] for strand in "+-")
    np.testing.assert_array_equal(found, expected)

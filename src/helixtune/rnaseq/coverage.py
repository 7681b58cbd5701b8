"""RNA-seq coverage of training and genome files: how many reads lie over a base, and how many span it by a gap.

Counts are those of upstream's coverage tracks: per strand, raw, one layer a BAM file, -1 in padding. A block of rows is
counted at a time, so memory does not grow with the genome.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pysam

from helixtune.h5files import COVERAGE, SPLICED_COVERAGE
from helixtune.rnaseq.alignments import (
    CIGAR_ALIGNED,
    CIGAR_GAPS,
    comes_from_minus,
    fetch_reads,
    splice_junctions,
)
from helixtune.subsequences import Rows, take_rows

__all__ = ["CoverageSource", "coverage_of_rows", "neighbouring_rows", "region_counts", "splice_junctions"]

NO_DATA = -1
# One 64-bit count in each of two tracks, the row and the strand's track that it is cut from.
BYTES_PER_BASE_AND_BAM = 2 * (8 + 8)


@dataclass(frozen=True)
class CoverageSource:
    """One BAM file ready for counting.

    Attributes:
        bam: the open file.
        library: protocol of the library (one of `alignments.LIBRARIES`).
        names: the file's name of every sequence id.
    """

    bam: pysam.AlignmentFile
    library: str
    names: dict[str, str]


def coverage_of_rows(sources: list[CoverageSource], rows: Rows, subsequence_length_bp: int) -> dict[str, np.ndarray]:
    """Count the reads of every BAM file over some rows.

    Args:
        sources: k BAM files.
        rows: b rows, any of them; neighbours in the file are counted in one go.
        subsequence_length_bp: L.

    Returns:
        Coverage and spliced coverage by dataset path, each (b, L, k) int64, 5'->3' of the row's strand, -1 in padding.
    """
    shape = (len(rows), subsequence_length_bp, len(sources))
    tracks = np.full((2, *shape), NO_DATA, np.int64)
    for run in neighbouring_rows(rows):
        piece = rows[run]
        start, end, strand = int(piece.starts.min()), int(piece.ends.max()), piece.strands[0]
        for layer, source in enumerate(sources):
            counts = region_counts(source, piece.seqids[0].decode(), strand, start, end)
            for track, track_counts in zip(tracks, counts, strict=True):
                track[run, :, layer] = take_rows(track_counts, piece.start_ends - start, subsequence_length_bp, NO_DATA)
    return {COVERAGE: tracks[0], SPLICED_COVERAGE: tracks[1]}


def neighbouring_rows(rows: Rows) -> Iterator[slice]:
    """Yield runs of rows that follow each other without a gap on one strand of one sequence."""
    first = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or not _joins(rows, i):
            yield slice(first, i)
            first = i


def _joins(rows: Rows, i: int) -> bool:
    """Whether row i goes on where row i - 1 ends (stored intervals run backwards on minus, so that ends meet)."""
    (first, second), (third, fourth) = rows.start_ends[i - 1], rows.start_ends[i]
    return rows.seqids[i] == rows.seqids[i - 1] and second == third and (first < second) == (third < fourth)


def region_counts(source: CoverageSource, seqid: str, strand: str, start: int, end: int) -> np.ndarray:
    """Count the reads of one strand over a stretch of a sequence.

    Returns:
        (2, end - start) int64 in plus-strand order: bases aligned (CIGAR M, =, X), and bases left out (N, D).
    """
    steps = np.zeros((2, end - start + 1), np.int64)
    for track, (starts, ends) in enumerate(_gather_intervals(source, seqid, strand, start, end)):
        for positions, step in ((starts, 1), (ends, -1)):
            inside = np.clip(np.array(positions, np.int64) - start, 0, end - start)
            steps[track] += step * np.bincount(inside, minlength=end - start + 1)
    return np.cumsum(steps, axis=1)[:, :-1]


def _gather_intervals(
    source: CoverageSource, seqid: str, strand: str, start: int, end: int
) -> tuple[tuple[list[int], list[int]], tuple[list[int], list[int]]]:
    """Return starts and ends of all aligned stretches, and those of all gaps."""
    aligned: tuple[list[int], list[int]] = ([], [])
    gaps: tuple[list[int], list[int]] = ([], [])
    is_minus = strand == "-"
    for read in fetch_reads(source.bam, source.names[seqid], start, end):
        if comes_from_minus(read.flag, source.library) != is_minus:
            continue
        position = read.reference_start
        for op, length in read.cigartuples or ():
            if op in CIGAR_ALIGNED:
                into = aligned
            elif op in CIGAR_GAPS:
                into = gaps
            else:
                continue
            into[0].append(position)
            position += length
            into[1].append(position)
    return aligned, gaps

"""From the labels of a region's bases to gene models."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from helixtune.gene_calling.states import CODING, INTERGENIC, INTRON

# (label, start, end)
Segment = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class CalledGene:
    """One gene with its one transcript.

    Attributes:
        strand: '+' or '-'.
        segments: UTR and coding segments in transcript order, 5'->3', in plus-strand coordinates.
        confidence: 0 to 1 (confidence.py).
    """

    strand: str
    segments: tuple[Segment, ...]
    confidence: float

    @property
    def start(self) -> int:
        """Plus-strand start."""
        return min(self.segments[0][1], self.segments[-1][1])

    @property
    def end(self) -> int:
        """Plus-strand end."""
        return max(self.segments[0][2], self.segments[-1][2])

    @property
    def coding_bp(self) -> int:
        """Coding bases, start and stop codon included."""
        return coding_length(self.segments)

    def exons(self) -> list[list[Segment]]:
        """Return the segments of each exon, in transcript order: what lies side by side."""
        exons: list[list[Segment]] = []
        for segment in self.segments:
            if exons and (exons[-1][-1][2] == segment[1] if self.strand == "+" else exons[-1][-1][1] == segment[2]):
                exons[-1].append(segment)
            else:
                exons.append([segment])
        return exons


def coding_length(segments) -> int:
    """Return the number of coding bases."""
    return sum(end - start for label, start, end in segments if label == CODING)


def split_segments(labels: np.ndarray) -> list[list[Segment]]:
    """Merge equal labels and cut at intergenic ones: one list of segments a gene, introns included.

    A gene that the region's end cuts off is one too.
    """
    starts = run_starts(labels)
    return list(split_runs(labels[starts], np.append(starts, len(labels))))


def run_starts(labels: np.ndarray) -> np.ndarray:
    """Return where each run of equal labels starts, (r,) int64."""
    if not len(labels):
        return np.zeros(0, np.int64)
    return np.concatenate([[0], np.flatnonzero(labels[1:] != labels[:-1]) + 1])


def split_runs(labels: np.ndarray, edges: np.ndarray) -> Iterator[list[Segment]]:
    """Cut runs at intergenic ones: yield the segments of each gene, introns included.

    Args:
        labels: (r,) of each run.
        edges: (r + 1,) starts of the runs and the end of the last.
    """
    gene: list[Segment] = []
    for label, (start, end) in zip(labels.tolist(), itertools.pairwise(edges.tolist()), strict=True):
        if label != INTERGENIC:
            gene.append((label, start, end))
        elif gene:
            yield gene
            gene = []
    if gene:
        yield gene


def on_plus_strand(segments: list[Segment], offset: int, strand: str, length_bp: int) -> tuple[Segment, ...]:
    """Drop introns and turn a region's coordinates into plus-strand ones.

    Args:
        segments: coordinates within the region.
        offset: the region's first base on its strand.
        strand: '+' or '-'.
        length_bp: length of the sequence.
    """
    exonic = [(label, start + offset, end + offset) for label, start, end in segments if label != INTRON]
    if strand == "-":
        exonic = [(label, length_bp - end, length_bp - start) for label, start, end in exonic]
    return tuple(exonic)

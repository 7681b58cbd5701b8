"""What several callers agree on: genes that at least two of them call alike are sure, places where only one does, or where they
contradict each other, are doubtful, and everything else is free of genes.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from helixtune.annotation.genes import Gene, Transcript
from helixtune.evaluation.intervals import as_intervals, complement, intersect, merge

# Callers that have to call a coding sequence alike.
WITNESSES = 2

# A coding sequence: sequence id, strand, parts in plus-strand coordinates
Chain = tuple[str, str, tuple[tuple[int, int], ...]]
Place = tuple[str, int, int]


@dataclass(frozen=True)
class SureGene:
    """A coding sequence that several callers agree on.

    Attributes:
        seqid: sequence it lies on.
        transcript: as the first of its callers wrote it, UTRs included.
        witnesses: callers that have it.
    """

    seqid: str
    transcript: Transcript
    witnesses: int


@dataclass(frozen=True)
class Agreement:
    """Sure genes and doubtful places (seqid, start, end), each in order; both strands of a doubtful place are doubtful."""

    sure: list[SureGene]
    doubtful: list[Place]


def agree(gene_sets: Sequence[Sequence[Gene]]) -> Agreement:
    """Compare gene sets of one genome.

    Of sure genes that overlap on one strand those with more witnesses win, then those of earlier sets; the others are doubtful.

    Args:
        gene_sets: one a caller, the most trusted first.
    """
    found: dict[Chain, list[Transcript]] = defaultdict(list)
    for genes in gene_sets:
        for coding, transcript in dict(_chains(genes)).items():
            found[coding].append(transcript)
    sure, spans = [], _Spans()
    for (seqid, strand, _), transcripts in sorted(found.items(), key=lambda item: -len(item[1])):
        transcript = transcripts[0]
        if len(transcripts) >= WITNESSES and spans.take(seqid + strand, transcript.start, transcript.end):
            sure.append(SureGene(seqid, transcript, len(transcripts)))
    sure.sort(key=lambda gene: (gene.seqid, gene.transcript.start, gene.transcript.end))
    kept, called = defaultdict(list), defaultdict(list)
    for one in sure:
        kept[one.seqid].append((one.transcript.start, one.transcript.end))
    for one in chain.from_iterable(gene_sets):
        if _counts(one):
            called[one.seqid].append((one.start, one.end))
    doubtful = [(seqid, *place) for seqid in sorted(called) for place in _without(called[seqid], kept[seqid]).tolist()]
    return Agreement(sure, doubtful)


def _without(places: list[tuple[int, int]], taken: list[tuple[int, int]]) -> np.ndarray:
    """Return what is left of places on a sequence outside of others, (k, 2)."""
    places = merge(as_intervals(places))
    return intersect(places, complement(merge(as_intervals(taken)), int(places[-1, 1])))


def _counts(gene: Gene) -> bool:
    return gene.is_coding or bool(gene.problem)


def _chains(genes: Sequence[Gene]) -> Iterator[tuple[Chain, Transcript]]:
    for gene in genes:
        for transcript in gene.transcripts:
            if transcript.cds and not transcript.doubts:
                parts = tuple((start, end) for start, end, _ in transcript.cds)
                yield (gene.seqid, transcript.strand, parts), transcript


class _Spans:
    """Places that are taken, strand by strand: disjoint, sorted."""

    def __init__(self):
        self._taken: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def take(self, where: str, start: int, end: int) -> bool:
        """Take a place unless a part of it is taken."""
        taken = self._taken[where]
        number = bisect(taken, (start, end))
        if (number and taken[number - 1][1] > start) or (number < len(taken) and taken[number][0] < end):
            return False
        taken.insert(number, (start, end))
        return True

"""Labels of single stretches of a strand, the same as if the whole strand had been labelled."""

from collections.abc import Collection

import numpy as np

from helixtune.annotation.coding_transcripts import StrandedGene, turn
from helixtune.annotation.labels import Applied, label_rows, strand_codes, transcript_spans
from helixtune.annotation.masks import Bases, Neighbourhood, masks_of_chain


class StrandLabels:
    """One strand of one sequence; a stretch is painted when it is asked for, masks of genes near it are found once.

    Args:
        genes: all genes of the strand, sorted 5'->3'.
        strand: '+' or '-'.
        length_bp: length of the sequence.
        bases: reads the stranded sequence.
    """

    def __init__(self, genes: list[StrandedGene], strand: str, length_bp: int, bases: Bases):
        self._strand, self._length_bp, self._bases = strand, length_bp, bases
        self._near = Neighbourhood(genes, length_bp)
        self._chains = self._near.chains()
        self._masks: dict[int, Applied] = {}
        reach = [self._reach_of(first, end) for first, end in self._chains]
        self._reach = np.array(reach, np.int64).reshape(-1, 2)
        chosen = (gene.transcripts[gene.chosen] for gene in genes if gene.chosen is not None)
        borders = [(min(one.start, one.cds_start), max(one.end, one.cds_end)) for one in chosen]
        self._transcripts = np.array(borders, np.int64).reshape(-1, 2)

    def rows(self, start_ends: np.ndarray, subsequence_length_bp: int, names: Collection[str]) -> dict[str, np.ndarray]:
        """Return the label datasets of neighbouring rows which join without a gap, as `labels.label_rows` does."""
        first, end = self._window(int(start_ends.min()), int(start_ends.max()))
        applied = self._applied(first, end)
        plus = turn(first, end, self._strand, self._length_bp)
        codes = strand_codes(applied, self._strand, self._length_bp, plus)
        spans = transcript_spans(applied, self._strand, self._length_bp)
        spans[:, :2] -= plus[0]
        return label_rows(codes, spans, start_ends - plus[0], subsequence_length_bp, names)

    def _window(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch (stranded) to paint for plus-strand bases: with all of the transcripts that reach into it.

        Codon positions are counted from a transcript's start over whatever introns lie there; transitions look at one base
        more on either side.
        """
        first, last = turn(start, end, self._strand, self._length_bp)
        inside = self._transcripts[(self._transcripts[:, 0] < last) & (self._transcripts[:, 1] > first)]
        first = min(first - 1, int(inside[:, 0].min(initial=first)))
        last = max(last + 1, int(inside[:, 1].max(initial=last)))
        return max(first, 0), min(last, self._length_bp)

    def _applied(self, first: int, end: int) -> Applied:
        """Return the genes whose labels or masks reach into a stretch, with their masks."""
        applied: Applied = []
        for number in np.flatnonzero((self._reach[:, 0] < end) & (self._reach[:, 1] > first)).tolist():
            if number not in self._masks:
                self._masks[number] = masks_of_chain(*self._chains[number], self._near, self._bases)
            applied += self._masks[number]
        return applied

    def _reach_of(self, first: int, end: int) -> tuple[int, int]:
        """Return how far the labels and masks of a chain of genes reach: to the borders to its neighbours, at most."""
        genes = self._near.genes[first:end]
        parts = [(gene.start, gene.end) for gene in genes]
        parts += [
            (min(one.start, one.cds_start), max(one.end, one.cds_end)) for gene in genes for one in gene.transcripts
        ]
        starts, ends = zip(*parts, strict=True)
        return min(self._near.up[first], *starts), max(self._near.down[end - 1], *ends)

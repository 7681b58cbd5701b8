"""Called genes as a class for every base, for any stretch of any strand."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.intervals import EMPTY, as_intervals, merge

INTERGENIC, UTR, CDS, INTRON = range(4)


class CalledClasses:
    """Classes intergenic, UTR, CDS, intron of one gene set; where genes overlap, CDS goes before UTR before intron."""

    def __init__(self, genes: Iterable[Gene]):
        segments: dict[tuple[str, str], tuple[list, list, list]] = defaultdict(lambda: ([], [], []))
        for gene in genes:
            spans, exons, coding = segments[gene.seqid, gene.strand]
            for transcript in gene.transcripts:
                if transcript.cds:
                    spans.append((transcript.exons[0][0], transcript.exons[-1][1]))
                    exons.extend(transcript.exons)
                    coding.extend((start, end) for start, end, _ in transcript.cds)
        # Painted in this order: introns are what is left of a gene's span.
        self._layers = {
            place: tuple(zip((INTRON, UTR, CDS), (merge(as_intervals(layer)) for layer in layers), strict=True))
            for place, layers in segments.items()
        }

    @classmethod
    def joined(cls, parts: Sequence["CalledClasses"]) -> "CalledClasses":
        """Return the classes of all parts of a gene set; genes that overlap are in one part."""
        found: dict[tuple[str, str], list[tuple]] = defaultdict(list)
        for part in parts:
            for place, layers in part._layers.items():
                found[place].append(layers)
        whole = cls(())
        for place, pieces in found.items():
            layers = [np.concatenate([piece[i][1] for piece in pieces]) for i in range(3)]
            ordered = [layer[np.argsort(layer[:, 0], kind="stable")] for layer in layers]
            whole._layers[place] = tuple(zip((INTRON, UTR, CDS), ordered, strict=True))
        return whole

    def on(self, seqid: str, strand: str, start: int, end: int) -> np.ndarray:
        """Return (end - start,) uint8 classes of a stretch, in plus-strand order."""
        classes = np.zeros(end - start, np.uint8)
        for value, merged in self._layers.get((seqid, strand), ()):
            first = np.searchsorted(merged[:, 1], start, side="right")
            last = np.searchsorted(merged[:, 0], end)
            for left, right in merged[first:last].tolist():
                classes[max(left - start, 0) : right - start] = value
        return classes

    def coding(self, seqid: str, strand: str) -> np.ndarray:
        """Return the coding bases of one strand, merged (k, 2)."""
        layers = self._layers.get((seqid, strand))
        return layers[-1][1] if layers else EMPTY

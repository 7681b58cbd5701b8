"""Examples of changed genes for the report: gene models around them and the raw probabilities, thinned out."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.changes import Change
from helixtune.evaluation.predictions import Predictions
from helixtune.subsequences import Rows

WANTED = 12
# Wider loci would show no exon on a page.
MAX_SPAN_BP = 30_000
# A drawing is about this many points wide.
MAX_POINTS = 240
MARGIN_SHARE = 0.15
CLASS_NAMES = ("intergenic", "UTR", "CDS", "intron")


def draw_example(
    change: Change,
    genes: Mapping[str, Iterable[Gene]],
    predictions: Mapping[str, Predictions],
    rows: Rows,
) -> dict:
    """Return one example JSON-ready: place, kind, gene models of every set on that strand, probability tracks.

    Args:
        change: the group of genes.
        genes: set name ("base", "tuned", "reference") -> genes of its sequence.
        predictions: set name -> open predictions.
        rows: the genome's rows.
    """
    start, end = change.span
    margin = int((end - start) * MARGIN_SHARE) + 50
    here = np.flatnonzero((rows.seqids == change.seqid.encode()) & (rows.strands == change.strand))
    length = int(rows.ends[here].max(initial=end))
    window = max(0, start - margin), min(length, end + margin)
    return {
        "kind": change.kind,
        "seqid": change.seqid,
        "strand": change.strand,
        "start": window[0],
        "end": window[1],
        "changed_bp": change.changed_bp,
        "genes": {name: _models(some, change, window) for name, some in genes.items()},
        "tracks": {name: _track(one, rows, here, window) for name, one in predictions.items()},
    }


def _models(genes: Iterable[Gene], change: Change, window: tuple[int, int]) -> list[dict]:
    return [
        {
            "id": gene.id,
            "confidence": gene.confidence,
            "exons": [list(exon) for exon in transcript.exons],
            "cds": [[start, end] for start, end, _ in transcript.cds],
        }
        for gene in genes
        if (gene.seqid, gene.strand) == (change.seqid, change.strand)
        and gene.start < window[1]
        and gene.end > window[0]
        for transcript in gene.transcripts
        if transcript.cds
    ]


def _track(predictions: Predictions, rows: Rows, here: np.ndarray, window: tuple[int, int]) -> dict:
    """Return mean probabilities of each class in at most MAX_POINTS stretches of the window, plus-strand order."""
    start, end = window
    probs = np.zeros((end - start, 4), np.float32)
    chosen = here[(rows.starts[here] < end) & (rows.ends[here] > start)]
    for number, block in zip(chosen, predictions.read(chosen), strict=True):
        left, right = int(rows.starts[number]), int(rows.ends[number])
        piece = block[: right - left] if rows.strands[number] == "+" else block[: right - left][::-1]
        low, high = max(left, start), min(right, end)
        probs[low - start : high - start] = piece[low - left : high - left]
    edges = np.linspace(0, end - start, min(MAX_POINTS, end - start) + 1).astype(int)
    means = np.add.reduceat(probs, edges[:-1], axis=0) / np.diff(edges)[:, None]
    return {name: [round(float(value), 3) for value in means[:, i]] for i, name in enumerate(CLASS_NAMES)}


def draw_examples(
    changes: Sequence[Change],
    genes: Mapping[str, Sequence[Gene]],
    predictions: Mapping[str, Predictions],
    rows: Rows,
) -> list[dict]:
    """Return all examples; gene lists are cut down to the sequences that occur."""
    by_seqid = {
        (name, change.seqid): [gene for gene in some if gene.seqid == change.seqid]
        for name, some in genes.items()
        for change in changes
    }
    return [
        draw_example(change, {name: by_seqid[name, change.seqid] for name in genes}, predictions, rows)
        for change in changes
    ]

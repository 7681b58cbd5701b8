"""Annotations that lack genes: where there is none, nothing is known, so nothing is learned there.

What an annotated gene covers is known on both strands (genes hardly ever share their place with one on the other strand), and so
is a flank beside it. Everything else gets weight 0 in place of the label "intergenic".
"""

from collections.abc import Iterable

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.h5files import START_ENDS, WEIGHTS, full_seqids

# Neighbours are a few hundred bases apart in the densest genomes (yeasts); half of that is no neighbour's yet.
FLANK_BP = 100

Spans = dict[bytes, np.ndarray]


def known_spans(genes: Iterable[Gene], flank_bp: int = FLANK_BP) -> Spans:
    """Return what coding genes and their flanks cover: {seqid: (k, 2) starts and ends}, plus strand, sorted, disjoint."""
    by_seqid: dict[bytes, list[tuple[int, int]]] = {}
    for gene in genes:
        if gene.is_coding:
            by_seqid.setdefault(gene.seqid.encode(), []).append((max(gene.start - flank_bp, 0), gene.end + flank_bp))
    return {seqid: _merged(np.array(sorted(pairs), np.int64)) for seqid, pairs in by_seqid.items()}


def mask_unknown(block: dict[str, np.ndarray], spans: Spans) -> int:
    """Set the weights of a block of training rows to 0 outside the spans; return how many bases of weight that cost.

    Args:
        block: rows as they are written; WEIGHTS is (n, L), in the row's own direction, padding last.
        spans: from `known_spans`.
    """
    weights = block[WEIGHTS]
    before = int(weights.sum(dtype=np.int64))
    for row, seqid, (first, last) in zip(weights, full_seqids(block), block[START_ENDS], strict=True):
        start, end = sorted((int(first), int(last)))
        is_known = np.zeros(end - start, bool)
        for left, right in _overlapping(spans.get(bytes(seqid)), start, end):
            is_known[max(left - start, 0) : right - start] = True
        row[: end - start][~(is_known[::-1] if first > last else is_known)] = 0
    return before - int(weights.sum(dtype=np.int64))


def _overlapping(spans: np.ndarray | None, start: int, end: int) -> np.ndarray:
    if spans is None:
        return np.zeros((0, 2), np.int64)
    return spans[np.searchsorted(spans[:, 1], start, "right") : np.searchsorted(spans[:, 0], end)]


def _merged(pairs: np.ndarray) -> np.ndarray:
    reach = np.maximum.accumulate(pairs[:, 1])
    opens = np.concatenate([[True], pairs[1:, 0] > reach[:-1]])
    closes = np.concatenate([opens[1:], [True]])
    return np.stack([pairs[opens, 0], reach[closes]], axis=1)

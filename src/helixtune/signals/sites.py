"""Short patterns at fixed places: splice sites, branch points, starts. Scores are log2 odds."""

import numpy as np

from helixtune.compiled import compiled


@compiled
def window_scores(codes, borders, offset, table):
    """Return (b,) the score of the pattern around each border; what lies beyond the ends or is no base counts 0.

    Args:
        codes: (n,) uint8, columns of LETTERS, 4 = none.
        borders: (b,) places in 0 ... n.
        offset: where the pattern begins, relative to the border.
        table: (w, 4, 4) bits by the base before and the base.
    """
    n = len(codes)
    scores = np.zeros(len(borders))
    for b in range(len(borders)):
        for k in range(len(table)):
            j = borders[b] + offset + k
            if 1 <= j < n and codes[j] < 4 and codes[j - 1] < 4:
                scores[b] += table[k, codes[j - 1], codes[j]]
    return scores


@compiled
def count_windows(codes, borders, offset, counts):
    """Add the bases around borders to (w, 4, 4) counts by the base before and the base."""
    n = len(codes)
    for b in range(len(borders)):
        for k in range(len(counts)):
            j = borders[b] + offset + k
            if 1 <= j < n and codes[j] < 4 and codes[j - 1] < 4:
                counts[k, codes[j - 1], codes[j]] += 1.0


def conditional(counts: np.ndarray, first: np.ndarray, prior_counts: float) -> np.ndarray:
    """Return (w, 4, 4) chances of a base after another; few counts are drawn to (w, 4) chances of the base alone."""
    return (counts + prior_counts * first[:, None, :]) / (counts.sum(axis=2, keepdims=True) + prior_counts)


def log_odds(counts: np.ndarray, decoys: np.ndarray, prior_counts: float, pair_counts: float) -> np.ndarray:
    """Return (w, 4, 4) bits for counts of true sites against those of decoys.

    Args:
        counts, decoys: (w, 4, 4).
        prior_counts: how many sites the decoys' frequencies weigh as much as.
        pair_counts: how many sites after one base the frequencies without it weigh as much as.
    """
    background = shares(decoys.sum(axis=1))
    single = counts.sum(axis=1)
    single = (single + prior_counts * background) / (single.sum(axis=1, keepdims=True) + prior_counts)
    return np.log2(conditional(counts, single, pair_counts) / conditional(decoys, background, pair_counts))


def shares(counts: np.ndarray) -> np.ndarray:
    """Return frequencies of (w, 4) counts, none of them 0."""
    return (counts + 1) / (counts + 1).sum(axis=1, keepdims=True)


@compiled
def earlier_starts(codes, start, stops, most):
    """Return (n + 1,) int8: how many start codons lie in frame before each one, behind the last stop codon; -1: no start there.

    Args:
        codes: (n,) uint8; start: (3,) the start codon; stops: (s, 3) stop codons.
        most: no more are counted.
    """
    n = len(codes)
    found = np.full(n + 1, -1, np.int8)
    open_starts = np.zeros(3, np.int64)
    for i in range(n - 2):
        frame = i % 3
        for k in range(len(stops)):
            if codes[i] == stops[k, 0] and codes[i + 1] == stops[k, 1] and codes[i + 2] == stops[k, 2]:
                open_starts[frame] = 0
        if codes[i] == start[0] and codes[i + 1] == start[1] and codes[i + 2] == start[2]:
            found[i] = min(open_starts[frame], most)
            open_starts[frame] += 1
    return found

"""What coding, intron and other sequence looks like: Markov chains of fifth order, interpolated with the lower orders."""

import numpy as np

from helixtune.compiled import compiled

# Bases that the next one depends on.
ORDER = 5
CONTEXTS = 4**ORDER
# Counts that the next lower order weighs as much as.
PRIOR_COUNTS = 20.0


@compiled
def count_words(codes, phase, counts):
    """Count words of ORDER + 1 bases in one stretch; words with other letters are passed over.

    Args:
        codes: (n,) uint8, columns of LETTERS, 4 = none.
        phase: codon position of the first base, 0 to 2; -1: all words count at position 0.
        counts: (P, 4**ORDER, 4) float64, added to at the codon position of the word's last base.
    """
    context, known = 0, 0
    for i in range(len(codes)):
        base = codes[i]
        if base > 3:
            context, known = 0, 0
            continue
        if known >= ORDER:
            counts[(phase + i) % 3 if phase >= 0 else 0, context, base] += 1.0
        context = (context * 4 + base) % CONTEXTS
        known += 1


def interpolated(counts: np.ndarray, prior: np.ndarray | None = None, prior_counts: float = PRIOR_COUNTS) -> np.ndarray:
    """Return (..., 4**ORDER, 4) probabilities of the next base.

    Args:
        counts: (..., 4**ORDER, 4).
        prior: probabilities of the same shape that few counts are drawn to; default: those of one order less.
        prior_counts: how many counts that weighs.
    """
    if prior is not None:
        return (counts + prior_counts * prior) / (counts.sum(axis=-1, keepdims=True) + prior_counts)
    lead = counts.shape[:-2]
    lower = np.full((*lead, 1, 4), 0.25)
    for order in range(ORDER + 1):
        # a context's last bases are the lowest digits: sum over the leading ones
        found = counts.reshape(*lead, 4 ** (ORDER - order), 4**order, 4).sum(axis=-3)
        known = lower if order == 0 else np.tile(lower, (4, 1))
        lower = (found + prior_counts * known) / (found.sum(axis=-1, keepdims=True) + prior_counts)
    return lower

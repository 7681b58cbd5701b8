"""How likely a gene's coding sequence is right from start to stop codon."""

import math

from helixtune.gene_calling.genes import Segment, coding_length

# A logistic regression of "all coding borders as in the reference" on ten pairs of a genome and a network: S. pombe (two networks),
# yeast, fly, worm and Arabidopsis (two networks each), rapeseed; every pair weighs as the root of its genes
# (benchmarks/signal_confidence.py).
WEIGHTS = (0.452, 0.298, 0.531, 0.879)
CONSTANT = -4.325


def confidence_facts(probability: float, parts: list[Segment], agreement: float) -> tuple[float, float, float, float]:
    """Return what the confidence of a gene looks at: logit of the probability, logs of parts and coding bases, logit of agreement.

    Args:
        probability: share of all paths that hold the gene (`posterior.path_probability`).
        parts: its coding segments.
        agreement: `Signals.agreement`.
    """
    length = math.log(max(coding_length(parts), 1))
    return _logit(probability, 1e-4), math.log(len(parts)), length, _logit(agreement, 0.01)


def gene_confidence(probability: float, parts: list[Segment], agreement: float) -> float:
    """Return how likely a gene is right, 0 to 1; arguments as of `confidence_facts`.

    The model's own probability is too sure of itself, and more so on genomes of which it knows little. How little tells the share
    of genes on which signals and network agree.
    """
    score = CONSTANT
    for weight, fact in zip(WEIGHTS, confidence_facts(probability, parts, agreement), strict=True):
        score += weight * fact
    return 1.0 / (1.0 + math.exp(-score))


def _logit(probability: float, least: float) -> float:
    kept = min(max(probability, least), 1.0 - least)
    return math.log(kept / (1.0 - kept))

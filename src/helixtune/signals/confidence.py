"""How likely a gene's coding sequence is right from start to stop codon."""

import math

from helixtune.gene_calling.genes import Segment, coding_length
from helixtune.signals.model import Signals

# A logistic regression of "all coding borders as in the reference" on eleven pairs of a genome and a network: S. pombe, yeast, fly,
# worm and Arabidopsis (two networks each), rapeseed; every pair weighs as the root of its genes (benchmarks/signal_confidence.py).
WEIGHTS = (0.456, 0.252, 0.620, 0.340, 0.851, 1.304)
CONSTANT = -8.028
# No genome had more coding parts a gene than this.
MOST_PARTS = 4.5


def confidence_facts(probability: float, parts: list[Segment], signals: Signals) -> tuple[float, ...]:
    """Return what the confidence of a gene looks at.

    Of the gene: logit of its probability, logs of its coding parts and bases. Of the genome: logits of how far signals and network
    agree and of how far genes stay the same where signals were learnt from others, log of coding parts a gene.

    Args:
        probability: share of all paths that hold the gene (`posterior.path_probability`).
        parts: its coding segments.
        signals: that it was called by.
    """
    return (
        _logit(probability, 1e-4), math.log(len(parts)), math.log(max(coding_length(parts), 1)),
        _logit(signals.agreement, 0.01), _logit(signals.stability, 0.01),
        math.log(min(max(signals.parts_per_gene, 1.0), MOST_PARTS)),
    )  # fmt: skip


def gene_confidence(probability: float, parts: list[Segment], signals: Signals) -> float:
    """Return how likely a gene is right, 0 to 1; arguments as of `confidence_facts`.

    The model's own probability is too sure of itself, and more so on genomes of which it knows little.
    """
    score = CONSTANT
    for weight, fact in zip(WEIGHTS, confidence_facts(probability, parts, signals), strict=True):
        score += weight * fact
    return 1.0 / (1.0 + math.exp(-score))


def _logit(probability: float, least: float) -> float:
    kept = min(max(probability, least), 1.0 - least)
    return math.log(kept / (1.0 - kept))

"""The vote of proteins in general: how many of the genes that only one set calls code for what looks like a protein?

The network that says so has seen more than a thousand species and none of the two sets (`evaluation.protein_likeness`).
"""

from collections.abc import Sequence

import numpy as np

from helixtune.evaluation.coded_proteins import CodedProtein
from helixtune.evaluation.mixture import BASE_ONLY, SHARED, TUNED_ONLY
from helixtune.evaluation.protein_likeness import likeness
from helixtune.evaluation.votes.vote import Figure, Vote, cast_vote

MIN_DIFFERING_GENES = 10
# Genes of a kind that are looked at; more would only cost time (some 30 ms each).
MAX_GENES = 150
QUESTION = (
    "Do the genes that only one set calls code for what looks like a protein in any species? (expected F1 of genes)"
)


def protein_likeness_vote(proteins: Sequence[CodedProtein], weights: np.ndarray) -> Vote | None:
    """Vote; None where too few genes differ."""
    figure = protein_likeness_figure(proteins, weights)
    return figure and cast_vote("protein_likeness", QUESTION, figure, "genes that differ")


def protein_likeness_figure(proteins: Sequence[CodedProtein], weights: np.ndarray) -> Figure | None:
    """Return the expected F1 of genes, if a gene were right as probably as its protein is one."""
    genes = {
        side: [one for one in proteins if one.side == side and len(one.blocks)]
        for side in (SHARED, BASE_ONLY, TUNED_ONLY)
    }
    differing = len(genes[BASE_ONLY]) + len(genes[TUNED_ONLY])
    if differing < MIN_DIFFERING_GENES:
        return None
    n_blocks = weights.shape[1]
    called, real = {}, {}
    for side, some in genes.items():
        each = 0.5 if side == SHARED else 1.0  # what both call is there twice
        block = np.array([one.blocks[0] for one in some], np.int64)
        called[side] = np.bincount(block, [each * one.weight for one in some], minlength=n_blocks)
        sample = some[:: max(1, -(-len(some) // MAX_GENES))]
        probability = np.array([1 / (1 + np.exp(-likeness(one.letters))) for one in sample])
        scale = called[side].sum() / max(len(sample), 1)
        real[side] = (
            scale * np.bincount([one.blocks[0] for one in sample], probability, minlength=n_blocks)
            if sample
            else np.zeros(n_blocks)
        )

    def f1(drawn: np.ndarray) -> np.ndarray:
        numbers = [drawn @ (called[SHARED] + called[side]) for side in (BASE_ONLY, TUNED_ONLY)]
        true = [drawn @ (real[SHARED] + real[side]) for side in (BASE_ONLY, TUNED_ONLY)]
        most = np.maximum(np.maximum(*numbers), 1)
        return np.stack([2 * t / (n + most) for t, n in zip(true, numbers, strict=True)])

    total = 2 * called[SHARED].sum() + called[BASE_ONLY].sum() + called[TUNED_ONLY].sum()
    return Figure.of(f1, weights, float(1 - 2 * called[SHARED].sum() / total), differing)

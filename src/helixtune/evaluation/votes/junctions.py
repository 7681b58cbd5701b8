"""The vote of RNA-seq: do the introns of either set agree with splice junctions in reads that no model was tuned on?"""

import numpy as np

from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.junctions import Supported, differing_introns, sum_junctions
from helixtune.evaluation.models import exon_models
from helixtune.evaluation.strands import GeneSets
from helixtune.evaluation.votes.vote import Figure, Vote, cast_vote, ratio

MIN_JUNCTIONS = 30
QUESTION = "Do the introns agree with splice junctions in RNA-seq? (F1 in expressed genes)"


def junction_vote(sets: GeneSets, junctions: Supported, blocks: GenomeBlocks, weights: np.ndarray) -> Vote | None:
    """Vote; None if there are too few junctions."""
    figure = junction_figure(sets, junctions, blocks, weights)
    return figure and cast_vote("junctions", QUESTION, figure, "junctions")


def junction_figure(sets: GeneSets, junctions: Supported, blocks: GenomeBlocks, weights: np.ndarray) -> Figure | None:
    """Return F1 of introns against junctions; None if there are too few."""
    models = [exon_models(genes) for genes in (sets.base, sets.tuned)]
    sums = [sum_junctions(some, junctions, blocks) for some in models]
    n_seen = int(sums[0].seen.sum())
    if n_seen < MIN_JUNCTIONS:
        return None

    def f1(drawn: np.ndarray) -> np.ndarray:
        return np.stack([ratio(drawn, one.explained + one.supported, one.seen + one.called) for one in sums])

    return Figure.of(f1, weights, differing_introns(*models), n_seen)

"""Votes that estimate how much F1 the tuned genes gain over the base: figures made of what was gathered over the genome."""

from collections.abc import Mapping

import numpy as np

from helixtune.evaluation import called_starts, composition, real_introns, real_starts
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_introns import SHARED, IntronCollector
from helixtune.evaluation.called_starts import StartCollector
from helixtune.evaluation.coded_proteins import Matcher
from helixtune.evaluation.gathering import Evidence
from helixtune.evaluation.junctions import Supported, differing_introns, sum_junctions
from helixtune.evaluation.mixture import (
    KINDS,
    Items,
    Mixture,
    cross_validated_scores,
    differing_share,
    f1_within_union,
    hexamer_frequencies,
)
from helixtune.evaluation.models import exon_models
from helixtune.evaluation.strands import GeneSets
from helixtune.evaluation.votes import CODING, ESTIMATE, INTRONS, STARTS, Figures, Vote, cast_vote, ratio
from helixtune.log import logger

# Fewer shared items do not teach 4,096 frequencies, or some dozen positions, well enough to judge the others by.
MIN_SHARED_HEXAMERS, MIN_SHARED_INTRONS, MIN_SHARED_STARTS = 5_000, 50, 50
# Fewer differing items make no difference worth judging.
MIN_DIFFERING_HEXAMERS, MIN_DIFFERING_INTRONS, MIN_DIFFERING_STARTS, MIN_DIFFERING_CODONS = 500, 20, 20, 100
MIN_JUNCTIONS = 30
# Where fewer of the shared codons match a protein, the proteins are too few or too far away to miss anything.
MIN_MATCHING_SHARE = 0.02
# Right intron ends stand out from wrong ones by this much at least (see real_introns.Kinds.separation).
MIN_ENDS_SEPARATION = 3.0
# How far the estimated gain in F1 is from the true one beyond sampling noise, as a share of what differs. Measured on pairs of
# gene sets called from damaged truth, on tuned networks (benchmarks/graded_gene_sets.py, gate_networks.py) and on tunes for
# S. pombe: introns are off by 0.05 (rms; at most 0.09), junctions by 0.05, coding sequence by 0.1 on damaged truth and 0.19 on
# networks, where little of it differs, starts by 0.18. Doubled for introns, because a genome may have other introns than those;
# proteins by analogy.
CODING_ERROR, INTRONS_ERROR, STARTS_ERROR, JUNCTION_ERROR, PROTEIN_ERROR = 0.15, 0.1, 0.2, 0.08, 0.1
LEAST_ERROR = 0.001


def sequence_votes(evidence: Evidence, weights: np.ndarray, matchers: Mapping[str, Matcher]) -> list[Vote]:
    """Vote by codon pairs, introns, starts and matching proteins.

    Args:
        evidence: gathered on the whole genome, with proteins if there are matchers.
        weights: (draws, blocks) of the bootstrap.
        matchers: "proteins" and "profiles", where the user gave some.
    """
    counts = evidence.hexamers.counts
    votes = [_coding_vote(counts, weights), _introns_vote(evidence.introns, weights)]
    votes.append(_starts_vote(evidence.starts, counts, weights))
    votes += [_protein_vote(name, evidence.proteins.mixture(match), weights) for name, match in matchers.items()]
    return [vote for vote in votes if vote]


def _coding_vote(counts: np.ndarray, weights: np.ndarray) -> Vote | None:
    decoys = [composition.OUTSIDE, composition.MISREAD]
    if counts[composition.SHARED].sum() < MIN_SHARED_HEXAMERS or not all(counts[kind].any() for kind in decoys):
        return None
    ratios = cross_validated_scores(counts[composition.SHARED], [counts[kind] for kind in decoys], hexamer_frequencies)
    mixture = _mixture(counts.sum(axis=2), (counts * ratios).sum(axis=2), decoys)
    question = "Does the coding sequence that only one set calls use codons as this genome does? (estimated base F1)"
    identity = ("coding_sequence", ESTIMATE, CODING, question)
    return _mixture_vote(identity, mixture, weights, (MIN_DIFFERING_HEXAMERS, "codon pairs that differ"), CODING_ERROR)


def _introns_vote(collected: IntronCollector, weights: np.ndarray) -> Vote | None:
    introns = collected.introns()
    if (introns.category == SHARED).sum() < MIN_SHARED_INTRONS:
        return None
    real, separation = real_introns.find_real(introns, collected.decoys)
    if separation < MIN_ENDS_SEPARATION:
        return None
    question = "How many of the introns are real, by their ends and reading frames? (estimated intron F1)"
    identity = ("real_introns", ESTIMATE, INTRONS, question)
    items = introns.category, introns.block, real
    return _found_vote(identity, items, weights, (MIN_DIFFERING_INTRONS, "introns that differ"), INTRONS_ERROR)


def _starts_vote(collected: StartCollector, hexamers: np.ndarray, weights: np.ndarray) -> Vote | None:
    starts = collected.starts()
    if (
        starts is None
        or (starts.category == SHARED).sum() < MIN_SHARED_STARTS
        or not hexamers[composition.SHARED].any()
    ):
        return None
    real = real_starts.find_real(starts, composition.coding_scores(hexamers))
    called = starts.category != called_starts.DECOY
    question = "How many of the starts are real, by their context and the codons around them? (estimated F1 of starts)"
    identity = ("real_starts", ESTIMATE, STARTS, question)
    items = starts.category[called], starts.block[called], real
    return _found_vote(identity, items, weights, (MIN_DIFFERING_STARTS, "starts that differ"), STARTS_ERROR)


def _found_vote(
    identity: tuple[str, str, str, str],
    found: tuple[np.ndarray, np.ndarray, np.ndarray],
    weights: np.ndarray,
    least: tuple[int, str],
    error_share: float,
) -> Vote | None:
    """Cast a vote from (n,) category, block and probability of being real of called things."""
    category, block, probability = found
    chosen = {name: category == number for number, name in enumerate(KINDS)}
    items, real = (
        {name: np.bincount(block[some], one[some], minlength=weights.shape[1]) for name, some in chosen.items()}
        for one in (np.ones(len(category)), probability)
    )

    def figures(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return f1_within_union(*({kind: drawn @ some[kind] for kind in KINDS} for some in (items, real)))

    return _estimate(identity, (items, figures), weights, least, error_share)


def _protein_vote(name: str, mixture: Mixture, weights: np.ndarray) -> Vote | None:
    shared = mixture.items["shared"].sum()
    if not shared or mixture.scores["shared"].sum() < MIN_MATCHING_SHARE * shared:
        logger.warning("Too few called genes match the %s given: they have no vote.", name)
        return None
    question = f"Does what only one set calls match the {name} given as often as what both call? (estimated base F1)"
    return _mixture_vote(
        (name, ESTIMATE, CODING, question),
        mixture,
        weights,
        (MIN_DIFFERING_CODONS, "codons that differ"),
        PROTEIN_ERROR,
    )


def _mixture_vote(
    identity: tuple[str, str, str, str],
    mixture: Mixture | None,
    weights: np.ndarray,
    least: tuple[int, str],
    error_share: float,
) -> Vote | None:
    """Cast a mixture's vote, if it can tell real from wrong."""
    if mixture is None or mixture.separation() <= 0:
        return None
    return _estimate(identity, (mixture.items, mixture.estimated_f1), weights, least, error_share)


def _estimate(
    identity: tuple[str, str, str, str],
    evidence: tuple[Items, Figures],
    weights: np.ndarray,
    least: tuple[int, str],
    error_share: float,
) -> Vote | None:
    """Cast a vote from items by kind and block and what follows from them, if enough of them differs."""
    items, figures = evidence
    differing = int(items["base_only"].sum() + items["tuned_only"].sum())
    if differing < least[0]:
        return None
    error = max(error_share * differing_share(items), LEAST_ERROR)
    return cast_vote(identity, figures, weights, (differing, least[1]), error=error)


def _mixture(items: np.ndarray, scores: np.ndarray, decoys: list[int]) -> Mixture:
    """Both (category, block); the first three categories are shared, base only, tuned only."""
    return Mixture(
        dict(zip(KINDS, items[:3], strict=True)),
        dict(zip(KINDS, scores[:3], strict=True)),
        [items[kind] for kind in decoys],
        [scores[kind] for kind in decoys],
    )


def junction_vote(sets: GeneSets, junctions: Supported, blocks: GenomeBlocks, weights: np.ndarray) -> Vote | None:
    """Vote by splice junctions in RNA-seq; None if there are too few."""
    models = [exon_models(genes) for genes in (sets.base, sets.tuned)]
    base, tuned = (sum_junctions(some, junctions, blocks) for some in models)
    n_seen = int(base.seen.sum())
    if n_seen < MIN_JUNCTIONS:
        return None

    def figures(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return tuple(ratio(drawn, one.explained + one.supported, one.seen + one.called) for one in (base, tuned))

    question = "Do the introns agree with splice junctions in RNA-seq? (F1 in expressed genes)"
    error = max(JUNCTION_ERROR * differing_introns(*models), LEAST_ERROR)
    return cast_vote(("junctions", ESTIMATE, INTRONS, question), figures, weights, (n_seen, "junctions"), error=error)

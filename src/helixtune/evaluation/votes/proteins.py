"""The vote of known proteins, or of profiles of proteins: does what only one set calls match them as often as what both call?"""

import numpy as np

from helixtune.evaluation.coded_proteins import CodedProteins, Matcher
from helixtune.evaluation.mixture import differing_share
from helixtune.evaluation.votes.vote import Figure, Vote, cast_vote
from helixtune.log import logger

MIN_DIFFERING_CODONS = 100
# Where fewer of the shared codons match, the proteins are too few or too far away to miss anything.
MIN_MATCHING_SHARE = 0.02


def protein_vote(name: str, proteins: CodedProteins, matcher: Matcher, weights: np.ndarray) -> Vote | None:
    """Vote by `name`, "proteins" or "profiles"; None where hardly any match, or too little differs."""
    figure = protein_figure(name, proteins, matcher, weights)
    question = f"Does what only one set calls match the {name} given as often as what both call? (estimated base F1)"
    return figure and cast_vote(name, question, figure, "codons that differ")


def protein_figure(name: str, proteins: CodedProteins, matcher: Matcher, weights: np.ndarray) -> Figure | None:
    """Return F1 of coding bases within what either set calls."""
    mixture = proteins.mixture(matcher)
    shared = mixture.items["shared"].sum()
    if not shared or mixture.scores["shared"].sum() < MIN_MATCHING_SHARE * shared:
        logger.warning("Too few called genes match the %s given: they have no vote.", name)
        return None
    differing = int(mixture.items["base_only"].sum() + mixture.items["tuned_only"].sum())
    if differing < MIN_DIFFERING_CODONS or mixture.separation() <= 0:
        return None
    return Figure.of(
        lambda drawn: np.stack(mixture.estimated_f1(drawn)), weights, differing_share(mixture.items), differing
    )

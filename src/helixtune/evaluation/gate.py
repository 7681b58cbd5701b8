"""The gate: base or tuned, and how sure. Each vote (`votes/`) estimates a gain in F1 and its error; here they become a verdict.

The reference annotation never comes here. In doubt the base stays, because it is what the user has already.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.blocks import FOLDS
from helixtune.evaluation.votes.vote import Vote, learnt

# A wrong "tuned" costs twice as much as a wrong "base": so the least loss is expected if tuned is recommended from this
# probability of a gain on (cost / (1 + cost)); at or below the rest, the evidence is held to favour the base.
COST_OF_WRONG_TUNED = 2.0
SURE = COST_OF_WRONG_TUNED / (1 + COST_OF_WRONG_TUNED)
# Where less of the coding sequence than this differs, there is nothing to choose.
MIN_CHANGED_SHARE = 0.002
# What an undecided user might add, the most telling first (docs/explanation/gate.md).
MORE_EVIDENCE = {
    "junctions": "RNA-seq of the species (bam)",
    "proteins": "proteins of related species (proteins)",
}


@dataclass(frozen=True)
class Verdict:
    """What the gate says.

    Attributes:
        recommended: "base" or "tuned".
        reason: one sentence.
        confidence: 0 to 1, how sure that the recommended set is not the worse one.
        gain: estimated gain in F1 (mean of exact coding exons and genes) of tuned over base, None without votes.
        spread: its standard error.
        by_fold: the gain on each fold of the genome alone, for a choice among many candidates.
        votes: all votes.
    """

    recommended: str
    reason: str
    confidence: float
    gain: float | None = None
    spread: float | None = None
    by_fold: tuple[float, ...] = ()
    votes: tuple[Vote, ...] = ()

    def as_dict(self) -> dict:
        """Return the verdict JSON-ready."""
        return {
            "recommended": self.recommended,
            "reason": self.reason,
            "confidence": math.floor(1000 * self.confidence) / 1000,  # what is not certain never reads 1
            "estimated_gain": None if self.gain is None else round(self.gain, 5),
            "spread": None if self.spread is None else round(self.spread, 5),
            "gain_by_fold": [round(one, 5) for one in self.by_fold],
            "votes": [vote.as_dict() for vote in self.votes],
        }


def nothing_to_learn_from() -> Verdict:
    """Return the verdict without a tuned set."""
    return Verdict("base", "base: nothing to learn from", 1.0)


@dataclass(frozen=True)
class Facts:
    """What is plain about two gene sets.

    Attributes:
        coding_bp: coding bases that base and tuned call.
        changed_share: share of the coding bases of either set that differ.
    """

    coding_bp: tuple[int, int]
    changed_share: float


def decide(votes: Sequence[Vote], facts: Facts) -> Verdict:
    """Turn votes into a verdict."""
    votes = tuple(votes)
    if not facts.coding_bp[1]:
        return Verdict("base", "The tuned model calls no gene.", 1.0, votes=votes)
    if not facts.coding_bp[0]:
        reason = "The base model calls no gene, so nothing says whether the tuned genes are real."
        return Verdict("base", reason, 0.5, votes=votes)
    if facts.changed_share < MIN_CHANGED_SHARE:
        reason = f"Base and tuned call almost the same genes: {facts.changed_share:.2%} of the coding sequence differs."
        if not facts.changed_share:
            reason = "The tuned model calls exactly the genes of the base model."
        return Verdict("base", reason, 1.0, votes=votes)
    if not votes:
        reason = "Not enough evidence to judge: the sets share too few genes that look right to learn from; the base is kept."
        reason = f"{reason} {_would_help(votes)}"
        return Verdict("base", reason, 0.5)
    gain, error, by_fold = combine(votes)
    better = probability_of_gain(gain, error)
    figures = {"gain": gain, "spread": error, "by_fold": by_fold, "votes": votes}
    told = f"estimated change of F1 {gain:+.3f} ± {error:.3f}"
    if better >= SURE:
        return Verdict("tuned", f"The evidence favours the tuned genes: {told}.", better, **figures)
    if better <= 1 - SURE:
        return Verdict("base", f"The evidence favours the base: {told}.", 1 - better, **figures)
    reason = f"Not enough evidence for the tuned genes: {told}; the base is kept. {_would_help(votes)}"
    return Verdict("base", reason.strip(), 1 - better, **figures)


def combine(votes: Sequence[Vote]) -> tuple[float, float, tuple[float, ...]]:
    """Return gain, error, and gain by fold of all votes together.

    Each counts by its precision. Where votes contradict each other by more than their errors, the error grows (Birge's ratio). Then
    the gain is drawn towards none as far as it is uncertain, beside what is usual for sets that differ so much: so the
    luckiest of many candidates is not taken for the best.
    """
    precision = np.array([1 / vote.error**2 for vote in votes])
    gains = np.array([vote.gain for vote in votes])
    share = precision / precision.sum()
    gain = float(share @ gains)
    error = 1 / math.sqrt(precision.sum())
    if len(votes) > 1:
        error *= math.sqrt(max(1.0, float(precision @ (gains - gain) ** 2) / (len(votes) - 1)))
    usual = (learnt()["usual_gain"] * max(vote.differing_share for vote in votes)) ** 2
    kept = usual / (usual + error**2)
    folds = [vote.by_fold or (vote.gain,) * FOLDS for vote in votes]
    return kept * gain, error * math.sqrt(kept), tuple((kept * (share @ np.array(folds))).tolist())


def probability_of_gain(gain: float, error: float) -> float:
    """Return how probable it is that the tuned genes are better: as often as gains of so many errors were, on other genomes."""
    return 1 / (1 + math.exp(max(-700.0, min(700.0, -learnt()["steepness"] * gain / error))))


def _would_help(votes: Sequence[Vote]) -> str:
    """Say what evidence would help most; nothing if all was given."""
    given = {vote.name for vote in votes}
    lacking = [words for name, words in MORE_EVIDENCE.items() if name not in given]
    return f"What would help most: {lacking[0]}." if lacking else ""

"""The gate: base or tuned, and how sure.

The reference annotation never comes here. The tuned genes are recommended if the evidence makes it probable enough that they
are better, and no watchdog barks; in doubt the base stays, because it is what the user has already.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.votes import CODING, ESTIMATE, INTRONS, STARTS, WATCHDOG, Vote

# A gain in F1 below this is not worth another gene set.
MARGIN = 0.001
# A wrong "tuned" costs twice as much as a wrong "base": so the least loss is expected if tuned is recommended from this
# probability of a gain on (cost / (1 + cost)); at or below the rest, the evidence is held to favour the base.
COST_OF_WRONG_TUNED = 2.0
SURE = COST_OF_WRONG_TUNED / (1 + COST_OF_WRONG_TUNED)
# A vote this many deviations against the tuned genes keeps the base, whatever the others say: an estimate, if its loss is not
# just certain but matters; a watchdog, if its symptom is as large as the gain (it counts shares of coding sequence or of bases,
# and more than that cannot be wrong because of it).
VETO_DEVIATIONS = -2.0
VETO_LOSS = 0.01
# A wrong start spoils the gene but leaves its other exons right. Of 0, 0.25 and 0.5 this weight lost least on the gene sets
# that the errors in `evidence` were measured on.
START_WEIGHT = 0.25
# Losing more than half of the coding sequence is no correction but a collapse.
MIN_CODING_SHARE = 0.5
COLLAPSE_SURE = 0.9
# Where less of the coding sequence than this differs, there is nothing to choose.
MIN_CHANGED_SHARE = 0.002


@dataclass(frozen=True)
class Verdict:
    """What the gate says.

    Attributes:
        recommended: "base" or "tuned".
        reason: one sentence.
        confidence: 0 to 1, how sure that the recommended set is the better (or the not worse) one.
        gain: estimated gain in F1 of tuned over base, None without estimates.
        spread: its standard deviation.
        votes: all votes.
    """

    recommended: str
    reason: str
    confidence: float
    gain: float | None = None
    spread: float | None = None
    votes: tuple[Vote, ...] = ()

    def as_dict(self) -> dict:
        """Return the verdict JSON-ready."""
        return {
            "recommended": self.recommended,
            "reason": self.reason,
            "confidence": math.floor(1000 * self.confidence) / 1000,  # what is not certain never reads 1
            "estimated_gain": None if self.gain is None else round(self.gain, 5),
            "spread": None if self.spread is None else round(self.spread, 5),
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
        intron_weight: introns over introns and genes, 0 to 1: how much the structure of genes depends on introns here.
    """

    coding_bp: tuple[int, int]
    changed_share: float
    intron_weight: float


def decide(votes: Sequence[Vote], facts: Facts) -> Verdict:
    """Weigh estimates and watchdogs."""
    votes, coding_bp, changed_share = tuple(votes), facts.coding_bp, facts.changed_share
    if not coding_bp[1]:
        return Verdict("base", "The tuned model calls no gene.", 1.0, votes=votes)
    if not coding_bp[0]:
        return _decide_without_base(votes)
    if changed_share < MIN_CHANGED_SHARE:
        reason = f"Base and tuned call almost the same genes: {changed_share:.2%} of the coding sequence differs."
        if not changed_share:
            reason = "The tuned model calls exactly the genes of the base model."
        return Verdict("base", reason, 1.0, votes=votes)
    if coding_bp[1] < MIN_CODING_SHARE * coding_bp[0]:
        reason = f"The tuned model lost {1 - coding_bp[1] / coding_bp[0]:.0%} of the coding sequence."
        return Verdict("base", reason, COLLAPSE_SURE, votes=votes)
    estimates = [vote for vote in votes if vote.role == ESTIMATE]
    if not estimates:
        reason = (
            "Not enough evidence to judge: too few differing genes, introns or RNA-seq junctions; the base is kept."
        )
        return Verdict("base", reason, 0.5, votes=votes)
    return _weigh(estimates, votes, facts.intron_weight)


def _decide_without_base(votes: tuple[Vote, ...]) -> Verdict:
    return Verdict(
        "base", "The base model calls no gene, so nothing says whether the tuned genes are real.", 0.5, votes=votes
    )


def combine(estimates: Sequence[Vote], intron_weight: float) -> tuple[float, float]:
    """Return gain and spread of the tuned genes.

    Estimates of one level are averaged by their precision, then the levels by their weight: 1 for coding sequence,
    `intron_weight` for introns, START_WEIGHT for starts. (By precision throughout, a level on which nothing differs would drown
    one that gained.)
    The spread is that over paired draws, plus the systematic errors.
    """
    shares = np.zeros(len(estimates))
    for level, level_weight in ((CODING, 1.0), (INTRONS, intron_weight), (STARTS, START_WEIGHT)):
        members = [i for i, vote in enumerate(estimates) if vote.level == level]
        precisions = np.array([1 / (estimates[i].spread ** 2 + estimates[i].error ** 2) for i in members])
        shares[members] = level_weight * precisions / precisions.sum() if members else 0.0
    shares /= shares.sum()
    gain = float(sum(share * vote.difference for share, vote in zip(shares, estimates, strict=True)))
    draws = sum(share * vote.draws for share, vote in zip(shares, estimates, strict=True))
    errors = sum((share * vote.error) ** 2 for share, vote in zip(shares, estimates, strict=True))
    return gain, math.sqrt(float(draws.std()) ** 2 + errors)


def _weigh(estimates: list[Vote], votes: tuple[Vote, ...], intron_weight: float) -> Verdict:
    gain, spread = combine(estimates, intron_weight)
    better = _normal_cdf((gain - MARGIN) / spread)
    against = [vote for vote in votes if _vetoes(vote, gain)]
    figures = {"gain": gain, "spread": spread, "votes": votes}
    told = f"estimated change of F1 {gain:+.3f} ± {spread:.3f}"
    if better >= SURE and not against:
        return Verdict("tuned", f"The evidence favours the tuned genes: {told}.", better, **figures)
    if against:
        names = ", ".join(vote.name for vote in against)
        alarm = "A watchdog speaks" if all(vote.role == WATCHDOG for vote in against) else "Evidence speaks"
        return Verdict("base", f"{alarm} against the tuned genes ({names}); {told}.", max(1 - better, 0.5), **figures)
    if better <= 1 - SURE:
        return Verdict("base", f"The evidence favours the base: {told}.", 1 - better, **figures)
    reason = f"Not enough evidence for the tuned genes: {told}, within its own uncertainty; the base is kept."
    return Verdict("base", reason, 1 - better, **figures)


def _vetoes(vote: Vote, gain: float) -> bool:
    least = gain if vote.role == WATCHDOG else VETO_LOSS
    return vote.deviation <= VETO_DEVIATIONS and -vote.difference >= least


def _normal_cdf(deviations: float) -> float:
    return 0.5 * (1 + math.erf(deviations / math.sqrt(2)))

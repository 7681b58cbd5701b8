"""The gate: base or tuned, and how sure.

The reference annotation never comes here. The tuned genes are recommended only if the evidence says, beyond its own noise,
that they are better by a margin, and no watchdog barks; in doubt the base stays, because it is what the user has already.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.votes import ESTIMATE, WATCHDOG, Vote

# A gain in F1 below this is not worth another gene set.
MARGIN = 0.005
# Probability of a gain at which tuned is recommended, and at or below which the evidence is held to favour the base.
SURE = 0.9
# A vote this many deviations against the tuned genes keeps the base, whatever the others say.
VETO_DEVIATIONS = -2.0
# Losing more than half of the coding sequence is no correction but a collapse.
MIN_CODING_SHARE = 0.5
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
            "confidence": round(self.confidence, 3),
            "estimated_gain": None if self.gain is None else round(self.gain, 5),
            "spread": None if self.spread is None else round(self.spread, 5),
            "votes": [vote.as_dict() for vote in self.votes],
        }


def nothing_to_learn_from() -> Verdict:
    """Return the verdict without a tuned set."""
    return Verdict("base", "base: nothing to learn from", 1.0)


def decide(votes: Sequence[Vote], coding_bp: tuple[int, int], changed_share: float) -> Verdict:
    """Weigh the votes.

    Args:
        votes: estimates and watchdogs.
        coding_bp: coding bases that base and tuned call.
        changed_share: share of the coding bases of either set that differ.
    """
    votes = tuple(votes)
    if not coding_bp[1]:
        return Verdict("base", "The tuned model calls no gene.", 1.0, votes=votes)
    if not coding_bp[0]:
        return _decide_without_base(votes)
    if changed_share < MIN_CHANGED_SHARE:
        reason = f"Base and tuned call almost the same genes: {changed_share:.2%} of the coding sequence differs."
        return Verdict("base", reason, 0.5, votes=votes)
    if coding_bp[1] < MIN_CODING_SHARE * coding_bp[0]:
        reason = f"The tuned model lost {1 - coding_bp[1] / coding_bp[0]:.0%} of the coding sequence."
        return Verdict("base", reason, SURE, votes=votes)
    estimates = [vote for vote in votes if vote.role == ESTIMATE]
    if not estimates:
        reason = (
            "Not enough evidence to judge: too few differing genes, introns or RNA-seq junctions; the base is kept."
        )
        return Verdict("base", reason, 0.5, votes=votes)
    return _weigh(estimates, votes)


def _decide_without_base(votes: tuple[Vote, ...]) -> Verdict:
    return Verdict(
        "base", "The base model calls no gene, so nothing says whether the tuned genes are real.", 0.5, votes=votes
    )


def combine(estimates: Sequence[Vote]) -> tuple[float, float]:
    """Return gain and spread: estimates averaged by their precision, spread over paired draws plus systematic errors."""
    weights = np.array([1 / (vote.spread**2 + vote.error**2) for vote in estimates])
    weights /= weights.sum()
    gain = float(sum(weight * vote.difference for weight, vote in zip(weights, estimates, strict=True)))
    draws = sum(weight * vote.draws for weight, vote in zip(weights, estimates, strict=True))
    errors = sum((weight * vote.error) ** 2 for weight, vote in zip(weights, estimates, strict=True))
    return gain, math.sqrt(float(draws.std()) ** 2 + errors)


def _weigh(estimates: list[Vote], votes: tuple[Vote, ...]) -> Verdict:
    gain, spread = combine(estimates)
    better = _normal_cdf((gain - MARGIN) / spread)
    against = [vote for vote in votes if vote.deviation <= VETO_DEVIATIONS]
    figures = {"gain": gain, "spread": spread, "votes": votes}
    told = f"estimated change of F1 {gain:+.3f} ± {spread:.3f}"
    if better >= SURE and not against:
        return Verdict("tuned", f"The evidence favours the tuned genes: {told}.", better, **figures)
    if against:
        names = ", ".join(vote.name for vote in against)
        strongest = max(_normal_cdf(-vote.deviation) for vote in against)
        alarm = "A watchdog speaks" if all(vote.role == WATCHDOG for vote in against) else "Evidence speaks"
        confidence = max(1 - better, strongest if better < SURE else 0.5)
        return Verdict("base", f"{alarm} against the tuned genes ({names}); {told}.", confidence, **figures)
    if better <= 1 - SURE:
        return Verdict("base", f"The evidence favours the base: {told}.", 1 - better, **figures)
    reason = f"Not enough evidence for the tuned genes: {told}, within its own uncertainty; the base is kept."
    return Verdict("base", reason, 1 - better, **figures)


def _normal_cdf(deviations: float) -> float:
    return 0.5 * (1 + math.erf(deviations / math.sqrt(2)))

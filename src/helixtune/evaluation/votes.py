"""One vote: a figure of base and tuned, its difference, and how far chance alone would move it.

*Estimates* say how much F1 the tuned genes gain on one level. *Watchdogs* see symptoms of a tune gone wrong; they can
keep the base, but never recommend the tuned genes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ESTIMATE, WATCHDOG = "estimate", "watchdog"
CODING, INTRONS, STARTS, SYMPTOM = "coding sequence", "introns", "starts", "symptom"
# (draws, blocks) weights -> figures of base and tuned (draws,)
Figures = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Vote:
    """One vote on base against tuned.

    Attributes:
        name: short name, unique.
        role: "estimate" or "watchdog".
        level: what is judged; estimates of one level are two views of the same gain.
        question: what is asked, for the report.
        base, tuned: the figure of either set.
        difference: tuned better by this much; the sign is turned where low is good.
        spread: standard deviation of the difference over bootstrap draws of genome blocks.
        error: systematic error of the figure, from gene sets of known truth; in the same unit.
        evidence: number of things counted.
        unit: what was counted.
        draws: (draws,) differences, paired between votes.
    """

    name: str
    role: str
    level: str
    question: str
    base: float
    tuned: float
    difference: float
    spread: float
    error: float
    evidence: int
    unit: str
    draws: np.ndarray

    @property
    def deviation(self) -> float:
        """Difference in units of its whole uncertainty."""
        return self.difference / max(float(np.hypot(self.spread, self.error)), 1e-9)

    def as_dict(self) -> dict:
        """Return what the report shows, JSON-ready."""
        return {
            "name": self.name,
            "role": self.role,
            "level": self.level,
            "question": self.question,
            "base": round(self.base, 5),
            "tuned": round(self.tuned, 5),
            "difference": round(self.difference, 5),
            "spread": round(self.spread, 5),
            "error": round(self.error, 5),
            "deviation": round(self.deviation, 2),
            "evidence": self.evidence,
            "unit": self.unit,
            "favours": "tuned" if self.deviation >= 1 else "base" if self.deviation <= -1 else "neither",
        }


def cast_vote(
    identity: tuple[str, str, str, str],
    figures: Figures,
    weights: np.ndarray,
    counted: tuple[int, str],
    *,
    error: float,
    high_is_good: bool = True,
) -> Vote:
    """Work a vote out of sums over blocks.

    Args:
        identity: name, role, level, question.
        figures: the figure of both sets as a function of block weights.
        weights: (draws, blocks) bootstrap weights, the same for all votes.
        counted: number and unit of what was counted.
        error: systematic error of the figure.
        high_is_good: whether a high figure is a good one.
    """
    base, tuned = figures(np.ones((1, weights.shape[1])))
    sign = 1.0 if high_is_good else -1.0
    drawn = figures(weights)
    draws = sign * (drawn[1] - drawn[0])
    return Vote(
        *identity,
        base=float(base[0]),
        tuned=float(tuned[0]),
        difference=sign * float(tuned[0] - base[0]),
        spread=float(draws.std()),
        error=error,
        evidence=counted[0],
        unit=counted[1],
        draws=draws,
    )


def ratio(weights: np.ndarray, numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return (draws,) ratios of sums over drawn blocks; 0 where nothing was drawn."""
    below = weights @ denominator
    return np.divide(weights @ numerator, below, out=np.zeros(len(weights)), where=below > 0)

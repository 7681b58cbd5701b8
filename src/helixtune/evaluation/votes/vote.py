"""One vote: how much F1 the tuned genes gain over the base by one kind of evidence, and how wrong that may be."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from helixtune.evaluation.blocks import FOLDS, folds_of

# (draws, blocks) weights -> (2, draws) figures of base and tuned
Figures = Callable[[np.ndarray], np.ndarray]
LEARNT = Path(__file__).parent / "learnt.json"


@dataclass(frozen=True)
class Vote:
    """One vote on base against tuned.

    Attributes:
        name: short name, unique.
        question: what is asked, for the report.
        base, tuned: the figure of either set that the vote rests on.
        gain: estimated gain of tuned over base, in the mean F1 of exact coding exons and of exact genes.
        error: its standard error: of sampling, and of the vote itself as measured on other genomes.
        evidence, unit: how many of what were counted.
        differing_share: share of the things looked at that differ between the sets.
        by_fold: (folds,) the gain by each fold of the genome alone; nothing where that is not known.
    """

    name: str
    question: str
    base: float
    tuned: float
    gain: float
    error: float
    evidence: int
    unit: str
    differing_share: float
    by_fold: tuple[float, ...] = ()

    @property
    def deviation(self) -> float:
        """Gain in units of its error."""
        return self.gain / max(self.error, 1e-9)

    def as_dict(self) -> dict:
        """Return what the report shows, JSON-ready."""
        return {
            "name": self.name,
            "question": self.question,
            "base": round(self.base, 5),
            "tuned": round(self.tuned, 5),
            "gain": round(self.gain, 5),
            "error": round(self.error, 5),
            "deviation": round(self.deviation, 2),
            "evidence": self.evidence,
            "unit": self.unit,
            "favours": "tuned" if self.deviation >= 1 else "base" if self.deviation <= -1 else "neither",
        }


@cache
def learnt() -> dict:
    """Return what was learnt of votes on gene sets of known truth (benchmarks/gate.py --fit)."""
    return json.loads(LEARNT.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Figure:
    """What a vote rests on, before it is worth anything.

    Attributes:
        base, tuned: the figure of either set.
        sampling: standard deviation of their difference over draws of blocks.
        differing_share: share of the things looked at that differ between the sets.
        evidence: how many things were counted.
        by_fold: (folds,) tuned minus base by each fold of the genome alone.
    """

    base: float
    tuned: float
    sampling: float
    differing_share: float
    evidence: int
    by_fold: tuple[float, ...] = ()

    @classmethod
    def of(cls, figures: Figures, weights: np.ndarray, differing_share: float, evidence: int) -> "Figure":
        """Work a figure out of a function from (draws, blocks) weights to (2, draws) figures of base and tuned."""
        n_blocks = weights.shape[1]
        folds = (folds_of(n_blocks)[None, :] == np.arange(FOLDS)[:, None]).astype(float)
        base, tuned = figures(np.concatenate([np.ones((1, n_blocks)), folds, weights]))
        gains = tuned - base
        return cls(
            float(base[0]), float(tuned[0]), float(gains[1 + FOLDS :].std()), differing_share, evidence,
            tuple(gains[1 : 1 + FOLDS].tolist()),
        )  # fmt: skip


def cast_vote(name: str, question: str, figure: Figure, unit: str) -> Vote:
    """Turn a figure into an estimated gain and its error, as learnt on other genomes.

    There it moved by `response` of the true gain, and its sign was that of the gain as often as an error of sampling, of `error`
    of what differs and of `least` makes it. So a figure that hardly responds has a large error, and says little.
    """
    own = learnt()["votes"][name]
    error = np.linalg.norm([figure.sampling, own["error"] * figure.differing_share, own["least"]])
    return Vote(
        name,
        question,
        figure.base,
        figure.tuned,
        (figure.tuned - figure.base) / own["response"],
        float(error / own["response"]),
        figure.evidence,
        unit,
        figure.differing_share,
        tuple(one / own["response"] for one in figure.by_fold),
    )


def ratio(weights: np.ndarray, numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return (draws,) ratios of sums over drawn blocks; 0 where nothing was drawn."""
    below = weights @ denominator
    return np.divide(weights @ numerator, below, out=np.zeros(len(weights)), where=below > 0)

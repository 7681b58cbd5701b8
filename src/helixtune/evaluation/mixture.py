"""Which share of what only one gene set calls is real, judged by its likeness to what both sets call.

A linear score (log-likelihood ratio) has mean m+ on what both sets call and m- on decoys. What only one set calls is a
mixture: its mean score m says that a share (m - m-) / (m+ - m-) is real. With that, F1 of both sets follows for the
union of all that either set calls. Everything is a ratio of sums over blocks, so a bootstrap over blocks is cheap.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.blocks import folds_of

PSEUDO_COUNT = 0.5
# Weight of the prior (single codons or even bases) against the counted joint frequencies.
PRIOR_STRENGTH = 1000.0
# What is called by both sets, or by one alone: numbers, and their names.
SHARED, BASE_ONLY, TUNED_ONLY = range(3)
KINDS = ("shared", "base_only", "tuned_only")
# Numbers by kind, of blocks or of draws.
Items = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Mixture:
    """Sums by block of the items (hexamers, introns) of each kind.

    Attributes:
        items: {"shared", "base_only", "tuned_only"} -> (blocks,) numbers of items.
        scores: same keys -> (blocks,) sums of scores.
        decoy_items, decoy_scores: one pair of (blocks,) arrays a kind of decoy; the hardest kind sets m-.
    """

    items: dict[str, np.ndarray]
    scores: dict[str, np.ndarray]
    decoy_items: list[np.ndarray]
    decoy_scores: list[np.ndarray]

    def real_shares(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Return (draws,) the real share of what only one set calls, for each row of block weights (draws, blocks)."""
        real = _mean(weights, self.scores["shared"], self.items["shared"])
        decoy = np.max([_mean(weights, s, n) for s, n in zip(self.decoy_scores, self.decoy_items, strict=True)], axis=0)
        span = np.maximum(real - decoy, 1e-9)
        return {
            kind: np.clip((_mean(weights, self.scores[kind], self.items[kind]) - decoy) / span, 0.0, 1.0)
            for kind in ("base_only", "tuned_only")
        }

    def estimated_f1(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (draws,) estimated F1 of base and tuned within the union of both sets."""
        numbers = {kind: weights @ items for kind, items in self.items.items()}
        shares = self.real_shares(weights)
        real = {kind: shares[kind] * numbers[kind] for kind in shares}
        return f1_within_union(numbers, {"shared": numbers["shared"], **real})

    def separation(self) -> float:
        """Return m+ - m-; not above 0 means that the score cannot tell real from decoy here."""
        everything = np.ones((1, len(self.items["shared"])))
        real = _mean(everything, self.scores["shared"], self.items["shared"])
        decoys = [_mean(everything, s, n) for s, n in zip(self.decoy_scores, self.decoy_items, strict=True)]
        return float(real[0] - np.max(decoys))


def f1_within_union(numbers: Items, real: Items) -> tuple[np.ndarray, np.ndarray]:
    """Return (draws,) F1 of base and tuned, if what either calls and is real were all that there is.

    Args:
        numbers: {"shared", "base_only", "tuned_only"} -> (draws,) items called.
        real: same keys -> (draws,) how many of them are real.
    """
    all_real = sum(real.values())
    return tuple(
        2 * (real["shared"] + real[kind]) / np.maximum(numbers["shared"] + numbers[kind] + all_real, 1)
        for kind in ("base_only", "tuned_only")
    )


def differing_share(items: Items) -> float:
    """Return the share of either set's items that the other lacks (1 minus Dice's coefficient), from sums by block."""
    shared, base_only, tuned_only = (items[kind].sum() for kind in KINDS)
    return float((base_only + tuned_only) / max(2 * shared + base_only + tuned_only, 1))


def _mean(weights: np.ndarray, sums: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    return (weights @ sums) / np.maximum(weights @ numbers, 1)


def cross_validated_scores(real: np.ndarray, decoys: list[np.ndarray], frequencies) -> np.ndarray:
    """Return (blocks, features) log ratios, each block's learnt from the blocks of the other folds.

    Args:
        real: (blocks, features) counts of what is taken as real.
        decoys: the same for each kind of decoy; the kinds count alike whatever their size.
        frequencies: function from counts (features,) to smoothed frequencies (features,).
    """
    folds = folds_of(len(real))
    ratios = np.empty(real.shape)
    for fold in range(folds.max() + 1):
        learn = folds != fold if folds.max() else folds == fold
        chance = np.mean([frequencies(kind[learn].sum(axis=0)) for kind in decoys if kind[learn].any()], axis=0)
        ratios[folds == fold] = np.log(frequencies(real[learn].sum(axis=0)) / chance)
    return ratios


def hexamer_frequencies(counts: np.ndarray) -> np.ndarray:
    """Smooth (4096,) hexamer counts towards the product of their codons' frequencies."""
    pairs = counts.reshape(64, 64).astype(np.float64)
    first, second = pairs.sum(axis=1) + PSEUDO_COUNT, pairs.sum(axis=0) + PSEUDO_COUNT
    prior = np.outer(first / first.sum(), second / second.sum())
    return ((pairs + PRIOR_STRENGTH * prior) / (pairs.sum() + PRIOR_STRENGTH)).reshape(-1)

"""Mixtures of kinds that nobody has labelled: which of the called introns, or starts, are real?

Things are described by features with few values (bases at places around them, classes of scores). Given its kind, the features of a
thing are independent; how often a kind has which value, and how many things of a group are of which kind, is fitted by expectation
maximisation (Dempster, Laird and Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

PSEUDO_COUNT = 1.0
# This many things teach some hundred frequencies well enough; more would only cost memory.
MAX_LEARNT = 20_000
MAX_ROUNDS, CONVERGED = 300, 1e-4


@dataclass(frozen=True)
class Feature:
    """Places of every thing that take the same values.

    Attributes:
        values: (n, places) 0 to n_values - 1, or n_values where nothing is known: that says nothing about the kind.
        n_values: how many values there are.
        drawn_from: (kinds,) which of the feature's distributions a kind has; kinds may share one.
        beforehand: (distributions, places, n_values) counts that the fit starts from, e.g. of decoys.
        constrain: makes (distributions, places, n_values) probabilities what they have to be; None leaves them.
    """

    values: np.ndarray
    n_values: int
    drawn_from: np.ndarray
    beforehand: np.ndarray
    constrain: Callable[[np.ndarray], np.ndarray] | None = None

    def log_probabilities(self, memberships: np.ndarray) -> np.ndarray:
        """Return (distributions, places, n_values + 1) logs of how often each value comes; 0 for what is not known."""
        counts = self.beforehand + PSEUDO_COUNT
        for distribution in range(len(counts)):
            weights = memberships[:, self.drawn_from == distribution].sum(axis=1)
            for place in range(counts.shape[1]):
                found = np.bincount(self.values[:, place], weights, minlength=self.n_values + 1)
                counts[distribution, place] += found[: self.n_values]
        shares = counts / counts.sum(axis=2, keepdims=True)
        logs = np.log(self.constrain(shares) if self.constrain else shares)
        return np.concatenate([logs, np.zeros((*logs.shape[:2], 1))], axis=2)

    def log_likelihoods(self, logs: np.ndarray) -> np.ndarray:
        """Return (n, kinds) log likelihoods of the things' values."""
        each = [sum(one[place][self.values[:, place]] for place in range(one.shape[0])) for one in logs]
        return np.stack(each, axis=1)[:, self.drawn_from]


@dataclass(frozen=True)
class Kinds:
    """A fitted mixture.

    Attributes:
        logs: for each feature what `Feature.log_probabilities` returns.
        shares: (groups, kinds).
    """

    logs: tuple[np.ndarray, ...]
    shares: np.ndarray

    def memberships(self, features: Sequence[Feature], groups: np.ndarray) -> np.ndarray:
        """Return (n, kinds) probabilities of the kinds of each thing."""
        log = np.log(self.shares)[groups]
        for feature, logs in zip(features, self.logs, strict=True):
            log = log + feature.log_likelihoods(logs)
        odds = np.exp(log - log.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)


def fit_kinds(features: Sequence[Feature], groups: np.ndarray, guess: np.ndarray) -> Kinds:
    """Fit to (at most MAX_LEARNT evenly chosen) things; the same things give the same fit.

    Args:
        features: descriptions of n things.
        groups: (n,) group of each thing.
        guess: (groups, kinds) shares to begin with: they say which group has more of a kind; the fit forgets the figures.
    """
    chosen = np.linspace(0, len(groups) - 1, min(len(groups), MAX_LEARNT)).round().astype(np.int64)
    some, groups = [replace(feature, values=feature.values[chosen]) for feature in features], groups[chosen]
    memberships = guess[groups]
    for _ in range(MAX_ROUNDS):
        shares = np.stack([memberships[groups == one].sum(axis=0) + PSEUDO_COUNT for one in range(len(guess))])
        logs = tuple(feature.log_probabilities(memberships) for feature in some)
        kinds = Kinds(logs, shares / shares.sum(axis=1, keepdims=True))
        before, memberships = memberships, kinds.memberships(some, groups)
        if np.abs(memberships - before).max() < CONVERGED:
            break
    return kinds


def decoy_counts(decoys: np.ndarray, weight: float) -> np.ndarray:
    """Return (places, values) counts of decoys, smoothed and scaled to `weight` things."""
    smoothed = decoys + PSEUDO_COUNT
    return weight * smoothed / smoothed.sum(axis=1, keepdims=True)

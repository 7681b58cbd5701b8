"""Search the units (sequences, or stretches of them) that make the best validation set."""

import numpy as np

# Random candidates, fewer where there are many units: 2e7 memberships are 20 MB.
MAX_CANDIDATES = 2000
MAX_MEMBERSHIPS = 20_000_000
SWAPS = 2000
TYPICAL_DRAWS = 100
EXHAUSTIVE_UNITS = 11


class HoldOutSearch:
    """Random candidates, then swaps, for a subset of units of the wanted size that is like the whole."""

    def __init__(
        self, member: np.ndarray, bases: np.ndarray, follows: np.ndarray, amounts: list[np.ndarray], fraction: float
    ):
        """Prepare the sums of units.

        Args:
            member: (p,) unit of each place, numbered in genome order without gaps.
            bases: (p,) bases of each place.
            follows: (p,) True where a place touches the one before.
            amounts: groups of (p, c) amounts whose shares the subset should have like the whole.
            fraction: wanted share of the bases.
        """
        n_units = int(member.max()) + 1
        self._fraction = fraction
        self._bases = np.bincount(member, bases, minlength=n_units)
        self._amounts = [_sums(group, member, n_units) for group in amounts]
        # Units are numbered in genome order, so only neighbours can touch; a border costs a place.
        border = np.flatnonzero(follows & (np.diff(member, prepend=-1) != 0))
        self._touches = np.zeros(n_units - 1, bool)
        self._touches[member[border] - 1] = True
        self._place_share = 1 / len(bases)

    def costs(self, subsets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (r,) costs, shares of bases, and differences from the whole summed over the groups, of (r, u) subsets."""
        numbers = subsets.astype(np.float64)
        share = numbers @ self._bases / self._bases.sum()
        unlikeness = sum(_total_variation(numbers @ group, group.sum(axis=0)) for group in self._amounts)
        lost = ((subsets[:, 1:] != subsets[:, :-1]) & self._touches).sum(axis=1) * self._place_share
        off = np.abs(share - self._fraction) / self._fraction
        return off + unlikeness + lost, share, unlikeness

    def typical_unlikeness(self, rng: np.random.Generator) -> float:
        """Return how much random subsets of the wanted size differ from the whole, on average."""
        return float(self.costs(self._candidates(rng, TYPICAL_DRAWS))[2].mean())

    def best(self, rng: np.random.Generator) -> np.ndarray:
        """Return the (u,) best subset found; neither empty nor everything."""
        n_units = len(self._bases)
        if n_units <= EXHAUSTIVE_UNITS:
            subsets = (np.arange(1, 2**n_units - 1)[:, None] >> np.arange(n_units)) & 1 == 1
            return subsets[np.argmin(self.costs(subsets)[0])]
        subsets = self._candidates(rng, min(MAX_CANDIDATES, max(1, MAX_MEMBERSHIPS // n_units)))
        costs = self.costs(subsets)[0]
        chosen, cost = subsets[np.argmin(costs)], costs.min()
        for _ in range(min(SWAPS, max(1, MAX_MEMBERSHIPS // n_units))):
            trial = chosen.copy()
            trial[rng.integers(n_units, size=2)] ^= True
            if trial.any() and not trial.all() and (found := self.costs(trial[None])[0][0]) < cost:
                chosen, cost = trial, found
        return chosen

    def _candidates(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Draw subsets: units in random order until the wanted bases are reached; too large ones are never drawn."""
        wanted = self._fraction * self._bases.sum()
        small = np.flatnonzero(self._bases <= max(wanted, self._bases.min()))
        subsets = np.zeros((n, len(self._bases)), bool)
        for subset in subsets:
            order = rng.permutation(small)
            reached = np.cumsum(self._bases[order])
            subset[order[: max(1, np.searchsorted(reached, wanted, side="right"))]] = True
        subsets[subsets.all(axis=1), 0] = False
        return subsets


def _sums(group: np.ndarray, member: np.ndarray, n_units: int) -> np.ndarray:
    out = np.zeros((n_units, group.shape[1]))
    np.add.at(out, member, group)
    return out


def _total_variation(parts: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return (r,) half the sum of differences between the shares of (r, c) parts and the (c,) whole."""
    totals = parts.sum(axis=1, keepdims=True)
    shares = np.divide(parts, totals, out=np.zeros_like(parts), where=totals > 0)
    return 0.5 * np.abs(shares - whole / max(whole.sum(), 1)).sum(axis=1)

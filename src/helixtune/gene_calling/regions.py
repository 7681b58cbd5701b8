"""Candidate regions: where a sliding window sees enough that is not intergenic.

Scores are integers, so sums are exact and blocks of any size give the same regions.
"""

from dataclasses import dataclass

import numpy as np

from helixtune.compiled import compiled

# Reference's scale of a score.
SCALE = np.float32(1_000_000)


@dataclass(frozen=True)
class Thresholds:
    """Integer limits of a window's total, computed in single precision as the reference does."""

    window_size: int
    edge: int
    peak: int

    @classmethod
    def of(cls, window_size: int, edge_threshold: float, peak_threshold: float) -> "Thresholds":
        """Scale thresholds (shares of a window that are not intergenic) to integer totals."""
        width = np.float32(window_size)
        edge, peak = (max(0, int((np.float32(t) * SCALE) * width)) for t in (edge_threshold, peak_threshold))
        return cls(window_size, edge, peak)


@compiled
def _scan(intergenic, history, state, window, edge, peak, found):
    """Advance the scan by one block; see RegionScan for the layout of `state`. Returns how many regions it closed."""
    position, total, start, highest = state[0], state[1], state[2], state[3]
    n_found = 0
    for value in intergenic:
        score = np.int64(max((np.float32(1) - value) * SCALE, np.float32(0))) if value == value else np.int64(0)
        slot = position % window
        total += score - history[slot]
        history[slot] = score
        position += 1
        if position < window:
            continue
        if total >= edge:
            if start < 0:
                start = position - window
                highest = 0
            highest = max(highest, total)
        elif start >= 0:
            if highest > peak:
                found[n_found, 0] = start
                found[n_found, 1] = position - 1
                n_found += 1
            start = -1
    state[0], state[1], state[2], state[3] = position, total, start, highest
    return n_found


class RegionScan:
    """A scan over one strand, fed block by block.

    Its state: bases seen, total of the current window, start of the open candidate (-1: none), highest total in it.
    """

    def __init__(self, thresholds: Thresholds):
        self._thresholds = thresholds
        self._history = np.zeros(thresholds.window_size, np.int64)
        self._state = np.array([0, 0, -1, 0], np.int64)

    def push(self, intergenic: np.ndarray) -> list[tuple[int, int]]:
        """Take the next bases' intergenic probabilities, (b,) float32; return the regions [start, end) that closed."""
        found = np.empty((len(intergenic) // 2 + 1, 2), np.int64)
        limits = self._thresholds
        n = _scan(intergenic, self._history, self._state, limits.window_size, limits.edge, limits.peak, found)
        return [(int(a), int(b)) for a, b in found[:n]]

    def finish(self) -> list[tuple[int, int]]:
        """Close the candidate that reaches the strand's end, if there is one."""
        position, _, start, highest = self._state.tolist()
        return [(start, position)] if start >= 0 and highest > self._thresholds.peak else []

    @property
    def seen(self) -> int:
        """Bases taken so far."""
        return int(self._state[0])

    @property
    def open_start(self) -> int | None:
        """First base of the open candidate, which holds all bases from there on that were seen."""
        start = int(self._state[2])
        return start if start >= 0 else None

    @property
    def next_start(self) -> int:
        """First base that a region behind the open candidate may hold."""
        return max(0, self.seen - self._thresholds.window_size + 1)

"""Overlapping windows over the joined rows of one strand, and the exact mean of their predictions.

Windows of one row's length L start every `offset` bases; from each, `trim` positions are cut at both ends where the network lacks
context (not at the ends of the strand), and each position gets the plain mean of the windows that cover it. Without overlap
the windows are the rows themselves.
"""

from dataclasses import dataclass

import numpy as np

from helixtune.errors import ParameterError


@dataclass(frozen=True)
class Windowing:
    """Where windows lie; checks that trimmed windows leave no gap.

    Attributes:
        length_bp: L, the row length.
        offset_bp: distance of neighbouring windows' starts.
        core_bp: what is kept of a window in the middle of a strand, at least.
        clipped_bp: last positions of every window that the network cannot see (L modulo its pool size).
    """

    length_bp: int
    offset_bp: int
    core_bp: int
    clipped_bp: int = 0

    def __post_init__(self):
        if self.offset_bp < 1 or self.core_bp < 1:
            raise ParameterError("--overlap-offset and --core-length must be at least 1.")
        if self.core_bp > self.length_bp:
            raise ParameterError(f"--core-length {self.core_bp} is longer than a subsequence ({self.length_bp}).")
        if self.offset_bp > self.core_bp:
            raise ParameterError(
                f"--overlap-offset {self.offset_bp} is larger than --core-length {self.core_bp}: bases between windows would have "
                "no prediction."
            )
        if self.is_overlapping and self.offset_bp > self.length_bp - self.trim_bp - max(self.trim_bp, self.clipped_bp):
            raise ParameterError(
                f"--core-length {self.core_bp} keeps the last {self.clipped_bp} bases of a subsequence, which this network "
                "does not predict: use a smaller one."
            )

    @property
    def trim_bp(self) -> int:
        """Positions cut from both ends of a window inside a strand."""
        return (self.length_bp - self.core_bp) // 2

    @property
    def is_overlapping(self) -> bool:
        """False when windows are the rows themselves."""
        return self.offset_bp < self.length_bp


def overlapping(
    length_bp: int, offset_bp: int | None = None, core_bp: int | None = None, clipped_bp: int = 0
) -> Windowing:
    """Return windows with upstream's defaults: offset L / 2, core 3 L / 4."""
    offset_bp = length_bp // 2 if offset_bp is None else offset_bp
    core_bp = length_bp * 3 // 4 if core_bp is None else core_bp
    return Windowing(length_bp, offset_bp, core_bp, clipped_bp)


def row_by_row(length_bp: int, clipped_bp: int = 0) -> Windowing:
    """Return windows that are the rows themselves."""
    return Windowing(length_bp, length_bp, length_bp, clipped_bp)


def window_starts(n_rows: int, windowing: Windowing) -> np.ndarray:
    """Return the starts of all windows over `n_rows` joined rows; the last one ends exactly at the end."""
    last = (n_rows - 1) * windowing.length_bp
    starts = np.arange(0, last + 1, windowing.offset_bp, dtype=np.int64)
    return starts if starts[-1] == last else np.append(starts, last)


def count_windows(n_rows: int, windowing: Windowing) -> int:
    """Return the number of windows over `n_rows` joined rows, without listing them."""
    last = (n_rows - 1) * windowing.length_bp
    return last // windowing.offset_bp + 1 + (last % windowing.offset_bp > 0)


def windows_of_rows(n_rows: int, windowing: Windowing, first_row: int, end_row: int) -> tuple[int, int]:
    """Return the half-open range of the windows that rows `first_row` to `end_row` are made of."""
    starts = window_starts(n_rows, windowing)
    ends = starts + windowing.length_bp - max(windowing.trim_bp, windowing.clipped_bp)
    ends[-1] = n_rows * windowing.length_bp
    first = np.searchsorted(ends, first_row * windowing.length_bp, side="right")
    end = np.searchsorted(starts[1:] + windowing.trim_bp, end_row * windowing.length_bp) + 1
    return int(first), int(end)


class Stitcher:
    """Take the windows of one strand in order, give its rows as soon as no later window can touch them.

    Holds two rows at a time, however long the strand is. It may begin at any window (`windows_of_rows`): `next_row` is the row
    that comes out next, and rows that windows before the first one touch are incomplete.
    """

    def __init__(self, n_rows: int, windowing: Windowing, first_window: int = 0):
        self.starts = window_starts(n_rows, windowing)
        self._windowing = windowing
        self._end = n_rows * windowing.length_bp
        self._next = first_window  # index of the window that comes next
        self.next_row = int(self.starts[first_window]) // windowing.length_bp
        self._origin = self.next_row * windowing.length_bp  # position of the buffer's first base
        self._mean: np.ndarray | None = None
        self._count = np.zeros(2 * windowing.length_bp, dtype=np.int64)

    def add(self, probs: np.ndarray) -> list[np.ndarray]:
        """Add the next window's predictions.

        Args:
            probs: (heads, L, 4) float32; the last `clipped_bp` positions count for nothing but at the strand's end.

        Returns:
            Finished rows in order, each (heads, L, 4) float64. A position that no window predicts is zero.
        """
        if len(self.starts) == 1:
            self.next_row += 1
            return [probs.astype(np.float64)]
        if self._mean is None:
            self._mean = np.zeros((probs.shape[0], 2 * probs.shape[1], probs.shape[2]))
        self._average(probs)
        self._next += 1
        return self._finished_rows()

    def _average(self, probs):
        setting, start = self._windowing, int(self.starts[self._next])
        is_last = self._next == len(self.starts) - 1
        first = setting.trim_bp if self._next else 0
        last = setting.length_bp - (0 if is_last else max(setting.trim_bp, setting.clipped_bp))
        here = slice(start - self._origin + first, start - self._origin + last)
        count = self._count[here, None]
        # Upstream's running mean in double precision, term by term, so that rounding agrees too.
        self._mean[:, here] = (self._mean[:, here] * count + probs[:, first:last]) / (count + 1)
        self._count[here] += 1

    def _finished_rows(self):
        length = self._windowing.length_bp
        is_done = self._next == len(self.starts)
        final = self._end if is_done else int(self.starts[self._next]) + self._windowing.trim_bp
        rows = []
        while self._origin + length <= final:
            rows.append(self._mean[:, :length].copy())
            self._mean[:, :length] = self._mean[:, length:]
            self._mean[:, length:] = 0
            self._count[:length] = self._count[length:]
            self._count[length:] = 0
            self._origin += length
            self.next_row += 1
        return rows

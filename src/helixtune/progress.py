"""Rate and time left of long work: a live line on a terminal, a plain line now and then in a log."""

import sys
import time

from helixtune.log import logger

# A log is read afterwards: a line every half minute shows that the work goes on without drowning the messages.
LOG_INTERVAL_S = 30.0
TERMINAL_INTERVAL_S = 0.5


class Progress:
    """Count work done out of `total` units and say how fast it goes.

    Use as a context manager and call `advance(n)`; nothing is printed for work shorter than one interval.
    """

    def __init__(self, total: int, unit: str, label: str):
        self.total, self.unit, self.label = total, unit, label
        self.done = 0
        self._live = sys.stderr.isatty()
        self._interval = TERMINAL_INTERVAL_S if self._live else LOG_INTERVAL_S
        self._begun = self._shown = time.monotonic()
        self._drew = False

    def __enter__(self) -> "Progress":
        self._begun = self._shown = time.monotonic()
        return self

    def __exit__(self, *exception) -> None:
        if self._drew:
            sys.stderr.write("\n")

    def advance(self, amount: int) -> None:
        """Add finished units and show the state when an interval has passed."""
        self.done += amount
        now = time.monotonic()
        if now - self._shown < self._interval:
            return
        self._shown = now
        if self._live:
            sys.stderr.write("\r" + self.state(now).ljust(78))
            sys.stderr.flush()
            self._drew = True
        else:
            logger.info(self.state(now))

    def state(self, now: float) -> str:
        """Return e.g. `predict-classes: 40 % of 12,570,000 bases, 312,000 bases/s, 0:24 left`."""
        rate = self.done / max(now - self._begun, 1e-9)
        left_s = int((self.total - self.done) / rate) if rate > 0 else 0
        share = 100 * self.done // max(self.total, 1)
        time_left = f"{left_s // 60}:{left_s % 60:02d} left"
        return f"{self.label}: {share} % of {self.total:,} {self.unit}, {rate:,.0f} {self.unit}/s, {time_left}"

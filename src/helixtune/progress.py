"""Rate and time left of long work: a live line on a terminal, a plain line now and then in a log."""

import logging
import sys
import time

from helixtune.log import live_line, logger

# A log is read afterwards: a line every half minute shows that the work goes on without drowning the messages.
LOG_INTERVAL_S = 30.0
TERMINAL_INTERVAL_S = 0.5


class Progress:
    """Count work done out of `total` units and say how fast it goes.

    Use as a context manager and call `advance(n)`; nothing is shown for work shorter than one interval, nor when messages
    are switched off (`--quiet`). A total of None (not known beforehand) gives the rate without the time left.
    """

    def __init__(self, total: int | None, unit: str, label: str):
        self.total, self.unit, self.label = total, unit, label
        self.done = 0
        self._live = sys.stderr.isatty()
        self._interval = TERMINAL_INTERVAL_S if self._live else LOG_INTERVAL_S
        self._begun = self._shown = time.monotonic()

    def __enter__(self) -> "Progress":
        self._begun = self._shown = time.monotonic()
        return self

    def __exit__(self, *exception) -> None:
        live_line.clear()

    def advance(self, amount: int) -> None:
        """Add finished units and show the state when an interval has passed."""
        self.done += amount
        now = time.monotonic()
        if now - self._shown < self._interval or not logger.isEnabledFor(logging.INFO):
            return
        self._shown = now
        if self._live:
            live_line.draw(self.state(now))
        else:
            logger.info(self.state(now))

    def state(self, now: float) -> str:
        """Return e.g. `predict-classes: 40 % of 12,570,000 bases, 312,000 bases/s, 0:24 left`."""
        rate = self.done / max(now - self._begun, 1e-9)
        speed = f"{rate:,.0f} {self.unit}/s"
        if self.total is None:
            return f"{self.label}: {self.done:,} {self.unit}, {speed}"
        left_s = int(max(self.total - self.done, 0) / rate) if rate > 0 else 0
        share = min(100 * self.done // max(self.total, 1), 100)
        hours, minutes, seconds = left_s // 3600, left_s // 60 % 60, left_s % 60
        time_left = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
        return f"{self.label}: {share} % of {self.total:,} {self.unit}, {speed}, {time_left} left"

"""The one logger: plain lines on standard error."""

import logging
import sys

logger = logging.getLogger("helixtune")


class LiveLine:
    """The one line of a terminal that is drawn anew again and again; messages go above it."""

    def __init__(self):
        self.drawn = False

    def draw(self, text: str) -> None:
        """Put `text` in place of what stood there."""
        sys.stderr.write(f"\r{text:<78}")
        sys.stderr.flush()
        self.drawn = True

    def clear(self) -> None:
        """Take the line away."""
        if self.drawn:
            sys.stderr.write("\r" + " " * 78 + "\r")
            self.drawn = False


live_line = LiveLine()


class _CurrentStderr(logging.StreamHandler):
    """Look standard error up at every line, so that tests and notebooks which replace it see the messages."""

    def __init__(self):
        logging.Handler.__init__(self)

    @property
    def stream(self):
        return sys.stderr

    def emit(self, record: logging.LogRecord) -> None:
        live_line.clear()
        super().emit(record)


def configure(level: int = logging.INFO) -> None:
    """Send messages of at least `level` to standard error as `LEVEL message`."""
    if not logger.handlers:
        handler = _CurrentStderr()
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level)

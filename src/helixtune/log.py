"""The one logger: plain lines on standard error."""

import logging
import re
import sys

logger = logging.getLogger("helixtune")
# What is quoted from a file may be of any length; paths are shorter.
_ENDLESS_WORD = re.compile(r"(\S{500})\S{500,}")


def plain_text(text: str) -> str:
    """Return a message that may quote a stranger's file: no control characters (terminals obey them), no endless words."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return _ENDLESS_WORD.sub(r"\1…", shown)


class _PlainFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(map(plain_text, super().format(record).split("\n")))


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
        handler.setFormatter(_PlainFormatter("%(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level)

"""The one logger: plain lines on standard error."""

import logging
import sys

logger = logging.getLogger("helixtune")


class _CurrentStderr(logging.StreamHandler):
    """Look standard error up at every line, so that tests and notebooks which replace it see the messages."""

    def __init__(self):
        logging.Handler.__init__(self)

    @property
    def stream(self):
        return sys.stderr


def configure(level: int = logging.INFO) -> None:
    """Send messages of at least `level` to standard error as `LEVEL message`."""
    if not logger.handlers:
        handler = _CurrentStderr()
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level)

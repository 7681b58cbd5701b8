"""A pytest plugin that notes which test provoked which error: `pytest -p error_recorder --errors-to FILE`.

Errors are noted by place (module and function) and text, so that the note outlives a change of lines.
"""

import json
import os
import sys
from pathlib import Path

import helixtune
from helixtune import cli
from helixtune.errors import HelixtuneError

PACKAGE = Path(helixtune.__file__).parent
# Beyond these frames is only what passes an error on.
NEAREST = 3
# Where processes that a test starts leave their notes, too; see restricted_process.py.
TARGET = "HELIXTUNE_ERRORS_TO"


def pytest_addoption(parser):
    parser.addoption("--errors-to", help="JSON file for [module, function, message, test]; added to what it holds")


class Recorder:
    """Holds what the errors' constructor, and the function that words the machine's refusals, were seen to say."""

    def __init__(self, test=""):
        self.found: dict[tuple[str, str, str], str] = {}
        self.test = test

    def note(self, message):
        frame, left = sys._getframe(2), NEAREST
        while frame is not None and left:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(PACKAGE):
                place = (path.relative_to(PACKAGE).as_posix(), frame.f_code.co_name, message)
                self.found.setdefault(place, self.test)
                left -= 1
            frame = frame.f_back

    def listen(self):
        """Stand between this process's errors and what they tell."""
        construct, refuse = HelixtuneError.__init__, cli.refusal

        def noting(error, *arguments):
            self.note(" ".join(map(str, arguments)))
            construct(error, *arguments)

        def noting_refusal(error):
            sentence = refuse(error)
            if sentence:
                self.found.setdefault(("refusals.py", "refusal", sentence), self.test)
            return sentence

        HelixtuneError.__init__, cli.refusal = noting, noting_refusal

    def add_to(self, target):
        """Add the notes to a file."""
        earlier = json.loads(Path(target).read_text()) if Path(target).is_file() else []
        found = {(*place,): test for *place, test in earlier} | self.found
        Path(target).write_text(json.dumps([[*place, test] for place, test in found.items()]))


def pytest_configure(config):
    config.recorder = Recorder()
    config.recorder.listen()
    if target := config.getoption("--errors-to"):
        os.environ[TARGET] = str(Path(target).resolve())


def pytest_runtest_protocol(item):
    item.config.recorder.test = item.nodeid.split("[")[0]


def pytest_sessionfinish(session):
    if target := session.config.getoption("--errors-to"):
        session.config.recorder.add_to(target)

"""A pytest plugin that notes which test provoked which error: `pytest -p error_recorder --errors-to FILE`.

Errors are noted by place (module and function) and text, so that the note outlives a change of lines.
"""

import json
import sys
from pathlib import Path

import helixtune
from helixtune import cli
from helixtune.errors import HelixtuneError

PACKAGE = Path(helixtune.__file__).parent
# Beyond these frames is only what passes an error on.
NEAREST = 3


def pytest_addoption(parser):
    parser.addoption("--errors-to", help="JSON file for [module, function, message, test]; added to what it holds")


class Recorder:
    """Holds what the errors' constructor, and the function that words the machine's refusals, were seen to say."""

    def __init__(self):
        self.found: dict[tuple[str, str, str], str] = {}
        self.test = ""

    def note(self, message):
        frame, left = sys._getframe(2), NEAREST
        while frame is not None and left:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(PACKAGE):
                place = (path.relative_to(PACKAGE).as_posix(), frame.f_code.co_name, message)
                self.found.setdefault(place, self.test)
                left -= 1
            frame = frame.f_back


def pytest_configure(config):
    recorder = config.recorder = Recorder()
    original = HelixtuneError.__init__

    def noting(self, *arguments):
        recorder.note(" ".join(map(str, arguments)))
        original(self, *arguments)

    HelixtuneError.__init__ = noting
    refuse = cli.refusal

    def noting_refusal(error):
        sentence = refuse(error)
        if sentence:
            recorder.found.setdefault(("refusals.py", "refusal", sentence), recorder.test)
        return sentence

    cli.refusal = noting_refusal


def pytest_runtest_protocol(item):
    item.config.recorder.test = item.nodeid.split("[")[0]


def pytest_sessionfinish(session):
    target = session.config.getoption("--errors-to")
    if target:
        earlier = json.loads(Path(target).read_text()) if Path(target).is_file() else []
        found = {(*place,): test for *place, test in earlier} | session.config.recorder.found
        Path(target).write_text(json.dumps([[*place, test] for place, test in found.items()]))

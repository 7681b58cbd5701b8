import logging
import sys

import pytest

from helixtune import log, progress


class Terminal:
    """Standard error that says it is a terminal."""

    def __init__(self, live):
        self.live, self.text = live, ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    def isatty(self):
        return self.live


@pytest.fixture
def stderr(monkeypatch):
    def replace(live, level=logging.INFO):
        terminal = Terminal(live)
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setattr(progress, "TERMINAL_INTERVAL_S", 0.0)
        monkeypatch.setattr(progress, "LOG_INTERVAL_S", 0.0)
        log.configure(level)
        return terminal

    yield replace
    log.configure(logging.INFO)


def work(total, steps=2, amount=50):
    with progress.Progress(total, "bases", "encode") as shown:
        for _ in range(steps):
            shown.advance(amount)
    return shown


def test_a_terminal_gets_one_line_that_vanishes_in_the_end(stderr):
    terminal = stderr(live=True)
    work(200)
    assert "\rencode: 25 % of 200 bases, " in terminal.text
    assert terminal.text.endswith(" " * 78 + "\r")
    assert "\n" not in terminal.text


def test_a_message_clears_the_line_first(stderr):
    terminal = stderr(live=True)
    with progress.Progress(200, "bases", "encode") as shown:
        shown.advance(50)
        log.logger.warning("something")
    assert terminal.text.split("WARNING")[0].endswith(" " * 78 + "\r")


def test_a_log_gets_plain_lines(stderr):
    terminal = stderr(live=False)
    work(200)
    assert [line.split(",")[0] for line in terminal.text.splitlines()] == [
        "INFO encode: 25 % of 200 bases",
        "INFO encode: 50 % of 200 bases",
    ]


@pytest.mark.parametrize("live", [True, False])
def test_quiet_is_quiet(stderr, live):
    terminal = stderr(live, logging.WARNING)
    work(200)
    assert terminal.text == ""


def test_rate_and_time_left():
    shown = work(7_300_000, steps=1, amount=100_000)
    shown._begun = 0.0
    assert shown.state(now=100.0) == "encode: 1 % of 7,300,000 bases, 1,000 bases/s, 2:00:00 left"
    assert work(None)  # the total is not known: no share, no time left
    unknown = progress.Progress(None, "bases", "encode")
    unknown.done, unknown._begun = 500, 0.0
    assert unknown.state(now=10.0) == "encode: 500 bases, 50 bases/s"


def test_more_work_than_was_guessed_is_still_sensible():
    shown = work(10, steps=1, amount=20)
    assert ": 100 % of 10 bases" in shown.state(shown._begun + 1)

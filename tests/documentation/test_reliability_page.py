"""docs/reliability.md says what the tests on hostile inputs and faults noted, and misses none of them."""

import importlib.util
from pathlib import Path

from reliability import recorded

PROJECT = Path(__file__).resolve().parents[2]


def writer():
    spec = importlib.util.spec_from_file_location("write_reliability", PROJECT / "tools/write_reliability.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_was_noted():
    module = writer()
    assert module.PAGE.read_text(encoding="utf-8") == module.page(recorded())


def test_every_test_that_notes_a_row_has_one():
    """Long tests may be missing; a row without a test may not be there."""
    tests, noted = writer().tests_that_note(), {row.test for row in recorded()}
    assert sorted(noted - set(tests)) == []
    assert sorted(name for name, is_long in tests.items() if not is_long and name not in noted) == []

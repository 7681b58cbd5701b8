"""docs/reference/errors.md: every sentence has a test, and the tests provoke them (some need an extra package)."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TIME_LIMIT_S = 3600


def lists():
    spec = importlib.util.spec_from_file_location("list_errors", PROJECT / "tools/list_errors.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["list_errors"] = module
    spec.loader.exec_module(module)
    return module


def test_every_sentence_is_provoked():
    known = json.loads((PROJECT / "tests/errors_provoked.json").read_text())
    assert [one.key for one in lists().sites() if one.key not in known] == []


def test_the_tests_named_are_there():
    known = json.loads((PROJECT / "tests/errors_provoked.json").read_text())
    for name in sorted(set(known.values())):
        path, _, function = name.partition("::")
        assert f"def {function}(" in (PROJECT / path).read_text(), name


def test_a_sentence_of_holes_takes_no_message_of_another_sentence():
    place = ("refusals.py", "refusal")
    full = [*place, "there is no space left for x (No space left on device): free some, or write elsewhere.", "full"]
    other = [*place, "IsADirectoryError: [Errno 21] Is a directory: 'x'", "other"]
    assert list(lists().provoked_by([full]).values()) == ["full"]
    assert lists().provoked_by([full, other])["refusals.py::refusal::<__name__>: <error>"] == "other"


@pytest.mark.full
def test_the_tests_named_provoke_their_sentences(tmp_path):
    known = json.loads((PROJECT / "tests/errors_provoked.json").read_text())
    command = [sys.executable, "-m", "pytest", "-q", "-p", "error_recorder", "--errors-to", tmp_path / "found.json"]
    subprocess.run(
        [*command, *sorted(set(known.values()))], cwd=PROJECT, env={**os.environ, "PYTHONPATH": "tests"}, timeout=TIME_LIMIT_S,
        capture_output=True, check=False,
    )  # fmt: skip
    found = lists().provoked_by(json.loads((tmp_path / "found.json").read_text()))
    assert [key for key in known if key not in found] == []

"""docs/reference/errors.md: the tests that it names provoke the sentences, and the list of those that none does only shrinks."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Sentences that no test provokes yet; the number may only fall. Many of them guard against damage that is hard to make.
NOT_PROVOKED = 125
TIME_LIMIT_S = 3600


def lists():
    spec = importlib.util.spec_from_file_location("list_errors", PROJECT / "tools/list_errors.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["list_errors"] = module
    spec.loader.exec_module(module)
    return module


def test_few_sentences_are_not_provoked():
    known = json.loads((PROJECT / "tests/errors_provoked.json").read_text())
    left = [site.key for site in lists().sites() if site.sentence and site.key not in known]
    assert len(left) <= NOT_PROVOKED, "\n".join(left)


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

"""docs/reference/errors.md: the tests that it names provoke the sentences, and the list of those that none does only shrinks."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Sentences (their beginnings, by module) that cannot be provoked in every place the tests run in, and why.
NOT_PROVOKED_HERE = {
    "engines/__init__.py::load_engine": "needs a place without the engine",
    "engines/tensorflow.py::load": "needs a place without a GPU, and one that asks for it with TensorFlow loaded",
    "engines/tensorflow.py::_predict": "needs a GPU whose memory one subsequence fills",
    "evaluation/profiles.py::_import_pyhmmer": "needs a place without pyhmmer",
    "prediction/track_files.py::require": "needs a place without pyBigWig",
    "files.py::require_file::<what> <path> cannot be read": "the superuser, who runs the tests in containers, can read all",
    "training/embeddings.py::_announce": "needs a disk that is nearly full",
    "tuning/learning_rates.py::choose_learning_rate": "needs training that diverges at every rate tried",
}
# Further sentences that no test provokes yet; the number may only fall.
NOT_PROVOKED = 18
TIME_LIMIT_S = 3600


def lists():
    spec = importlib.util.spec_from_file_location("list_errors", PROJECT / "tools/list_errors.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["list_errors"] = module
    spec.loader.exec_module(module)
    return module


def test_few_sentences_are_not_provoked():
    known = json.loads((PROJECT / "tests/errors_provoked.json").read_text())
    here = tuple(NOT_PROVOKED_HERE)
    left = [
        one.key for one in lists().sites() if one.sentence and one.key not in known and not one.key.startswith(here)
    ]
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

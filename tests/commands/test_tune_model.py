"""`helixtune tune-model` from outside: interruption, warnings and refusals (the modes: unit/test_tuning.py)."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from helixtune.model.weights import read_model_file
from helixtune.training.checkpoints import CheckpointFile
from training_rows import write_base_model, write_rows, write_sets

MODES = (
    ["--mode", "new-head", "--learning-rate", "try"],  # trials before tuning
    ["--mode", "new-head", "--freeze-until", "bidirectional"],
    ["--mode", "whole-network"],
    ["--mode", "continue-head"],
    ["--mode", "coverage-head", "--hidden-units", "4", "--learning-rate", "0.01"],
)
# Each attempt compiles anew: one mode of each kind here, all of them in the long test with real kills.
QUICK_MODES = (MODES[0], MODES[4])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    train, validation = write_sets(folder, tracks=1)
    return folder, write_base_model(folder / "base.h5", dropout2=0.3), train, validation


def words(files, folder, *more, epochs=3):
    """Return the words of a short tuning."""
    _, base, train, validation = files
    sets = ["--base-model", base, "--train", train, "--validation", validation, "--output", folder / "tuned.h5"]
    return ["tune-model", *sets, "--epochs", epochs, "--batch-size", "4", "--check-every-nth-batch", "2", *more]


class MachineReclaimed(BaseException):
    """Not an error of the program: nothing catches it, as nothing catches a kill."""


@pytest.mark.parametrize("mode", QUICK_MODES, ids=" ".join)
def test_interrupted_tuning_ends_as_undisturbed_one(run_cli, files, tmp_path, monkeypatch, mode):
    """The run dies after every twelfth save, and is started again in another folder each time."""
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    assert run_cli(*words(files, undisturbed, *mode, epochs=4))[0] == 0
    monkeypatch.setattr(CheckpointFile, "is_due", lambda self: True)
    saved, save = [], CheckpointFile.save

    def save_and_die(self, *state):
        save(self, *state)
        saved.append(self.path)
        if len(saved) % 12 == 0:
            raise MachineReclaimed

    monkeypatch.setattr(CheckpointFile, "save", save_and_die)
    attempts = 0
    while True:
        folder = tmp_path / f"attempt{attempts}"
        folder.mkdir()
        try:
            assert run_cli(*words(files, folder, *mode, "--checkpoint-dir", tmp_path / "checkpoints", epochs=4))[0] == 0
            break
        except MachineReclaimed:
            assert not list(folder.iterdir())
            attempts += 1
    assert attempts > 0
    for name in ("tuned.h5", "tuned.model_card.md"):
        assert (folder / name).read_bytes() == (undisturbed / name).read_bytes()
    assert not list((tmp_path / "checkpoints").iterdir())


@pytest.mark.full
@pytest.mark.parametrize("mode", MODES, ids=" ".join)
def test_task_killed_five_times_gives_the_same_model(files, tmp_path, mode):
    """SIGKILL at random moments of the process, each retry in a fresh folder: same model as undisturbed."""
    moments = random.Random(7)
    duration, model = run_task(files, tmp_path / "undisturbed", mode, None)
    kills, retry = 0, 0
    while True:
        limit = moments.uniform(0.3, 1.0) * duration if kills < 5 else None
        options = [*mode, "--checkpoint-dir", tmp_path / "checkpoints"]
        _, retried = run_task(files, tmp_path / f"retry{retry}", options, limit)
        retry += 1
        if retried is None:
            kills += 1
            continue
        if kills >= 5:
            break
    assert retried.read_bytes() == model.read_bytes()


def run_task(files, folder, options, limit_s):
    """Run the command as a process; returns its seconds and its model, None when it was killed."""
    folder.mkdir()
    command = [sys.executable, "-m", "helixtune", *words(files, folder, *options, epochs=40)]
    begun = time.monotonic()
    task = subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        code = task.wait(limit_s)
    except subprocess.TimeoutExpired:
        os.kill(task.pid, signal.SIGKILL)
        task.wait()
        return limit_s, None
    assert code == 0
    return time.monotonic() - begun, folder / "tuned.h5"


def test_learning_rate_is_chosen_by_trials_and_logged(run_cli, files, tmp_path):
    code, errors = run_cli(*words(files, tmp_path, "--mode", "new-head", "--learning-rate", "try"))
    assert code == 0
    log = (tmp_path / "tuned.training_log.tsv").read_text().splitlines()
    stages = list(dict.fromkeys(line.split("\t")[0] for line in log[1:]))
    assert stages == ["trial-0.001", "trial-0.005", "trial-0.02", "tune"]
    chosen = next(line.split("\t")[3] for line in log if line.startswith("tune\t"))  # before the schedule lowers it
    assert f"learning rate {chosen} chosen" in errors
    assert f'"learning_rate": {chosen}' in read_model_file(tmp_path / "tuned.h5").attributes["settings"]


def test_defaults_are_a_fixed_training_without_weights(run_cli, files, tmp_path):
    assert run_cli(*words(files, tmp_path, "--mode", "new-head"))[0] == 0
    settings = json.loads(read_model_file(tmp_path / "tuned.h5").attributes["settings"])
    assert settings["learning_rate"] == 0.005
    assert (settings["monitor"], settings["schedule"]) == ("last", "cosine")
    assert settings["weighting"] == {"class_weights": None, "transition_weights": None}
    lines = [line.split("\t") for line in (tmp_path / "tuned.training_log.tsv").read_text().splitlines()]
    assert [line[lines[0].index("best")] for line in lines[1:]][-1] == "yes"


def test_start_that_nothing_beats_is_warned_about(run_cli, files, tmp_path):
    more = ["--mode", "continue-head", "--learning-rate", "0.9", "--monitor", "loss", "--epochs", "1"]
    code, errors = run_cli(*words(files, tmp_path, *more))
    assert code == 0
    assert "WARNING Nothing beat the starting point" in errors
    assert "Nothing beat the starting point" in (tmp_path / "tuned.model_card.md").read_text()


def test_shared_rows_are_warned_about(run_cli, files, tmp_path):
    folder, base, train, _ = files
    same = (folder, base, train, train)
    code, errors = run_cli(*words(same, tmp_path, "--mode", "continue-head", "--learning-rate", "0.01", epochs=1))
    assert code == 0
    assert "12 of 12 validation rows are training rows too" in errors


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--mode", "continue-head", "--hidden-units", "3"], "--hidden-units: --mode continue-head keeps the head"),
        (["--mode", "new-head", "--freeze-until", "dense"], "--freeze-until dense: no such layer below the head"),
        (["--mode", "new-head", "--hidden-units", "-3"], "--hidden-units -3"),
        (["--mode", "new-head", "--coverage-norm", "log"], "--coverage-norm belongs to models that take RNA-seq"),
        (["--mode", "new-head", "--learning-rate", "0"], "--learning-rate 0.0"),
        (["--mode", "new-head", "--base-model", "nowhere.h5"], "nowhere.h5 does not exist"),
    ],
)
def test_refuses_in_one_sentence(run_cli, files, tmp_path, more, message):
    code, errors = run_cli(*words(files, tmp_path, *more))
    assert code == 1
    assert message in errors.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_empty_validation_set_is_refused(run_cli, files, tmp_path):
    folder, base, train, _ = files
    empty = write_rows(tmp_path / "empty.h5", [(0, 54)], 54, valid=[0])
    code, errors = run_cli(*words((folder, base, train, empty), tmp_path, "--mode", "new-head"))
    assert code == 1
    assert "The validation set" in errors
    assert not (tmp_path / "tuned.h5").exists()


def test_coverage_model_refuses_what_it_cannot_be_given(run_cli, files, tmp_path):
    folder, _, train, validation = files
    base = write_base_model(tmp_path / "base.h5", coverage_tracks=1, attributes={"coverage_norm": "linear"})
    given = (folder, base, train, validation)
    assert "use --mode continue-head" in run_cli(*words(given, tmp_path, "--mode", "new-head"))[1]
    options = ["--mode", "continue-head", "--coverage-norm", "log"]
    assert "was trained with linear" in run_cli(*words(given, tmp_path, *options))[1]
    bare, _ = write_sets(tmp_path)
    assert "rnaseq_coverage" in run_cli(*words((folder, base, bare, bare), tmp_path, "--mode", "coverage-head"))[1]


def test_other_bam_files_are_warned_about(run_cli, files, tmp_path):
    folder, _, train, validation = files
    attributes = {"coverage_norm": "log", "bam_files": ["leaf.bam"]}
    base = write_base_model(tmp_path / "base.h5", coverage_tracks=1, attributes=attributes)
    options = ["--mode", "continue-head", "--learning-rate", "0.01"]
    code, errors = run_cli(*words((folder, base, train, validation), tmp_path, *options, epochs=1))
    assert code == 0
    assert "trained with coverage of leaf.bam, these rows have sample0.bam" in errors

"""A tuning that is killed again and again: every retry runs in a fresh work folder, and the model is the same."""

import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from helixtune.files import sha256_of
from pipeline_runs import PROJECT, run_pipeline, write_samplesheet

KILLS = 5
GENOME = PROJECT / "tests" / "nextflow" / "data" / "genome.fa"
# enough epochs that no attempt reaches the end between two kills
OPTIONS = (
    "--subsequence_length", 7128, "--keep_fraction", 0.9, "--strata", 2, "--engine", "tensorflow", "--seed", 1,
    "--tune_modes", "whole-network", "--epochs", 60, "--patience", 60,
    "--base_model", PROJECT / "assets" / "models" / "demo_base.h5",
)  # fmt: skip


class Killer(threading.Thread):
    """Kills the tuning's process at random moments, each time after it has saved something new."""

    def __init__(self, folder: Path, saved: Path):
        super().__init__(daemon=True)
        self.folder, self.saved, self.killed, self.stopped = folder, saved, [], threading.Event()

    def run(self) -> None:
        moments, last = random.Random(1), 0.0
        while len(self.killed) < KILLS and not self.stopped.wait(0.1):
            saves = [path.stat().st_mtime for path in self.saved.rglob("*.npz")]
            running = [pid for pid in self._tunings() if pid not in self.killed]
            if running and max(saves, default=0) > last:
                time.sleep(moments.uniform(0, 1.5))
                os.kill(running[0], signal.SIGKILL)
                self.killed.append(running[0])
                last = max(path.stat().st_mtime for path in self.saved.rglob("*.npz"))

    def _tunings(self) -> list[int]:
        """Return the processes of this test's tuning: by their command and the folder they run in."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                if b"tune-model" in words and (process / "cwd").readlink().is_relative_to(self.folder):
                    found.append(int(process.name))
            except OSError:
                continue  # ended meanwhile
        return found


@pytest.mark.full
def test_five_kills_do_not_change_the_tuned_model(tmp_path):
    sheet = write_samplesheet(tmp_path, "id,species,fasta", f"tiny,Tiny,{GENOME}")
    undisturbed = run_pipeline(tmp_path, "--input", sheet, *OPTIONS)
    assert undisturbed.code == 0, undisturbed.text
    model = undisturbed.results / "tiny" / "model" / "tuned.h5"
    log = model.with_name("training_log.tsv").read_text()
    expected = sha256_of(model)
    model.unlink()

    (tmp_path / "retries.config").write_text(f"process.maxRetries = {KILLS + 1}\n")
    killer = Killer(tmp_path, tmp_path / "saved")
    killer.start()
    # the option alone makes a new task of the tuning; everything before it is taken from the first run
    words = ("--checkpoint_dir", tmp_path / "saved", "-resume", "-c", tmp_path / "retries.config")
    disturbed = run_pipeline(tmp_path, "--input", sheet, *OPTIONS, *words)
    killer.stopped.set()
    killer.join()

    assert disturbed.code == 0, disturbed.text
    attempts = [task for task in disturbed.tasks() if "TUNE_MODEL" in task["name"]]
    assert len(killer.killed) == KILLS
    assert [task["exit"] for task in attempts].count("137") == KILLS
    assert len({task["workdir"] for task in attempts}) == KILLS + 1
    assert sha256_of(model) == expected
    assert len(model.with_name("training_log.tsv").read_text().splitlines()) == len(log.splitlines())
    assert not any((tmp_path / "saved").rglob("*.npz"))  # a finished tuning leaves nothing behind

"""Faults in the middle of a run of the pipeline: what -resume ends with are the bytes of an undisturbed run."""

import fcntl
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from test_refusals import wait_for

from pipeline_runs import LAUNCHER, PROJECT, Run, run_pipeline, write_samplesheet

DATA = PROJECT / "tests" / "nextflow" / "data"
OPTIONS = (
    "--subsequence_length", 7128, "--keep_fraction", 0.9, "--strata", 2, "--engine", "tensorflow", "--epochs", 1,
    "--tune_modes", "new-head", "--base_model", PROJECT / "assets" / "models" / "demo_base.h5",
)  # fmt: skip
# Of these every byte has to be the same; tables of times aside.
COMPARED = ("*.gff3", "*.fa", "tuned.h5", "metrics.json", "comparison.tsv", "scores.tsv", "summary.json", "inputs.tsv")
SAME = "the run ends well, with the bytes of an undisturbed one (GFF3, FASTA, model, metrics)"


def outputs(folder: Path) -> dict[str, bytes]:
    """Return the results that have to be the same: {path: bytes}."""
    results = folder / "results"
    found = {path for pattern in COMPARED for path in results.rglob(pattern)}
    return {str(path.relative_to(results)): path.read_bytes() for path in sorted(found)}


def prepare(folder: Path) -> tuple:
    """Write the samplesheet; returns the options of the run."""
    return "--input", write_samplesheet(folder, "id,species,fasta", f"tiny,Tiny,{DATA / 'genome.fa'}"), *OPTIONS


def start(folder: Path, *options) -> subprocess.Popen:
    """Start a run in the background, in a process group of its own."""
    if not shutil.which("java"):
        pytest.skip("the pipeline's tests need java on PATH")
    quiet = {"NXF_OFFLINE": "true", "NXF_DISABLE_CHECK_LATEST": "true", "NXF_ANSI_LOG": "false"}
    command = [str(word) for word in (LAUNCHER, "run", PROJECT, "-ansi-log", "false", "--outdir", "results", *options)]
    with (folder / "run.txt").open("w") as text:
        return subprocess.Popen(
            command, cwd=folder, env=os.environ | quiet, stdout=text, stderr=subprocess.STDOUT, start_new_session=True
        )


def processes(folder: Path, *words: str) -> list[int]:
    """Return the processes below a folder whose command line has all words."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode(errors="replace")
            if all(word in line for word in words) and (process / "cwd").readlink().is_relative_to(folder):
                found.append(int(process.name))
        except OSError:
            continue  # ended meanwhile
    return found


def wait_for_process(folder: Path, *words: str, limit_s: float = 900) -> int:
    """Wait for a process below a folder."""
    wait_for(lambda: processes(folder, *words), limit_s)
    return processes(folder, *words)[0]


@pytest.fixture(scope="module")
def undisturbed_run(tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("undisturbed_run")
    run = run_pipeline(folder, *prepare(folder))
    assert run.code == 0, run.text
    assert len(outputs(folder)) > 10
    return run


@pytest.fixture(scope="module")
def resumed(tmp_path_factory, undisturbed_run) -> dict:
    """A run that lost a task to kill -9, a task with its whole process group, then itself; and was resumed."""
    folder = tmp_path_factory.mktemp("disturbed_run")
    options = prepare(folder)
    begun = start(folder, *options)
    os.kill(wait_for_process(folder, "predict-classes", "tiny.base"), signal.SIGKILL)
    lost = wait_for_process(folder, "select_confident", ".h5")
    for pid in processes(
        Path(f"/proc/{lost}/cwd").resolve(), ""
    ):  # the task's shell, its wrapper and what they started
        os.kill(pid, signal.SIGKILL)
    wait_for_process(folder, "tune-model", "new-head")
    head_text = (folder / "run.txt").read_text()
    os.killpg(begun.pid, signal.SIGKILL)  # Nextflow and its tasks, as when a machine goes down
    begun.wait()
    wait_for(lambda: not processes(folder, ""), 60)
    published = folder / "results" / "tiny" / "base" / "genes.gff3"
    published.write_bytes(published.read_bytes()[:1000])  # as if it had been killed while it copied that file
    run = run_pipeline(folder, *options, "-resume")
    return {"run": run, "text": head_text, "folder": folder, "expected": outputs(undisturbed_run.folder)}


@pytest.mark.full
def test_killed_task_is_tried_again(resumed, reliability):
    assert "PREDICT_CLASSES (tiny base 1/1)' terminated" in resumed["text"] or "Re-submitted" in resumed["text"]
    assert resumed["run"].code == 0, resumed["run"].text
    assert outputs(resumed["folder"]) == resumed["expected"]
    reliability("faults", "pipeline: kill -9 of a prediction's task", SAME, "tried again; same bytes")


@pytest.mark.full
def test_lost_worker_is_replaced(resumed, reliability):
    assert resumed["text"].count("Re-submitted") >= 2
    assert outputs(resumed["folder"]) == resumed["expected"]
    what = "pipeline: all processes of a task vanish at once (as with a lost machine; exit status 137)"
    reliability("faults", what, SAME, "tried again; same bytes")


@pytest.mark.full
def test_killed_head_is_resumed(resumed, reliability):
    assert "cached" in resumed["run"].text.lower()
    assert {task["status"] for task in resumed["run"].tasks()} == {"CACHED", "COMPLETED"}
    assert outputs(resumed["folder"]) == resumed["expected"]
    assert not (resumed["run"].results / ".helixtune.lock").exists()
    reliability(
        "faults", "pipeline: kill -9 of Nextflow itself while a model is tuned, then -resume", SAME, "same bytes"
    )


@pytest.mark.full
def test_half_copied_result_is_copied_again(resumed, reliability):
    """-resume left files alone that it found in the results, whole or not, and gave them a checksum."""
    name = "tiny/base/genes.gff3"
    assert outputs(resumed["folder"])[name] == resumed["expected"][name]
    checked = subprocess.run(
        ["sha256sum", "--quiet", "-c", "pipeline_info/checksums.sha256"], cwd=resumed["run"].results, check=False
    )
    assert checked.returncode == 0
    what = "pipeline: a result that was half copied when Nextflow was killed, then -resume"
    reliability("faults", what, "copied again, whole", "same bytes, and they fit their checksums")


@pytest.mark.full
def test_damaged_file_of_a_finished_task_is_found(undisturbed_run, reliability):
    folder, expected = undisturbed_run.folder, outputs(undisturbed_run.folder)
    [genome] = (path for path in (folder / "work").rglob("tiny.genome.h5") if not path.is_symlink())
    data = genome.read_bytes()
    genome.write_bytes(data[: len(data) // 2])
    options = prepare(folder)
    run = run_pipeline(folder, *options, "-resume")
    assert run.code == 1
    assert "tiny.genome.h5" in run.text.splitlines()[-1] or "helixtune: stopped. helixtune" in run.text
    shutil.rmtree(genome.parent)
    again = run_pipeline(folder, *options, "-resume")
    assert again.code == 0, again.text
    assert outputs(folder) == expected
    what = "pipeline: genome.h5 in the work folder is cut in half, then -resume"
    promised = "the stage that reads it stops with one sentence; without the damaged folder, same bytes"
    reliability("faults", what, promised, "exit 1, then same bytes")


@pytest.mark.full
def test_two_runs_into_one_folder(tmp_path, reliability):
    lock = tmp_path / "results" / ".helixtune.lock"
    lock.parent.mkdir()
    with lock.open("w") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)  # as another run holds it
        run = run_pipeline(tmp_path, *prepare(tmp_path), "-stub-run")
        assert run.code == 1
        assert "helixtune: another run is writing to" in run.text
        assert "wait until it ends, or give another --outdir" in run.text
        assert not run.tasks()
    promised = "the second one stops before any work, with one sentence"
    reliability("faults", "pipeline: two runs into one results folder", promised, "exit 1; no task")

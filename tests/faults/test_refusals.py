"""What the machine refuses - space, rights, memory - and its signals: one sentence, no traceback, nothing half-written."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_killed_commands import FAULTY, disturbed

from fault_commands import VERBS, contents, copy_inputs, run_undisturbed
from helixtune.refusals import refusal

NO_SPACE = (
    "encode-genome", "call-genes", "gather-shards", "score-shard", "simulate-species", "add-coverage", "select-confident",
    "split-subsequences",
)  # fmt: skip
NO_SPACE_SLOW = ("predict-classes", "tune-model --mode new-head")
NO_RIGHTS = ("encode-genome", "call-genes", "simulate-species", "evaluate-genes", "choose-candidate")


def require_one_sentence(ended: subprocess.CompletedProcess, *words: str) -> str:
    """Check that a command ended with exit code 1 and said why; returns what it said last."""
    last = ended.stderr.strip().splitlines()[-1]
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert last.startswith("helixtune ")
    assert any(word in last for word in words), last
    return last


@pytest.mark.parametrize("name", [*NO_SPACE, *(pytest.param(name, marks=pytest.mark.full) for name in NO_SPACE_SLOW)])
def test_full_disk(name, undisturbed, expected_of, tmp_path, reliability):
    verb, expected = VERBS[name], expected_of(VERBS[name])
    copy_inputs(verb, undisturbed, tmp_path)
    before = set(tmp_path.rglob("*"))
    size = max(len(data) for data in expected.values())
    ended = disturbed("disk-full-at", size // 2, verb, tmp_path)
    require_one_sentence(ended, "there is no space left for")
    left = {path for path in set(tmp_path.rglob("*")) - before if path.is_file()}
    assert not [path for path in left if path.name.startswith(".")]
    assert {path.relative_to(tmp_path).as_posix() for path in left} <= set(expected)
    assert contents(tmp_path, verb).items() <= expected.items()
    run_undisturbed(verb, tmp_path)
    assert contents(tmp_path, verb) == expected
    reliability(
        "faults",
        f"{name}: no file may grow beyond half of its largest output (as on a full disk)",
        "one sentence; nothing half-written; with space the same bytes",
        "exit 1: there is no space left for …",
    )


def in_own_mounts(mounts: str, command: list[str], folder: Path) -> subprocess.CompletedProcess:
    """Run a command where mounts of its own can be made; the test is skipped, loudly, where that is not allowed."""
    if not shutil.which("unshare"):
        pytest.skip("unshare (util-linux) is not on PATH: no file system of the test's own")
    script = f'{mounts} || exit 77; exec "$@"'
    words = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", *command]
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if ended.returncode == 77 or "unshare" in ended.stderr:
        pytest.skip(f"no mounts allowed here: {ended.stderr.strip()}")
    return ended


def test_full_file_system(undisturbed, tmp_path, reliability):
    verb = VERBS["encode-genome"]
    copy_inputs(verb, undisturbed, tmp_path)
    small = tmp_path / "small"
    small.mkdir()
    argv = [word.replace("genome.h5", "small/genome.h5") if word == "genome.h5" else word for word in verb.argv()]
    command = [sys.executable, str(FAULTY), "none", "0", *argv]
    script = f"mount -t tmpfs -o size=64k none '{small}'"
    listing = ["sh", "-c", '"$@"; code=$?; ls -A small >&2; exit $code', "sh"]
    ended = in_own_mounts(script, [*listing, *command], tmp_path)
    assert ended.returncode == 1
    assert "there is no space left for" in ended.stderr.strip().splitlines()[-1]  # and ls names no file after it
    assert "No space left on device" in ended.stderr
    reliability(
        "faults",
        "encode-genome: output on a tmpfs of 64 KiB",
        "one sentence; nothing left on it",
        "exit 1: there is no space left for … (No space left on device); the file system is empty",
    )


@pytest.mark.parametrize("name", NO_RIGHTS)
def test_read_only_output_folder(name, undisturbed, tmp_path, reliability):
    verb = VERBS[name]
    copy_inputs(verb, undisturbed, tmp_path)
    command = [sys.executable, str(FAULTY), "none", "0", *verb.argv()]
    mounts = f"mount --bind '{tmp_path}' '{tmp_path}' && mount -o remount,ro,bind '{tmp_path}' && cd '{tmp_path}'"
    ended = in_own_mounts(mounts, command, tmp_path)
    require_one_sentence(ended, "Read-only file system")
    assert not contents(tmp_path, verb)
    reliability(
        "faults", f"{name}: the output folder is read-only", "one sentence", "exit 1: … Read-only file system …"
    )


def test_memory_limit(undisturbed, tmp_path, reliability):
    copy_inputs(VERBS["encode-genome"], undisturbed, tmp_path)
    words = "encode-genome --fasta species/genome.fa --species Tiny --subsequence-length 100000000 --output huge.h5"
    command = [sys.executable, FAULTY, "memory", "300", *words.split()]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    require_one_sentence(ended, "memory ran out")
    assert not list(tmp_path.glob("*huge*"))
    reliability(
        "faults",
        "encode-genome: rows of 100 Mb and 300 MiB of memory (ulimit -v)",
        "one sentence; nothing left behind",
        "exit 1: memory ran out …",
    )


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ImportError("/x/lib.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
        OSError(12, "Cannot allocate memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_way_to_run_out_of_memory_is_told_as_that(error):
    assert refusal(error).startswith("memory ran out")


def test_a_defect_is_no_refusal_of_the_machine():
    assert refusal(RuntimeError("index out of range")) is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_signal_that_asks_to_stop(number, tmp_path, reliability):
    words = "simulate-species --preset demo-same --seed 1 --size-mb 200 --output-dir species"
    command = [sys.executable, FAULTY, "none", "0", *words.split()]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as started:
        wait_for(lambda: (tmp_path / "species").is_dir() or started.poll() is not None or reads_libraries(started.pid))
        started.send_signal(number)
        said = started.communicate(timeout=120)[1]
    assert started.returncode == 128 + number
    assert said.strip().splitlines()[-1] == (
        f"helixtune simulate-species: stopped by {number.name}: nothing half-written is left, start it again."
    )
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    reliability(
        "faults",
        f"simulate-species: {number.name} while it computes",
        f"one sentence, exit {128 + number} (which the pipeline tries again), no file left",
        f"exit {128 + number}: stopped by {number.name} …; no file",
    )


def reads_libraries(pid: int) -> bool:
    """Tell whether a process has loaded numpy's random numbers: it is at work then."""
    return "_generator" in Path(f"/proc/{pid}/maps").read_text()


def wait_for(condition, limit_s: float = 60) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX only")
def test_a_stuck_command_still_obeys_sigterm(tmp_path, reliability):
    """A main thread that never comes back from a library hears no signal; it once could not be stopped but by kill -9."""
    script = (
        "import helixtune.refusals as r; r.GRACE_S = 0.2\n"
        "with r.stoppable():\n"
        "    try:\n"
        "        print('ready', flush=True)\n"
        "        while True:\n"
        "            sum(range(10_000_000))\n"
        "    except BaseException:\n"  # wherever the signal is heard, the thread goes on
        "        while True:\n"
        "            sum(range(10_000_000))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout.readline() == "ready\n"
        started.terminate()
        assert started.wait(timeout=60) == 128 + signal.SIGTERM
    reliability(
        "faults",
        "SIGTERM to a process whose main thread does not react",
        "it ends by itself after a grace of 10 s",
        "exit 143",
    )

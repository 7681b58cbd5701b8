"""Every command that writes, ended in the middle: nothing half-written has an output's name; a second run gives the same bytes."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fault_commands import VERBS, contents, copy_inputs, run_undisturbed

FAULTY = Path(__file__).with_name("faulty.py")
WRITING = [name for name in VERBS if not name.endswith("2/2")]
# Commands whose largest outputs are second names of their inputs: bytes of the largest file that they do write.
WRITES = {"choose-candidate": 60}
PROMISED = "outputs absent or whole; the same command again gives the same bytes"


def marked(names: list[str]) -> list:
    """Return the names as parameters; those that start TensorFlow are long checks."""
    return [pytest.param(name, marks=[pytest.mark.full] if VERBS[name].slow else []) for name in names]


def disturbed(fault: str, value: int, verb, folder: Path) -> subprocess.CompletedProcess:
    """Run a command in a process of its own, to which something happens."""
    command = [sys.executable, FAULTY, fault, str(value), *verb.argv()]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def require_whole(folder: Path, verb, expected: dict[str, bytes]) -> int:
    """Check that every output is absent or complete; returns how many are there."""
    found = contents(folder, verb)
    assert {name: expected[name] == data for name, data in found.items()} == dict.fromkeys(found, True)
    return len(found)


@pytest.mark.parametrize("name", marked(WRITING))
def test_killed_at_a_byte_of_its_output(name, undisturbed, expected_of, tmp_path, reliability):
    verb, expected = VERBS[name], expected_of(VERBS[name])
    copy_inputs(verb, undisturbed, tmp_path)
    largest = WRITES.get(name, max(len(data) for data in expected.values()))
    byte = random.Random(name).randrange(1, largest)
    ended = disturbed("killed-at-byte", byte, verb, tmp_path)
    assert ended.returncode == -signal.SIGXFSZ, ended.stderr
    assert require_whole(tmp_path, verb, expected) < len(expected)
    assert any(tmp_path.rglob(".*"))  # what was being written, under a hidden name
    run_undisturbed(verb, tmp_path)
    assert contents(tmp_path, verb) == expected
    reliability(
        "faults", f"{name}: ended by the kernel in the middle of a write", PROMISED, "absent or whole; same bytes"
    )


@pytest.mark.parametrize("name", marked([name for name in WRITING if name != "choose-candidate"]))
def test_kill_9_before_the_last_output_has_its_name(name, undisturbed, expected_of, tmp_path, reliability):
    verb, expected = VERBS[name], expected_of(VERBS[name])
    copy_inputs(verb, undisturbed, tmp_path)
    ended = disturbed("killed-at-rename", len(expected), verb, tmp_path)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert require_whole(tmp_path, verb, expected) == len(expected) - 1
    run_undisturbed(verb, tmp_path)
    assert contents(tmp_path, verb) == expected
    what = "kill -9 when all is written but the last output has not got its name"
    reliability("faults", f"{name}: {what}", PROMISED, f"{len(expected) - 1} outputs whole, 1 absent; same bytes")


def test_kill_9_of_choose_candidate_leaves_whole_folders_which_it_does_not_write_into(
    undisturbed, expected_of, tmp_path, reliability
):
    verb = VERBS["choose-candidate"]
    expected = expected_of(verb)
    copy_inputs(verb, undisturbed, tmp_path)
    ended = disturbed("killed-at-rename", 4, verb, tmp_path)  # a table in the results, report, results, choice
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert contents(tmp_path, verb) == {name: data for name, data in expected.items() if name != "choice.json"}
    again = disturbed("none", 0, verb, tmp_path)
    assert again.returncode == 1
    assert "give a new folder" in again.stderr
    reliability(
        "faults",
        "choose-candidate: kill -9 when its folders have their names but choice.json has not",
        "folders whole, or absent; a second run refuses to mix old and new",
        "whole; exit 1 with one sentence",
    )

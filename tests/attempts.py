"""Trying one hostile input on a command: what must hold whatever the input is, and what the row of the table says.

Every attempt runs the command as the console script does (`helixtune.cli.main`), in a folder of its own, under a limit on
memory and one on processor time. An input is never changed; a refusal is one sentence and leaves nothing behind.
"""

import resource
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helixtune.cli import main

# Above what the process has mapped already; a block of rows (256 MiB) and its copies stay well below.
MEMORY_BYTES = 2 * 1024**3
# Any of the small inputs takes milliseconds; imports of a first command take seconds.
CPU_SECONDS = 30
LONGEST_SENTENCE = 1500


@dataclass(frozen=True)
class Case:
    """One hostile input.

    Attributes:
        make: writes the file at a path.
        sentence: part of the sentence that refuses it; empty where it must give the right result.
        right: checks the output, given its path; for inputs that are read.
        result: the right result, in words.
    """

    make: Callable[[Path], object]
    sentence: str = ""
    right: Callable[[Path], object] | None = None
    result: str = ""

    @property
    def promised(self) -> str:
        """What the page promises."""
        return f"exit 1: … {self.sentence} …" if self.sentence else self.result


@dataclass(frozen=True)
class Attempt:
    """What a command did: exit code and standard error."""

    code: int
    message: str

    @property
    def errors(self) -> list[str]:
        """Lines that are errors (those of warnings and progress begin otherwise)."""
        return [line for line in self.message.splitlines() if line.startswith("helixtune ")]


@contextmanager
def bounded_memory(extra_bytes: int = MEMORY_BYTES):
    """Limit the address space of this process to what it has and `extra_bytes`."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (mapped + extra_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def attempt(capsys, words: list) -> Attempt:
    """Run `helixtune WORDS` in this process, in bounded memory and time; no exception may come out of it."""
    begun = time.process_time()
    with bounded_memory():
        code = main([str(word) for word in words])
    spent = time.process_time() - begun
    assert spent < CPU_SECONDS, f"took {spent:.0f} s of processor time"
    return Attempt(code, capsys.readouterr().err)


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of every file below a folder, hidden ones too."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if not path.is_dir()
    }


def require_refused(tried: Attempt, sentence: str) -> str:
    """Check a refusal; returns its sentence."""
    assert tried.code == 1, tried.message
    assert len(tried.errors) == 1, tried.message
    (line,) = tried.errors
    assert sentence in line
    assert "Traceback" not in tried.message
    assert "MemoryError" not in line
    assert "memory ran out" not in line
    assert len(line) < LONGEST_SENTENCE, f"{len(line)} characters are no sentence"
    return line.split(": ", 1)[1]


class Table:
    """Runs the rows of one table in a folder with `in/` (what is given) and `out/` (where all is written)."""

    def __init__(self, folder: Path, capsys, monkeypatch):
        self.inputs, self.outputs = folder / "in", folder / "out"
        self.inputs.mkdir()
        self.outputs.mkdir()
        self._capsys = capsys
        monkeypatch.chdir(self.outputs)

    def check(self, case: Case, name: str, words: Callable[[Path, Path], list], output: str = "o") -> str:
        """Make the input, run the command, check what the row promises; returns what came out, in words."""
        given, made = self.inputs / name, self.outputs / output
        case.make(given)
        before = contents(self.inputs)
        tried = attempt(self._capsys, words(given, made))
        assert contents(self.inputs) == before, "an input was changed"
        if case.sentence:
            require_refused(tried, case.sentence)
            assert contents(self.outputs) == {}, "something was left behind"
            return "so; nothing left behind"
        assert tried.code == 0, tried.message
        assert not [left for left in contents(self.outputs) if ".partial" in left]
        case.right(made)
        return "so; exit 0"

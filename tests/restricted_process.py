"""Run a command as somebody without rights, or with little room: `python restricted_process.py nobody|little-room WORD …`.

A process of its own, because a process's rights and limits are those of all that runs in it: the tests' own output, for one.
"""

import os
import resource
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from error_recorder import TARGET, Recorder
from helixtune.cli import main

NOBODY = 65534


@contextmanager
def nobody():
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@contextmanager
def little_room():
    """Let no file grow beyond 1000 bytes; the system then says "File too large" in place of "No space left"."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def run_once_without():
    """Import and compile now what a command needs: it may lie where nobody can read it, or be written to a cache."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.fa"
        path.write_text(">a\nACGT\n")
        words = ["--species", "x", "--fasta", str(path), "--output", f"{folder}/x.h5", "--quiet"]
        assert main(["encode-genome", *words]) == 0


if __name__ == "__main__":
    run_once_without()
    recorder = Recorder(os.environ.get("PYTEST_CURRENT_TEST", "").split("[")[0].split(" ")[0])
    recorder.listen()
    with {"nobody": nobody, "little-room": little_room}[sys.argv[1]]():
        code = main(sys.argv[2:])
    if TARGET in os.environ:
        recorder.add_to(os.environ[TARGET])
    sys.exit(code)

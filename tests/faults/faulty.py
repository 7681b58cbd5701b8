"""Runs `helixtune` in a process to which something happens: python faulty.py FAULT VALUE verb --option ...

killed-at-byte N    the kernel ends the process at the moment in which a file of it passes N bytes: no clean-up can run
killed-at-rename N  kill -9 just before the Nth output takes its final name: all of it is written
disk-full-at N      no file grows beyond N bytes, as on a full disk (the system says "File too large" in place of "No space left")
memory MIB          the process may have that much more address space than it has when the command begins
none 0              nothing happens
"""

import importlib
import os
import resource
import signal
import sys
from pathlib import Path


def limit(kind: int, value: int) -> None:
    """Lower the soft limit of this process."""
    resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


def kill_at_rename(number: int) -> None:
    """Count the hidden files of `atomic_output` that get their names."""
    seen = 0

    def hook(event: str, arguments: tuple) -> None:
        nonlocal seen
        if event == "os.rename" and "/.partial-" in f"/{arguments[0]}":
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def address_space() -> int:
    """Return the bytes of address space in use."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def prepare(fault: str, value: int) -> None:
    """Let the fault wait for its moment."""
    if fault == "killed-at-byte":
        limit(resource.RLIMIT_CORE, 0)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and gets an error instead
        limit(resource.RLIMIT_FSIZE, value)
    elif fault == "disk-full-at":
        limit(resource.RLIMIT_FSIZE, value)
    elif fault == "killed-at-rename":
        kill_at_rename(value)
    elif fault == "memory":
        for library in ("h5py", "numba", "scipy.special", "sklearn.cluster"):  # their own start is not what is tried
            importlib.import_module(library)
        limit(resource.RLIMIT_AS, address_space() + value * 1024**2)


if __name__ == "__main__":
    from helixtune.cli import main

    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background has it ignored
    prepare(sys.argv[1], int(sys.argv[2]))
    sys.exit(main(sys.argv[3:]))

"""How many threads a command may use."""

import os

from helixtune.errors import ParameterError


def available_threads(requested: int | None = None) -> int:
    """Return `requested`, or the number of CPUs that this process may run on (Slurm may allow fewer than exist)."""
    if requested is not None:
        if requested < 1:
            raise ParameterError(f"--threads {requested}: at least one thread is needed.")
        return requested
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)

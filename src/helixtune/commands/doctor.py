"""Say what this machine can run: engines, GPU, threads, Nextflow, container runtimes; and what is missing."""

import argparse
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from helixtune import __version__
from helixtune.threads import available_threads

HELP = "what this machine can run"
CONTAINER_RUNTIMES = ("docker", "podman", "singularity", "apptainer", "ch-run")
VERSION_TIMEOUT_S = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options: none of its own."""


def run(args: argparse.Namespace) -> dict:
    """Print the findings, and what they mean."""
    findings = examine()
    findings["can run"] = conclusions(findings)
    if not args.json:
        for name, value in findings.items():
            lines = value if isinstance(value, list) else [value]
            for i, line in enumerate(lines):
                sys.stdout.write(f"{name + ':' if i == 0 else '':22} {line}\n")
    return findings


def conclusions(findings: dict) -> list[str]:
    """Say of each kind of work whether it can run here, and what it lacks."""
    absent = "not "
    engines = [name for name in ("tensorflow", "openvino") if not findings[f"engine {name}"].startswith(absent)]
    runtimes = [name for name in CONTAINER_RUNTIMES if not findings[f"runtime {name}"].startswith(absent)]
    lacking = [name for name in ("nextflow", "java") if findings[name].startswith(absent)]
    return [
        "encode, call, select, evaluate, report: yes",
        f"predict: {'yes, with ' + ' or '.join(engines) if engines else 'no, an engine is missing'}",
        f"train, tune: {'yes' if 'tensorflow' in engines else 'no, TensorFlow is missing'}",
        f"the pipeline without containers: {'no, missing: ' + ', '.join(lacking) if lacking else 'yes'}",
        "the pipeline in containers: "
        + (
            f"no, missing: {', '.join(lacking)}"
            if lacking
            else f"yes, with {' or '.join(runtimes)}"
            if runtimes
            else "no runtime found"
        ),
    ]


def examine() -> dict[str, str]:
    """Return one sentence a topic."""
    return {
        "helixtune": __version__,
        "python": sys.version.split()[0],
        "threads": str(available_threads()),
        "memory": memory_state(),
        "CPU bfloat16": "yes" if cpu_has("avx512_bf16", "amx_bf16") else "no (OpenVINO runs in float32)",
        "engine tensorflow": tensorflow_state(),
        "engine openvino": package_state("openvino"),
        "bigWig (pyBigWig)": package_state("pyBigWig"),
        "GPU": gpu_state(),
        "nextflow": program_state("nextflow", "-v"),
        "java": program_state("java", "-version"),
        "nf-test": program_state("nf-test", "version"),
        **{f"runtime {name}": program_state(name, "--version") for name in CONTAINER_RUNTIMES},
    }


def distribution_version(name: str) -> str | None:
    """Return the version of an installed distribution, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def package_state(name: str) -> str:
    """Return the version of a package without importing it."""
    return distribution_version(name) or "not installed"


def memory_state() -> str:
    """Return the machine's memory, from /proc/meminfo."""
    try:
        words = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        total, free = (int(words[name].split()[0]) / 1024**2 for name in ("MemTotal", "MemAvailable"))
    except (OSError, KeyError, ValueError):
        return "unknown"
    return f"{total:.1f} GiB, {free:.1f} GiB free"


def tensorflow_state() -> str:
    """TensorFlow comes from one of two packages."""
    if importlib.util.find_spec("tensorflow") is None:
        return "not installed (pip install 'helixtune[model]')"
    return next(
        (f"{name} {version}" for name in ("tensorflow", "tensorflow-cpu") if (version := distribution_version(name))),
        "installed",
    )


def cpu_has(*flags: str) -> bool:
    """Tell whether /proc/cpuinfo lists any of the flags (False where there is no such file)."""
    try:
        with Path("/proc/cpuinfo").open() as file:
            words = set(next((line for line in file if line.startswith("flags")), "").split())
    except OSError:
        return False
    return bool(words & set(flags))


def gpu_state() -> str:
    """Ask the driver, which answers at once; TensorFlow would take seconds."""
    if shutil.which("nvidia-smi") is None:
        return "none found (nvidia-smi is not on PATH)"
    return first_line(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"])


def program_state(name: str, *version_option: str) -> str:
    """Return the first line that a program says of its version."""
    return first_line([name, *version_option]) if shutil.which(name) else "not on PATH"


def first_line(command: list[str]) -> str:
    """Run a command and return the first line of what it prints."""
    environment = {**os.environ, "NXF_OFFLINE": "true", "NXF_DISABLE_CHECK_LATEST": "true"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=VERSION_TIMEOUT_S, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not answer ({type(error).__name__})"
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[0] if lines else f"exit code {done.returncode}"

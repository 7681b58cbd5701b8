"""Nextflow for tests: each start costs about 8 s on two cores, so runs are shared by the tests that look at them."""

import csv
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
MULTIQC = ("verdicts", "changes", "loss", "confidence")
LAUNCHER = PROJECT / "tools" / "nextflow"
# Most of a short run is Java compiling Nextflow: with its quick compiler alone, a start takes 0.4 of the CPU time.
QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
OFFLINE = {
    "NXF_OFFLINE": "true",
    "NXF_DISABLE_CHECK_LATEST": "true",
    "NXF_ANSI_LOG": "false",
}


def nextflow_environment() -> dict[str, str]:
    """Return the environment of this moment, with what keeps Nextflow quick and offline."""
    return {"NXF_OPTS": QUICK_JAVA} | os.environ | OFFLINE


@cache
def configuration(profiles: str) -> dict[str, str]:
    """Return `nextflow config -flat` as {name: value}; a value of several lines keeps its first, maps are told key by key.

    Nextflow 26 looks for a cloud's plugin even here: without it, skipped.
    """
    done = subprocess.run(
        [LAUNCHER, "config", PROJECT, "-flat", "-profile", profiles],
        env=nextflow_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if "not found in any repository" in done.stdout:
        warnings.warn(f"NOT TESTED: profiles {profiles}: {done.stdout.strip()}", stacklevel=2)
        pytest.skip("this Nextflow reads no cloud's settings without its plugin")
    assert done.returncode == 0, done.stdout
    found = dict(line.split(" = ", 1) for line in done.stdout.splitlines() if " = " in line)
    # Nextflow 25 writes a map in one: [cpus:2, memory:'6 GB']
    of_maps = {
        f"{name}.{key}": v for name, text in found.items() for key, v in re.findall(r"[\[ ](\w+):('[^']*'|\w+)", text)
    }
    return of_maps | found


@dataclass(frozen=True)
class Run:
    """One finished run of the pipeline.

    Attributes:
        code: exit code.
        text: standard output and error.
        folder: the folder that it was started in; results are in `folder / "results"`.
        peak_mib: memory of the largest process: Nextflow's own, when tasks are stubs.
    """

    code: int
    text: str
    folder: Path
    peak_mib: float

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def tree(self) -> set[str]:
        """Return the paths of all published files."""
        return {str(path.relative_to(self.results)) for path in self.results.rglob("*") if path.is_file()}

    def tasks(self) -> list[dict[str, str]]:
        """Return the lines of Nextflow's trace."""
        with (self.results / "pipeline_info" / "trace.tsv").open(newline="") as lines:
            return list(csv.DictReader(lines, delimiter="\t"))


def run_pipeline(folder: Path, *options, limit_s: float = 900, project: Path = PROJECT) -> Run:
    """Run the pipeline of this checkout (or of `project`) in `folder`; after `limit_s` seconds it is killed."""
    if not shutil.which("java"):
        pytest.skip("the pipeline's tests need java on PATH")
    command = [LAUNCHER, "run", project, "-ansi-log", "false", "--outdir", "results", *options]
    with tempfile.TemporaryFile("w+") as text:
        started = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=nextflow_environment(),
            stdout=text,
            stderr=subprocess.STDOUT,
        )
        limit = threading.Timer(limit_s, started.kill)
        limit.start()
        _, status, used = os.wait4(started.pid, 0)  # tells the memory too
        limit.cancel()
        text.seek(0)
        return Run(os.waitstatus_to_exitcode(status), text.read(), folder, used.ru_maxrss / 1024)


def declared_outputs(*conditions: str) -> list[str]:
    """Return the paths of assets/outputs.json that are there under one of the conditions."""
    outputs = json.loads((PROJECT / "assets" / "outputs.json").read_text())
    paths = [output["path"] for output in outputs if output["when"] in conditions]
    tables = [path.replace("<table>", f"helixtune_{name}") for path in paths if "<table>" in path for name in MULTIQC]
    return [path for path in paths if "<table>" not in path] + tables


def expected_tree(tuned_ids: set[str], untuned_ids: set[str], learnt: tuple[str, ...] = ()) -> set[str]:
    """Return the paths that assets/outputs.json promises for one round with one candidate on these genomes.

    Args:
        tuned_ids, untuned_ids: genomes with a tuned model, and without.
        learnt: conditions of tuned genomes that signals were learnt of.
    """
    always, tuned = declared_outputs("always", "signals"), declared_outputs("always", "signals", "tuned", *learnt)
    paths = {path.replace("<id>", genome) for genome in tuned_ids for path in tuned}
    return paths | {path.replace("<id>", genome) for genome in untuned_ids for path in always}


def write_samplesheet(folder: Path, header: str, *lines: str) -> Path:
    """Write `samplesheet.csv`; paths in it are relative to `folder`."""
    path = folder / "samplesheet.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path

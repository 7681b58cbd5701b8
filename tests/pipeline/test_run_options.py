"""What the pipeline hands to a container engine: images, users and GPUs, seen by an engine that writes its command line down.

The engine here is a script which runs the task on this machine; real engines run in tests/containers.
"""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from pipeline_runs import PROJECT, run_pipeline, write_samplesheet

ENGINE = f"""#!/bin/bash
export PYTHONPATH={PROJECT}/src
"""
ENGINE += """[[ "$1" == run || "$1" == exec ]] || exit 0
echo "${*//$'\\n'/ }" >> "${0%/*}/../commands"
while (($#)) && [[ $1 != /bin/bash ]]; do shift; done
exec "$@"
"""
USER = f"-u {os.getuid()}:{os.getgid()}"

# engine -> what its command line holds for every task, and for tasks with a GPU
ENGINES = {
    "docker": (USER, "--gpus all"),
    "podman": (USER, "--device nvidia.com/gpu=all"),
    "singularity": ("exec", "--nv"),
    "apptainer": ("exec", "--nv"),
}
GPU_TASKS = 3  # base prediction, tuning, tuned prediction


def seen_commands(folder, monkeypatch, engine: str, profiles: str, *options) -> list[str]:
    """Run the stubs with a recording engine; return the command line of every task."""
    tools = folder / "tools"
    tools.mkdir()
    (tools / engine).write_text(ENGINE)
    (tools / engine).chmod(0o755)
    # tasks of a container have the image's tools, here those of the tests
    monkeypatch.setenv("PATH", f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}")
    for name in ("genome.fa", "model.h5"):
        (folder / name).write_text("x\n")
    sheet = write_samplesheet(folder, "id,species,fasta", "plain,Species one,genome.fa")
    inputs = ("--input", sheet, "--base_model", folder / "model.h5")
    run = run_pipeline(folder, "-stub-run", *inputs, "-profile", profiles, *options)
    assert run.code == 0, run.text
    return (folder / "commands").read_text().splitlines()


@pytest.mark.full
@pytest.mark.parametrize("engine", ENGINES)
def test_tasks_get_their_image_and_gpu(tmp_path, monkeypatch, engine):
    always, gpu = ENGINES[engine]
    options = []
    if engine in ("singularity", "apptainer"):
        images = tmp_path / "images"
        images.mkdir()
        for name in ("data-0.1.0", "model-0.1.0-gpu"):
            (images / f"helixtune-{name}.sif").touch()
        options = ["--container_dir", "images"]  # relative to the folder of the run
    commands = seen_commands(tmp_path, monkeypatch, engine, f"gpu,{engine}", *options)
    assert all(always in command for command in commands)
    with_gpu = Counter(gpu in command for command in commands)
    assert with_gpu[True] == GPU_TASKS
    for command in commands:
        name = "model" if gpu in command else "data"
        file, tag = f"{tmp_path}/images/helixtune-{name}-0.1.0", f"ghcr.io/helixtune/helixtune/{name}:0.1.0"
        suffix = "-gpu" if gpu in command else ""
        assert f" {file}{suffix}.sif " in command if options else f" {tag}{suffix} " in command

"""The same genes under every container engine of this machine as without one, and images that need no root and no writing.

Needs images: `make containers`, or a folder with their files in HELIXTUNE_CONTAINER_DIR. HELIXTUNE_TEST_CONFIG names a Nextflow
configuration with what this machine needs (another OCI runtime, say). Engines that are not there are skipped, loudly.
"""

import hashlib
import os
import shutil
import subprocess
import warnings
from pathlib import Path

import pytest

from pipeline_runs import PROJECT, Run, run_pipeline

pytestmark = pytest.mark.full

IMAGES = Path(os.environ.get("HELIXTUNE_CONTAINER_DIR", PROJECT / "containers" / "out"))
CONFIG = os.environ.get("HELIXTUNE_TEST_CONFIG")
FILES = {"apptainer": ".sif", "singularity": ".sif", "charliecloud": ""}
PROGRAMS = {"charliecloud": "ch-run"}
TAGS = {image: f"ghcr.io/helixtune/helixtune/{image}:0.1.0" for image in ("data", "model")}


def skip(why: str) -> None:
    warnings.warn(f"NOT TESTED: {why}", stacklevel=2)
    pytest.skip(why)


def container_options(engine: str) -> list:
    """Return the options that make an engine find the images; skip where engine or images are missing."""
    program = PROGRAMS.get(engine, engine)
    if not shutil.which(program):
        skip(f"{program} is not on PATH")
    if engine in FILES:
        missing = [path for image in TAGS if not (path := IMAGES / f"helixtune-{image}-0.1.0{FILES[engine]}").exists()]
        if missing:
            skip(f"{missing[0]} is not there: make containers")
        return ["--container_dir", IMAGES]
    for tag in TAGS.values():
        if subprocess.run([program, "image", "inspect", tag], capture_output=True, check=False).returncode:
            skip(f"{program} has no image {tag}: make containers")
    return []


def run_tiny(folder: Path, profiles: str, *options) -> Run:
    """Run the test profile; TensorFlow is the engine that every image has."""
    extra = ["-c", CONFIG] if CONFIG else []
    run = run_pipeline(folder, "-profile", profiles, "--engine", "tensorflow", *options, *extra)
    assert run.code == 0, run.text
    return run


def checksums(run: Run) -> dict[str, str]:
    """Return path -> SHA-256 of every gene set."""
    paths = sorted(run.results.rglob("*.gff3"))
    return {str(path.relative_to(run.results)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> dict[str, str]:
    found = checksums(run_tiny(tmp_path_factory.mktemp("local"), "test"))
    assert {"tiny/genes.gff3", "tiny/base/genes.gff3", "tiny/tuned/genes.gff3"} <= found.keys()
    return found


@pytest.mark.parametrize("engine", ["podman", "docker", "charliecloud", "apptainer", "singularity"])
def test_genes_are_those_of_a_run_without_containers(engine, tmp_path, request):
    options = container_options(engine)
    assert checksums(run_tiny(tmp_path, f"test,{engine}", *options)) == request.getfixturevalue("local")


def test_read_only_images_run_the_pipeline(tmp_path, request):
    container_options("podman")
    machine = f"includeConfig '{CONFIG}'\n" if CONFIG else ""
    (tmp_path / "read_only.config").write_text(
        machine + "podman.runOptions = \"${podman.runOptions ?: '-u $(id -u):$(id -g)'} --read-only\"\n"
    )
    run = run_tiny(tmp_path, "test,podman", "-c", tmp_path / "read_only.config")
    assert checksums(run) == request.getfixturevalue("local")


@pytest.mark.parametrize("image", TAGS)
def test_image_needs_no_root_no_network_and_no_writing(image):
    container_options("podman")
    words = ["podman", "run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "none"]
    for user in ([], ["--user", "12345:12345"]):
        told = subprocess.run(
            [*words, *user, TAGS[image], "sh", "-c", "id -u; touch /opt/x 2>&1; helixtune doctor"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert told.split()[0] == (user[1].split(":")[0] if user else "1000")
        assert "Read-only file system" in told
        assert "helixtune:" in told


@pytest.mark.parametrize("image", TAGS)
def test_image_tells_what_it_is(image):
    container_options("podman")
    form = "{{.Config.User}} {{json .Config.Labels}}"
    told = subprocess.run(
        ["podman", "image", "inspect", TAGS[image], "--format", form], capture_output=True, text=True, check=True
    ).stdout
    assert told.startswith("1000:1000 ")
    for label in ("title", "description", "version", "revision", "licenses"):
        assert f"org.opencontainers.image.{label}" in told

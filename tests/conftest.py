"""What all tests share: where development data may lie, and small genomes made on the spot."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from attempts import Table
from fault_commands import expected_of, undisturbed  # noqa: F401 (fixtures)
from helixtune.cli import main
from reliability import pytest_collection_finish, reliability  # noqa: F401 (a hook and a fixture)

PROJECT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(config, items):
    """Long checks run only when asked for by `-m full` (make test-full)."""
    if "full" in (config.getoption("-m") or ""):
        return
    skip = pytest.mark.skip(reason="long check: make test-full")
    for item in items:
        if "full" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with development data (data/, golden/, cases/), which no clone carries: its tests skip loudly."""
    folder = Path(os.environ.get("HELIXTUNE_DATA", PROJECT.parent / "shared"))
    if not (folder / "golden").is_dir():
        warnings.warn(f"no development data in {folder}: set HELIXTUNE_DATA to test on real genomes", stacklevel=1)
        pytest.skip(f"development data not found in {folder} (HELIXTUNE_DATA)")
    return folder


@pytest.fixture(scope="session")
def golden(shared_dir) -> Path:
    """Upstream's outputs of every step on 300 kb of S. pombe."""
    return shared_dir / "golden" / "pombe_300k"


@pytest.fixture
def table(tmp_path, capsys, monkeypatch) -> Table:
    """Where hostile inputs are tried: a folder for inputs, one for outputs, and the limits."""
    return Table(tmp_path, capsys, monkeypatch)


@pytest.fixture
def run_cli(capsys):
    """Run `helixtune` in this process; returns (exit code, standard error)."""

    def run(*words) -> tuple[int, str]:
        code = main([str(word) for word in words])
        return code, capsys.readouterr().err

    return run


@pytest.fixture
def write_fasta(tmp_path):
    """Write a FASTA file from {seqid: letters}."""

    def write(sequences: dict[str, str], name: str = "genome.fa") -> Path:
        path = tmp_path / name
        path.write_text("".join(f">{seqid}\n{bases}\n" for seqid, bases in sequences.items()))
        return path

    return write


def random_bases(length: int, seed: int) -> str:
    """Letters drawn evenly from A, C, G, T."""
    return "".join(np.random.default_rng(seed).choice(list("ACGT"), length))

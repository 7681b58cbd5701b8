"""`call-genes --format upstream` writes the bytes that HelixerPost wrote, in every case and on real predictions."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

OWN_CASES = Path(__file__).parents[1] / "data" / "cases" / "gene-calling"
OPTIONS = ("window_size", "edge_threshold", "peak_threshold", "min_coding_length")
OWN_NAMES = sorted(path.name for path in OWN_CASES.iterdir() if path.is_dir())


def called_like(folder: Path, output: Path, run_cli, *words) -> bytes:
    settings = json.loads((folder / "params.json").read_text())
    options = [word for name in OPTIONS for word in (f"--{name.replace('_', '-')}", settings[name])]
    files = ["--genome", folder / "genome.h5", "--predictions", folder / "predictions.h5", "--output", output]
    code, message = run_cli("call-genes", *files, *options, *words)
    assert code == 0, message
    return output.read_bytes()


@pytest.mark.parametrize("name", OWN_NAMES)
def test_bytes_of_the_reference(name, tmp_path, run_cli):
    folder = OWN_CASES / name
    called = called_like(folder, tmp_path / "o.gff3", run_cli, "--format", "upstream")
    assert called == (folder / "expected.gff3").read_bytes()


def test_all_shared_cases(shared_dir, tmp_path, run_cli):
    folders = sorted(path for path in (shared_dir / "cases" / "gene-calling").iterdir() if path.is_dir())
    assert len(folders) >= 124
    different = [
        folder.name
        for folder in folders
        if called_like(folder, tmp_path / "o.gff3", run_cli, "--format", "upstream", "--threads", 2)
        != (folder / "expected.gff3").read_bytes()
    ]
    assert different == []


@pytest.mark.parametrize(("predictions", "called"), [("predictions", "called"), ("predictions_frozen", "tuned_frozen")])
def test_real_predictions(golden, tmp_path, run_cli, predictions, called):
    files = ["--genome", golden / "genome.h5", "--predictions", golden / f"{predictions}.h5"]
    code, message = run_cli("call-genes", *files, "--output", tmp_path / "o.gff3", "--format", "upstream")
    assert code == 0, message
    assert (tmp_path / "o.gff3").read_bytes() == (golden / f"{called}.gff3").read_bytes()


@pytest.mark.parametrize("name", ["60-name-returns", "104-odd-names", "119-random-57", "58-multi-sequence"])
def test_own_format_holds_the_same_features(name, tmp_path, run_cli):
    folder = OWN_CASES / name
    called_like(folder, tmp_path / "o.gff3", run_cli)
    assert features(tmp_path / "o.gff3") == features(folder / "expected.gff3")


def features(path: Path) -> list[tuple]:
    """Everything but source, score and attributes, in any order."""
    lines = [line.split("\t") for line in path.read_text().splitlines() if not line.startswith("#")]
    return sorted((f[2], int(f[3]), int(f[4]), f[6], f[7]) for f in lines)


@pytest.mark.skipif(shutil.which("gt") is None, reason="genometools is not installed")
def test_genometools_accepts_own_format(golden, tmp_path, run_cli):
    files = ["--genome", golden / "genome.h5", "--predictions", golden / "predictions.h5", "--register", "upstream"]
    assert run_cli("call-genes", *files, "--output", tmp_path / "o.gff3")[0] == 0
    checked = subprocess.run(["gt", "gff3validator", tmp_path / "o.gff3"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr

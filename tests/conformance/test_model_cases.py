"""Predictions of Helixer 0.3.6 on small networks and on 300 kb of S. pombe, reproduced by both engines."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pytest

CASES = Path(__file__).parents[1] / "data" / "cases" / "model"
# Upstream's output is rounded to float16 (2.4e-4 near 1); ours is rounded too.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Case:
    folder: str
    expected: str
    options: str
    model: str = "model.h5"

    def __str__(self) -> str:
        return f"{self.folder}/{self.expected}"


ROW_BY_ROW = "--no-overlap"
CARRIED = (
    Case("01-plain", "predictions_overlap_offset720_core1440.h5", "--overlap-offset 720 --core-length 1440"),
    Case("03-coverage", "predictions_overlap.h5", "--coverage-norm log"),
    Case("04-coverage-hidden-lost-lstm", "predictions.h5", "--no-overlap --coverage-norm log"),
    Case("05-no-phase-clipped", "predictions.h5", ROW_BY_ROW),
    Case("05-no-phase-clipped", "predictions_overlap.h5", ""),
)
SHARED = (
    Case("01-plain", "predictions.h5", ROW_BY_ROW),
    Case("01-plain", "predictions_overlap.h5", "--overlap"),
    Case("02-fine-tuned-head", "predictions.h5", ROW_BY_ROW),
    Case("03-coverage", "predictions.h5", "--no-overlap --coverage-norm log"),
    Case("04-coverage-hidden-lost-lstm", "base_predictions.h5", ROW_BY_ROW, "base_model.h5"),
    Case("06-whole-network-tuned", "predictions.h5", ROW_BY_ROW),
)
GOLDEN = (("yeast_base_upstream.h5", "predictions.h5"), ("pombe_300k/tuned_frozen.h5", "predictions_frozen.h5"))


def largest_difference(made: Path, expected: Path) -> float:
    with h5py.File(made) as ours, h5py.File(expected) as theirs:
        names = {name for name in theirs if name.startswith("predictions")}
        assert names == {name for name in ours if name.startswith("predictions")}
        assert ours.attrs["n_bases_removed"] == theirs.attrs["n_bases_removed"]
        for name in names:
            assert ours[name].shape == theirs[name].shape
            assert ours[name].dtype == np.float16
        pairs = [(ours[name][:].astype(float), theirs[name][:].astype(float)) for name in names]
    return max(np.abs(a - b).max() for a, b in pairs)


def predict(run_cli, model, genome, output, options, engine):
    words = f"--register upstream --precision float32 --engine {engine} {options}".split()
    code, message = run_cli("predict-classes", "--model", model, "--genome", genome, "--output", output, *words)
    assert code == 0, message
    return output


@pytest.mark.parametrize("engine", ["tensorflow", "openvino"])
@pytest.mark.parametrize("case", CARRIED, ids=str)
def test_small_networks_give_helixers_probabilities(case, engine, run_cli, tmp_path):
    pytest.importorskip(engine)
    folder = CASES / case.folder
    genome = folder / "genome.h5" if (folder / "genome.h5").exists() else CASES / "genome.h5"
    made = predict(run_cli, folder / case.model, genome, tmp_path / "p.h5", case.options, engine)
    assert largest_difference(made, folder / case.expected) < TOLERANCE


@pytest.mark.shared
@pytest.mark.parametrize("case", SHARED, ids=str)
def test_the_remaining_cases_give_helixers_probabilities(case, shared_dir, run_cli, tmp_path):
    folder = shared_dir / "cases" / "model" / case.folder
    made = predict(run_cli, folder / case.model, folder / "genome.h5", tmp_path / "p.h5", case.options, "tensorflow")
    assert largest_difference(made, folder / case.expected) < TOLERANCE


@pytest.mark.shared
@pytest.mark.parametrize("engine", ["tensorflow", "openvino"])
@pytest.mark.parametrize(("model", "expected"), GOLDEN)
def test_pombe_gets_helixers_probabilities(model, expected, engine, golden, run_cli, tmp_path):
    pytest.importorskip(engine)
    made = predict(run_cli, golden.parent / model, golden / "genome.h5", tmp_path / "p.h5", "", engine)
    assert largest_difference(made, golden / expected) < TOLERANCE


@pytest.mark.shared
def test_chosen_precision_keeps_the_class_of_999_bases_in_a_thousand(golden, run_cli, tmp_path):
    """Whatever `auto` chooses on this CPU: bfloat16 where it exists, float32 where the model does not bear it."""
    for model, expected in GOLDEN:
        out = tmp_path / "p.h5"
        words = ("--model", golden.parent / model, "--genome", golden / "genome.h5", "--output", out)
        assert run_cli("predict-classes", *words, "--register", "upstream")[0] == 0
        with h5py.File(out) as ours, h5py.File(golden / expected) as theirs:
            same = ours["predictions"][:].argmax(-1) == theirs["predictions"][:].argmax(-1)
        assert same.mean() >= 0.999

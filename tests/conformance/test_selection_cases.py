"""`--method upstream` keeps the rows that the upstream script kept, in every case where its choice is determined."""

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from helixtune.h5files import CLASS_PROBS, CLASSES
from helixtune.selection.settings import SelectionSettings
from helixtune.selection.shards import RowShards
from helixtune.selection.upstream import select_upstream, upstream_sums

OWN_CASES = Path(__file__).parents[1] / "data" / "cases" / "selection"
NAMES = (
    "01-basic", "02-keep-half-90bp", "03-coverage-and-extras", "04-empty-rows-nan", "05-ties", "06-too-few-rows",
    "07-masked-rows", "08-write-by-and-padding-shift", "09-all-intergenic", "10-200-rows", "11-six-ranks",
    "12-target-below-ranks", "13-overfull-rank", "15-float16-saturation",
)  # fmt: skip


@pytest.fixture
def case_dir(request):
    """The folder of a case: the project's own copy, or the one among the development data."""

    def find(name: str) -> Path:
        own = OWN_CASES / name
        return own if own.is_dir() else request.getfixturevalue("shared_dir") / "cases" / "selection" / name

    return find


def select(folder: Path, expected: dict):
    with (
        RowShards([folder / "in.h5"], (CLASSES,)) as training,
        RowShards([folder / "predictions.h5"], (CLASS_PROBS,)) as predictions,
    ):
        sums = upstream_sums(training, predictions, threads=2)
    return select_upstream(*sums, SelectionSettings("upstream", expected["keep_fraction"]))


def as_floats(values: list) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


@pytest.mark.parametrize("name", NAMES)
def test_rows_scores_and_limits_are_upstreams(case_dir, name):
    folder = case_dir(name)
    expected = json.loads((folder / "expected.json").read_text())
    choice = select(folder, expected)
    assert np.array_equal(choice.discrepancy, as_floats(expected["score_per_row"]), equal_nan=True)
    assert [str(limit) for limit in choice.limits] == expected["reported_limit_per_rank"]
    kept = np.flatnonzero(choice.kept).tolist()
    # Rows that fill up a rank that is too small are taken in no defined order: only their scores are infinite.
    assert set(expected["indices_by_finite_score"]) <= set(kept)
    if "fully determined" in expected["note"] or not expected["overfull_ranks"]:
        assert kept == expected["indices_by_finite_score"]


@pytest.mark.parametrize("name", NAMES)
def test_the_command_writes_these_rows_with_all_datasets(case_dir, name, tmp_path, run_cli):
    folder = case_dir(name)
    expected = json.loads((folder / "expected.json").read_text())
    output = tmp_path / "filtered.h5"
    code, message = run_cli(
        "select-confident", "--method", "upstream", "--h5-to-filter", folder / "in.h5", "--predictions",
        folder / "predictions.h5", "--keep-fraction", expected["keep_fraction"], "--output-file", output, *expected["arguments"],
    )  # fmt: skip
    assert code == 0, message
    kept = np.flatnonzero(select(folder, expected).kept)
    with h5py.File(folder / "in.h5") as source, h5py.File(output) as filtered:
        for dataset, facts in expected["output_datasets"].items():
            assert filtered[dataset].dtype == source[dataset].dtype
            rows = kept if facts["rows_follow_selection"] else slice(None)
            assert np.array_equal(filtered[dataset][()], source[dataset][()][rows])
        assert set(source.attrs) <= set(filtered.attrs)


def test_too_few_predictions_are_an_error_not_a_shift(case_dir, tmp_path, run_cli):
    folder = case_dir("14-predictions-one-row-short")
    for method in ("upstream", "stratified"):
        code, message = run_cli(
            "select-confident", "--method", method, "--h5-to-filter", folder / "in.h5", "--predictions",
            folder / "predictions.h5", "--output-file", tmp_path / "filtered.h5",
        )  # fmt: skip
        assert code == 1
        assert "predictions.h5" in message
        assert not list(tmp_path.iterdir())


def test_exact_sums_undo_the_saturation_of_float16(case_dir, tmp_path, run_cli):
    """Case 15 tells which rows exact sums would keep; the default method keeps those."""
    folder = case_dir("15-float16-saturation")
    expected = json.loads((folder / "expected.json").read_text())
    scores = tmp_path / "scores.tsv"
    code, message = run_cli(
        "select-confident", "--h5-to-filter", folder / "in.h5", "--predictions", folder / "predictions.h5", "--genome",
        folder / "in.h5", "--register", "last", "--keep-fraction", expected["keep_fraction"], "--output-file",
        tmp_path / "filtered.h5", "--scores", scores,
    )  # fmt: skip
    assert code == 0, message
    lines = [line.split("\t") for line in scores.read_text().splitlines()[1:]]
    assert [i for i, line in enumerate(lines) if line[9] == "kept"] == expected["selection_with_exact_scores"]
    measured = np.array([float(line[7]) for line in lines])
    assert np.abs(measured - expected["exact_score_per_row"]).max() < 1e-6


def filtered_rows(path: Path) -> list:
    with h5py.File(path) as file:
        return list(zip(file["data/seqids"][:].tolist(), file["data/start_ends"][:].tolist(), strict=True))


@pytest.mark.parametrize("trap", ["", "order_trap/"])
def test_golden_selection_of_upstream(golden, trap, tmp_path, run_cli):
    code, message = run_cli(
        "select-confident", "--method", "upstream", "--keep-fraction", "0.2", "--h5-to-filter", golden / "labels.h5",
        "--predictions", golden / f"{trap}predictions.h5", "--output-file", tmp_path / "filtered.h5",
    )  # fmt: skip
    assert code == 0, message
    with h5py.File(tmp_path / "filtered.h5") as ours, h5py.File(golden / f"{trap}filtered.h5") as theirs:
        for dataset in theirs["data"]:
            assert np.array_equal(ours["data"][dataset][:], theirs["data"][dataset][:]), dataset


def test_order_of_sequences_in_the_predictions_does_not_matter(golden, tmp_path, run_cli):
    """Upstream pairs rows by position and selects nonsense from order_trap without a word (golden/README.md)."""
    shutil.copy(golden / "predictions.h5", tmp_path / "nameless.h5")
    found = []
    for predictions in (golden / "predictions.h5", tmp_path / "nameless.h5", golden / "order_trap" / "predictions.h5"):
        output = tmp_path / f"{len(found)}.h5"
        code, message = run_cli(
            "select-confident",
            "--h5-to-filter",
            golden / "labels.h5",
            "--predictions",
            predictions,
            "--output-file",
            output,
        )
        assert code == 0, message
        found.append(filtered_rows(output))
    assert "regD, regC, regB, regA" in message
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 6

"""Compact predictions of all shards in place of full ones: selection, gate and tracks read them."""

import csv
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from helixtune.h5files import CLASS_PROBS, PHASE_PROBS
from helixtune.prediction import compact
from sharded_genomes import called, helixtune, kept_engines, make_world  # noqa: F401

pytest.importorskip("openvino")
pytestmark = pytest.mark.usefixtures("kept_engines")


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """Genome, genes, labels with and without bases; compact predictions of one and of three shards, full ones of one."""
    folder = make_world(tmp_path_factory.mktemp("world"))
    for count in (1, 3):
        (folder / str(count)).mkdir()
        parts = called(folder / str(count), folder / "genome.h5", count)
    helixtune("gather-shards", "--genome", folder / "genome.h5", "--genes", *parts, "--output", folder / "genes.gff3")
    for name, words in (("training", ()), ("labels", ("--no-bases",))):
        helixtune(
            "encode-labels", "--fasta", folder / "cut.fa", "--annotation", folder / "genes.gff3", "--species", "Simulata testis",
            "--subsequence-length", 2376, *words, "--output", folder / f"{name}.h5",
        )  # fmt: skip
    return folder


def select(world: Path, folder: Path, labels: str, predictions: list[Path]) -> tuple[list[dict], Path]:
    scores, filtered = folder / "scores.tsv", folder / "filtered.h5"
    helixtune(
        "select-confident", "--h5-to-filter", world / f"{labels}.h5", "--predictions", *predictions, "--genome",
        world / "genome.h5", "--scores", scores, "--output-file", filtered, "--keep-fraction", 0.3,
    )  # fmt: skip
    with scores.open() as file:
        return list(csv.DictReader(file, delimiter="\t")), filtered


def contents(path: Path) -> dict[str, np.ndarray]:
    with h5py.File(path) as file:
        return {name: file[f"data/{name}"][:] for name in file["data"]}


def compact_parts(world: Path, count: int) -> list[Path]:
    return sorted((world / str(count)).glob("*.compact.h5"))


def test_any_number_of_shards_gives_the_same_selection(world, tmp_path):
    found = []
    for count in (1, 3):
        (tmp_path / str(count)).mkdir()
        found.append(select(world, tmp_path / str(count), "labels", compact_parts(world, count)))
    assert found[0][0] == found[1][0]
    one, three = (contents(path) for _, path in found)
    assert set(one) == set(three)
    for name in one:
        np.testing.assert_array_equal(one[name], three[name])


def test_bases_of_kept_rows_come_from_the_genome(world, tmp_path):
    _, lean = select(world, tmp_path, "labels", compact_parts(world, 3))
    lean = contents(lean)
    _, full = select(world, tmp_path, "training", compact_parts(world, 3))
    full = contents(full)
    assert lean["X"].any()
    assert set(lean) == set(full)
    for name in full:
        np.testing.assert_array_equal(lean[name], full[name])


def test_labels_without_bases_need_the_genome(world, run_cli, tmp_path):
    words = ("--h5-to-filter", world / "labels.h5", "--output-file", tmp_path / "f.h5")
    code, message = run_cli("select-confident", *words, "--predictions", *compact_parts(world, 1))
    assert (code, "has no bases: give --genome" in message) == (1, True)


def test_rounding_changes_discrepancies_little(world, tmp_path):
    rough = select(world, tmp_path, "labels", compact_parts(world, 3))[0]
    exact = select(world, tmp_path, "labels", [world / "1" / "1.h5"])[0]
    values = [np.array([float(row["discrepancy"]) for row in rows]) for rows in (rough, exact)]
    assert np.abs(values[0] - values[1]).max() < 0.01
    assert np.corrcoef(values)[0, 1] > 0.999


def test_gate_and_tracks_read_compact_predictions_of_shards(world, tmp_path):
    genome, genes, full = ("--genome", world / "genome.h5"), world / "genes.gff3", world / "1" / "1.h5"
    figures = []
    for name, paths in (("full", [full]), ("compact", compact_parts(world, 3))):
        helixtune(
            "evaluate-genes", *genome, "--base-genes", genes, "--base-predictions", *paths, "--tuned-genes", genes,
            "--tuned-predictions", *paths, "--output", tmp_path / f"{name}.json",
        )  # fmt: skip
        helixtune(
            "export-tracks", *genome, "--predictions", *paths, "--format", "bedgraph", "--output-dir", tmp_path / name
        )
        figures.append(json.loads((tmp_path / f"{name}.json").read_text()))
    assert figures[0]["verdict"] == figures[1]["verdict"]  # it rests on genes and bases
    assert {path.name for path in (tmp_path / "full").iterdir()} == {
        path.name for path in (tmp_path / "compact").iterdir()
    }


EXACT = np.array(
    [[0, 0, 0, 0], [1, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], [0, 1, 0, 0], [np.nan, 0, 0, 1], [0.001, 0.998, 0, 0.001]]
)


@pytest.mark.parametrize("name", [CLASS_PROBS, PHASE_PROBS])
def test_rounded_probabilities_come_back_and_say_what_was_not_predicted(name):
    probs = np.tile(EXACT, (2, 7, 1)).astype(np.float16)
    back = compact.load_rows(compact.store_rows(probs, name), name).reshape(-1, 6, 4)
    assert (back.view(np.uint16) == back[0].view(np.uint16)).all()  # whatever place a position has in its row
    [zero, sure, mixed, other, no_number, nearly] = back[0]
    assert not zero.any()
    assert np.isnan(no_number).all()
    np.testing.assert_allclose(sure, [1, 0, 0, 0], atol=1e-3)
    np.testing.assert_allclose(other, [0, 1, 0, 0], atol=1e-3)
    np.testing.assert_allclose(mixed, EXACT[2], atol=0.02 if name == CLASS_PROBS else 0.06)
    np.testing.assert_allclose(nearly, EXACT[5], atol=2.5e-3)
    np.testing.assert_allclose(back[0, [1, 2, 3, 5]].sum(axis=1), 1, atol=2e-3)


def test_costs_are_kept_to_half_a_level():
    """What the gene caller adds up: bits that a class costs more than the likeliest one."""
    rng = np.random.default_rng(1)
    probs = rng.dirichlet([0.3] * 4, (4, 500)).astype(np.float16)
    back = compact.load_rows(compact.store_rows(probs, CLASS_PROBS), CLASS_PROBS).astype(np.float64)
    found, exact = (np.log2(p.max(-1, keepdims=True) / p.clip(2.0**-30)) for p in (back, probs.astype(np.float64)))
    kept = exact < 12
    spacing = 0.25 * (exact + 0.5)  # to the next level: they grow by a quarter
    assert (np.abs(found - exact)[kept] <= 0.6 * spacing[kept]).all()
    assert (found[~kept] > 10).all()


def test_compact_predictions_of_another_version_are_refused(world, run_cli, tmp_path):
    other = tmp_path / "other.h5"
    other.write_bytes((world / "1" / "1.compact.h5").read_bytes())
    with h5py.File(other, "r+") as file:
        assert file[CLASS_PROBS].dtype == np.uint16
        file.attrs["coding"] = "another one"
    words = ("--h5-to-filter", world / "training.h5", "--output-file", tmp_path / "f.h5", "--predictions", other)
    code, message = run_cli("select-confident", *words)
    assert (code, "keeps its levels in another way" in message) == (1, True)

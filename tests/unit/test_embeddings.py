"""Stored features: right, checked when read, taken up after an interruption."""

import numpy as np
import pytest

from helixtune.errors import ParameterError
from helixtune.model.network import head_of, trunk_of
from helixtune.model.weights import read_model
from helixtune.training import embeddings
from helixtune.training.batches import UNWEIGHTED
from helixtune.training.embeddings import FeatureRows, KerasPart, compute_features
from helixtune.training.labelled_rows import LabelledRows, Layout
from helixtune.tuning.freezing import split_after
from training_rows import write_base_model, write_sets


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A base model with dropout and coverage, and rows for it."""
    folder = tmp_path_factory.mktemp("base")
    path = write_base_model(folder / "base.h5", coverage_tracks=2, dropout1=0.5, attributes={"coverage_norm": "log"})
    train, _ = write_sets(folder, tracks=2)
    with LabelledRows([train], Layout(3, 2, "log"), "training") as rows:
        yield read_model(path).model, rows


@pytest.fixture(autouse=True)
def small_passes(monkeypatch):
    """Four passes for twelve rows."""
    monkeypatch.setattr(embeddings, "BASES_A_PASS", 3 * 54)


def test_head_on_stored_features_agrees_with_the_whole_network(base, tmp_path):
    model, rows = base
    source = FeatureRows(rows, compute_features(KerasPart(trunk_of(model)), rows, tmp_path / "features"))
    inputs, targets = source.batch(np.array([7, 2]), UNWEIGHTED)
    assert [array.shape for array in inputs] == [(2, 18, 6), (2, 18, 12)]
    assert inputs[0].dtype == np.float16
    found = head_of(model)([array.astype(np.float32) for array in inputs])
    expected = model(rows.inputs(np.array([7, 2])).astype(np.float32), training=False)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)  # features are rounded to 11 bits
    assert targets.classes.shape == (2, 18, 3)


def test_part_behind_any_layer_agrees_with_the_whole_network(base, tmp_path):
    model, rows = base
    expected = model(rows.inputs(np.arange(4)).astype(np.float32), training=False)
    for layer in ("conv1d", "reshape", "bidirectional"):
        frozen, trained = split_after(model, layer)
        source = FeatureRows(rows, compute_features(KerasPart(frozen), rows, tmp_path / layer))
        inputs, _ = source.batch(np.arange(4), UNWEIGHTED)
        found = trained([array.astype(np.float32) for array in inputs], training=False)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=2e-3)


def test_goes_on_after_an_interruption_and_replaces_damaged_blocks(base, tmp_path, monkeypatch, caplog):
    model, rows = base
    path = tmp_path / "features"
    whole = np.array(compute_features(KerasPart(trunk_of(model)), rows, path).features)
    blocks = path.with_name("features.blocks")
    lines = blocks.read_text().splitlines(keepends=True)
    blocks.write_text("".join(lines[:2]) + "6")  # the third line was being written when the machine died
    with path.open("r+b") as file:
        file.seek(5)
        file.write(b"\x00\x01\x02")  # damage in the first block
    read = []
    monkeypatch.setattr(LabelledRows, "bases", lambda self, numbers: read.append(numbers[0]) or original(self, numbers))
    again = compute_features(KerasPart(trunk_of(model)), rows, path)
    assert read == [0, 6, 9]
    np.testing.assert_array_equal(np.array(again.features), whole)
    compute_features(KerasPart(trunk_of(model)), rows, path)
    assert len(read) == 3


original = LabelledRows.bases


def test_full_disk_is_an_error_before_anything_is_computed(base, tmp_path, monkeypatch):
    model, rows = base
    monkeypatch.setattr(embeddings.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 100}))
    with pytest.raises(ParameterError, match="give a --checkpoint-dir on a larger disk"):
        compute_features(KerasPart(trunk_of(model)), rows, tmp_path / "features")
    assert not (tmp_path / "features").exists()

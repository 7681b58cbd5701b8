"""Model files: written in Helixer's layout, read back whole, and refused when anything in them is not a plain network."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from helixtune.errors import ModelFileError
from helixtune.model.network import NetworkShape, build_network, describe_network
from helixtune.model.weights import read_model, read_model_file, write_model

CASES = Path(__file__).parents[1] / "data" / "cases" / "model"
NAMES = ("01-plain", "03-coverage", "04-coverage-hidden-lost-lstm", "05-no-phase-clipped")
pytest.importorskip("tensorflow")


@pytest.mark.parametrize("name", NAMES)
def test_helixers_files_survive_a_round_trip(name, tmp_path):
    """Layer names, weight names and configuration come out as Helixer wrote them, so that it loads the copy."""
    source, copy = CASES / name / "model.h5", tmp_path / "copy.h5"
    loaded = read_model(source)
    write_model(loaded.model, copy, {})
    again = read_model(copy)
    for ours, theirs in zip(again.model.get_weights(), loaded.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert stored_layout(copy) == stored_layout(source)


def stored_layout(path: Path) -> list:
    with h5py.File(path) as file:
        group = file["model_weights"]
        layers = [name.replace("tf.split_1", "tf.split") for name in group.attrs["layer_names"]]
        weights = [(name, list(group[name].attrs["weight_names"])) for name in group if not name.startswith("tf.split")]
        config = file.attrs["model_config"].replace("tf.split_1", "tf.split")
        return [layers, weights, json.loads(config)]


def test_a_loaded_model_says_what_it_is():
    loaded = read_model(CASES / "03-coverage" / "model.h5")
    assert (loaded.has_phase, loaded.pool_size, loaded.coverage_tracks) == (True, 9, 2)
    assert loaded.parameter_count == loaded.model.count_params() == 16_904
    assert loaded.coverage_norm is None
    assert len(loaded.sha256) == 64


def test_attributes_come_back(tmp_path):
    model = build_network(NetworkShape(filter_depth=4, units=3, coverage_tracks=2), seed=1)
    attributes = {"coverage_norm": "log", "bam_files": ["b.bam", "a.bam"], "base_model_sha256": "0" * 64, "score": 0.5}
    write_model(model, tmp_path / "m.h5", attributes)
    loaded = read_model(tmp_path / "m.h5")
    assert attributes.items() <= loaded.attributes.items()
    assert loaded.attributes["format_version"] == 1
    assert loaded.coverage_norm == "log"
    assert describe_network(loaded.model) == describe_network(model)


def test_the_same_model_gives_the_same_bytes(tmp_path):
    model = build_network(NetworkShape(filter_depth=4, units=3), seed=1)
    for name in ("a.h5", "b.h5"):
        write_model(model, tmp_path / name, {"task": "test"})
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_a_broken_model_is_not_written(tmp_path):
    model = build_network(NetworkShape(filter_depth=4, units=3), seed=1)
    model.get_layer("dense").bias.assign(np.full(72, np.nan, np.float32))
    with pytest.raises(ModelFileError, match=r'layer "dense" holds values that are not finite'):
        write_model(model, tmp_path / "m.h5", {})
    assert not list(tmp_path.iterdir())


def test_weights_of_a_trainable_nested_trunk_are_sorted_by_layer(tmp_path):
    """Keras moves the moving statistics of trainable layers to the end of a nested model's list."""
    path = tmp_path / "m.h5"
    path.write_bytes((CASES / "03-coverage" / "model.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        group = file["model_weights/model"]
        names = sorted(group.attrs["weight_names"], key=lambda name: "moving" in name)
        assert names != list(group.attrs["weight_names"])
        group.attrs["weight_names"] = names
    expected = read_model_file(CASES / "03-coverage" / "model.h5").weights
    for layer, arrays in read_model_file(path).weights.items():
        assert all(np.array_equal(a, b) for a, b in zip(arrays, expected[layer], strict=True))

"""Files that look like models: each is refused in one sentence, without executing anything and without large memory."""

import json
import os
import pickle
import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest

from helixtune.errors import InputFileError, ModelFileError
from helixtune.model.weights import read_model_file

CASES = Path(__file__).parents[1] / "data" / "cases" / "model"
PLAIN = CASES / "01-plain" / "model.h5"
KERNEL = "model_weights/conv1d/conv1d/kernel:0"


@pytest.fixture
def model_file(tmp_path) -> Path:
    path = tmp_path / "model.h5"
    path.write_bytes(PLAIN.read_bytes())
    return path


def change_config(path, change):
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change({layer["name"]: layer for layer in config["config"]["layers"]}, config)
        file.attrs["model_config"] = json.dumps(config)


def set_setting(name, setting, value):
    return lambda layers, _: layers[name]["config"].update({setting: value})


def set_class(name, kind):
    return lambda layers, _: layers[name].update(class_name=kind)


def set_inner(setting, value):
    return lambda layers, _: layers["bidirectional"]["config"]["layer"]["config"].update({setting: value})


def close_circle(layers, _):
    layers["conv1d"]["inbound_nodes"] = [[["conv1d_1", 0, 0, {}]]]


def add_lambda(_, config):
    config["config"]["layers"].append({"class_name": "Lambda", "name": "evil", "config": {"function": "gASV…"}})


def many_layers(_, config):
    config["config"]["layers"] *= 50


CONFIG_ATTACKS = [
    (add_lambda, 'layer "evil" is of class Lambda'),
    (set_class("genic", "Custom>Softmax"), "is of class Custom>Softmax"),
    (set_class("dense", "Functional"), 'its layer "dense" is a Functional where Dense is expected'),
    (lambda _, config: config.update(class_name="Sequential"), "not a functional Keras model"),
    (set_setting("tf.split", "function", "io.read_file"), "where TFOpLambda split is expected"),
    (set_setting("conv1d", "activation", "tanh"), "has activation tanh where relu is expected"),
    (set_setting("conv1d", "strides", [2]), "has strides"),
    (set_setting("conv1d", "filters", 10**12), "conv1d: filters is 1000000000000"),
    (set_setting("conv1d", "filters", 900_000), "more than 100,000,000 parameters"),
    (set_setting("conv1d", "filters", "16"), "conv1d: filters is '16'"),
    (set_setting("bidirectional", "merge_mode", "sum"), "has merge_mode sum"),
    (set_inner("recurrent_activation", "hard_sigmoid"), "recurrent_activation hard_sigmoid"),
    (set_setting("dropout", "rate", 1.5), "dropout is 1.5"),
    (set_setting("batch_normalization", "epsilon", float("nan")), "out of range"),
    (set_setting("reshape", "target_shape", [-1, 100]), "does not join 9 positions"),
    (set_setting("reshape_hat", "target_shape", [-1, 9, 5]), "does not give 4 classes"),
    (set_setting("main_input", "batch_input_shape", [None, None, 6]), "6 channels; 4 are expected"),
    (close_circle, "its layers form a circle"),
    (many_layers, "layers; at most 200 are read"),
    (lambda _, config: config["config"].pop("output_layers"), "model_config is damaged"),
]


@pytest.mark.parametrize(("change", "message"), CONFIG_ATTACKS, ids=[message for _, message in CONFIG_ATTACKS])
def test_configurations_of_other_networks_are_refused(change, message, model_file):
    change_config(model_file, change)
    refused(model_file, message)


def refused(path, message):
    with pytest.raises(ModelFileError) as caught:
        read_model_file(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def replace_kernel(file, **dataset):
    del file[KERNEL]
    file.create_dataset(KERNEL, **dataset)


def fill(value):
    def attack(file):
        file[KERNEL][0, 0, 0] = value

    return attack


def link(target):
    def attack(file):
        del file[KERNEL]
        file[KERNEL] = target

    return attack


def virtual_kernel(file):
    del file[KERNEL]
    layout = h5py.VirtualLayout((10, 4, 16), "f4")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "secret", (10, 4, 16))
    file.create_virtual_dataset(KERNEL, layout)


def external_kernel(file):
    replace_kernel(file, shape=(10, 4, 16), dtype="f4", external=[("/etc/hostname", 0, 2560)])


def shorten_names(file):
    file["model_weights/conv1d"].attrs["weight_names"] = ["conv1d/kernel:0"]


FILE_ATTACKS = {
    "weights nan": (fill(np.nan), "not finite"),
    "weights infinite": (fill(np.inf), "not finite"),
    "wrong shape": (
        lambda file: replace_kernel(file, data=np.zeros((10, 4, 17), "f4")),
        "the network needs (10, 4, 16)",
    ),
    "absurd shape": (
        lambda file: replace_kernel(file, shape=(10**6,) * 3, dtype="f4", chunks=(1, 1, 100)),
        "have shape",
    ),
    "declared only": (
        lambda file: replace_kernel(file, shape=(10, 4, 16), dtype="f4", chunks=True),
        "declared but not in",
    ),
    "absurd chunk": (
        lambda file: replace_kernel(
            file, shape=(10, 4, 16), dtype="f4", chunks=(10**4, 10**3, 20), maxshape=(None,) * 3
        ),
        "absurd storage block",
    ),
    "text": (lambda file: replace_kernel(file, data=np.full((10, 4, 16), b"abcd")), "not floating-point"),
    "missing": (lambda file: file.__delitem__(KERNEL), "is missing"),
    "external link": (link(h5py.ExternalLink("/etc/passwd", "x")), "a link to somewhere else"),
    "soft link": (link(h5py.SoftLink("/model_weights/dense")), "a link to somewhere else"),
    "external storage": (external_kernel, "not stored plainly"),
    "virtual": (virtual_kernel, "not stored plainly"),
    "too few names": (shorten_names, "has 1 weight arrays; the network needs 2"),
    "no weights": (lambda file: file.__delitem__("model_weights"), '"model_weights" is missing'),
    "no configuration": (lambda file: file.attrs.__delitem__("model_config"), "not a Keras model"),
    "numeric configuration": (lambda file: file.attrs.__setitem__("model_config", 7), "missing or not text"),
    "bad JSON": (lambda file: file.attrs.__setitem__("model_config", "{"), "model_config is damaged"),
    "deep JSON": (lambda file: file.attrs.__setitem__("model_config", "[" * 100_000), "model_config is damaged"),
    "newer format": (
        lambda file: file.attrs.update({"format": "helixtune model", "format_version": 99}),
        "format version 99; this helixtune reads version 1",
    ),
    "unknown norm": (lambda file: file.attrs.__setitem__("coverage_norm", "sqrt"), "log or linear is expected"),
}


@pytest.mark.parametrize("name", FILE_ATTACKS)
def test_files_with_other_content_are_refused(name, model_file):
    attack, message = FILE_ATTACKS[name]
    with h5py.File(model_file, "r+") as file:
        attack(file)
    tracemalloc.start()
    refused(model_file, message)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


@pytest.mark.parametrize("size", [1, 100, 3_000, 100_000, 200_000])
def test_truncated_files_are_refused(size, model_file):
    os.truncate(model_file, size)
    refused(model_file, "truncated or not an HDF5 file")


def test_other_kinds_of_files_are_refused(tmp_path):
    text = tmp_path / "model.h5"
    text.write_text("<html>404</html>")
    refused(text, "truncated or not an HDF5 file")
    text.write_bytes(b"")
    with pytest.raises(InputFileError, match="is empty"):
        read_model_file(text)
    refused(CASES / "genome.h5", "not a Keras model")


class Bomb:
    def __reduce__(self):
        return Path.touch, (Path("exploded"),)


def test_nothing_in_a_file_is_executed(model_file, tmp_path, monkeypatch):
    """A pickle where Keras keeps its training configuration, and one among the attributes."""
    monkeypatch.chdir(tmp_path)
    with h5py.File(model_file, "r+") as file:
        file.attrs["training_config"] = np.void(pickle.dumps(Bomb()))
        file.attrs["note"] = np.void(pickle.dumps(Bomb()))
    assert "note" not in read_model_file(model_file).attributes
    assert not (tmp_path / "exploded").exists()

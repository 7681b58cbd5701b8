"""Files that look like models, through `helixtune check-model`: refused in one sentence, nothing executed, little memory."""

import json
import os
import pickle
import tracemalloc
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from attempts import Case
from helixtune.errors import ModelFileError
from helixtune.model.weights import MAX_FILE_BYTES, read_model_file

CASES = Path(__file__).parents[1] / "data" / "cases" / "model"
PLAIN = CASES / "01-plain" / "model.h5"
COVERED = CASES / "03-coverage" / "model.h5"
PEAK_BYTES = 50e6
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


def set_gru(layers, _):
    layers["bidirectional"]["config"]["layer"]["class_name"] = "GRU"


def set_inbound(name, *sources):
    return lambda layers, _: layers[name].update(inbound_nodes=[[[source, 0, 0, {}] for source in sources]])


def set_argument(name, argument, value):
    def change(layers, _):
        node = layers[name]["inbound_nodes"][0]
        (node[0] if isinstance(node[0], list) else node)[3][argument] = value

    return change


def dropout_first(layers, _):
    for name, source in (("dropout", "main_input"), ("conv1d", "dropout"), ("dense", "bidirectional")):
        set_inbound(name, source)(layers, _)


def normalise_late(layers, _):
    for name, source in (
        ("batch_normalization", "reshape"),
        ("conv1d_1", "conv1d"),
        ("bidirectional", "batch_normalization"),
    ):
        set_inbound(name, source)(layers, _)


def renamed(old, new):
    """Return a change of a layer's name wherever it stands."""

    def change(_, config):
        text = json.dumps(config).replace(f'"{old}"', f'"{new}"')
        config.clear()
        config.update(json.loads(text))

    return change


def set_nested(key, value):
    return lambda layers, _: layers["model"]["config"].update({key: value})


def two_nested_outputs(layers, _):
    layers["model"]["config"]["output_layers"] *= 2


def set_slice(name, key, value):
    return lambda layers, _: layers[name]["inbound_nodes"][0][3]["slice_spec"][2].update({key: value})


def split_unevenly(layers, _):
    layer = layers["tf.__operators__.getitem_1"]
    layer["class_name"], layer["config"]["function"] = "TFOpLambda", "split"
    layer["inbound_nodes"] = [["main_input", 0, 0, {"num_or_size_splits": [4, 1], "axis": -1}]]


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
    (set_gru, "is not a plain bidirectional LSTM"),
    (set_inbound("dense", "dropout", "reshape"), 'its layer "dense" has 2 inputs where one is expected'),
    (lambda _, config: config["config"].update(output_layers=[]), "it has 0 outputs; one (classes) or two"),
    (set_inbound("reshape_hat1", "tf.split"), "its two outputs are not the two halves of one layer"),
    (set_argument("tf.split", "num_or_size_splits", 3), "does not cut the last axis into two halves"),
    (set_setting("batch_normalization", "axis", [1]), "does not normalise channels"),
    (
        set_setting("main_input", "batch_input_shape", [None, 4]),
        "its input shape [None, 4] is not (batch, bases, channels)",
    ),
    (set_inbound("bidirectional", "conv1d_1"), "exactly one reshape that joins 9 positions is expected"),
    (dropout_first, "convolutions and batch normalisation are expected before the pooling"),
    (normalise_late, "bidirectional LSTM and dropout are expected after the pooling"),
    (set_setting("dense", "units", 71), "a last dense layer of 72 units is expected"),
    (renamed("conv1d", "../conv1d"), "a layer name '../conv1d' is empty or holds a slash"),
]

# The same of a network that takes coverage, whose trunk is a model within the model.
COVERED_ATTACKS = [
    (set_argument("tf.concat", "axis", 1), "does not join trunk and coverage"),
    (set_nested("output_layers", []), "model_config is damaged"),
    (two_nested_outputs, "does not have one input of 4 channels and one output"),
    (
        set_slice("tf.__operators__.getitem", "stop", 5),
        'layer "tf.__operators__.getitem" does not cut the input into bases and coverage',
    ),
    (split_unevenly, 'layer "tf.__operators__.getitem_1" does not cut the input into bases and coverage'),
    (
        set_setting("main_input", "batch_input_shape", [None, None, 5]),
        "its input of 5 channels is not bases, coverage and spliced",
    ),
    (renamed("conv1d", "dense"), "two layers have the same name"),
]


def attacked(change, source=PLAIN):
    """Return a maker of a model file with another configuration."""

    def make(path: Path) -> None:
        path.write_bytes(source.read_bytes())
        change_config(path, change)

    return make


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
    "no list of weights": (
        lambda file: file["model_weights/conv1d"].attrs.pop("weight_names"),
        'has no attribute "weight_names"',
    ),
    "one name in place of a list": (
        lambda file: file["model_weights/conv1d"].attrs.update(weight_names="x"),
        "is not a list",
    ),
    "20,000 names": (
        lambda file: file["model_weights/conv1d"].attrs.update(weight_names=np.zeros(20_000, "i1")),
        "is too long to be read",
    ),
    "weights in one dataset": (
        lambda file: (file.__delitem__("model_weights"), file.create_dataset("model_weights", data=1)),
        '"model_weights" is not a group',
    ),
    "group in place of weights": (lambda file: (file.__delitem__(KERNEL), file.create_group(KERNEL)), "are missing"),
    "unknown norm": (lambda file: file.attrs.__setitem__("coverage_norm", "sqrt"), "log or linear is expected"),
}


def spoiled(change):
    """Return a maker of a model file with other content."""

    def make(path: Path) -> None:
        path.write_bytes(PLAIN.read_bytes())
        with h5py.File(path, "r+") as file:
            change(file)

    return make


def truncated(size: int):
    return lambda path: path.write_bytes(PLAIN.read_bytes()[:size])


def enormous(path: Path) -> None:
    """Write a file with a hole of many gigabytes."""
    path.write_bytes(PLAIN.read_bytes())
    os.truncate(path, MAX_FILE_BYTES + 1)


CASES_OF_MODELS = {
    **{f"network: {message}": Case(attacked(change), message) for change, message in CONFIG_ATTACKS},
    **{f"network with coverage: {message}": Case(attacked(change, COVERED), message) for change, message in COVERED_ATTACKS},
    **{f"content: {name}": Case(spoiled(change), message) for name, (change, message) in FILE_ATTACKS.items()},
    **{
        f"cut after {size} bytes": Case(truncated(size), "truncated or not an HDF5 file")
        for size in (1, 100, 3_000, 100_000, 200_000)
    },
    "empty file": Case(truncated(0), "is empty: check how it was made"),
    "web page": Case(lambda path: path.write_text("<html>404</html>"), "truncated or not an HDF5 file"),
    "pickle": Case(lambda path: path.write_bytes(pickle.dumps({"weights": 1})), "truncated or not an HDF5 file"),
    "Keras 3 archive (.keras)": Case(lambda path: path.write_bytes(b"PK\x03\x04" + bytes(99)), "not an HDF5 file"),
    "genome file": Case(lambda path: path.write_bytes((CASES / "genome.h5").read_bytes()), "it is not a Keras model"),
    "file with a hole of gigabytes": Case(enormous, "more than any such network: not read"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES_OF_MODELS)
def test_model(table, reliability, name):
    case = CASES_OF_MODELS[name]
    tracemalloc.start()
    outcome = table.check(case, "model.h5", lambda given, _: ["check-model", given])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < PEAK_BYTES
    reliability("models", name, case.promised, outcome)


class Bomb:
    def __reduce__(self):
        return Path.touch, (Path("exploded"),)


def test_a_file_of_keras_3_is_named_so(model_file, tmp_path):
    with h5py.File(model_file, "a") as file:
        file.attrs["keras_version"] = "3.15.1"
    archive = tmp_path / "model.keras"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("config.json", "{}")
    for path in (model_file, archive):
        with pytest.raises(ModelFileError, match="written by Keras 3"):
            read_model_file(path)


def test_nothing_in_a_file_is_executed(reliability, model_file, tmp_path, monkeypatch):
    """A pickle where Keras keeps its training configuration, and one among the attributes."""
    monkeypatch.chdir(tmp_path)
    with h5py.File(model_file, "r+") as file:
        file.attrs["training_config"] = np.void(pickle.dumps(Bomb()))
        file.attrs["note"] = np.void(pickle.dumps(Bomb()))
    assert "note" not in read_model_file(model_file).attributes
    assert not (tmp_path / "exploded").exists()
    reliability("models", "pickles among the attributes", "read as a model; neither is unpickled", "so")

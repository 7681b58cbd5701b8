"""Read and write model files (legacy Keras 2 whole-model HDF5), safely: they are data, and nothing in them is executed."""

import zipfile
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from helixtune import __version__
from helixtune.errors import ModelFileError
from helixtune.files import atomic_output, require_file, sha256_of
from helixtune.model.config import read_model_config
from helixtune.model.config_writer import TRUNK_NAME, layer_names, write_model_config
from helixtune.model.graph import (
    BidirectionalLSTM,
    NetworkGraph,
    Normalisation,
    count_parameters,
    weight_shapes,
)
from helixtune.model.inputs import COVERAGE_NORMS
from helixtune.model.keras_backend import load_keras
from helixtune.model.legacy_hdf5 import (
    open_group,
    read_array,
    read_name_list,
    read_plain_attributes,
    read_text_attribute,
    write_layer,
    write_name_list,
)
from helixtune.model.network import build_from_graph, describe_network

FORMAT = "helixtune model"
FORMAT_VERSION = 1
KERAS_VERSION = "2.15.0"  # whose layout is written: the version that Helixer 0.3.6 and 0.3.7 run on

# Optimizer state triples a file; ten times the largest network's weights is still no model.
MAX_FILE_BYTES = 4_000_000_000
KERAS_3 = (
    "it was written by Keras 3, whose files are laid out otherwise: give a file that Keras 2 (or tf_keras) wrote, as"
    " Helixer's models are"
)
_KERAS_ATTRIBUTES = frozenset({"model_config", "training_config", "keras_version", "backend"})


@dataclass(frozen=True)
class ModelFile:
    """What a model file holds, without a neural-network library.

    `weights` maps layer names to arrays in Keras' order (see `network_graph.weight_shapes`); `attributes` are the file's own
    (coverage_norm, bam_files, base_model_sha256, …), `model_config` is the text as it stands in the file.
    """

    path: Path
    graph: NetworkGraph
    weights: dict[str, list[np.ndarray]]
    model_config: str
    attributes: dict
    sha256: str

    @property
    def coverage_norm(self) -> str | None:
        """How coverage was normalised when the model was trained, if the file says so."""
        return self.attributes.get("coverage_norm")

    @property
    def parameter_count(self) -> int:
        """Number of weights, moving statistics included."""
        return count_parameters(self.graph)


@dataclass(frozen=True)
class LoadedModel:
    """A Keras model with what its file says about it; `coverage_tracks` counts BAM files."""

    model: object
    has_phase: bool
    pool_size: int
    coverage_tracks: int
    coverage_norm: str | None
    sha256: str
    attributes: dict
    parameter_count: int


def read_model(path: str | Path) -> LoadedModel:
    """Read a model file into a Keras model; ModelFileError (one sentence) for anything that is not a Helixer network."""
    file = read_model_file(path)
    return LoadedModel(
        model=keras_model(file),
        has_phase=file.graph.has_phase,
        pool_size=file.graph.pool_size,
        coverage_tracks=file.graph.coverage_tracks,
        coverage_norm=file.coverage_norm,
        sha256=file.sha256,
        attributes=file.attributes,
        parameter_count=file.parameter_count,
    )


def keras_model(file: ModelFile, dtype_policy: str = "float32"):
    """Build the Keras model of a file's graph, computing by a Keras dtype policy, and give it the file's weights."""
    keras = load_keras()
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype_policy)
    try:
        model = build_from_graph(file.graph)
    finally:
        keras.config.set_dtype_policy(usual)
    for name, layer in _layers_with_weights(model, file.graph).items():
        layer.set_weights(file.weights[name])
    return model


def read_model_file(path: str | Path) -> ModelFile:
    """Read graph, weights and attributes of a model file without building a model.

    Raises:
        InputFileError: the file is missing or empty.
        ModelFileError: it is not a model file, is damaged, or holds anything but a network of this family.
    """
    path = require_file(path, "model file")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ModelFileError(
            f"Model file {path} has {path.stat().st_size:,} bytes, more than any such network: not read."
        )
    with _file_errors(path):
        if zipfile.is_zipfile(path):  # how version 3 saves by default
            raise ModelFileError(KERAS_3)
    with _file_errors(path), h5py.File(path, "r") as file:
        version = file.attrs.get("keras_version", b"")
        if str(version.decode(errors="replace") if isinstance(version, bytes) else version).startswith("3"):
            raise ModelFileError(KERAS_3)
        if "model_config" not in file.attrs:
            raise ModelFileError("it has no model_config, so it is not a Keras model")
        text = read_text_attribute(file, "model_config")
        parsed = read_model_config(text)
        return ModelFile(
            path=path,
            graph=parsed.graph,
            weights=_read_weights(open_group(file, "model_weights"), parsed),
            model_config=text,
            attributes=_read_attributes(file),
            sha256=sha256_of(path),
        )


def write_model(model, path: str | Path, attributes: Mapping[str, str | float | list[str]]) -> None:
    """Write a Keras model made by `network` or `read_model` as a file that Helixer 0.3.6 and 0.3.7 load.

    Args:
        model: the Keras model; its weights must be finite.
        path: takes the name when the file is complete.
        attributes: text, numbers or lists of text for the file's root, e.g. coverage_norm ("log" or "linear"), bam_files (in
            the order of the input channels), base_model_sha256, settings. Format, version and maker are added.
    """
    write_arrays(*arrays_of(model), path, attributes)


def arrays_of(model) -> tuple[NetworkGraph, dict[str, list[np.ndarray]]]:
    """Return graph and weights of a Keras model made by this package, as a `ModelFile` has them."""
    graph = describe_network(model)
    return graph, {name: layer.get_weights() for name, layer in _layers_with_weights(model, graph).items()}


def write_arrays(
    graph: NetworkGraph,
    weights: dict[str, list[np.ndarray]],
    path: str | Path,
    attributes: Mapping[str, str | float | list[str]],
) -> None:
    """Write a network as `write_model` does, from its graph and weights."""
    for name, arrays in weights.items():
        if not all(np.isfinite(array).all() for array in arrays):
            raise ModelFileError(f'Model file {path} is not written: layer "{name}" holds values that are not finite.')
    with atomic_output(path) as partial, h5py.File(partial, "w") as file:
        _write_root(file, graph, attributes)
        group = file.create_group("model_weights")
        group.attrs["backend"], group.attrs["keras_version"] = "tensorflow", KERAS_VERSION
        write_name_list(group, "layer_names", layer_names(graph))
        for layer, arrays in _stored_groups(graph, weights).items():
            write_layer(group, layer, arrays)
        group.create_group("top_level_model_weights")
        write_name_list(group["top_level_model_weights"], "weight_names", [])


def _write_root(file, graph, attributes):
    file.attrs["backend"], file.attrs["keras_version"] = "tensorflow", KERAS_VERSION
    file.attrs["model_config"] = write_model_config(graph)
    file.attrs["format"], file.attrs["format_version"] = FORMAT, FORMAT_VERSION
    file.attrs["created_by"] = f"helixtune {__version__}"
    for name, value in attributes.items():
        if name in _KERAS_ATTRIBUTES:
            raise ModelFileError(f'Attribute "{name}" is written by Keras and cannot be set.')
        file.attrs[name] = np.array(value, dtype=h5py.string_dtype()) if isinstance(value, list | tuple) else value


def _stored_groups(graph, weights):
    """Arrange arrays in the file's groups: one a layer, but a nested trunk is one group."""
    groups = {name: [] for name in layer_names(graph)}
    for name, arrays in weights.items():
        nested = graph.coverage_tracks and name not in {layer.name for layer in graph.head}
        stored = [f"{name}/{part}" for part in _array_names(graph, name)]
        groups[TRUNK_NAME if nested else name] += zip(stored, arrays, strict=True)
    return groups


def _array_names(graph, layer_name):
    layer = next(layer for layer in (*graph.trunk, *graph.head) if layer.name == layer_name)
    if isinstance(layer, Normalisation):
        return ["gamma:0", "beta:0", "moving_mean:0", "moving_variance:0"]
    if isinstance(layer, BidirectionalLSTM):
        inner = layer.name.replace("bidirectional", "lstm")
        parts = ("kernel:0", "recurrent_kernel:0", "bias:0")
        return [f"{direction}_{inner}/lstm_cell/{part}" for direction in ("forward", "backward") for part in parts]
    return ["kernel:0", "bias:0"]


def _layers_with_weights(model, graph):
    trunk = (
        next((layer for layer in model.layers if layer.name == TRUNK_NAME), model) if graph.coverage_tracks else model
    )
    heads = {layer.name for layer in graph.head}
    with_weights = [name for name, shapes in weight_shapes(graph).items() if shapes]
    return {name: (model if name in heads else trunk).get_layer(name) for name in with_weights}


def _read_weights(group, parsed):
    nested = _nested_names(group, parsed.nested_name) if parsed.nested_name else {}
    heads = {layer.name for layer in parsed.graph.head}
    weights = {}
    for layer, shapes in weight_shapes(parsed.graph).items():
        if not shapes:
            continue
        is_nested = parsed.nested_name and layer not in heads
        layer_group = open_group(group, parsed.nested_name if is_nested else layer)
        names = nested.get(layer, []) if is_nested else read_name_list(layer_group, "weight_names")
        if len(names) != len(shapes):
            raise ModelFileError(f'its layer "{layer}" has {len(names)} weight arrays; the network needs {len(shapes)}')
        weights[layer] = [read_array(layer_group, name, shape) for name, shape in zip(names, shapes, strict=True)]
    return weights


def _nested_names(group, nested_name):
    """Sort a nested model's weight names by layer: the order of names within a layer is the same in all files."""
    names = {}
    for name in read_name_list(open_group(group, nested_name), "weight_names"):
        names.setdefault(name.split("/")[0], []).append(name)
    return names


def _read_attributes(file):
    attributes = read_plain_attributes(file, leave_out=_KERAS_ATTRIBUTES)
    if attributes.get("format") == FORMAT and attributes.get("format_version") != FORMAT_VERSION:
        version = attributes.get("format_version")
        raise ModelFileError(f"it has format version {version}; this helixtune reads version {FORMAT_VERSION}")
    if attributes.get("coverage_norm", "log") not in COVERAGE_NORMS:
        raise ModelFileError(
            f"its coverage_norm is {str(attributes['coverage_norm'])[:40]!r}; log or linear is expected"
        )
    return attributes


@contextmanager
def _file_errors(path):
    try:
        yield
    except ModelFileError as error:
        raise ModelFileError(f"Model file {path} cannot be used: {error}.") from error
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        reason = "is truncated or not an HDF5 file" if isinstance(error, OSError) else "is damaged"
        raise ModelFileError(
            f"Model file {path} {reason} ({' '.join(str(error).split())[:120]}): fetch it again."
        ) from error

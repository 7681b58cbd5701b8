"""The JSON text `model_config` of a Keras 2 model file, read with a list of allowed layers into a `NetworkGraph`.

Nothing in the text is executed and no class is looked up by name: the text is walked from the outputs back to the input, and
whatever is not the one network family this package knows is refused.
"""

import json
from dataclasses import dataclass

from helixtune.errors import ModelFileError, ParameterError
from helixtune.model.graph import (
    BASES,
    CLASSES,
    BidirectionalLSTM,
    Convolution,
    Dense,
    Dropout,
    NetworkGraph,
    Normalisation,
    Pooling,
)

ALLOWED_CLASSES = frozenset(
    {"InputLayer", "Conv1D", "BatchNormalization", "Reshape", "Dropout", "Bidirectional", "Dense", "Activation"}
    | {
        "TFOpLambda",
        "SlicingOpLambda",
    }  # tf.split, tf.concat and x[..., a:b]: their function is checked where they occur
    | {"Functional", "Model"}
)
MAX_LAYERS = 200  # the full-size published network has 21

# Settings that change what a layer computes, with the only value Helixer writes; a missing one has this value by default.
REQUIRED_SETTINGS = {
    "Conv1D": {
        "strides": [1],
        "padding": "same",
        "data_format": "channels_last",
        "dilation_rate": [1],
        "groups": 1,
        "activation": "relu",
        "use_bias": True,
    },
    "BatchNormalization": {"center": True, "scale": True},
    "Bidirectional": {"merge_mode": "concat"},
    "LSTM": {
        "activation": "tanh",
        "recurrent_activation": "sigmoid",
        "use_bias": True,
        "return_sequences": True,
        "go_backwards": False,
        "stateful": False,
        "time_major": False,
    },
    "Dense": {"activation": "linear", "use_bias": True},
    "Activation": {"activation": "softmax"},
}


@dataclass(frozen=True)
class ParsedConfig:
    """A network graph, and the name of the nested model that holds the trunk's weights (None in a flat file)."""

    graph: NetworkGraph
    nested_name: str | None


@dataclass(frozen=True)
class _Layer:
    name: str
    kind: str
    config: dict
    inbound: list  # references [layer name, node index, tensor index, keyword arguments]


def read_model_config(text: str) -> ParsedConfig:
    """Parse the text; raise ModelFileError with the reason (a clause without the file's name) when it is not understood."""
    try:
        config = json.loads(text)
        if config["class_name"] not in ("Functional", "Model"):
            raise ModelFileError(f"it is a {str(config['class_name'])[:40]} and not a functional Keras model")
        return _read_network(config["config"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"its model_config is damaged ({type(error).__name__} {str(error)[:80]})") from error
    except ParameterError as error:
        raise ModelFileError(f"its network does not fit together: {error}") from error


def _read_network(config):
    layers = _read_layers(config)
    dense, has_phase, pool_size = _read_outputs(layers, [output[0] for output in config["output_layers"]])
    head, before = [_dense(dense)], _only_input(layers, dense)
    if before.kind == "Dense":
        head.insert(0, _dense(before))
        before = _only_input(layers, before)
    trunk, nested_name, tracks = _read_trunk(layers, before, pool_size)
    return ParsedConfig(NetworkGraph(tuple(trunk), tuple(head), pool_size, has_phase, tracks), nested_name)


def _read_layers(config):
    entries = config["layers"]
    if len(entries) > MAX_LAYERS:
        raise ModelFileError(f"it has {len(entries)} layers; at most {MAX_LAYERS} are read")
    layers = {}
    for entry in entries:
        name, kind = str(entry["name"]), str(entry["class_name"])
        if kind not in ALLOWED_CLASSES:
            raise ModelFileError(
                f'its layer "{name[:60]}" is of class {kind[:60]}, which is not part of a Helixer network and might run code'
            )
        _check_settings(name, kind, entry["config"])
        layers[name] = _Layer(name, kind, entry["config"], _references(entry["inbound_nodes"]))
    return layers


def _references(inbound_nodes):
    if not inbound_nodes:
        return []
    node = inbound_nodes[0]
    # Layers list the references of one call, `[[name, 0, 0, {}], …]`; operations with one tensor give the reference itself.
    return node if isinstance(node[0], list) else [node]


def _check_settings(name, kind, config):
    for setting, wanted in REQUIRED_SETTINGS.get(kind, {}).items():
        found = config.get(setting, wanted)
        if found != wanted and found != (wanted[0] if isinstance(wanted, list) else wanted):
            raise ModelFileError(f'its layer "{name}" has {setting} {str(found)[:40]} where {wanted} is expected')
    if kind == "Bidirectional":
        inner = config["layer"]
        if inner["class_name"] != "LSTM" or "backward_layer" in config:
            raise ModelFileError(f'its layer "{name}" is not a plain bidirectional LSTM')
        _check_settings(name, "LSTM", inner["config"])


def _only_input(layers, layer):
    if len(layer.inbound) != 1:
        raise ModelFileError(f'its layer "{layer.name}" has {len(layer.inbound)} inputs where one is expected')
    return layers[layer.inbound[0][0]]


def _expect(layer, kind, function=None):
    if layer.kind != kind or (function and layer.config["function"] != function):
        wanted = f"{kind} {function}" if function else kind
        raise ModelFileError(f'its layer "{layer.name}" is a {layer.kind} where {wanted} is expected')
    return layer


def _read_outputs(layers, output_names):
    """Return the last dense layer, whether there is a phase head, and the pool size."""
    if len(output_names) not in (1, 2):
        raise ModelFileError(f"it has {len(output_names)} outputs; one (classes) or two (classes, phase) are expected")
    reshapes = [_expect(_only_input(layers, _expect(layers[name], "Activation")), "Reshape") for name in output_names]
    pool_size = reshapes[0].config["target_shape"][1]
    for reshape in reshapes:
        if reshape.config["target_shape"] != [-1, pool_size, CLASSES]:
            raise ModelFileError(f'its layer "{reshape.name}" does not give {CLASSES} classes a base')
    sources = [_only_input(layers, reshape) for reshape in reshapes]
    if len(reshapes) == 1:
        return _expect(sources[0], "Dense"), False, pool_size
    split = _expect(sources[0], "TFOpLambda", "split")
    if sources[1] is not split or [reshape.inbound[0][2] for reshape in reshapes] != [0, 1]:
        raise ModelFileError("its two outputs are not the two halves of one layer")
    if _arguments(split).get("num_or_size_splits") != 2 or not _is_last_axis(split):
        raise ModelFileError(f'its layer "{split.name}" does not cut the last axis into two halves')
    return _expect(_only_input(layers, split), "Dense"), True, pool_size


def _read_trunk(layers, last, pool_size):
    """Return the trunk's layers in order, the nested model's name if there is one, and the number of coverage tracks."""
    if last.kind != "TFOpLambda":
        trunk, source = _walk_back(layers, last, pool_size)
        if _channels(_expect(source, "InputLayer")) != BASES:
            raise ModelFileError(f"its input has {_channels(source)} channels; {BASES} are expected without coverage")
        return trunk, None, 0
    concat = _expect(last, "TFOpLambda", "concat")
    if len(concat.inbound) != 2 or not _is_last_axis(concat):
        raise ModelFileError(f'its layer "{concat.name}" does not join trunk and coverage')
    trunk_end, coverage = (layers[reference[0]] for reference in concat.inbound)
    tracks = _coverage_tracks(layers, _expect(coverage, "Reshape"), pool_size)
    if trunk_end.kind not in ("Functional", "Model"):
        trunk, source = _walk_back(layers, trunk_end, pool_size)
        _expect(source, "TFOpLambda", "split")
        return trunk, None, tracks
    _expect_slice(_only_input(layers, trunk_end), None, BASES)
    nested = _read_layers(trunk_end.config)
    outputs = trunk_end.config["output_layers"]
    trunk, source = _walk_back(nested, nested[outputs[0][0]], pool_size)
    if len(outputs) != 1 or _channels(_expect(source, "InputLayer")) != BASES:
        raise ModelFileError(
            f'its nested model "{trunk_end.name}" does not have one input of {BASES} channels and one output'
        )
    return trunk, trunk_end.name, tracks


def _walk_back(layers, layer, pool_size):
    trunk = []
    while layer.kind in ("Conv1D", "BatchNormalization", "Reshape", "Dropout", "Bidirectional"):
        if len(trunk) > MAX_LAYERS:
            raise ModelFileError("its layers form a circle")
        trunk.append(_trunk_layer(layer, pool_size))
        layer = _only_input(layers, layer)
    trunk.reverse()
    _check_reshape(layers, trunk, pool_size)
    return trunk, layer


def _check_reshape(layers, trunk, pool_size):
    width = None
    for spec in trunk:
        if isinstance(spec, Convolution):
            width = spec.filters
        target = layers[spec.name].config["target_shape"] if isinstance(spec, Pooling) else None
        if target and (width is None or target != [-1, pool_size * width]):
            raise ModelFileError(f'its layer "{spec.name}" does not join {pool_size} positions into one time step')


def _trunk_layer(layer, pool_size):
    config = layer.config
    match layer.kind:
        case "Conv1D":
            size = config["kernel_size"]
            return Convolution(layer.name, config["filters"], size[0] if isinstance(size, list) else size)
        case "BatchNormalization":
            if config.get("axis", -1) not in ([2], 2, -1, [-1]):
                raise ModelFileError(f'its layer "{layer.name}" does not normalise channels')
            return Normalisation(layer.name, config["momentum"], config["epsilon"])
        case "Reshape":
            return Pooling(layer.name, pool_size)
        case "Dropout":
            return Dropout(layer.name, config["rate"])
    return BidirectionalLSTM(layer.name, config["layer"]["config"]["units"])


def _dense(layer):
    return Dense(layer.name, layer.config["units"])


def _coverage_tracks(layers, reshape, pool_size):
    source = _only_input(layers, reshape)
    channels = _channels(_expect(_only_input(layers, source), "InputLayer")) - BASES
    if source.kind == "SlicingOpLambda":
        _expect_slice(source, BASES, None)
    elif _arguments(_expect(source, "TFOpLambda", "split")).get("num_or_size_splits") != [BASES, channels]:
        raise ModelFileError(f'its layer "{source.name}" does not cut the input into bases and coverage')
    if channels < 2 or channels % 2 or reshape.config["target_shape"] != [-1, pool_size * channels]:
        raise ModelFileError(f"its input of {channels + BASES} channels is not bases, coverage and spliced coverage")
    return channels // 2


def _expect_slice(layer, start, stop):
    whole = {"start": None, "stop": None, "step": None}
    expected = [whole, whole, {"start": start, "stop": stop, "step": None}]
    if _arguments(_expect(layer, "SlicingOpLambda")).get("slice_spec") != expected:
        raise ModelFileError(f'its layer "{layer.name}" does not cut the input into bases and coverage')


def _channels(input_layer):
    shape = input_layer.config.get("batch_input_shape") or input_layer.config["batch_shape"]
    if len(shape) != 3 or not isinstance(shape[2], int):
        raise ModelFileError(f"its input shape {str(shape)[:40]} is not (batch, bases, channels)")
    return shape[2]


def _arguments(layer):
    return layer.inbound[0][3]


def _is_last_axis(layer):
    return _arguments(layer).get("axis") in (-1, 2)

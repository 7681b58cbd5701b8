"""Write a `NetworkGraph` as the JSON text `model_config` that Keras 2.15 writes, so that Helixer 0.3.x loads it."""

import json

from helixtune.model.graph import (
    BASES,
    CLASSES,
    BidirectionalLSTM,
    Convolution,
    Dropout,
    NetworkGraph,
    Normalisation,
    Pooling,
)

TRUNK_NAME = "model"  # the nested model of a network with coverage


def write_model_config(graph: NetworkGraph) -> str:
    """Return the JSON text; a network with coverage gets its trunk as a nested model, as Helixer's fine-tuning makes it."""
    if graph.coverage_tracks:
        layers, source, name = *_coverage_input(graph), "model_1"
    else:
        layers, name = [_input(BASES), *_trunk_layers(graph)], "model"
        source = [graph.trunk[-1].name, 0, 0, {}]
    head, outputs = _head_layers(graph, source)
    return json.dumps(
        {"class_name": "Functional", "config": _functional(name, [*layers, *head], outputs, trainable=True)}
    )


def layer_names(graph: NetworkGraph) -> list[str]:
    """Return the names of the outermost layers in the order of the text (the file's attribute `layer_names`)."""
    return [layer["name"] for layer in json.loads(write_model_config(graph))["config"]["layers"]]


def _functional(name, layers, outputs, *, trainable):
    return {
        "name": name,
        "trainable": trainable,
        "layers": layers,
        "input_layers": [["main_input", 0, 0]],
        "output_layers": [[output, 0, 0] for output in outputs],
    }


def _coverage_input(graph):
    trunk = _functional(TRUNK_NAME, [_input(BASES), *_trunk_layers(graph)], [graph.trunk[-1].name], trainable=False)
    layers = [
        _input(graph.input_channels),
        _slice("tf.__operators__.getitem", None, BASES),
        _slice("tf.__operators__.getitem_1", BASES, None),
        {**_entry("Functional", trunk, ["tf.__operators__.getitem", 0, 0, {}]), "name": TRUNK_NAME},
        _layer("Reshape", "reshape", ["tf.__operators__.getitem_1", 0, 0, {}], target_shape=[-1, graph.coverage_width]),
    ]
    concat = _operation("tf.concat", "concat", None)
    # Node 1 of the nested model is its call here; node 0 was its own construction.
    concat["inbound_nodes"] = [[[TRUNK_NAME, 1, 0, {"axis": -1}], ["reshape", 0, 0, {"axis": -1}]]]
    return [*layers, concat], ["tf.concat", 0, 0, {}]


def _trunk_layers(graph):
    layers, previous, width = [], "main_input", BASES
    for spec in graph.trunk:
        layers.append(_trunk_layer(spec, [previous, 0, 0, {}], width))
        previous, width = spec.name, getattr(spec, "filters", width)
    return layers


def _head_layers(graph, source):
    layers = []
    for spec in graph.head:
        layers.append(_layer("Dense", spec.name, source, units=spec.units, activation="linear", **_kernel_and_bias()))
        source = [spec.name, 0, 0, {}]
    names = [("reshape_hat", "genic"), ("reshape_hat1", "phase")] if graph.has_phase else [("reshape_hat", "main")]
    if graph.has_phase:
        layers.append(_operation("tf.split", "split", [source[0], 0, 0, {"num_or_size_splits": 2, "axis": -1}]))
    target = [-1, graph.pool_size, CLASSES]
    for i, (reshape, _) in enumerate(names):
        layers.append(
            _layer("Reshape", reshape, ["tf.split", 0, i, {}] if graph.has_phase else source, target_shape=target)
        )
    for reshape, output in names:
        layers.append(_layer("Activation", output, [reshape, 0, 0, {}], activation="softmax"))
    return layers, [output for _, output in names]


def _trunk_layer(spec, source, width):
    match spec:
        case Convolution():
            return _layer(
                "Conv1D",
                spec.name,
                source,
                filters=spec.filters,
                kernel_size=[spec.kernel_size],
                strides=[1],
                padding="same",
                data_format="channels_last",
                dilation_rate=[1],
                groups=1,
                activation="relu",
                **_kernel_and_bias(),
            )
        case Normalisation():
            return _layer("BatchNormalization", spec.name, source, **_normalisation(spec))
        case Pooling():
            return _layer("Reshape", spec.name, source, target_shape=[-1, spec.pool_size * width])
        case Dropout():
            return _layer("Dropout", spec.name, source, rate=spec.rate, noise_shape=None, seed=None)
    return _layer("Bidirectional", spec.name, source, layer=_lstm(spec), merge_mode="concat")


def _normalisation(spec):
    fixed = {"axis": [2], "momentum": spec.momentum, "epsilon": spec.epsilon, "center": True, "scale": True}
    initial = {"beta": "Zeros", "gamma": "Ones", "moving_mean": "Zeros", "moving_variance": "Ones"}
    initialisers = {f"{name}_initializer": _initialiser(kind) for name, kind in initial.items()}
    nothing = {f"{name}_{kind}": None for kind in ("regularizer", "constraint") for name in ("beta", "gamma")}
    return {**fixed, **initialisers, **nothing}


def _lstm(spec: BidirectionalLSTM):
    weights = ("kernel", "recurrent", "bias")
    config = {
        "name": spec.name.replace("bidirectional", "lstm"),
        "trainable": True,
        "dtype": "float32",
        "return_sequences": True,
        "return_state": False,
        "go_backwards": False,
        "stateful": False,
        "unroll": False,
        "time_major": False,
        "units": spec.units,
        "activation": "tanh",
        "recurrent_activation": "sigmoid",
        "use_bias": True,
        "kernel_initializer": _initialiser("GlorotUniform", seed=None),
        "recurrent_initializer": _initialiser("Orthogonal", gain=1.0, seed=None),
        "bias_initializer": _initialiser("Zeros"),
        "unit_forget_bias": True,
        **{f"{name}_regularizer": None for name in (*weights, "activity")},
        **{f"{name}_constraint": None for name in weights},
        "dropout": 0.0,
        "recurrent_dropout": 0.0,
        "implementation": 2,
    }
    return {"module": "keras.layers", "class_name": "LSTM", "config": config, "registered_name": None}


def _kernel_and_bias():
    nothing = ("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint")
    initialisers = {
        "kernel_initializer": _initialiser("GlorotUniform", seed=None),
        "bias_initializer": _initialiser("Zeros"),
    }
    return {"use_bias": True, **initialisers, **dict.fromkeys(nothing)}


def _initialiser(kind, **config):
    return {"module": "keras.initializers", "class_name": kind, "config": config, "registered_name": None}


def _input(channels):
    shape = {"batch_input_shape": [None, None, channels], "dtype": "float32", "sparse": False, "ragged": False}
    config = {**shape, "name": "main_input"}
    return {"class_name": "InputLayer", "config": config, "name": "main_input", "inbound_nodes": []}


def _slice(name, start, stop):
    parts = [(None, None), (None, None), (start, stop)]
    spec = [{"start": first, "stop": last, "step": None} for first, last in parts]
    config = {**_common(name), "function": "__operators__.getitem"}
    inbound = [["main_input", 0, 0, {"slice_spec": spec}]]
    return {"class_name": "SlicingOpLambda", "config": config, "name": name, "inbound_nodes": inbound}


def _operation(name, function, inbound):
    config = {**_common(name), "function": function}
    return {"class_name": "TFOpLambda", "config": config, "name": name, "inbound_nodes": [inbound]}


def _layer(kind, name, source, **config):
    return _entry(kind, {**_common(name), **config}, source)


def _common(name):
    # Not trainable, as in every file Helixer saves: Keras 2 then stores weights layer by layer, in one fixed order.
    return {"name": name, "trainable": False, "dtype": "float32"}


def _entry(kind, config, source):
    return {"class_name": kind, "config": config, "name": config["name"], "inbound_nodes": [[source]]}

"""Keras models of Helixer-type networks: from a shape or a graph, and their parts."""

from itertools import count, repeat

from helixtune.errors import ModelFileError, ParameterError
from helixtune.model.graph import (
    BASES,
    CLASSES,
    BidirectionalLSTM,
    Convolution,
    Dense,
    Dropout,
    NetworkGraph,
    NetworkShape,
    Normalisation,
    Pooling,
    graph_of_shape,
)
from helixtune.model.keras_backend import load_keras

__all__ = [
    "NetworkShape",
    "build_from_graph",
    "build_network",
    "describe_network",
    "head_of",
    "pool_size_of",
    "trunk_of",
]


def build_network(shape: NetworkShape, seed: int | None = None):
    """Build a network from scratch.

    Args:
        shape: sizes of all layers.
        seed: makes initial weights and dropout reproducible.

    Returns:
        keras.Model, input (B, L, 4 + 2C) float32 with L a multiple of the pool size P, outputs `genic` and `phase` (a single
        one, `main`, without phase), each (B, L // P, P, 4), softmax over the last axis. With coverage the trunk is a nested
        model named `model`.
    """
    return build_from_graph(graph_of_shape(shape), seed)


def build_from_graph(graph: NetworkGraph, seed: int | None = None):
    """Build the Keras model of any network graph (see `build_network`)."""
    keras, seeds = load_keras(), _seeds(seed)
    inputs = keras.Input((None, BASES), name="main_input")
    features = inputs
    for layer in graph.trunk:
        features = _keras_layer(keras, layer, features.shape[-1], seeds)(features)
    trunk = keras.Model(inputs, features, name="model")
    return _with_head(keras, trunk, graph, seeds)


def trunk_of(model):
    """Return the part of a model below its head as a keras.Model that shares its layers: (B, L, 4) -> (B, T, 2U).

    It ends at the last layer before the head's first dense layer; a dropout in between is left out, the last LSTM never is
    (upstream loses it when the base has no dropout).
    """
    keras, layers = load_keras(), _trunk_layers(model)
    while isinstance(layers[-1], keras.layers.Dropout):
        layers.pop()
    return keras.Model((_nested_trunk(model) or model).input, layers[-1].output, name="model")


def head_of(model):
    """Return the head of a model as a keras.Model that shares its layers, for training on stored trunk outputs.

    Inputs: `features` (B, T, width of `trunk_of`) and, with coverage, `coverage` (B, T, 2 × C × P), position-major; a dropout
    before the head belongs to it. Outputs as the whole model's.
    """
    keras, graph = load_keras(), describe_network(model)
    features = keras.Input((None, trunk_of(model).output.shape[-1]), name="features")
    inputs, joined = [features], features
    if isinstance(graph.trunk[-1], Dropout):
        source = _nested_trunk(model) or model
        joined = source.get_layer(graph.trunk[-1].name)(joined)
    if graph.coverage_tracks:
        inputs.append(keras.Input((None, graph.coverage_width), name="coverage"))
        joined = keras.layers.Concatenate(name="concatenate")([joined, inputs[1]])
    layers = {layer.name: layer for layer in model.layers}
    outputs = _head_outputs(joined, [layers[layer.name] for layer in graph.head], layers, has_phase=graph.has_phase)
    return keras.Model(inputs, outputs, name="head")


def pool_size_of(model) -> int:
    """Return how many bases a time step of the model has."""
    return int(model.get_layer("reshape_hat").target_shape[1])


def describe_network(model) -> NetworkGraph:
    """Return the graph of a Keras model that was made by this module."""
    keras = load_keras()
    try:
        dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
        trunk = tuple(_describe_layer(layer) for layer in _trunk_layers(model))
        head = tuple(Dense(layer.name, layer.units) for layer in dense)
        tracks = (model.input.shape[-1] - BASES) // 2
        return NetworkGraph(trunk, head, pool_size_of(model), len(model.outputs) == 2, tracks)
    except (ValueError, AttributeError, IndexError, ParameterError) as error:
        raise ModelFileError(f"Model {model.name} is not a network of this kind: {error}.") from error


def _with_head(keras, trunk, graph, seeds):
    inputs, joined = trunk.input, trunk.output
    if graph.coverage_tracks:
        inputs = keras.Input((None, graph.input_channels), name="main_input")
        coverage = keras.layers.Reshape((-1, graph.coverage_width), name="reshape")(inputs[..., BASES:])
        joined = keras.layers.Concatenate(name="concatenate")([trunk(inputs[..., :BASES]), coverage])
    width = joined.shape[-1]
    dense = []
    for layer in graph.head:
        dense.append(_keras_layer(keras, layer, width, seeds))
        width = layer.units
    layers = {}
    for reshape, output in _output_names(graph):
        layers[reshape] = keras.layers.Reshape((-1, graph.pool_size, CLASSES), name=reshape)
        layers[output] = keras.layers.Activation("softmax", name=output)
    return keras.Model(inputs, _head_outputs(joined, dense, layers, has_phase=graph.has_phase), name="helixtune")


def _output_names(graph):
    return [("reshape_hat", "genic"), ("reshape_hat1", "phase")] if graph.has_phase else [("reshape_hat", "main")]


def _head_outputs(joined, dense, layers, *, has_phase):
    for layer in dense:
        joined = layer(joined)
    if not has_phase:
        return layers["main"](layers["reshape_hat"](joined))
    half = joined.shape[-1] // 2
    genic, phase = joined[..., :half], joined[..., half:]
    return [layers["genic"](layers["reshape_hat"](genic)), layers["phase"](layers["reshape_hat1"](phase))]


def _nested_trunk(model):
    keras = load_keras()
    return next((layer for layer in model.layers if isinstance(layer, keras.Model)), None)


def _trunk_layers(model):
    keras, nested = load_keras(), _nested_trunk(model)
    if nested:
        return list(nested.layers[1:])
    is_dense = [isinstance(layer, keras.layers.Dense) for layer in model.layers]
    return model.layers[1 : is_dense.index(True)]


def _seeds(seed):
    return repeat(None) if seed is None else count(seed)


def _keras_layer(keras, spec, width, seeds):
    kernel = keras.initializers.GlorotUniform(next(seeds))
    match spec:
        case Convolution():
            return keras.layers.Conv1D(
                spec.filters,
                spec.kernel_size,
                padding="same",
                activation="relu",
                kernel_initializer=kernel,
                name=spec.name,
            )
        case Normalisation():
            return keras.layers.BatchNormalization(momentum=spec.momentum, epsilon=spec.epsilon, name=spec.name)
        case Pooling():
            return keras.layers.Reshape((-1, spec.pool_size * width), name=spec.name)
        case Dropout():
            return keras.layers.Dropout(spec.rate, seed=next(seeds), name=spec.name)
        case BidirectionalLSTM():
            orthogonal = keras.initializers.Orthogonal(seed=next(seeds))
            lstm = keras.layers.LSTM(
                spec.units,
                return_sequences=True,
                kernel_initializer=kernel,
                recurrent_initializer=orthogonal,
                name=spec.name.replace("bidirectional", "lstm"),
            )
            return keras.layers.Bidirectional(lstm, name=spec.name)
    return keras.layers.Dense(spec.units, kernel_initializer=kernel, name=spec.name)


def _describe_layer(layer):
    keras = load_keras()
    match layer:
        case keras.layers.Conv1D():
            return Convolution(layer.name, layer.filters, layer.kernel_size[0])
        case keras.layers.BatchNormalization():
            return Normalisation(layer.name, layer.momentum, layer.epsilon)
        case keras.layers.Reshape():
            return Pooling(layer.name, layer.target_shape[1] // layer.input.shape[-1])
        case keras.layers.Dropout():
            return Dropout(layer.name, layer.rate)
        case keras.layers.Bidirectional():
            return BidirectionalLSTM(layer.name, layer.forward_layer.units)
    raise ModelFileError(f"Layer {layer.name} of kind {type(layer).__name__} is not part of a network of this kind.")

"""Build a `NetworkGraph` with its weights as an OpenVINO model: input (B, L, channels) float16, output (B, T, heads, P, 4)."""

import numpy as np

from helixtune.engines.openvino_library import load_openvino
from helixtune.model.graph import (
    BASES,
    CLASSES,
    BidirectionalLSTM,
    Convolution,
    NetworkGraph,
    Normalisation,
    Pooling,
)


def build_openvino_model(graph: NetworkGraph, weights: dict[str, list[np.ndarray]]):
    """Return the openvino.Model; arrays are laid out anew for OpenVINO but not changed."""
    openvino = load_openvino()
    op = openvino.opset13
    inputs = op.parameter([-1, -1, graph.input_channels], np.float16, name="inputs")
    values = op.convert(inputs, np.float32)
    features = _trunk(op, graph, weights, _channels(op, values, 0, BASES))
    if graph.coverage_tracks:
        coverage = _channels(op, values, BASES, graph.input_channels)
        coverage = op.reshape(coverage, _ints(0, -1, graph.coverage_width), special_zero=True)
        features = op.concat([features, coverage], -1)
    for layer in graph.head:
        kernel, bias = weights[layer.name]
        features = op.add(op.matmul(features, op.constant(kernel), False, False), op.constant(bias[None, None]))
    n_heads = graph.output_width // (graph.pool_size * CLASSES)
    logits = op.reshape(features, _ints(0, -1, n_heads, graph.pool_size, CLASSES), special_zero=True)
    return openvino.Model([op.softmax(logits, -1)], [inputs], "helixtune")


def build_openvino_trunk(graph: NetworkGraph, weights: dict[str, list[np.ndarray]]):
    """Return the openvino.Model of the trunk: input (B, L, 4) float16, output (B, T, width)."""
    openvino = load_openvino()
    op = openvino.opset13
    inputs = op.parameter([-1, -1, BASES], np.float16, name="inputs")
    return openvino.Model([_trunk(op, graph, weights, op.convert(inputs, np.float32))], [inputs], "trunk")


def _trunk(op, graph, weights, bases):
    features, width = op.transpose(bases, _ints(0, 2, 1)), BASES  # (B, 4, L): OpenVINO convolves the last axis
    for layer in graph.trunk:
        features, width = _trunk_layer(op, layer, weights.get(layer.name), features, width)
    return features


def _trunk_layer(op, layer, arrays, features, width):
    match layer:
        case Convolution():
            return _convolution(op, layer, arrays, features), layer.filters
        case Normalisation():
            gamma, beta, mean, variance = (array.astype(np.float64) for array in arrays)
            scale = gamma / np.sqrt(variance + layer.epsilon)
            scaled = op.multiply(features, _per_channel(op, scale))
            return op.add(scaled, _per_channel(op, beta - mean * scale)), width
        case Pooling():
            positions = op.transpose(features, _ints(0, 2, 1))
            width *= layer.pool_size
            return op.reshape(positions, _ints(0, -1, width), special_zero=True), width
        case BidirectionalLSTM():
            return _lstm(op, layer, arrays, features), 2 * layer.units
    return features, width  # dropout does nothing in prediction


def _convolution(op, layer, arrays, features):
    kernel, bias = arrays
    left = (
        layer.kernel_size - 1
    ) // 2  # "same" padding as TensorFlow does it: an even kernel has the odd one on the right
    right = layer.kernel_size - 1 - left
    kernel = op.constant(np.ascontiguousarray(kernel.transpose(2, 1, 0)))
    return op.relu(op.add(op.convolution(features, kernel, [1], [left], [right], [1]), _per_channel(op, bias)))


def _lstm(op, layer, arrays, features):
    """Keras orders gates i, f, c, o along columns; OpenVINO f, i, c, o along rows, directions stacked in front."""
    stacks = [np.stack([_gates(arrays[i]), _gates(arrays[i + 3])]) for i in range(3)]
    size = op.shape_of(features)
    batch, steps = (op.gather(size, op.constant(_ints(i)), op.constant(0)) for i in (0, 1))
    zeros = op.broadcast(op.constant(np.float32(0)), op.concat([batch, op.constant(_ints(2, layer.units))], 0))
    lengths = op.broadcast(steps, batch)
    output = op.lstm_sequence(
        features, zeros, zeros, lengths, *(op.constant(stack) for stack in stacks), layer.units, "bidirectional"
    ).output(0)  # (B, 2, T, U)
    return op.reshape(op.transpose(output, _ints(0, 2, 1, 3)), _ints(0, 0, 2 * layer.units), special_zero=True)


def _gates(array):
    i, f, c, o = np.split(array, 4, axis=-1)
    return np.ascontiguousarray(np.concatenate([f, i, c, o], axis=-1).T)


def _channels(op, values, first, last):
    return op.slice(
        values, op.constant(_ints(first)), op.constant(_ints(last)), op.constant(_ints(1)), op.constant(_ints(2))
    )


def _per_channel(op, values):
    return op.constant(values.reshape(1, -1, 1).astype(np.float32))


def _ints(*values):
    return np.array(values, np.int64)

"""New heads, and weights that start from the old one: same function where shapes allow, the nearest one where they do not."""

from dataclasses import replace

import numpy as np

from helixtune.model.graph import Dense, Dropout, NetworkGraph, trunk_width, weight_shapes
from helixtune.model.weights import ModelFile
from helixtune.tuning.plan import Wishes

Layer = list[np.ndarray]  # kernel (in, out) and bias (out,)


def with_new_head(base: ModelFile, wishes: Wishes, *, coverage_tracks: int = 0) -> ModelFile:
    """Put a new head on a network's trunk.

    Args:
        base: the network; its trunk is kept as it is. A dropout before its head goes where coverage is joined.
        wishes: hidden layer, start of the weights, seed.
        coverage_tracks: BAM files whose coverage the head sees.
    """
    graph = base.graph
    trunk = list(graph.trunk)
    while isinstance(trunk[-1], Dropout):
        trunk.pop()
    if isinstance(graph.trunk[-1], Dropout) and graph.trunk[-1].rate > 0 and not coverage_tracks:
        trunk.append(graph.trunk[-1])
    width, hidden = graph.output_width, wishes.hidden_units
    head = (Dense("dense", hidden), Dense("dense_1", width)) if hidden else (Dense("dense", width),)
    new = NetworkGraph(tuple(trunk), head, graph.pool_size, graph.has_phase, coverage_tracks)
    weights = {layer.name: base.weights[layer.name] for layer in trunk if layer.name in base.weights}
    start = from_old_head if wishes.head_init == "base" else lambda _base, _new, layers: layers
    return replace(base, graph=new, weights=weights | start(base, new, random_head(new, wishes.seed)))


def random_head(graph: NetworkGraph, seed: int) -> dict[str, Layer]:
    """Return Glorot-uniform kernels and zero biases, as Keras starts dense layers."""
    rng, shapes, layers = np.random.default_rng(seed), weight_shapes(graph), {}
    for layer in graph.head:
        kernel, bias = shapes[layer.name]
        limit = np.sqrt(6 / sum(kernel))
        layers[layer.name] = [rng.uniform(-limit, limit, kernel).astype(np.float32), np.zeros(bias, np.float32)]
    return layers


def linear_map(layers: list[Layer]) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel and bias of linear layers as one: x -> x @ kernel + bias."""
    kernel, bias = layers[0]
    for next_kernel, next_bias in layers[1:]:
        kernel, bias = kernel @ next_kernel, bias @ next_kernel + next_bias
    return kernel, bias


def from_old_head(base: ModelFile, new: NetworkGraph, layers: dict[str, Layer]) -> dict[str, Layer]:
    """Return weights of the new head that compute what the old head computes from the trunk's output.

    Coverage of which the old head had another number of tracks, or none, starts with weight 0. A hidden layer holds the
    largest components of the old kernel (singular value decomposition): exact when it is as wide as the kernel's rank.
    `layers` are random ones.
    """
    kernel, bias = linear_map([base.weights[layer.name] for layer in base.graph.head])
    n_inputs = trunk_width(new) + new.coverage_width
    if len(kernel) != n_inputs:
        kernel = kernel[: trunk_width(base.graph)]
        kernel = np.concatenate([kernel, np.zeros((n_inputs - len(kernel), kernel.shape[1]), np.float32)])
    names = list(layers)
    if len(names) == 1:
        return {names[0]: [kernel.copy(), bias.copy()]}
    spare, zeros = layers[names[0]]
    first, second = factorise(kernel, spare)
    return {names[0]: [first, zeros], names[1]: [second, bias.copy()]}


def factorise(kernel: np.ndarray, spare: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split (n, m) into (n, hidden) @ (hidden, m), as near as the hidden width allows.

    Args:
        kernel: (n, m).
        spare: (n, hidden) random weights; columns beyond the kernel's rank keep them and start without effect.
    """
    left, values, right = np.linalg.svd(kernel.astype(np.float64), full_matrices=False)
    width = min(spare.shape[1], len(values))
    roots = np.sqrt(values[:width])
    first, second = spare.copy(), np.zeros((spare.shape[1], kernel.shape[1]), np.float32)
    first[:, :width] = left[:, :width] * roots
    second[:width] = roots[:, None] * right[:width]
    return first, second

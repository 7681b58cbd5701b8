"""Starting a new head from the old one: same function where shapes allow, the nearest one where they do not."""

import numpy as np

from helixtune.model.keras_backend import load_keras
from helixtune.model.network import trunk_of


def dense_layers(model) -> list:
    """Return the dense layers of a network's head in order: (hidden,) output."""
    dense = load_keras().layers.Dense
    return [layer for layer in model.layers if isinstance(layer, dense)]


def linear_map(layers: list) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel and bias of linear layers as one: x -> x @ kernel + bias."""
    kernel, bias = layers[0].get_weights()
    for layer in layers[1:]:
        next_kernel, next_bias = layer.get_weights()
        kernel, bias = kernel @ next_kernel, bias @ next_kernel + next_bias
    return kernel, bias


def start_from_old_head(old_model, new_model) -> None:
    """Give the head of `new_model` weights that compute what the head of `old_model` computes from the trunk's output.

    Coverage of which the old head had another number of tracks, or none, starts with weight 0. A hidden layer holds the
    largest components of the old kernel (singular value decomposition): exact when it is as wide as the kernel's rank.
    """
    kernel, bias = linear_map(dense_layers(old_model))
    layers = dense_layers(new_model)
    n_inputs = layers[0].kernel.shape[0]
    if len(kernel) != n_inputs:
        kernel = kernel[: trunk_of(old_model).output.shape[-1]]
        kernel = np.concatenate([kernel, np.zeros((n_inputs - len(kernel), kernel.shape[1]), np.float32)])
    if len(layers) == 1:
        layers[0].set_weights([kernel, bias])
        return
    hidden, output = layers
    first, second = factorise(kernel, hidden.get_weights()[0])
    hidden.set_weights([first, np.zeros(hidden.units, np.float32)])
    output.set_weights([second, bias])


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

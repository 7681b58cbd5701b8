"""Keras models: sizes, names, trunk and head, initial weights."""

import numpy as np
import pytest

from helixtune.errors import ParameterError
from helixtune.model.graph import count_parameters, graph_of_shape
from helixtune.model.network import (
    NetworkShape,
    build_network,
    describe_network,
    head_of,
    pool_size_of,
    trunk_of,
)

pytest.importorskip("tensorflow")
SMALL = {"filter_depth": 6, "kernel_size": 5, "units": 4}


def random_input(channels: int, length: int = 90, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((2, length, channels)).astype(np.float32)


def outputs_of(model, *inputs) -> list[np.ndarray]:
    outputs = model(list(inputs) if isinstance(model.input, list) else inputs[0], training=False)
    return [output.numpy() for output in (outputs if isinstance(outputs, list) else [outputs])]


def test_parameter_counts_are_upstreams():
    """14,312 and 2,105,672 are what Helixer itself prints for these shapes."""
    assert count_parameters(graph_of_shape(NetworkShape(2, 16, 10, 9, 1, 8))) == 14_312
    assert count_parameters(graph_of_shape(NetworkShape(4, 96, 10, 9, 3, 128))) == 2_105_672


@pytest.mark.parametrize(
    "shape",
    [
        NetworkShape(**SMALL),
        NetworkShape(cnn_layers=3, lstm_layers=2, dropout1=0.1, dropout2=0.2, **SMALL),
        NetworkShape(has_phase=False, **SMALL),
        NetworkShape(coverage_tracks=2, dropout2=0.2, **SMALL),
    ],
)
def test_a_built_network_is_what_was_described(shape):
    model = build_network(shape, seed=1)
    graph = describe_network(model)
    assert graph == graph_of_shape(shape)
    assert model.count_params() == count_parameters(graph)
    assert pool_size_of(model) == 9
    probs = outputs_of(model, random_input(graph.input_channels))
    assert [output.shape for output in probs] == [(2, 10, 9, 4)] * (2 if shape.has_phase else 1)
    np.testing.assert_allclose(probs[0].sum(axis=-1), 1, atol=1e-5)


def test_output_names_are_upstreams():
    assert build_network(NetworkShape(**SMALL)).output_names == ["genic", "phase"]
    assert build_network(NetworkShape(has_phase=False, **SMALL)).output_names == ["main"]


def test_the_seed_decides_the_initial_weights():
    first, again, other = (build_network(NetworkShape(**SMALL), seed).get_weights() for seed in (5, 5, 6))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_the_forget_gate_starts_open():
    lstm = build_network(NetworkShape(**SMALL)).get_layer("bidirectional")
    np.testing.assert_array_equal(lstm.get_weights()[2], [0] * 4 + [1] * 4 + [0] * 8)


@pytest.mark.parametrize("coverage_tracks", [0, 2])
def test_trunk_and_head_together_are_the_whole_network(coverage_tracks):
    model = build_network(NetworkShape(dropout2=0.3, coverage_tracks=coverage_tracks, **SMALL), seed=2)
    inputs = random_input(4 + 2 * coverage_tracks)
    features = trunk_of(model)(inputs[..., :4], training=False).numpy()
    coverage = [inputs[..., 4:].reshape(2, 10, -1)] if coverage_tracks else []
    for whole, parts in zip(outputs_of(model, inputs), outputs_of(head_of(model), features, *coverage), strict=True):
        np.testing.assert_allclose(whole, parts, atol=1e-6)


def test_the_head_view_shares_its_weights_with_the_model():
    model = build_network(NetworkShape(**SMALL), seed=2)
    head_of(model).get_layer("dense").bias.assign(np.full(72, 3.0, np.float32))
    assert (model.get_layer("dense").bias.numpy() == 3).all()


@pytest.mark.parametrize(
    ("field", "value"),
    [("units", 0), ("pool_size", 1), ("cnn_layers", 1.5), ("dropout1", 1.0), ("coverage_tracks", -1)],
)
def test_impossible_shapes_are_refused(field, value):
    with pytest.raises(ParameterError, match=field):
        NetworkShape(**{field: value})

"""New heads on old trunks: layers, and what they start from."""

import numpy as np
import pytest

from helixtune.model.graph import BidirectionalLSTM, Dropout, weight_shapes
from helixtune.model.weights import read_model_file
from helixtune.tuning.head_start import linear_map, with_new_head
from helixtune.tuning.plan import Wishes
from training_rows import write_base_model


def base_with(folder, **shape):
    return read_model_file(write_base_model(folder / "base.h5", **shape))


@pytest.mark.parametrize("dropout2", [0.0, 0.2])
def test_a_coverage_head_keeps_the_last_lstm(dropout2, tmp_path):
    """Upstream drops it from a base without dropout."""
    new = with_new_head(base_with(tmp_path, dropout2=dropout2), Wishes(hidden_units=5), coverage_tracks=2)
    assert [type(layer) for layer in new.graph.trunk].count(BidirectionalLSTM) == 2
    assert not isinstance(new.graph.trunk[-1], Dropout)
    assert [(layer.name, layer.units) for layer in new.graph.head] == [("dense", 5), ("dense_1", 24)]
    assert new.graph.input_channels == 8


def test_a_new_head_keeps_trunk_and_dropout(tmp_path):
    base = base_with(tmp_path, dropout2=0.1)
    new = with_new_head(base, Wishes(head_init="random", seed=4))
    assert new.graph == base.graph
    for name, arrays in base.weights.items():
        same = [np.array_equal(old, found) for old, found in zip(arrays, new.weights[name], strict=True)]
        assert all(same) == (name != "dense"), name


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(hidden_units=3), Wishes(hidden_units=30, head_init="random")])
def test_arrays_have_the_shapes_of_the_graph(wishes, tmp_path):
    new = with_new_head(base_with(tmp_path), wishes, coverage_tracks=1)
    shapes = {name: shapes for name, shapes in weight_shapes(new.graph).items() if shapes}
    assert {name: tuple(array.shape for array in arrays) for name, arrays in new.weights.items()} == shapes


def test_a_hidden_layer_as_wide_as_the_trunk_computes_what_the_old_head_did(tmp_path):
    base = base_with(tmp_path)
    new = with_new_head(base, Wishes(hidden_units=6), coverage_tracks=2)
    kernel, bias = linear_map([new.weights["dense"], new.weights["dense_1"]])
    np.testing.assert_allclose(kernel[:6], base.weights["dense"][0], atol=1e-6)
    assert not kernel[6:].any()
    np.testing.assert_array_equal(bias, base.weights["dense"][1])


def test_the_seed_decides_a_random_head(tmp_path):
    base = base_with(tmp_path)
    one, same, other = (with_new_head(base, Wishes(head_init="random", seed=seed)) for seed in (1, 1, 2))
    kernels = [new.weights["dense"][0] for new in (one, same, other)]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])

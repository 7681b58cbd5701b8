"""The weighted cross-entropy against a plain numpy restatement."""

import numpy as np
import pytest

from helixtune.training.loss import head_loss, total_loss


def example(seed=0):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(4), (2, 3, 5)).astype(np.float32)
    return probabilities, rng.integers(0, 4, (2, 3, 5)).astype(np.uint8), rng.random((2, 3)).astype(np.float32)


def test_is_averaged_over_bases_not_weights():
    probabilities, labels, weights = example()
    of_truth = np.take_along_axis(probabilities, labels[..., None].astype(int), axis=-1)[..., 0]
    expected = (-np.log(of_truth) * weights[..., None]).sum() / labels.size
    assert float(head_loss(probabilities, labels, weights)) == pytest.approx(expected, rel=1e-5)


def test_unlabelled_base_costs_nothing_but_counts_in_the_mean():
    probabilities, labels, weights = example()
    some = labels.copy()
    some[0] = 255
    without = float(head_loss(probabilities[1:], labels[1:], weights[1:]))
    assert float(head_loss(probabilities, some, weights)) == pytest.approx(without / 2, rel=1e-5)


def test_probability_of_zero_is_clipped():
    probabilities = np.array([[[[1, 0, 0, 0]]]], np.float32)
    found = float(head_loss(probabilities, np.ones((1, 1, 1), np.uint8), np.ones((1, 1), np.float32)))
    assert found == pytest.approx(-np.log(1e-7), rel=1e-5)


def test_shares_of_the_heads():
    genic, phase = example(1), example(2)
    losses = total_loss([genic[0], phase[0]], genic[1], phase[1], genic[2])
    assert float(losses["loss"]) == pytest.approx(0.8 * float(losses["genic_loss"]) + 0.2 * float(losses["phase_loss"]))
    assert set(total_loss([genic[0]], genic[1], phase[1], genic[2])) == {"loss", "genic_loss"}

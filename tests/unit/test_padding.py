"""Leaving out padding: lengths, registers, and how the margin is found."""

import numpy as np
import pytest

from helixtune.prediction.padding import (
    FIRST_MARGIN_BP,
    SAFETY,
    Window,
    cut_padding,
    kept_length,
    measure_margin,
    restore_length,
)

P = 9


def window_with_padding(length: int, front: int, end: int) -> np.ndarray:
    inputs = np.zeros((length, 4), np.float16)
    inputs[front : length - end, 0] = np.arange(1, length - front - end + 1)
    return inputs


@pytest.mark.parametrize(("front", "end"), [(0, 9000), (9000, 0), (5000, 4000), (0, 0), (0, 50), (9900, 0)])
def test_bases_and_the_margin_stay_and_the_register_too(front, end):
    inputs = window_with_padding(9999, front, end)
    window = cut_padding(inputs, front, end, 300, P)
    kept = window.inputs
    assert len(kept) + window.skipped_front + window.skipped_end == 9999
    assert window.skipped_front % P == 0
    assert window.skipped_front <= max(0, front - 300)
    assert window.skipped_end <= max(0, end - 300)
    assert kept[:, 0].astype(bool).sum() == 9999 - front - end


def test_few_different_lengths_come_out():
    lengths = {len(cut_padding(np.zeros((64152, 4)), 0, end, 900, P).inputs) for end in range(0, 63000, 7)}
    assert len(lengths) <= 40


def test_short_contigs_without_padding_cost_little_more_than_their_bases():
    """The pipeline's --max_padding 0: an eighth is added at most, so that windows can share batches."""
    for bases in range(50, 21_384, 31):
        assert bases <= kept_length(21_384, 0, 21_384 - bases, 0, P) <= bases * 9 / 8 + P


def test_restored_predictions_lie_where_their_bases_are():
    inputs = window_with_padding(999, 500, 0)
    window = cut_padding(inputs, 500, 0, 90, P)
    probs = np.repeat(window.inputs.astype(np.float32)[None], 2, axis=0)
    whole = restore_length(probs, window, 999)
    np.testing.assert_array_equal(whole[1], inputs.astype(np.float32))


def test_clipped_positions_are_zero():
    whole = restore_length(np.ones((1, 99, 4), np.float32), Window(np.zeros((100, 4))), 100)
    assert whole[0, :99].all()
    assert not whole[0, 99:].any()


def feels_the_end_on(side: str, distance: int):
    """A network whose predictions change within `distance` positions of one end of its window."""

    def predict(batch):
        index = np.arange(batch.shape[1])
        to_end = index if side == "front" else index[::-1]
        return np.tile((to_end < distance)[None, None, :, None].astype(np.float32), (len(batch), 1, 1, 4))

    return predict


@pytest.mark.parametrize("side", ["front", "end"])
@pytest.mark.parametrize(("distance", "margin"), [(10, 1), (2000, 1), (2400, 2), (5000, 4)])
def test_the_margin_is_twice_what_the_probes_need(distance, margin, side):
    front, end = (59_400, 0) if side == "front" else (0, 59_400)
    probes = [(window_with_padding(64_152, front, end), front, end)]
    assert measure_margin(feels_the_end_on(side, distance), probes, P) == SAFETY * margin * FIRST_MARGIN_BP


def test_a_network_that_never_settles_keeps_all_padding():
    probes = [(window_with_padding(21_384, 0, 20_000), 0, 20_000)]

    def predict(batch):
        return np.full((1, 1, batch.shape[1], 4), 1 / batch.shape[1], np.float64) * 1e4

    assert measure_margin(predict, probes, P) is None

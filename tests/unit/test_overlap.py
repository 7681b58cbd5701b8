"""Windows and their means: against a direct computation on the whole strand."""

import numpy as np
import pytest

from helixtune.errors import ParameterError
from helixtune.prediction.overlap import Stitcher, Windowing, overlapping, row_by_row, window_starts


def test_windows_end_exactly_at_the_end():
    assert window_starts(3, overlapping(10)).tolist() == [0, 5, 10, 15, 20]
    assert window_starts(3, Windowing(10, 4, 8)).tolist() == [0, 4, 8, 12, 16, 20]
    assert window_starts(3, Windowing(10, 7, 8)).tolist() == [0, 7, 14, 20]
    assert window_starts(1, overlapping(10)).tolist() == [0]


def test_rows_without_overlap_are_their_own_windows():
    assert window_starts(3, row_by_row(10)).tolist() == [0, 10, 20]


def direct_mean(windows: np.ndarray, starts, windowing: Windowing, n_rows: int) -> np.ndarray:
    total = np.zeros((windows.shape[1], n_rows * windowing.length_bp, 4))
    count = np.zeros(n_rows * windowing.length_bp)
    for i, start in enumerate(starts):
        first = windowing.trim_bp if i else 0
        is_last = i == len(starts) - 1
        last = windowing.length_bp - (0 if is_last else max(windowing.trim_bp, windowing.clipped_bp))
        total[:, start + first : start + last] += windows[i, :, first:last]
        count[start + first : start + last] += 1
    assert count.min() > 0
    return total / count[:, None]


@pytest.mark.parametrize("n_rows", [1, 2, 3, 7])
@pytest.mark.parametrize(
    "windowing",
    [
        overlapping(12),
        Windowing(12, 4, 8),
        Windowing(12, 5, 7),
        Windowing(12, 1, 1),
        Windowing(12, 11, 12),
        Windowing(12, 6, 9, clipped_bp=3),
        row_by_row(12),
    ],
    ids=str,
)
def test_stitching_is_the_plain_mean_of_trimmed_windows(windowing, n_rows):
    starts = window_starts(n_rows, windowing)
    windows = np.random.default_rng(1).random((len(starts), 2, 12, 4)).astype(np.float32)
    stitcher = Stitcher(n_rows, windowing)
    rows = [row for window in windows for row in stitcher.add(window)]
    assert len(rows) == n_rows
    np.testing.assert_allclose(
        np.concatenate(rows, axis=1), direct_mean(windows, starts, windowing, n_rows), rtol=1e-12
    )


def test_rows_come_out_as_soon_as_they_are_final():
    stitcher = Stitcher(5, overlapping(8))
    window = np.zeros((1, 8, 4), np.float32)
    counts = [len(stitcher.add(window)) for _ in stitcher.starts]
    assert counts == [0, 1, 0, 1, 0, 1, 0, 1, 1]


def test_constant_predictions_stay_constant():
    stitcher = Stitcher(4, overlapping(9))
    rows = [row for _ in stitcher.starts for row in stitcher.add(np.full((2, 9, 4), 0.25, np.float32))]
    np.testing.assert_array_equal(np.concatenate(rows, axis=1), 0.25)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((10, 0, 5), "at least 1"),
        ((10, 5, 11), "longer than a subsequence"),
        ((10, 6, 5), "would have no prediction"),
        ((12, 11, 12, 3), "--core-length 12 keeps the last 3"),
    ],
)
def test_settings_that_leave_gaps_are_refused(arguments, message):
    with pytest.raises(ParameterError, match=message):
        Windowing(*arguments)

"""Leave out padding that changes nothing: a contig of 5 kb in a row of 214 kb need not cost 214 kb.

The network sees padding, and its LSTM carries what it saw into the sequence, so padding cannot just be dropped: predictions up to
thousands of bases inside would change. But padding is constant, and within some thousand positions of it the LSTM has
settled; what lies beyond cannot be told apart. How much is needed depends on the model and is measured on the genome's own
sequences (`measure_margin`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helixtune.log import logger

# Predictions are stored in float16, whose rounding is up to 2.4e-4 near 0.5-1: a smaller change is mostly invisible.
TOLERANCE = 2e-4
FIRST_MARGIN_BP = 2304  # the smallest network tried settles in 900 bases, a trained one in 3600
SAFETY = 2  # factor on the margin that suffices for the probes
PROBES = 4


@dataclass(frozen=True)
class Window:
    """One window of network input and what was left out of it.

    Attributes:
        inputs: (length, channels) float16.
        skipped_front: padding positions left out before it.
        skipped_end: padding positions left out after it.
    """

    inputs: np.ndarray
    skipped_front: int = 0
    skipped_end: int = 0


def measure_margin(
    predict: Callable[[np.ndarray], np.ndarray], probes: list[tuple[np.ndarray, int, int]], pool_size: int
) -> int | None:
    """Find how many padding positions have to stay so that predictions of real bases do not change.

    Args:
        predict: (b, length, channels) -> (b, heads, whole time steps of length, 4).
        probes: whole windows (L, channels) of this genome with their number of padding positions in front and at the end.

    Returns:
        The margin, twice what suffices for the probes; None when not even the largest useful one does.
    """
    margin, length = FIRST_MARGIN_BP, len(probes[0][0])
    whole = [predict(inputs[None])[0] for inputs, _, _ in probes]
    while SAFETY * margin < length:
        changes = [
            _largest_change(predict, probe, full, margin, pool_size) for probe, full in zip(probes, whole, strict=True)
        ]
        if max(changes) <= TOLERANCE:
            logger.info("short sequences: %d padding positions stay, as %d suffice here", SAFETY * margin, margin)
            return SAFETY * margin
        margin *= 2
    return None


def cut_padding(inputs: np.ndarray, front: int, end: int, margin: int, pool_size: int) -> Window:
    """Leave out padding beyond the margin.

    Args:
        inputs: (L, channels) one whole window.
        front: padding positions at its start.
        end: padding positions at its end.
        margin: padding positions to keep on each side.
        pool_size: whole time steps are left out, so that the rest keeps its register.

    Returns:
        The window; its length is one of few (steps of at most an eighth), so that windows can share a batch.
    """
    length = len(inputs)
    spare_front, spare_end = max(0, front - margin), max(0, end - margin)
    spare = (length - kept_length(length, front, end, margin, pool_size)) // pool_size * pool_size
    if not spare:
        return Window(inputs)
    skipped_front = min(spare, spare_front // pool_size * pool_size)
    skipped_end = min(spare - skipped_front, spare_end // pool_size * pool_size)
    # A copy: a view would keep the whole row in memory.
    return Window(inputs[skipped_front : length - skipped_end].copy(), skipped_front, skipped_end)


def kept_length(length: int, front: int, end: int, margin: int, pool_size: int) -> int:
    """Return how many positions of a window `cut_padding` aims to keep."""
    spare = max(0, front - margin) + max(0, end - margin)
    return min(length, _rounded_length(length - spare, pool_size)) if spare else length


def restore_length(probs: np.ndarray, window: Window, length: int) -> np.ndarray:
    """Put (heads, kept, 4) predictions back into (heads, length, 4); left-out and clipped positions are zero."""
    if probs.shape[1] == length:
        return probs
    whole = np.zeros((probs.shape[0], length, probs.shape[2]), probs.dtype)
    whole[:, window.skipped_front : window.skipped_front + probs.shape[1]] = probs
    return whole


def _rounded_length(length, pool_size):
    """Round up to pool_size × m × 2^k with m from 8 to 15."""
    steps = -(-length // pool_size)
    power = max(0, steps.bit_length() - 4)
    return -(-steps // 2**power) * 2**power * pool_size


def _largest_change(predict, probe, full, margin, pool_size):
    # Nothing is rounded up here as `cut_padding` does: the margin itself is on trial.
    inputs, front, end = probe
    skipped = max(0, front - margin) // pool_size * pool_size
    found = predict(inputs[None, skipped : len(inputs) - max(0, end - margin)])[0]
    n_bases = min(len(inputs) - front - end, found.shape[1] + skipped - front, full.shape[1] - front)
    found = found[:, front - skipped : front - skipped + n_bases]
    return float(np.abs(found - full[:, front : front + n_bases]).max())

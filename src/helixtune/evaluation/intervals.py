"""Sets of half-open intervals on one strand of one sequence: (n, 2) int64 arrays of starts and ends."""

import numpy as np

EMPTY = np.zeros((0, 2), np.int64)


def as_intervals(pairs) -> np.ndarray:
    """Return (n, 2) int64 from any sequence of (start, end)."""
    return np.array(list(pairs), np.int64).reshape(-1, 2)


def merge(intervals: np.ndarray) -> np.ndarray:
    """Return the union as sorted, disjoint, non-touching intervals (k, 2)."""
    if len(intervals) < 2:
        return intervals if len(intervals) else EMPTY
    ordered = intervals[np.argsort(intervals[:, 0], kind="stable")]
    reached = np.maximum.accumulate(ordered[:, 1])
    first = np.concatenate([[True], ordered[1:, 0] > reached[:-1]])
    last = np.concatenate([first[1:], [True]])
    return np.stack([ordered[first, 0], reached[last]], axis=1)


def length_bp(merged: np.ndarray) -> int:
    """Return the number of bases of a merged set."""
    return int((merged[:, 1] - merged[:, 0]).sum())


def intersect(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the bases in both of two merged sets, as sorted disjoint intervals."""
    if not len(first) or not len(second):
        return EMPTY
    # Partners of interval i in `second` are a contiguous range: those that end after its start and start before its end.
    low = np.searchsorted(second[:, 1], first[:, 0], side="right")
    high = np.searchsorted(second[:, 0], first[:, 1], side="left")
    counts = np.maximum(high - low, 0)
    left = np.repeat(np.arange(len(first)), counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    right = np.repeat(low, counts) + offsets
    starts = np.maximum(first[left, 0], second[right, 0])
    ends = np.minimum(first[left, 1], second[right, 1])
    return np.stack([starts, ends], axis=1)


def overlap_bp(first: np.ndarray, second: np.ndarray) -> int:
    """Return the number of bases shared by two merged sets."""
    return length_bp(intersect(first, second))


def complement(merged: np.ndarray, sequence_length_bp: int) -> np.ndarray:
    """Return the bases of a sequence outside a merged set."""
    edges = np.concatenate([[0], merged.reshape(-1), [sequence_length_bp]]).reshape(-1, 2)
    return edges[edges[:, 1] > edges[:, 0]]


def split_at(intervals: np.ndarray, block_bp: int) -> np.ndarray:
    """Cut intervals at multiples of `block_bp`, so that each lies within one block of the genome."""
    if not len(intervals):
        return EMPTY
    first, last = intervals[:, 0] // block_bp, (intervals[:, 1] - 1) // block_bp
    counts = np.maximum(last - first + 1, 0)
    owner = np.repeat(np.arange(len(intervals)), counts)
    block = np.repeat(first, counts) + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = np.maximum(intervals[owner, 0], block * block_bp)
    ends = np.minimum(intervals[owner, 1], (block + 1) * block_bp)
    return np.stack([starts, ends], axis=1)


def mask(merged: np.ndarray, start: int, end: int) -> np.ndarray:
    """Return (end - start,) bool, True where a base of the stretch lies in a merged set."""
    inside = np.zeros(end - start, bool)
    first = np.searchsorted(merged[:, 1], start, side="right")
    last = np.searchsorted(merged[:, 0], end)
    for left, right in merged[first:last].tolist():
        inside[max(left - start, 0) : right - start] = True
    return inside

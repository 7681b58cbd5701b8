"""Read training rows side by side with their probabilities, a bounded block at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from helixtune.h5files import CLASS_PROBS, CLASSES, PHASE_PROBS, PHASES
from helixtune.selection.pairing import Pairing
from helixtune.selection.shards import RowShards

# What one position of one row takes: labels 4 + phases 4 + weight 1 + gene length 4 + bases 8, and 16 of probabilities.
BYTES_PER_TRAINING_POSITION = 21
BYTES_PER_PREDICTED_POSITION = 16
# A block and the arrays made from it stay well below the 1 GiB that selection promises for any genome.
BLOCK_BUDGET_BYTES = 96 * 1024**2


@dataclass(frozen=True)
class PairedBlock:
    """Some training rows and their probabilities.

    Attributes:
        numbers: (b,) rows of the training file, in no particular order.
        labels: (b, L, 4) int8 classes.
        phases: (b, L, 4) int8, or None.
        class_bits: (p, K, 4) uint16, the bits of float16 class probabilities.
        phase_bits: (p, K, 4) uint16, or None.
        prediction_rows: (b,) row of `class_bits` of each training row.
        offsets: (b,) position there of its first base.
        valid_bp: (b,) bases that are not padding.
        extra: further datasets of the training rows by name.
    """

    numbers: np.ndarray
    labels: np.ndarray
    phases: np.ndarray | None
    class_bits: np.ndarray
    phase_bits: np.ndarray | None
    prediction_rows: np.ndarray
    offsets: np.ndarray
    valid_bp: np.ndarray
    extra: dict[str, np.ndarray]


@dataclass(frozen=True)
class PairedFiles:
    """Open training and prediction files whose rows have been paired."""

    training: RowShards
    predictions: RowShards
    pairing: Pairing
    threads: int

    @property
    def has_phases(self) -> bool:
        """Whether both labels and network know the coding phase."""
        return self.training.has(PHASES) and self.predictions.has(PHASE_PROBS)

    @property
    def block_rows(self) -> int:
        """How many training rows fit into a block."""
        return max(1, BLOCK_BUDGET_BYTES // 2 // (self.training.width_bp * BYTES_PER_TRAINING_POSITION))

    def iter_blocks(self, extra: tuple[str, ...] = (), budget: int = BLOCK_BUDGET_BYTES) -> Iterator[PairedBlock]:
        """Yield all training rows, in the order of their probabilities, so that each of those is read once."""
        order = np.argsort(self.pairing.prediction_rows, kind="stable")
        holders = self.pairing.prediction_rows[order]
        max_rows = max(1, budget // 2 // (self.training.width_bp * BYTES_PER_TRAINING_POSITION))
        max_holders = max(1, budget // 2 // (self.predictions.width_bp * BYTES_PER_PREDICTED_POSITION))
        for first, last in block_edges(holders, max_rows, max_holders):
            yield self._block(np.sort(order[first:last]), np.unique(holders[first:last]), extra)

    def _block(self, numbers: np.ndarray, holders: np.ndarray, extra: tuple[str, ...]) -> PairedBlock:
        def labels(name: str) -> np.ndarray:
            return self.training.read(name, numbers, self.threads)

        def bits(name: str) -> np.ndarray:
            return self.predictions.read(name, holders, self.threads).astype(np.float16, copy=False).view(np.uint16)

        return PairedBlock(
            numbers=numbers,
            labels=labels(CLASSES),
            phases=labels(PHASES) if self.has_phases else None,
            class_bits=bits(CLASS_PROBS),
            phase_bits=bits(PHASE_PROBS) if self.has_phases else None,
            prediction_rows=np.searchsorted(holders, self.pairing.prediction_rows[numbers]),
            offsets=self.pairing.offsets[numbers],
            valid_bp=self.pairing.valid_bp[numbers],
            extra={name: labels(name) for name in extra},
        )


def block_edges(holders: np.ndarray, max_rows: int, max_holders: int) -> Iterator[tuple[int, int]]:
    """Cut ascending prediction row numbers into pieces of at most so many entries and so many distinct ones."""
    distinct = np.cumsum(np.concatenate([[0], np.diff(holders) != 0])) if len(holders) else np.zeros(0, np.int64)
    first = 0
    while first < len(holders):
        by_holders = int(np.searchsorted(distinct, distinct[first] + max_holders))
        last = min(first + max_rows, by_holders, len(holders))
        yield first, last
        first = last

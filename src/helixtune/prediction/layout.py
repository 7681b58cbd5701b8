"""Which windows share a batch: decided by the genome alone, so that any part of it is predicted bit by bit like the whole.

An engine's result depends on a batch's shape in the last digit. So batches are not filled with whatever is asked for, but cut
from blocks of windows that are numbered over the whole genome: a strand with more windows than a batch has blocks of its own,
one batch each; shorter ones share blocks, in which windows of one length share batches. Asked for some rows, whole blocks are
computed, and what was not asked for is dropped.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from helixtune.prediction.overlap import Windowing, count_windows, window_starts, windows_of_rows

# Windows of short sequences in a block: 2 × 4 float32 and 4 float16 values a base make 160 MB. Larger blocks would fill the
# last batch of each length better, at more memory.
BLOCK_BASES = 4_000_000


@dataclass(frozen=True)
class Run:
    """Rows that join: a whole strand, or one row.

    Attributes:
        first_row: its first row in the genome file; the others follow.
        n_rows: how many.
        padding: padding positions, negative in front and positive at the end.
    """

    first_row: int
    n_rows: int
    padding: int


@dataclass(frozen=True)
class Stretch:
    """Some rows of a run, counted from the run's first; one stretch a run, stretches in file order."""

    run: int
    first_row: int
    end_row: int


@dataclass(frozen=True)
class Piece:
    """Windows `first` to `end` of a run."""

    run: int
    first: int
    end: int


Block = tuple[Piece, ...]


class Layout:
    """The blocks of windows of a genome.

    Args:
        runs: all runs of the genome, in file order.
        windowing: where windows lie.
        batch_windows: full windows of a batch.
        kept_length: (run, window start) -> length of the window after padding was left out.
    """

    def __init__(
        self, runs: list[Run], windowing: Windowing, batch_windows: int, kept_length: Callable[[Run, int], int]
    ):
        self._windowing, self._batch = windowing, batch_windows
        self._counts = [count_windows(run.n_rows, windowing) for run in runs]
        self._group_of = np.zeros(len(runs), np.int64)  # short runs of one group share a block
        self._groups: list[list[int]] = []
        size = 0
        for number, (run, count) in enumerate(zip(runs, self._counts, strict=True)):
            is_long = count > batch_windows
            if is_long or not size or size >= BLOCK_BASES:  # after a long run, size is 0
                self._groups.append([])
                size = 0
            self._groups[-1].append(number)
            self._group_of[number] = len(self._groups) - 1
            starts = [] if is_long else window_starts(run.n_rows, windowing).tolist()
            size += sum(kept_length(run, start) for start in starts)

    def blocks_of(self, run: int, first: int, end: int) -> list[Block]:
        """Return the blocks that hold windows `first` to `end` of a run."""
        count = self._counts[run]
        if count <= self._batch:
            members = self._groups[self._group_of[run]]
            return [tuple(Piece(member, 0, self._counts[member]) for member in members)]
        edges = range(first // self._batch * self._batch, end, self._batch)
        return [(Piece(run, edge, min(edge + self._batch, count)),) for edge in edges]

    def blocks(self, stretches: list[Stretch], runs: list[Run]) -> Iterator[Block]:
        """Yield every block that the stretches need, once."""
        needed = itertools.chain.from_iterable(
            self.blocks_of(one.run, *windows_of_rows(runs[one.run].n_rows, self._windowing, one.first_row, one.end_row))
            for one in stretches
        )
        return (block for block, _ in itertools.groupby(needed))

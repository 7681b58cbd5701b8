"""Raw probabilities of a genome's rows, whatever program wrote them: joined by coordinates, padding last."""

from collections.abc import Sequence
from copy import copy
from pathlib import Path

import h5py
import numpy as np

from helixtune.errors import FormatError, ShapeError
from helixtune.h5files import CLASS_PROBS, INFINITE_BITS, MAGNITUDE_BITS
from helixtune.selection.pairing import PADDING_FRONT
from helixtune.selection.row_names import IDENTITY, read_register
from helixtune.selection.shards import RowShards
from helixtune.subsequences import Rows, match_rows, to_padding_last


class Predictions:
    """One open prediction, in one file or in those of all shards; use as a context manager.

    Args:
        paths: prediction files, full or compact.
        rows: the genome's rows.
        width_bp: bases a row of the genome file.
        genome_name: the genome file's name for messages.
        threads: for reading; None = all CPUs of this process.

    Raises:
        ShapeError, FormatError: the files belong to another genome or to rows of another length.
    """

    def __init__(
        self,
        paths: str | Path | Sequence[str | Path],
        rows: Rows,
        width_bp: int,
        genome_name: str,
        threads: int | None = None,
    ):
        self._rows, self._threads = rows, threads
        self._shards = RowShards([paths] if isinstance(paths, str | Path) else paths, (CLASS_PROBS,))
        try:
            self._check_shape(width_bp, genome_name)
            self._positions = self._find_rows(genome_name)
            # Files of Helixer 0.3.6 and later do not say so and hold partial minus rows with the padding in front.
            self._padding_in_front = read_register(self._shards) == PADDING_FRONT
        except BaseException:
            self._shards.__exit__()
            raise

    def __enter__(self) -> "Predictions":
        return self

    def __exit__(self, *exception) -> None:
        self._shards.__exit__(*exception)

    @property
    def rows(self) -> Rows:
        """The genome's rows."""
        return self._rows

    def reopened(self) -> "Predictions":
        """Return the same predictions, to be read in a forked process by one thread; use as a context manager."""
        predictions = copy(self)
        predictions._shards, predictions._threads = self._shards.reopened(), 1
        return predictions

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Return class probabilities (b, L, 4) of some of the genome's rows, float16, padding last; 0 for what is no number."""
        block = self._shards.read(CLASS_PROBS, self._positions[indices], self._threads).astype(np.float16, copy=False)
        bits = block.view(np.uint16)
        bits[bits & MAGNITUDE_BITS >= INFINITE_BITS] = 0
        return to_padding_last(block, self._rows.start_ends[indices]) if self._padding_in_front else block

    def _check_shape(self, width_bp: int, genome_name: str) -> None:
        for path, shape in zip(self._shards.paths, self._shards.shapes(CLASS_PROBS), strict=True):
            if len(shape) != 3 or shape[1:] != (width_bp, 4):
                raise ShapeError(
                    f"{path}: '{CLASS_PROBS}' has shape {shape}, but rows of {genome_name} need (n, {width_bp}, 4):"
                    " give the predictions that were made from this very file."
                )

    def _find_rows(self, genome_name: str) -> np.ndarray:
        """Return the position of every row of the genome; Helixer's own files do not name rows and keep their order."""
        if all(self._shards.has(name) for name in IDENTITY):
            return match_rows(self._rows, self._shards.read_identity(), genome_name, self._shards.name)
        if self._shards.n_rows != len(self._rows):
            raise FormatError(
                f"{self._shards.name} has {self._shards.n_rows} rows and does not name them, {genome_name} has"
                f" {len(self._rows)}: give the predictions that were made from this very file."
            )
        return np.arange(len(self._rows))


def require_genome(file: h5py.File, rows: Rows) -> None:
    """Refuse a genome file that holds no row.

    Raises:
        FormatError: no row.
    """
    if not len(rows):
        raise FormatError(f"{file.filename} holds no subsequence: encode the genome again.")

"""Bases of labelled rows whose file holds none: read from the genome file, for the rows that were kept only."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helixtune.errors import FormatError
from helixtune.h5files import BASES
from helixtune.selection.pairing import PADDING_LAST, pair_rows
from helixtune.selection.row_names import IDENTITY
from helixtune.selection.shards import RowShards
from helixtune.subsequences import Rows


class GenomeBases:
    """Open genome files, their rows paired with those of a training file; a context manager.

    Args:
        paths: genome files; their rows may be a whole multiple as long as the training file's.
        rows: rows of the training file.
        width_bp: positions a row of the training file.
        training_name: the training file's name for messages.

    Raises:
        FormatError: no genome file is given, or it lacks a row.
    """

    def __init__(self, paths: Sequence[str | Path], rows: Rows, width_bp: int, training_name: str):
        if not paths:
            raise FormatError(f"{training_name} has no bases: give --genome, the genome file that they are in.")
        self._width_bp = width_bp
        self._genome = RowShards(paths, (BASES, *IDENTITY))
        try:
            names = training_name, self._genome.name
            widths = width_bp, self._genome.width_bp
            self._pairing = pair_rows(rows, self._genome.read_identity(), widths, PADDING_LAST, names)
        except BaseException:
            self._genome.__exit__()
            raise

    def __enter__(self) -> "GenomeBases":
        return self

    def __exit__(self, *exception) -> None:
        self._genome.__exit__(*exception)

    def read(self, numbers: np.ndarray) -> np.ndarray:
        """Return (b, L, 4) float16 bases of some rows of the training file, padding last."""
        pairing = self._pairing
        bases = np.zeros((len(numbers), self._width_bp, 4), np.float16)
        if not len(numbers):
            return bases
        holders, back = np.unique(pairing.prediction_rows[numbers], return_inverse=True)
        stored = self._genome.read(BASES, holders)
        for i, number in enumerate(numbers):
            offset, valid_bp = pairing.offsets[number], pairing.valid_bp[number]
            bases[i, :valid_bp] = stored[back[i], offset : offset + valid_bp]
        return bases

"""Raw probabilities of a genome's rows, whatever program wrote them: joined by coordinates, padding last."""

from pathlib import Path

import h5py
import numpy as np

from helixtune.errors import FormatError, ShapeError
from helixtune.h5files import CLASS_PROBS, SEQIDS, SPECIES, START_ENDS, open_file, read_block, read_rows
from helixtune.subsequences import Rows, match_rows, to_padding_last


class Predictions:
    """One open prediction file; use as a context manager.

    Args:
        path: prediction file.
        rows: the genome's rows.
        width_bp: bases a row of the genome file.
        genome_name: the genome file's name for messages.

    Raises:
        ShapeError, FormatError: the file belongs to another genome or to rows of another length.
    """

    def __init__(self, path: str | Path, rows: Rows, width_bp: int, genome_name: str):
        self.path = Path(path)
        self._rows = rows
        self._file = open_file(path, (CLASS_PROBS,))
        try:
            self._check_shape(width_bp, genome_name)
            self._positions = self._find_rows(genome_name)
        except BaseException:
            self._file.close()
            raise
        # Files of Helixer 0.3.6 and later have no such attribute and hold partial minus rows with the padding in front.
        default = "last" if "format" in self._file.attrs else "upstream"
        self._padding_in_front = str(self._file.attrs.get("register", default)) == "upstream"

    def __enter__(self) -> "Predictions":
        return self

    def __exit__(self, *exception) -> None:
        self._file.close()

    @property
    def rows(self) -> Rows:
        """The genome's rows."""
        return self._rows

    def read(self, indices: np.ndarray) -> np.ndarray:
        """Return class probabilities (b, L, 4) of some of the genome's rows, padding last; NaN becomes 0."""
        block = np.nan_to_num(read_block(self._file, CLASS_PROBS, self._positions[indices]), copy=False)
        return to_padding_last(block, self._rows.start_ends[indices]) if self._padding_in_front else block

    def _check_shape(self, width_bp: int, genome_name: str) -> None:
        shape = self._file[CLASS_PROBS].shape
        if len(shape) != 3 or shape[1:] != (width_bp, 4):
            raise ShapeError(
                f"{self.path}: '{CLASS_PROBS}' has shape {shape}, but rows of {genome_name} need (n, {width_bp}, 4):"
                " give the predictions that were made from this very file."
            )

    def _find_rows(self, genome_name: str) -> np.ndarray:
        """Return the position of every row of the genome; Helixer's own files do not name rows and keep their order."""
        if all(name in self._file for name in (SPECIES, SEQIDS, START_ENDS)):
            return match_rows(self._rows, read_rows(self._file), genome_name, str(self.path))
        if len(self._file[CLASS_PROBS]) != len(self._rows):
            raise FormatError(
                f"{self.path} has {len(self._file[CLASS_PROBS])} rows and does not name them, {genome_name} has"
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

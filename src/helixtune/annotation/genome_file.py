"""A genome.h5 read by stretches: what works on one stretch of a genome at a time need not hold a sequence."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from helixtune.annotation.translation import DECODING_BYTES, decode_strand
from helixtune.h5files import BASES, SEQIDS, SPECIES, START_ENDS, open_file, read_rows, rows_per_block
from helixtune.subsequences import Rows, strand_runs


class GenomeFile:
    """A genome.h5 of which any stretch can be read; closed between reads, so that forked processes can share it.

    Args:
        path: the file.
        rows: its rows, from `h5files.read_rows`.

    Attributes:
        lengths: bases of every sequence, in the file's order.
    """

    def __init__(self, path: str | Path, rows: Rows):
        self._path, self._starts, self._valid_lengths = path, rows.starts, rows.valid_lengths
        runs = [run for run in strand_runs(rows) if run.strand == "+"]
        self._indices = {run.seqid: run.row_indices for run in runs}
        self.lengths = {run.seqid: run.length_bp for run in runs}

    @classmethod
    def read(cls, path: str | Path) -> "GenomeFile":
        """Read where sequences are.

        Raises:
            InputFileError, FormatError: see `h5files.open_file` and `subsequences.strand_runs`.
        """
        with open_file(path, (BASES, SEQIDS, SPECIES, START_ENDS)) as file:
            return cls(path, read_rows(file))

    def read_stretches(self, places: Iterable[tuple[str, int, int]], threads: int) -> Iterator[bytes]:
        """Yield the upper-case letters of stretches (seqid, start, end) within their sequences, plus strand."""
        with open_file(self._path, (BASES,)) as file:
            block_rows = rows_per_block(file[BASES].shape[1], DECODING_BYTES)
            for seqid, start, end in places:
                indices = self._indices[seqid]
                starts = self._starts[indices]
                first = max(int(np.searchsorted(starts, start, side="right")) - 1, 0)
                chosen = indices[first : np.searchsorted(starts, end)]
                letters = decode_strand(file, chosen, self._valid_lengths, block_rows, threads)
                skipped = start - int(starts[first]) if len(chosen) else 0
                yield letters[skipped : skipped + end - start]

"""The rows of a genome file as a network reads them, and how they join."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from helixtune.errors import EmptyResultError, FormatError, ParameterError
from helixtune.h5checks import checksum_attribute
from helixtune.h5files import BASES, COVERAGE, SPLICED_COVERAGE, read_block, read_rows, rows_per_block
from helixtune.model.graph import NetworkGraph
from helixtune.model.inputs import network_input
from helixtune.prediction.layout import Run
from helixtune.prediction.overlap import Windowing
from helixtune.subsequences import Rows, strand_runs, to_contiguous_register

REGISTERS = ("last", "upstream")
# Input rows read at a time.
READ_BUDGET = 32 * 1024**2
# On so many bases a share of 99.9 % is known to about 0.01 %: 85 of them differ, give or take 9.
SAMPLE_BASES = 85_536


@dataclass(frozen=True)
class PredictionSettings:
    """How a genome is predicted.

    Attributes:
        windowing: where windows lie.
        register: "last" writes padding at the end of every row, as in the genome file; "upstream" leaves partial minus rows as
            the network saw them, padding first, and predicts all padding.
        coverage_norm: for networks with coverage; see `network_inputs.normalise_coverage`.
        batch_size: windows a batch; None = as many as the engine's memory budget allows.
        max_padding_bp: padding positions beside a sequence that the network sees at most; None = all that it can feel.
    """

    windowing: Windowing
    register: str = "last"
    coverage_norm: str | None = None
    batch_size: int | None = None
    max_padding_bp: int | None = None

    def __post_init__(self):
        if self.register not in REGISTERS:
            raise ParameterError(f"--register {self.register} is not known: use last or upstream.")
        if self.batch_size is not None and self.batch_size < 1:
            raise ParameterError(f"--batch-size {self.batch_size}: at least one window is needed.")
        if self.max_padding_bp is not None and self.max_padding_bp < 0:
            raise ParameterError(f"--max-padding {self.max_padding_bp}: it must not be negative.")
        if self.max_padding_bp is not None and self.register == "upstream":
            raise ParameterError("--max-padding means nothing with --register upstream, which predicts all padding.")


class GenomeSource:
    """The network's input rows of an open genome file, in file order and contiguous register."""

    def __init__(self, file: h5py.File, graph: NetworkGraph, settings: PredictionSettings, threads: int | None = None):
        self.rows: Rows = read_rows(file)
        self.length = file[BASES].shape[1]
        self.path = Path(file.filename)
        self.fasta_sha256 = checksum_attribute(file, "fasta_sha256")
        self._file, self._settings, self._threads = file, settings, threads
        self._pool_size = graph.pool_size
        self._names = (BASES, COVERAGE, SPLICED_COVERAGE) if graph.coverage_tracks else (BASES,)
        _check_source(file, graph, self.rows)
        self._block_rows = rows_per_block(self.length, 8 + 20 * graph.coverage_tracks, READ_BUDGET)
        self._last: tuple[int, np.ndarray] | None = None

    def take(self, numbers: np.ndarray) -> np.ndarray:
        """Return some rows, (b, L, channels) float16."""
        return self._inputs(
            {name: read_block(self._file, name, numbers, self._threads) for name in self._names}, numbers
        )

    def read_bases(self, numbers: np.ndarray) -> np.ndarray:
        """Return the bases of some rows as stored, (b, L, 4) with padding last."""
        return read_block(self._file, BASES, numbers, self._threads)

    def sample(self) -> np.ndarray:
        """Return a few rows with the most bases, (b, whole time steps, channels), to try an engine on."""
        count = max(1, SAMPLE_BASES // self.length)
        fullest = np.argsort(-self.rows.valid_lengths, kind="stable")[:count]
        return self.take(np.sort(fullest))[:, : self.length // self._pool_size * self._pool_size]

    def _inputs(self, arrays, rows):
        shifted = [to_contiguous_register(arrays[name], self.rows.start_ends[rows]) for name in self._names]
        return network_input(*shifted, norm=self._settings.coverage_norm)

    def read_in_order(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        """Yield one (L, channels) float16 row after another, read in blocks; the last one is kept for the next call."""
        if len(numbers) and self._last is not None and self._last[0] == numbers[0]:
            yield self._last[1]
            numbers = numbers[1:]
        for first in range(0, len(numbers), self._block_rows):
            block = numbers[first : first + self._block_rows]
            for number, row in zip(block.tolist(), self.take(block), strict=True):
                self._last = number, row
                yield row

    def runs(self) -> list[Run]:
        """Return all runs of rows that join: whole strands; single rows where the file was filtered and nothing overlaps.

        Raises:
            FormatError: with overlap, rows are missing or not in the order of their strands.
        """
        sign = np.where(self.rows.strands == "-", -1, 1)
        padding = sign * (self.length - self.rows.valid_lengths)
        try:
            strands = [run.row_indices for run in strand_runs(self.rows) if len(run.row_indices)]
            in_order = np.array_equal(np.concatenate(strands), np.arange(len(self.rows)))
        except FormatError:
            if self._settings.windowing.is_overlapping:
                raise
            in_order = False
        if in_order:
            return [Run(int(rows[0]), len(rows), int(padding[rows].sum())) for rows in strands]
        if self._settings.windowing.is_overlapping:
            raise FormatError(
                f"{self._file.filename}: rows are not in the order plus strand, minus strand of one sequence after the other: "
                "encode the genome again, or use --no-overlap."
            )
        return [Run(number, 1, count) for number, count in enumerate(padding.tolist())]


def _check_source(file, graph, rows):
    bases = file[BASES]
    if not len(rows):
        raise EmptyResultError(f"{file.filename} has no rows: nothing to predict.")
    if bases.shape[1] < graph.pool_size:
        raise ParameterError(
            f"{file.filename}: rows of {bases.shape[1]} bases are shorter than one time step of the model ({graph.pool_size}): "
            "encode the genome with a larger --subsequence-length."
        )
    for name in (COVERAGE, SPLICED_COVERAGE) if graph.coverage_tracks else ():
        expected = (*bases.shape[:2], graph.coverage_tracks)
        if file[name].shape != expected:
            raise FormatError(
                f"{file.filename}: {name} has shape {file[name].shape}, the model needs {expected} (one layer a BAM file): add "
                "coverage of as many BAM files as the model was tuned with."
            )

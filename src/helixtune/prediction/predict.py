"""Class probabilities of every base of a genome file: windows in, stitched rows out, in blocks of bounded memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import h5py
import numpy as np

from helixtune.engines import Engine
from helixtune.errors import EmptyResultError, FormatError, ParameterError
from helixtune.h5files import BASES, COVERAGE, SPLICED_COVERAGE, iter_blocks, read_block, read_rows, rows_per_block
from helixtune.model.graph import NetworkGraph
from helixtune.model.inputs import network_input
from helixtune.prediction.overlap import Stitcher, Windowing
from helixtune.prediction.padding import PROBES, Window, cut_padding, measure_margin, restore_length
from helixtune.subsequences import Rows, strand_runs, to_contiguous_register, to_padding_last

REGISTERS = ("last", "upstream")
# Windows predicted before their rows are stitched: 2 × 4 float32 and 4 float16 values a base make 160 MB. The window lengths
# of one block are sorted into batches; larger blocks would fill the last batch of each length better, at more memory.
BLOCK_BASES = 4_000_000
# Rows of one output block, 64 MiB of float16 probabilities of both heads.
OUTPUT_BUDGET = 64 * 1024**2


@dataclass(frozen=True)
class PredictionSettings:
    """How a genome is predicted.

    Attributes:
        windowing: where windows lie.
        register: "last" writes padding at the end of every row, as in the genome file; "upstream" leaves partial minus rows as
            the network saw them, padding first, and predicts all padding.
        coverage_norm: for networks with coverage; see `network_inputs.normalise_coverage`.
        batch_size: windows a batch; None = as many as the engine's memory budget allows.
    """

    windowing: Windowing
    register: str = "last"
    coverage_norm: str | None = None
    batch_size: int | None = None

    def __post_init__(self):
        if self.register not in REGISTERS:
            raise ParameterError(f"--register {self.register} is not known: use last or upstream.")
        if self.batch_size is not None and self.batch_size < 1:
            raise ParameterError(f"--batch-size {self.batch_size}: at least one window is needed.")


# On so many bases a share of 99.9 % is known to about 0.01 %: 85 of them differ, give or take 9.
SAMPLE_BASES = 85_536


class GenomeSource:
    """The network's input rows of an open genome file, in file order and contiguous register."""

    def __init__(self, file: h5py.File, graph: NetworkGraph, settings: PredictionSettings, threads: int | None = None):
        self.rows: Rows = read_rows(file)
        self.length = file[BASES].shape[1]
        self._file, self._settings, self._threads = file, settings, threads
        self._pool_size = graph.pool_size
        self._names = (BASES, COVERAGE, SPLICED_COVERAGE) if graph.coverage_tracks else (BASES,)
        _check_source(file, graph, self.rows)
        self._block_rows = rows_per_block(self.length, 8 + 20 * graph.coverage_tracks, BLOCK_BASES * 8)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield one (L, channels) float16 row after another."""
        for block, arrays in iter_blocks(self._file, self._names, self._block_rows, self._threads):
            yield from self._inputs(arrays, block)

    def take(self, numbers: np.ndarray) -> np.ndarray:
        """Return some rows, (b, L, channels) float16."""
        return self._inputs(
            {name: read_block(self._file, name, numbers, self._threads) for name in self._names}, numbers
        )

    def sample(self) -> np.ndarray:
        """Return a few rows with the most bases, (b, whole time steps, channels), to try an engine on."""
        count = max(1, SAMPLE_BASES // self.length)
        fullest = np.argsort(-self.rows.valid_lengths, kind="stable")[:count]
        return self.take(np.sort(fullest))[:, : self.length // self._pool_size * self._pool_size]

    def _inputs(self, arrays, rows):
        shifted = [to_contiguous_register(arrays[name], self.rows.start_ends[rows]) for name in self._names]
        return network_input(*shifted, norm=self._settings.coverage_norm)

    def runs(self) -> list[tuple[int, int]]:
        """Return (number of rows, padding positions: negative in front, positive at the end) of every run of joined rows.

        A run is a whole strand with overlap, a single row without.

        Raises:
            FormatError: with overlap, rows are missing or not in the order of their strands.
        """
        sign = np.where(self.rows.strands == "-", -1, 1)
        padding = sign * (self.length - self.rows.valid_lengths)
        if not self._settings.windowing.is_overlapping:
            return [(1, int(count)) for count in padding]
        strands = [run.row_indices for run in strand_runs(self.rows) if len(run.row_indices)]
        if not np.array_equal(np.concatenate(strands), np.arange(len(self.rows))):
            raise FormatError(
                f"{self._file.filename}: rows are not in the order plus strand, minus strand of one sequence after the other: "
                "encode the genome again, or use --no-overlap."
            )
        return [(len(indices), int(padding[indices].sum())) for indices in strands]


def predict_rows(
    engine: Engine, graph: NetworkGraph, source: GenomeSource, settings: PredictionSettings
) -> Iterator[tuple[slice, np.ndarray]]:
    """Predict a genome.

    Yields:
        (rows, probabilities): a slice of row numbers and (b, heads, L, 4) float16, rows in file order, in the register asked
        for. Positions without prediction (the last L modulo pool size; padding far from any base) are zero.
    """
    runs = source.runs()
    margin = None if settings.register == "upstream" else _measured_margin(engine, graph, source, runs)
    windows = _windows(source, runs, settings.windowing, margin, graph.pool_size)
    predicted = _predicted(engine, windows, graph.pool_size, settings)
    finished = _stitched(runs, predicted, settings.windowing)
    n_heads = 2 if graph.has_phase else 1
    block_rows = rows_per_block(source.length, n_heads * 8, OUTPUT_BUDGET)
    first = 0
    while block := list(islice(finished, block_rows)):
        rows = slice(first, first + len(block))
        yield rows, _written_register(np.stack(block), source.rows.start_ends[rows], settings.register)
        first = rows.stop


def _check_source(file, graph, rows):
    bases = file[BASES]
    if not len(rows):
        raise EmptyResultError(f"{file.filename} has no rows: nothing to predict.")
    if bases.ndim != 3 or bases.shape[2] != 4 or len(bases) != len(rows):
        raise FormatError(f"{file.filename}: {BASES} has shape {bases.shape}; ({len(rows)}, length, 4) is expected.")
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


def _windows(source: Iterable[np.ndarray], runs, windowing: Windowing, margin, pool_size) -> Iterator[Window]:
    rows = iter(source)
    for n_rows, padding in runs:
        held, first_held = [], 0
        for start in Stitcher(n_rows, windowing).starts:
            first, last = start // windowing.length_bp, (start + windowing.length_bp - 1) // windowing.length_bp
            held, first_held = held[first - first_held :], first
            held += islice(rows, last + 1 - first_held - len(held))
            inputs = held[0] if first == last else _between(held, start - first * windowing.length_bp)
            front, end = _padding_inside(n_rows, padding, start, windowing.length_bp)
            yield Window(inputs) if margin is None else cut_padding(inputs, front, end, margin, pool_size)


def _between(rows, offset):
    return np.concatenate([rows[0][offset:], rows[1][:offset]])


def _padding_inside(n_rows, padding, start, length):
    """Return how many padding positions a window has in front and at its end, from those of its run."""
    front = max(0, -padding - start)
    end = max(0, padding - (n_rows * length - start - length))
    return int(front), int(end)


def _measured_margin(engine, graph, source, runs):
    """Return how much padding has to stay, None when no sequence is short enough for that to matter."""
    short = [i for i, (n_rows, padding) in enumerate(runs) if n_rows == 1 and abs(padding) > source.length // 2]
    if len(short) <= PROBES:
        return None  # measuring would cost as much as it saves
    first_rows = np.cumsum([0, *(n_rows for n_rows, _ in runs)])
    chosen = short[:PROBES]
    probes = [
        (inputs, max(0, -runs[i][1]), max(0, runs[i][1]))
        for i, inputs in zip(chosen, source.take(first_rows[chosen]), strict=True)
    ]
    return measure_margin(lambda batch: _predict_one(engine, batch, graph.pool_size), probes, graph.pool_size)


def _predict_one(engine, batch, pool_size):
    return next(iter(engine.predict_many([batch[:, : batch.shape[1] // pool_size * pool_size]])))


def _predicted(engine, windows, pool_size, settings) -> Iterator[np.ndarray]:
    """Yield (heads, L, 4) float32 for every window, in order; block by block, windows of one length share batches."""
    length = settings.windowing.length_bp
    for block in _blocks(windows):
        by_length: dict[int, list[int]] = {}
        for number, window in enumerate(block):
            by_length.setdefault(len(window.inputs), []).append(number)
        batches = list(_batches(by_length, engine, settings.batch_size))
        stacked = (
            np.stack([block[number].inputs[: size // pool_size * pool_size] for number in numbers])
            for size, numbers in batches
        )
        outputs: list = [None] * len(block)
        for (_, numbers), probs in zip(batches, engine.predict_many(stacked), strict=True):
            for number, one in zip(numbers, probs, strict=True):
                outputs[number] = one
        for window, probs in zip(block, outputs, strict=True):
            yield restore_length(probs, window, length)


def _blocks(windows: Iterator[Window]) -> Iterator[list[Window]]:
    for window in windows:
        block, size = [window], len(window.inputs)
        while size < BLOCK_BASES and (following := next(windows, None)) is not None:
            block.append(following)
            size += len(following.inputs)
        yield block


def _batches(by_length, engine, batch_size) -> Iterator[tuple[int, list[int]]]:
    for size, numbers in sorted(by_length.items(), reverse=True):
        step = batch_size or engine.batch_rows(size)
        for start in range(0, len(numbers), step):
            yield size, numbers[start : start + step]


def _stitched(runs, predicted: Iterator[np.ndarray], windowing: Windowing) -> Iterator[np.ndarray]:
    for n_rows, _ in runs:
        stitcher = Stitcher(n_rows, windowing)
        yield from chain.from_iterable(stitcher.add(next(predicted)) for _ in stitcher.starts)


def _written_register(rows, start_ends, register):
    """Round (b, heads, L, 4) rows to float16, padding where the register wants it."""
    rows = rows.astype(np.float16)
    if register == "upstream":
        return rows
    return to_padding_last(rows.transpose(0, 2, 1, 3), start_ends).transpose(0, 2, 1, 3)

"""Class probabilities of every base of a genome file, or of parts of it: windows in, stitched rows out, in bounded memory."""

from collections import deque
from collections.abc import Iterator
from itertools import islice

import numpy as np

from helixtune.engines import Engine
from helixtune.h5files import rows_per_block
from helixtune.model.graph import NetworkGraph
from helixtune.prediction.genome_source import GenomeSource, PredictionSettings
from helixtune.prediction.layout import Block, Layout, Piece, Run, Stretch
from helixtune.prediction.overlap import Stitcher, window_starts, windows_of_rows
from helixtune.prediction.padding import PROBES, Window, cut_padding, kept_length, measure_margin, restore_length
from helixtune.subsequences import to_padding_last

# Rows of one output block, 64 MiB of float16 probabilities of both heads.
OUTPUT_BUDGET = 64 * 1024**2


def predict_rows(
    engine: Engine,
    graph: NetworkGraph,
    source: GenomeSource,
    settings: PredictionSettings,
    stretches: list[Stretch] | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Predict a genome, or stretches of it; in file order, at most one a run.

    Yields:
        (rows, probabilities): (b,) row numbers and (b, heads, L, 4) float16, rows in file order, in the register asked for.
        Positions without prediction (the last L modulo pool size; padding far from any base) are zero.
    """
    predictor = Predictor(engine, graph, source, settings)
    if stretches is None:
        stretches = [Stretch(number, 0, run.n_rows) for number, run in enumerate(predictor.runs)]
    finished = predictor.rows(stretches)
    n_heads = 2 if graph.has_phase else 1
    block_rows = rows_per_block(source.length, n_heads * 8, OUTPUT_BUDGET)
    while block := list(islice(finished, block_rows)):
        numbers, probs = zip(*block, strict=True)
        yield np.array(numbers, np.int64), np.stack(probs)


class Predictor:
    """One genome and one engine: predicts any of its rows, bit by bit as if all were predicted (layout.py says how)."""

    def __init__(self, engine: Engine, graph: NetworkGraph, source: GenomeSource, settings: PredictionSettings):
        self._engine, self._source, self._settings = engine, source, settings
        self._pool_size = graph.pool_size
        self.runs = source.runs()
        self.valid_lengths = source.rows.valid_lengths
        self._margin = self._chosen_margin()
        batch_windows = settings.batch_size or engine.batch_rows(source.length)
        self._layout = Layout(self.runs, settings.windowing, batch_windows, self._kept_length)

    def rows(self, stretches: list[Stretch]) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (row of the file, (heads, L, 4) float16) of some rows, in the register of the settings.

        Args:
            stretches: at most one a run, in file order.
        """
        predicted = self._predicted(self._layout.blocks(stretches, self.runs))
        for stretch in stretches:
            run = self.runs[stretch.run]
            span = windows_of_rows(run.n_rows, self._settings.windowing, stretch.first_row, stretch.end_row)
            stitcher = Stitcher(run.n_rows, self._settings.windowing, span[0])
            for place, probs in predicted:
                if place < (stretch.run, span[0]):
                    continue
                next_row = stitcher.next_row
                for row, finished in enumerate(stitcher.add(probs), start=next_row):
                    if stretch.first_row <= row < stretch.end_row:
                        yield run.first_row + row, self._written(finished, run.first_row + row)
                if place[1] == span[1] - 1:
                    break

    def _written(self, row, number):
        """Round one (heads, L, 4) row to float16, padding where the register wants it."""
        row = row.astype(np.float16)
        if self._settings.register == "upstream":
            return row
        start_ends = self._source.rows.start_ends[number : number + 1]
        return to_padding_last(row[None].transpose(0, 2, 1, 3), start_ends).transpose(0, 2, 1, 3)[0]

    def _predicted(self, blocks: Iterator[Block]) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
        """Yield ((run, window), (heads, L, 4) float32) of all windows of all blocks; an engine sees one stream of batches."""
        waiting: deque[tuple[list, list]] = deque()
        outputs = self._engine.predict_many(self._batches(blocks, waiting))
        for first in outputs:
            places, windows, batches = waiting.popleft()
            found: list = [None] * len(windows)
            for i, numbers in enumerate(batches):
                probs = next(outputs) if i else first
                for number, one in zip(numbers, probs, strict=True):
                    found[number] = one
            for place, window, probs in zip(places, windows, found, strict=True):
                yield place, restore_length(probs, window, self._source.length)

    def _batches(self, blocks: Iterator[Block], waiting: deque) -> Iterator[np.ndarray]:
        for block in blocks:
            windows = list(self._windows(block))
            by_length: dict[int, list[int]] = {}
            for number, window in enumerate(windows):
                by_length.setdefault(len(window.inputs), []).append(number)
            batches = list(_split(by_length, self._batch_rows))
            places = [(piece.run, k) for piece in block for k in range(piece.first, piece.end)]
            waiting.append((places, windows, batches))
            for numbers in batches:
                length = len(windows[numbers[0]].inputs) // self._pool_size * self._pool_size
                yield np.stack([windows[number].inputs[:length] for number in numbers])

    def _batch_rows(self, length: int) -> int:
        return self._settings.batch_size or self._engine.batch_rows(length)

    def _windows(self, block: Block) -> Iterator[Window]:
        length = self._source.length
        needed = [self._rows_of(piece) for piece in block]
        rows = self._source.read_in_order(np.concatenate([np.arange(*span) for span in needed]))
        for piece, (first_row, _) in zip(block, needed, strict=True):
            run = self.runs[piece.run]
            held, first_held = [], first_row - run.first_row
            for start in window_starts(run.n_rows, self._settings.windowing)[piece.first : piece.end].tolist():
                first, last = start // length, -(-start // length)
                held, first_held = held[first - first_held :], first
                held += islice(rows, last + 1 - first - len(held))
                inputs = held[0] if first == last else _between(held, start - first * length)
                yield cut_padding(inputs, *_padding_inside(run, start, length), self._margin, self._pool_size)

    def _rows_of(self, piece: Piece) -> tuple[int, int]:
        """Return the half-open range of the file's rows that windows lie in."""
        run, length = self.runs[piece.run], self._source.length
        starts = window_starts(run.n_rows, self._settings.windowing)[piece.first : piece.end]
        return run.first_row + int(starts[0]) // length, run.first_row - (-int(starts[-1]) // length) + 1

    def _kept_length(self, run: Run, start: int) -> int:
        length = self._source.length
        return kept_length(length, *_padding_inside(run, start, length), self._margin, self._pool_size)

    def _chosen_margin(self) -> int:
        """Return the padding positions that stay: a whole row of them where all padding is wanted or felt."""
        if self._settings.max_padding_bp is not None:
            return self._settings.max_padding_bp
        measured = None if self._settings.register == "upstream" else self._measured_margin()
        return self._source.length if measured is None else measured

    def _measured_margin(self) -> int | None:
        """Return how much padding has to stay, None when no sequence is short enough for that to matter."""
        short = [run for run in self.runs if run.n_rows == 1 and abs(run.padding) > self._source.length // 2]
        if len(short) <= PROBES:
            return None  # measuring would cost as much as it saves
        chosen = short[:PROBES]
        inputs = self._source.take(np.array([run.first_row for run in chosen]))
        probes = [(one, max(0, -run.padding), max(0, run.padding)) for one, run in zip(inputs, chosen, strict=True)]
        return measure_margin(self._predict_one, probes, self._pool_size)

    def _predict_one(self, batch: np.ndarray) -> np.ndarray:
        length = batch.shape[1] // self._pool_size * self._pool_size
        return next(iter(self._engine.predict_many([batch[:, :length]])))


def _between(rows, offset):
    return np.concatenate([rows[0][offset:], rows[1][:offset]])


def _padding_inside(run: Run, start: int, length: int) -> tuple[int, int]:
    """Return how many padding positions a window has in front and at its end, from those of its run."""
    front = max(0, -run.padding - start)
    end = max(0, run.padding - (run.n_rows * length - start - length))
    return front, end


def _split(by_length, batch_rows) -> Iterator[list[int]]:
    for size, numbers in sorted(by_length.items(), reverse=True):
        step = batch_rows(size)
        for start in range(0, len(numbers), step):
            yield numbers[start : start + step]

"""What the frozen part of a network makes of rows, computed once and kept on disk: training then starts behind it.

Features are stored as float16 in row order, beside a list of finished blocks with their checksums; an interrupted
computation goes on after the last good block. Layers of the frozen part run as in prediction: normalisation with its
moving statistics, dropout switched off (upstream leaves dropout of a frozen trunk active while tuning).
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from helixtune.errors import ParameterError
from helixtune.log import logger
from helixtune.progress import Progress
from helixtune.training.batches import Targets, Weighting, batches_in_order
from helixtune.training.labelled_rows import LabelledRows
from helixtune.training.optimisation import load_tensorflow

# Bases in one pass through the frozen part: 8 rows of 21,384 bp, beyond which no speed is gained but memory is lost.
BASES_A_PASS = 8 * 21_384
LEAST_PASSES = 4  # passes run side by side: few rows are spread over them
# Labels that stay in memory, those of 100 Mb of rows.
TARGET_BUDGET = 256 * 1024**2
FLOAT16_MAX = float(np.finfo(np.float16).max)


class FrozenPart(Protocol):
    """Computes features; `pooled`: one of `width` values for each time step, else for each base."""

    width: int
    pooled: bool

    def run(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield (b, T, width) float32 features of every (b, L, 4) float16 batch, in order."""
        ...


class KerasPart:
    """The frozen part as a keras.Model, (b, L, 4) bases -> (b, T, width)."""

    def __init__(self, model):
        tf = load_tensorflow()
        self.width = int(model.output.shape[-1])
        self.pooled = any(type(layer).__name__ == "Reshape" for layer in model.layers)
        self._step = tf.function(
            lambda bases: model(tf.cast(bases, tf.float32), training=False),
            input_signature=[tf.TensorSpec((None, None, model.input.shape[-1]), tf.float16)],
            autograph=False,
        )

    def run(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the features of every batch, in order."""
        return (self._step(batch).numpy() for batch in batches)


@dataclass(frozen=True)
class FeatureCache:
    """Features on disk: `features` is a read-only (n, T, width) float16 map of the file at `path`."""

    path: Path
    features: np.ndarray


class FeatureRows:
    """Rows whose bases are replaced by stored features; labels and coverage come from the training file as ever."""

    def __init__(self, rows: LabelledRows, cache: FeatureCache):
        self.rows, self.cache = rows, cache
        self._kept: dict[tuple[int, Weighting], tuple] = {}
        self._room = TARGET_BUDGET // (
            rows.n_steps * (2 * rows.layout.pool_size + 5)
        )  # two labels a base, a weight a step

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, numbers: np.ndarray, weighting: Weighting) -> tuple[list[np.ndarray], Targets]:
        """Return features (and coverage, for a head that takes it) and the targets of rows."""
        inputs = [np.asarray(self.cache.features[numbers])]
        if self.rows.layout.coverage_tracks:
            inputs.append(self.rows.coverage(numbers))
        return inputs, self._targets(numbers, weighting)

    def _targets(self, numbers: np.ndarray, weighting: Weighting) -> Targets:
        """Return targets from memory where they fit: with features stored, reading labels anew would take most of an epoch."""
        keys = [(int(number), weighting) for number in numbers]
        new = [key for key in keys if key not in self._kept]
        if len(self._kept) + len(new) > self._room:
            return self.rows.targets(numbers, weighting)
        if new:
            found = self.rows.targets(np.array([number for number, _ in new]), weighting)
            self._kept.update(zip(new, zip(*vars(found).values(), strict=True), strict=True))
        rows = [self._kept[key] for key in keys]
        return Targets(*(np.stack(arrays) for arrays in zip(*rows, strict=True)))


def compute_features(frozen: FrozenPart, rows: LabelledRows, path: Path) -> FeatureCache:
    """Run the frozen part of a network over all rows, or take up what an earlier run has stored.

    Args:
        frozen: what computes features.
        rows: the rows; only their bases are used.
        path: file to hold the features; `<path>.blocks` lists what is finished.

    Raises:
        ParameterError: the disk has no room.
    """
    shape = (len(rows), rows.n_steps * (1 if frozen.pooled else rows.layout.pool_size), frozen.width)
    size = int(np.prod(shape)) * 2
    finished = _finished_blocks(path, shape)
    _announce(path, size, shape, missing=len(rows) - sum(stop - start for start, stop in finished))
    if not path.exists() or path.stat().st_size != size:
        with path.open("wb") as file:
            file.truncate(size)
    features = np.memmap(path, np.float16, "r+", shape=shape)
    rows_a_pass = max(1, min(BASES_A_PASS // rows.subsequence_length_bp, -(-len(rows) // LEAST_PASSES)))
    passes = [(int(numbers[0]), int(numbers[-1]) + 1) for numbers in batches_in_order(len(rows), rows_a_pass)]
    todo = [span for span in passes if span not in finished]
    with Progress(len(rows), "rows", "frozen part") as progress, _blocks_path(path).open("w") as blocks:
        blocks.writelines(finished.values())  # damaged and half-written lines go
        progress.advance(sum(stop - start for start, stop in finished))
        computed = frozen.run(rows.bases(np.arange(*span)) for span in todo)
        for (start, stop), found in zip(todo, computed, strict=True):
            block = np.clip(found, -FLOAT16_MAX, FLOAT16_MAX).astype(np.float16)
            features[start:stop] = block
            features.flush()
            blocks.write(_block_line(start, stop, block))
            blocks.flush()
            progress.advance(stop - start)
    return FeatureCache(path, np.memmap(path, np.float16, "r", shape=shape))


def _announce(path: Path, size: int, shape: tuple[int, ...], missing: int) -> None:
    free = shutil.disk_usage(path.parent).free + (path.stat().st_size if path.exists() else 0)
    logger.info(
        "features of the frozen part: %d rows x %d steps x %d values, %.2f GB in %s (%d rows to compute)",
        *shape,
        size / 1e9,
        path.parent,
        missing,
    )
    if size > free:
        raise ParameterError(
            f"Features of the frozen part need {size / 1e9:.1f} GB, but {path.parent} has {free / 1e9:.1f} GB free:"
            " give a --checkpoint-dir on a larger disk, or select fewer subsequences."
        )


def _finished_blocks(path: Path, shape: tuple[int, ...]) -> dict[tuple[int, int], str]:
    """Return the row ranges whose stored features agree with their checksums, with their lines of the list."""
    if not path.exists() or not _blocks_path(path).exists() or path.stat().st_size != int(np.prod(shape)) * 2:
        _blocks_path(path).unlink(missing_ok=True)
        return {}
    features = np.memmap(path, np.float16, "r", shape=shape)
    good, damaged = {}, 0
    for line in _blocks_path(path).read_text().splitlines(keepends=True):
        start, stop, *_ = (int(word) if word.isdigit() else 0 for word in [*line.split("\t"), "", ""])
        if line == _block_line(start, stop, features[start:stop]):
            good[start, stop] = line
        else:
            damaged += 1
    if damaged:
        logger.warning("%s: %d stored blocks are damaged and computed again", path, damaged)
    return good


def _blocks_path(path: Path) -> Path:
    return path.with_name(path.name + ".blocks")


def _block_line(start: int, stop: int, block: np.ndarray) -> str:
    return f"{start}\t{stop}\t{hashlib.sha256(np.ascontiguousarray(block).data).hexdigest()}\n"

"""What the frozen part of a network makes of rows, computed once and kept on disk: training then starts behind it.

Features are stored as float16 in row order, beside a list of finished blocks with their checksums; an interrupted
computation goes on after the last good block. Layers of the frozen part run as in prediction: normalisation with its
moving statistics, dropout switched off (upstream leaves dropout of a frozen trunk active while tuning).
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.errors import ParameterError
from helixtune.log import logger
from helixtune.progress import Progress
from helixtune.training.batches import Targets, Weighting, batches_in_order
from helixtune.training.labelled_rows import LabelledRows
from helixtune.training.optimisation import load_tensorflow

# Bases in one pass through the frozen part: 8 rows of 21,384 bp, beyond which no speed is gained but memory is lost.
BASES_A_PASS = 8 * 21_384
FLOAT16_MAX = float(np.finfo(np.float16).max)


@dataclass(frozen=True)
class FeatureCache:
    """Features on disk: `features` is a read-only (n, T, width) float16 map of the file at `path`."""

    path: Path
    features: np.ndarray


class FeatureRows:
    """Rows whose bases are replaced by stored features; labels and coverage come from the training file as ever."""

    def __init__(self, rows: LabelledRows, cache: FeatureCache):
        self.rows, self.cache = rows, cache

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, numbers: np.ndarray, weighting: Weighting) -> tuple[list[np.ndarray], Targets]:
        """Return features (and coverage, for a head that takes it) and the targets of rows."""
        inputs = [np.asarray(self.cache.features[numbers])]
        if self.rows.layout.coverage_tracks:
            inputs.append(self.rows.coverage(numbers))
        return inputs, self.rows.targets(numbers, weighting)


def compute_features(frozen, rows: LabelledRows, path: Path) -> FeatureCache:
    """Run the frozen part of a network over all rows, or take up what an earlier run has stored.

    Args:
        frozen: keras.Model, (b, L, 4) bases -> (b, T, width).
        rows: the rows; only their bases are used.
        path: file to hold the features; `<path>.blocks` lists what is finished.

    Raises:
        ParameterError: the disk has no room.
    """
    shape = (len(rows), *_output_shape(frozen, rows))
    size = int(np.prod(shape)) * 2
    finished = _finished_blocks(path, shape)
    _announce(path, size, shape, missing=len(rows) - sum(stop - start for start, stop in finished))
    if not path.exists() or path.stat().st_size != size:
        with path.open("wb") as file:
            file.truncate(size)
    features = np.memmap(path, np.float16, "r+", shape=shape)
    tf = load_tensorflow()
    step = tf.function(
        lambda bases: frozen(tf.cast(bases, tf.float32), training=False),
        input_signature=[tf.TensorSpec((None, None, frozen.input.shape[-1]), tf.float16)],
        autograph=False,
    )
    rows_a_pass = max(1, BASES_A_PASS // rows.subsequence_length_bp)
    with Progress(len(rows), "rows", "frozen part") as progress, _blocks_path(path).open("w") as blocks:
        blocks.writelines(finished.values())  # damaged and half-written lines go
        for numbers in batches_in_order(len(rows), rows_a_pass):
            start, stop = int(numbers[0]), int(numbers[-1]) + 1
            if (start, stop) not in finished:
                block = np.clip(step(rows.bases(numbers)).numpy(), -FLOAT16_MAX, FLOAT16_MAX).astype(np.float16)
                features[start:stop] = block
                features.flush()
                blocks.write(_block_line(start, stop, block))
                blocks.flush()
            progress.advance(len(numbers))
    return FeatureCache(path, np.memmap(path, np.float16, "r", shape=shape))


def _output_shape(frozen, rows: LabelledRows) -> tuple[int, int]:
    """Return (steps, width) of one row's features: steps are bases below the pooling, time steps above it."""
    pooled = any(type(layer).__name__ == "Reshape" for layer in frozen.layers)
    bases = rows.n_steps * rows.layout.pool_size
    return rows.n_steps if pooled else bases, int(frozen.output.shape[-1])


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

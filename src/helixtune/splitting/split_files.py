"""Read labelled subsequences, split them, write both sides."""

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from helixtune.errors import ParameterError
from helixtune.h5files import BASES, CLASSES, GENE_LENGTHS, SEQIDS, SPECIES, START_ENDS, RowWriter, rows_per_block
from helixtune.log import logger
from helixtune.selection.output import copy_rows, inherited
from helixtune.selection.shards import RowShards
from helixtune.splitting.partition import TRAIN, VALIDATION, RowMeasures, SplitSettings, split_as_upstream, split_rows

# Gene lengths are put into classes of powers of 2.
LENGTH_POWERS = 20
# Labels 4, bases 8, gene lengths 4 bytes a base and their copies.
BYTES_PER_BASE = 40


@dataclass(frozen=True)
class SplitFiles:
    """What is read (one file after the other) and written."""

    inputs: list[Path]
    train: Path
    validation: Path

    def __post_init__(self):
        paths = [Path(path).resolve() for path in (*self.inputs, self.train, self.validation)]
        if len(set(paths)) < len(paths):
            raise ParameterError("--input, --train and --validation must be different files.")


def split_subsequences(files: SplitFiles, settings: SplitSettings, write_by: int, threads: int) -> dict:
    """Split rows into two files; returns the unit held out, bases of both sides and the rows left out.

    Raises:
        EmptyResultError: a side would be empty.
    """
    with ExitStack() as stack:
        source = stack.enter_context(RowShards(files.inputs, (CLASSES, SPECIES, SEQIDS, START_ENDS)))
        rows = source.read_identity()
        if settings.method == "upstream":
            split = split_as_upstream(rows, settings)
        else:
            split = split_rows(rows, measure_rows(source, threads), settings)
        for warning in split.warnings:
            logger.warning("%s", warning)
        file_format, attributes = inherited(source)
        for side, path in ((TRAIN, files.train), (VALIDATION, files.validation)):
            writer = stack.enter_context(RowWriter(path, file_format, asdict(settings), attributes, threads))
            copy_rows(source, np.flatnonzero(split.sides == side), writer, write_by)
        bases = [int(rows.valid_lengths[split.sides == side].sum()) for side in (TRAIN, VALIDATION)]
    return {
        "unit": split.unit,
        "train_bases": bases[0],
        "validation_bases": bases[1],
        "left_out": int((split.sides < 0).sum()),
    }


def measure_rows(source: RowShards, threads: int) -> RowMeasures:
    """Count the labels of all rows, their GC content and the bases of their genes by length, a block at a time."""
    class_counts = np.zeros((source.n_rows, 4), np.int64)
    gc = np.zeros(source.n_rows) if source.has(BASES) else None
    length_counts = np.zeros((source.n_rows, LENGTH_POWERS)) if source.has(GENE_LENGTHS) else None
    step = rows_per_block(source.width_bp, BYTES_PER_BASE)
    for first in range(0, source.n_rows, step):
        numbers = np.arange(first, min(first + step, source.n_rows))
        class_counts[numbers] = source.read(CLASSES, numbers, threads).sum(axis=1)
        if gc is not None:
            shares = source.read(BASES, numbers, threads).sum(axis=1, dtype=np.float32)
            gc[numbers] = (shares[:, 0] + shares[:, 3]) / np.maximum(shares.sum(axis=1), 1)
        if length_counts is not None:
            length_counts[numbers] = _by_length(source.read(GENE_LENGTHS, numbers, threads))
    return RowMeasures(class_counts, gc, length_counts)


def _by_length(gene_lengths: np.ndarray) -> np.ndarray:
    powers = np.clip(np.frexp(gene_lengths.astype(np.float32))[1], 0, LENGTH_POWERS - 1)
    counts = np.stack([(powers == power).sum(axis=1) for power in range(LENGTH_POWERS)], axis=1)
    counts[:, 0] = 0  # no gene
    return counts.astype(np.float64)

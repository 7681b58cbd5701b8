"""Labelled rows as the network is trained on them: which rows count, in which register, with which coverage.

Reads training files (labels beside bases); writes nothing. Rows are read when they are asked for, so memory is bounded
by a batch and not by the files.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune import h5files
from helixtune.annotation.labels import CLASSES
from helixtune.class_order import class_order_of
from helixtune.errors import EmptyResultError, FormatError, ParameterError, ShapeError
from helixtune.h5checks import text_attribute
from helixtune.log import logger
from helixtune.model.inputs import COVERAGE_NORMS, network_input, normalise_coverage
from helixtune.subsequences import to_contiguous_register
from helixtune.training.batches import UNWEIGHTED, Targets, Weighting, class_factors, class_numbers, transition_factors

LABEL_DATASETS = (
    h5files.CLASSES,
    h5files.PHASES,
    h5files.WEIGHTS,
    h5files.TRANSITIONS,
    h5files.HAS_VALID_BASES,
    h5files.IS_ANNOTATED,
    h5files.START_ENDS,
    h5files.SEQIDS,
    h5files.SPECIES,
)
COVERAGE_DATASETS = (h5files.COVERAGE, h5files.SPLICED_COVERAGE)


@dataclass(frozen=True)
class Layout:
    """What a network wants its input to look like.

    Attributes:
        pool_size: bases in a time step, P.
        coverage_tracks: BAM files whose coverage follows the bases, C; 0 = none.
        coverage_norm: "log" or "linear"; None exactly when there is no coverage.
    """

    pool_size: int
    coverage_tracks: int = 0
    coverage_norm: str | None = None

    def __post_init__(self):
        if (self.coverage_tracks > 0) != (self.coverage_norm is not None):
            raise ParameterError("--coverage-norm belongs to models that take RNA-seq coverage, and only to those.")
        if self.coverage_norm is not None and self.coverage_norm not in COVERAGE_NORMS:
            raise ParameterError(f"--coverage-norm {self.coverage_norm}: choose from {', '.join(COVERAGE_NORMS)}.")


class LabelledRows:
    """The usable rows of one or several training files: annotated, and with at least one valid base.

    Use as a context manager: files stay open in between. Rows are numbered over all files, in file order. Padding of
    minus rows comes first, as the network has seen it in training upstream (0.3.6 and later).
    """

    def __init__(self, paths: Sequence[Path], layout: Layout, what: str):
        self.layout, self.what = layout, what
        self._stack = ExitStack()
        required = (h5files.BASES, *LABEL_DATASETS, *(COVERAGE_DATASETS if layout.coverage_tracks else ()))
        with ExitStack() as on_error:
            self._files = [on_error.enter_context(h5files.open_file(path, required)) for path in paths]
            self.subsequence_length_bp = self._common_length()
            self._check_coverage()
            self._check_class_order()
            self._file_of_row, self._row_in_file = self._usable_rows()
            self._stack = on_error.pop_all()

    def __enter__(self) -> "LabelledRows":
        return self

    def __exit__(self, *exception) -> None:
        self._stack.close()

    def __len__(self) -> int:
        return len(self._row_in_file)

    @property
    def n_steps(self) -> int:
        """Time steps of a row, T = L // P; a rest of fewer than P bases is left out."""
        return self.subsequence_length_bp // self.layout.pool_size

    def batch(self, numbers: np.ndarray, weighting: Weighting) -> tuple[list[np.ndarray], Targets]:
        """Return the network's input and the targets of rows."""
        return [self.inputs(numbers)], self.targets(numbers, weighting)

    def inputs(self, numbers: np.ndarray) -> np.ndarray:
        """Return (b, T * P, 4 + 2C) float16: bases, then coverage and spliced coverage of every BAM file."""
        bases = self.bases(numbers)
        if not self.layout.coverage_tracks:
            return bases
        coverage, spliced = (self._read(name, numbers) for name in COVERAGE_DATASETS)
        return network_input(bases, coverage, spliced, self.layout.coverage_norm)

    def bases(self, numbers: np.ndarray) -> np.ndarray:
        """Return (b, T * P, 4) float16."""
        return self._read(h5files.BASES, numbers)

    def coverage(self, numbers: np.ndarray) -> np.ndarray:
        """Return (b, T, P * 2C) float16: the coverage of each time step as a head takes it, position by position."""
        tracks = [
            normalise_coverage(self._read(name, numbers), self.layout.coverage_norm) for name in COVERAGE_DATASETS
        ]
        return np.concatenate(tracks, axis=-1).reshape(len(numbers), self.n_steps, -1)

    def targets(self, numbers: np.ndarray, weighting: Weighting = UNWEIGHTED) -> Targets:
        """Return the labels and loss weights of rows; without a weighting every valid step counts 1."""
        one_hot = self._steps(self._read(h5files.CLASSES, numbers))
        is_valid = (self._steps(self._read(h5files.WEIGHTS, numbers)) != 0).all(axis=2)
        weights = is_valid.astype(np.float32)
        if weighting.class_weights is not None:
            weights *= class_factors(one_hot, weighting.class_weights)
        if weighting.transition_weights is not None:
            transitions = self._steps(self._read(h5files.TRANSITIONS, numbers))
            weights *= transition_factors(transitions, weighting.transition_weights)
        phases = self._steps(self._read(h5files.PHASES, numbers))
        return Targets(class_numbers(one_hot), class_numbers(phases), weights, is_valid)

    def describe_files(self) -> list[tuple[str, int, str]]:
        """Return path, number of usable rows and the settings that made it ("" if not recorded) of every file."""
        counts = np.bincount(self._file_of_row, minlength=len(self._files))
        return [
            (file.filename, int(count), text_attribute(file, "settings") or "")
            for file, count in zip(self._files, counts, strict=True)
        ]

    def keys(self) -> list[tuple]:
        """Return one hashable key a row: species, seqid and interval."""
        keys = []
        for number, file in enumerate(self._files):
            keys += h5files.read_rows(file)[self._row_in_file[self._file_of_row == number]].keys()
        return keys

    def bam_files(self) -> list[str]:
        """Return the names of the BAM files behind the coverage tracks, in track order; empty when not recorded."""
        file = self._files[0]
        if h5files.BAM_FILES not in file:
            return []
        return [bytes(name).decode() for name in file[h5files.BAM_FILES][:]]

    def _steps(self, rows: np.ndarray) -> np.ndarray:
        return rows.reshape(len(rows), self.n_steps, self.layout.pool_size, *rows.shape[2:])

    def _read(self, name: str, numbers: np.ndarray) -> np.ndarray:
        """Read rows from whichever files they lie in, padding of minus rows first, cut to whole time steps."""
        numbers = np.asarray(numbers)
        files = self._file_of_row[numbers]
        out = None
        for file_number in np.unique(files):
            chosen = np.flatnonzero(files == file_number)
            file, rows = self._files[file_number], self._row_in_file[numbers[chosen]]
            start_ends = h5files.read_block(file, h5files.START_ENDS, rows)
            block = to_contiguous_register(h5files.read_block(file, name, rows), start_ends)
            out = np.empty((len(numbers), *block.shape[1:]), block.dtype) if out is None else out
            out[chosen] = block
        return out[:, : self.n_steps * self.layout.pool_size]

    def _common_length(self) -> int:
        lengths = {file.filename: file[h5files.BASES].shape[1] for file in self._files}
        if len(set(lengths.values())) != 1:
            found = ", ".join(f"{name}: {length}" for name, length in lengths.items())
            raise ShapeError(f"The {self.what} files differ in their subsequence length ({found}): encode them alike.")
        length = next(iter(lengths.values()))
        if length < self.layout.pool_size:
            raise ShapeError(f"The {self.what} rows of {length} bp are shorter than one step of the network.")
        return length

    def _check_coverage(self) -> None:
        for file in self._files if self.layout.coverage_tracks else ():
            for name in COVERAGE_DATASETS:
                if file[name].shape[2:] != (self.layout.coverage_tracks,):
                    raise ShapeError(
                        f"{file.filename}: '{name}' has shape {file[name].shape}, but the network takes"
                        f" {self.layout.coverage_tracks} BAM files: add the coverage of the same BAM files in the same order."
                    )

    def _check_class_order(self) -> None:
        for file in self._files:
            column = class_order_of(file, h5files.CLASSES, h5files.PHASES).misplaced_cds()
            if column:
                raise FormatError(
                    f"{file.filename}: its phases belong to the column of {column}, not to that of CDS: give a file whose classes"
                    f" are in the order {', '.join(CLASSES)}."
                )

    def _usable_rows(self) -> tuple[np.ndarray, np.ndarray]:
        file_of_row, row_in_file, dropped = [], [], 0
        for number, file in enumerate(self._files):
            usable = file[h5files.IS_ANNOTATED][:].astype(bool) & file[h5files.HAS_VALID_BASES][:].astype(bool)
            rows = np.flatnonzero(usable)
            file_of_row.append(np.full(len(rows), number))
            row_in_file.append(rows)
            dropped += len(usable) - len(rows)
        kept = np.concatenate(row_in_file)
        if not len(kept):
            names = ", ".join(file.filename for file in self._files)
            raise EmptyResultError(
                f"The {self.what} set ({names}) has no annotated row with a valid base among {dropped}: select more"
                " subsequences or split them differently."
            )
        if dropped:
            logger.warning(
                "%s set: %d of %d rows left out (not annotated, or no valid base)",
                self.what,
                dropped,
                dropped + len(kept),
            )
        return np.concatenate(file_of_row), kept

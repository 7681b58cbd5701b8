"""Labelled rows as the network is trained on them: which rows count, in which register, with which weights.

Reads training files (labels beside bases); writes nothing. Rows are read when they are asked for, so memory is bounded
by a batch and not by the files.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune import h5files
from helixtune.errors import EmptyResultError, ParameterError, ShapeError
from helixtune.log import logger
from helixtune.network_inputs import COVERAGE_NORMS, network_input
from helixtune.subsequences import to_contiguous_register

# Marks a base without any label (padding): it is no class, so its cross-entropy is zero whatever is predicted.
NO_CLASS = 255
N_CLASSES = 4
N_TRANSITIONS = 6
LABEL_DATASETS = (
    h5files.CLASSES,
    h5files.PHASES,
    h5files.WEIGHTS,
    h5files.TRANSITIONS,
    h5files.HAS_VALID_BASES,
    h5files.IS_ANNOTATED,
    h5files.START_ENDS,
)
COVERAGE_DATASETS = (h5files.COVERAGE, h5files.SPLICED_COVERAGE)


@dataclass(frozen=True)
class Weighting:
    """How much the loss of a time step counts, beyond 1 for valid and 0 for masked.

    Attributes:
        class_weights: for intergenic, UTR, CDS, intron; those that occur in a step add up. None = all 1.
        transition_weights: for TSS, start codon, donor, TTS, stop codon, acceptor; those in a step add up, none = 1.
    """

    class_weights: tuple[float, ...] | None = None
    transition_weights: tuple[float, ...] | None = None

    def __post_init__(self):
        for name, weights, count in (
            ("--class-weights", self.class_weights, N_CLASSES),
            ("--transition-weights", self.transition_weights, N_TRANSITIONS),
        ):
            if weights is None:
                continue
            if len(weights) != count or not all(np.isfinite(weights)) or min(weights) < 0:
                raise ParameterError(f"{name} {list(weights)}: {count} numbers of at least 0 are needed.")


UNWEIGHTED = Weighting()


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


@dataclass(frozen=True)
class Targets:
    """What a batch should have been predicted as.

    Attributes:
        classes: (b, T, P) uint8 class numbers, 255 where a base has none.
        phases: (b, T, P) uint8 phase classes, 255 where a base has none.
        weights: (b, T) float32 factor of the loss.
        is_valid: (b, T) bool, False where any base of the step is masked or padding.
    """

    classes: np.ndarray
    phases: np.ndarray
    weights: np.ndarray
    is_valid: np.ndarray


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
        bases = self._read(h5files.BASES, numbers)
        if not self.layout.coverage_tracks:
            return bases
        coverage, spliced = (self._read(name, numbers) for name in COVERAGE_DATASETS)
        return network_input(bases, coverage, spliced, self.layout.coverage_norm)

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
            (file.filename, int(count), str(file.attrs.get("settings", "")))
            for file, count in zip(self._files, counts, strict=True)
        ]

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


def class_numbers(one_hot: np.ndarray) -> np.ndarray:
    """Turn (..., 4) one-hot labels into uint8 class numbers; all-zero bases become 255."""
    return np.where(one_hot.any(axis=-1), one_hot.argmax(axis=-1), NO_CLASS).astype(np.uint8)


def class_factors(one_hot: np.ndarray, class_weights: Sequence[float]) -> np.ndarray:
    """Return (b, T) float32: the weights of the classes that occur in a step, added up.

    Args:
        one_hot: (b, T, P, 4).
        class_weights: for intergenic, UTR, CDS, intron.
    """
    return (one_hot != 0).any(axis=2) @ np.asarray(class_weights, np.float32)


def transition_factors(transitions: np.ndarray, transition_weights: Sequence[float]) -> np.ndarray:
    """Return (b, T) float32: the weights of the transitions in a step, added up; 1 where there is none.

    Args:
        transitions: (b, T, P, 6), non-zero at TSS, start codon, donor, TTS, stop codon, acceptor.
        transition_weights: in that order.
    """
    factors = transitions.max(axis=2).astype(np.float32) @ np.asarray(transition_weights, np.float32)
    factors[factors == 0] = 1
    return factors


def cut_batch(inputs: list[np.ndarray], targets: Targets, pieces: int) -> tuple[list[np.ndarray], Targets]:
    """Cut every row of a batch into equal pieces that become rows of their own: (b, T, ...) -> (b * pieces, T / pieces, ...).

    An LSTM walks step by step, so many short rows are computed faster than few long ones.
    """
    if pieces == 1:
        return inputs, targets
    n_steps = targets.weights.shape[1]
    if n_steps % pieces:
        raise ParameterError(f"--pieces {pieces}: rows of {n_steps} time steps cannot be cut into equal parts.")

    def cut(array):
        return array.reshape(len(array) * pieces, array.shape[1] // pieces, *array.shape[2:])

    return [cut(array) for array in inputs], Targets(*(cut(array) for array in vars(targets).values()))


def shuffled_batches(n_rows: int, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Return the row numbers of every batch of one epoch; the last batch may be smaller.

    The order depends on seed and epoch alone, so that an interrupted run goes on exactly where it was.
    """
    order = np.random.default_rng([seed, epoch]).permutation(n_rows)
    return [order[start : start + batch_size] for start in range(0, n_rows, batch_size)]


def batches_in_order(n_rows: int, batch_size: int) -> list[np.ndarray]:
    """Return the row numbers of every batch, unshuffled."""
    return [np.arange(start, min(start + batch_size, n_rows)) for start in range(0, n_rows, batch_size)]

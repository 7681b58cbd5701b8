"""Several HDF5 files of rows read as if they were one: training files of a group of species, or their predictions."""

from collections.abc import Sequence
from contextlib import ExitStack
from copy import copy
from pathlib import Path

import h5py
import numpy as np

from helixtune.errors import FormatError, ShapeError
from helixtune.h5files import FULL_SEQIDS, open_file, read_rows
from helixtune.prediction.compact import read_rows_of, shape_of
from helixtune.subsequences import FULL_SEQID_BYTES, Rows

# Groups of datasets about files, not rows; such a list may have as many entries as the file has rows by chance.
METADATA_GROUP_ENDING = "meta"


class RowShards:
    """Open files whose rows follow one another; a context manager.

    Attributes:
        paths: the files.
        n_rows: rows of all files together.
        width_bp: positions a row, the same in all files.
        row_names: datasets with one entry a row, present in every file.
    """

    def __init__(self, paths: Sequence[str | Path], required: tuple[str, ...]):
        self.paths = [Path(path) for path in paths]
        self._stack = ExitStack()
        with ExitStack() as on_error:
            on_error.callback(self._stack.close)
            self.files = [self._stack.enter_context(open_file(path, required)) for path in self.paths]
            self.counts = [len(file[required[0]]) for file in self.files]
            self.edges = np.concatenate([[0], np.cumsum(self.counts)])
            self.n_rows = int(self.edges[-1])
            self.width_bp = self._common_width(required[0])
            self.row_names = self._row_names()
            on_error.pop_all()

    def __enter__(self) -> "RowShards":
        return self

    def __exit__(self, *exception) -> None:
        self._stack.close()

    @property
    def name(self) -> str:
        """The files' names for messages."""
        return ", ".join(str(path) for path in self.paths)

    def has(self, dataset: str) -> bool:
        """Tell whether every file has this dataset."""
        return all(dataset in file for file in self.files)

    def shapes(self, dataset: str) -> list[tuple[int, ...]]:
        """Return the shape of a dataset in every file, as `read` gives its rows."""
        return [shape_of(file, dataset) for file in self.files]

    def read_identity(self) -> Rows:
        """Return which bases the rows of all files hold."""
        return joined_rows([read_rows(file) for file in self.files])

    def read(self, dataset: str, numbers: np.ndarray, threads: int | None = None) -> np.ndarray:
        """Read rows by their numbers (any order, counted over all files)."""
        shard = np.searchsorted(self.edges, numbers, side="right") - 1
        present = np.unique(shard)
        if len(present) == 1:
            return _read_one(self.files[present[0]], dataset, numbers - self.edges[present[0]], threads)
        sample = _read_one(self.files[present[0]], dataset, np.zeros(0, np.int64), threads)
        out = np.empty((len(numbers), *sample.shape[1:]), sample.dtype)
        for s in present:
            mine = shard == s
            out[mine] = _read_one(self.files[s], dataset, numbers[mine] - self.edges[s], threads)
        return out

    def reopened(self) -> "RowShards":
        """Return the same rows for a forked process: each file is opened when it is read first.

        What the parent has open is handed out again by HDF5, which reads by position (pread), so processes do not get in each
        other's way.
        """
        shards = copy(self)
        shards._stack = ExitStack()
        shards.files = _OpenedWhenRead(self.paths, shards._stack)
        return shards

    def row_bytes(self, dataset: str) -> int:
        """Return the bytes of one row of a dataset."""
        found = self.no_rows(dataset)
        return found.dtype.itemsize * int(np.prod(found.shape[1:], dtype=np.int64))

    def no_rows(self, dataset: str) -> np.ndarray:
        """Return a dataset of no rows: its type and shape."""
        if dataset == FULL_SEQIDS:
            return np.zeros(0, f"S{FULL_SEQID_BYTES}")
        found = self.files[0][dataset]
        return np.zeros((0, *found.shape[1:]), found.dtype)

    def whole_datasets(self) -> dict[str, h5py.Dataset]:
        """Return the first file's datasets that do not belong to rows."""
        return {name: data for name, data in _datasets(self.files[0]).items() if name not in self.row_names}

    def _common_width(self, main: str) -> int:
        widths = {}
        for path, file in zip(self.paths, self.files, strict=True):
            widths[path] = file[main].shape[1]
        if len(set(widths.values())) != 1:
            listed = ", ".join(f"{path}: {width}" for path, width in widths.items())
            raise ShapeError(f"Row lengths differ ({listed}): make all files with one --subsequence-length.")
        return next(iter(widths.values()))

    def _row_names(self) -> tuple[str, ...]:
        found = []
        for file, count in zip(self.files, self.counts, strict=True):
            found.append({name: data for name, data in _datasets(file).items() if _belongs_to_rows(name, data, count)})
        full_names = [one.pop(FULL_SEQIDS, None) for one in found]
        for path, here in zip(self.paths[1:], found[1:], strict=True):
            for name in set(found[0]) ^ set(here):
                raise FormatError(f"{path} and {self.paths[0]} do not both have '{name}': prepare them the same way.")
            for name, data in here.items():
                if data.shape[1:] != found[0][name].shape[1:]:
                    raise ShapeError(
                        f"'{name}' has rows of shape {data.shape[1:]} in {path} but {found[0][name].shape[1:]} in"
                        f" {self.paths[0]}: give all files the same number of BAM files."
                    )
        return tuple(sorted([*found[0], *([FULL_SEQIDS] if any(name is not None for name in full_names) else [])]))


class _OpenedWhenRead:
    """Files of checked content by number."""

    def __init__(self, paths: Sequence[Path], stack: ExitStack):
        self._paths, self._stack = paths, stack
        self._opened: dict[int, h5py.File] = {}

    def __getitem__(self, number: int) -> h5py.File:
        if number not in self._opened:
            self._opened[number] = self._stack.enter_context(open_file(self._paths[number]))
        return self._opened[number]


def joined_rows(parts: Sequence[Rows]) -> Rows:
    """Return the rows of several files one after the other."""
    return Rows(*(np.concatenate([getattr(part, a) for part in parts]) for a in ("species", "seqids", "start_ends")))


def _datasets(file: h5py.File) -> dict[str, h5py.Dataset]:
    """Return all datasets that lie in the file itself (links are not followed), by name."""
    found = {}
    file.visititems(lambda name, item: found.update({name: item}) if isinstance(item, h5py.Dataset) else None)
    return found


def _belongs_to_rows(name: str, dataset: h5py.Dataset, n_rows: int) -> bool:
    about_files = any(part.endswith(METADATA_GROUP_ENDING) for part in name.split("/")[:-1])
    return dataset.ndim > 0 and len(dataset) == n_rows and not about_files


def _read_one(file: h5py.File, dataset: str, numbers: np.ndarray, threads: int | None) -> np.ndarray:
    if dataset == FULL_SEQIDS and dataset not in file:
        return np.zeros(len(numbers), f"S{FULL_SEQID_BYTES}")
    if len(numbers) and numbers[-1] - numbers[0] == len(numbers) - 1 and (np.diff(numbers) == 1).all():
        return read_rows_of(file, dataset, slice(int(numbers[0]), int(numbers[-1]) + 1), threads)
    return read_rows_of(file, dataset, numbers, threads)

"""The HDF5 files between stages: dataset names, safe opening, fast reading and whole-or-nothing writing.

A dataset of rows has one HDF5 chunk a row, filtered by shuffle and deflate as upstream's files are. Rows are compressed
and decompressed by threads outside the HDF5 library (whose filters run under one lock) and moved as raw chunks.
"""

import json
import math
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import h5py
import numpy as np
from isal import isal_zlib

from helixtune import __version__, packed_bases
from helixtune.errors import FormatError, InputFileError, ShapeError
from helixtune.files import atomic_output, require_file
from helixtune.h5checks import (
    damaged,
    readable,
    require_dataset,
    require_layout,
    require_places,
    require_values,
    says_damage,
)
from helixtune.subsequences import FULL_SEQID_BYTES, SEQID_BYTES, Rows, seqid_array, valid_lengths
from helixtune.threads import available_threads

BASES = "data/X"
CLASSES = "data/y"
PHASES = "data/phases"
WEIGHTS = "data/sample_weights"
GENE_LENGTHS = "data/gene_lengths"
TRANSITIONS = "data/transitions"
# Upstream's names of the next two say the opposite of what they hold (spec of the format, kept for compatibility).
HAS_VALID_BASES = "data/err_samples"
FULLY_INTERGENIC = "data/fully_intergenic_samples"
IS_ANNOTATED = "data/is_annotated"
SEQIDS = "data/seqids"
FULL_SEQIDS = "data/full_seqids"  # of sequences whose name is cut in SEQIDS, else empty; only where there are any
SPECIES = "data/species"
START_ENDS = "data/start_ends"
COVERAGE = "evaluation/rnaseq_coverage"
SPLICED_COVERAGE = "evaluation/rnaseq_spliced_coverage"
BAM_FILES = "evaluation/rnaseq_meta/bam_files"
CLASS_PROBS = "predictions"
PHASE_PROBS = "predictions_phase"

FORMAT_VERSION = 1
# Deflate effort of ISA-L (0-3): one-hot rows shrink as far at 1 as zlib's level 4 takes them, ten times sooner.
DEFLATE_EFFORT = 1
# zlib's level 4: one-hot bases take 0.51 bytes in place of 0.68, in 0.13 s a megabase (both strands); level 6 0.45, in 0.5 s.
SMALL_EFFORT = 4
# For runs alone: what is packed already (bases, differences of levels) shrinks further with it than by looking for repeats, sooner.
RUNS_EFFORT, LARGEST_WINDOW, MOST_MEMORY = 6, 15, 9
# Datasets of bases whose padding is 0: what encodes a genome hands over rows without it.
ZERO_PADDED = frozenset({BASES, CLASSES, PHASES, WEIGHTS, GENE_LENGTHS, TRANSITIONS})
# From so much padding on it is not deflated anew for every row.
MUCH_PADDING_BYTES, PADDING_STEP_BYTES = 4096, 1024
# Rows with less than this are packed sooner than handed to threads.
FEW_BYTES = 32 * 1024
# HDF5's limit.
LARGEST_CHUNK_BYTES = 2**32 - 1
# Rows smaller than this share a chunk: a chunk of its own would cost more bookkeeping than data.
SMALL_ROW_BYTES = 1024
SMALL_ROWS_PER_CHUNK = 1024
# Columns are summed many positions side by side: rows of four numbers alone would not fill a vector register.
SUM_LANES = 64
# The value of every half float: looking them up is four times faster than NumPy's conversion.
HALF_VALUES = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
# A half float's bits without its sign; of those, what is infinite or no number begins here.
MAGNITUDE_BITS, INFINITE_BITS = np.uint16(0x7FFF), np.uint16(0x7C00)
BLOCK_BUDGET_BYTES = 256 * 1024**2


def rows_per_block(subsequence_length_bp: int, bytes_per_base: int, budget: int = BLOCK_BUDGET_BYTES) -> int:
    """Return how many rows fit into the memory budget of one block (at least 1)."""
    return max(1, budget // (subsequence_length_bp * bytes_per_base))


def open_file(path: str | Path, required: tuple[str, ...] = ()) -> h5py.File:
    """Open an HDF5 file for reading after checking that it holds what is needed.

    Raises:
        InputFileError: missing, unreadable, truncated, or not HDF5.
        FormatError: a required dataset is missing, or a known one is a link or claims more than the file can hold.
        ShapeError: a known dataset has another type or shape than its name promises.
    """
    path = require_file(path, "HDF5 file")
    if not h5py.is_hdf5(path):
        raise InputFileError(f"{path} is not an HDF5 file: check that the right file was given.")
    try:
        file = _InputFile(path, "r")
    except OSError as error:
        raise InputFileError(f"{path} is a damaged or truncated HDF5 file: make or copy it again.") from error
    with ExitStack() as on_error:
        on_error.callback(file.close)
        with readable(path):
            for name in required:
                require_dataset(file, name, path)
            require_layout(file, path)
        on_error.pop_all()
    return file


class _InputFile(h5py.File):
    """A file whose damage, wherever it shows, is told by its name."""

    @cached_property
    def plus_rows(self) -> np.ndarray:
        """(n,) the plus row of the place of every row; where bases are packed, those of both strands are there."""
        return packed_bases.plus_rows_of(read_rows(self), self.filename)

    def __exit__(self, kind, error, trace) -> None:
        super().__exit__(kind, error, trace)
        if error is not None and says_damage(error):
            raise damaged(self.filename) from error


def read_rows(file: h5py.File) -> Rows:
    """Return which bases the rows of an open file hold.

    Raises:
        InputFileError: the file is damaged.
        FormatError: names are not plain text, or coordinates cannot be.
    """
    with readable(file.filename):
        species, start_ends = file[SPECIES][:], file[START_ENDS][:]
        seqids = full_seqids(file)
    width = next((file[name].shape[1] for name in (BASES, CLASSES, CLASS_PROBS) if name in file), None)
    require_places(file.filename, seqids, species, start_ends, width)
    return Rows(species.astype("S25"), seqids, start_ends.astype(np.int64))


def full_seqids(datasets: Mapping) -> np.ndarray:
    """Return (n,) names of the sequences of rows, from an open file or a block of rows: at full length, where it is known."""
    cut = datasets[SEQIDS][:]
    if FULL_SEQIDS not in datasets:
        return cut.astype(f"S{SEQID_BYTES}")
    full = datasets[FULL_SEQIDS][:]
    return seqid_array(np.where(full != b"", full, cut).tolist())


def identity_of(rows: Rows) -> dict[str, np.ndarray]:
    """Return the datasets that say which bases rows hold; files of rows carry them, so that any two can be joined."""
    identity = {SPECIES: rows.species, SEQIDS: rows.seqids.astype(f"S{SEQID_BYTES}"), START_ENDS: rows.start_ends}
    if rows.seqids.dtype.itemsize > SEQID_BYTES:
        is_cut = np.char.str_len(rows.seqids) > SEQID_BYTES
        identity[FULL_SEQIDS] = np.where(is_cut, rows.seqids, b"").astype(f"S{FULL_SEQID_BYTES}")
    return identity


def read_block(file: h5py.File, name: str, rows, threads: int | None = None) -> np.ndarray:
    """Read rows of a dataset as `read_any_block` does, and check that they hold what its name promises.

    Raises:
        FormatError: a probability, or a one-hot base or label, is out of bounds.
    """
    block = read_any_block(file, name, rows, threads)
    require_values(block, name, file.filename)
    return block


def read_any_block(file: h5py.File, name: str, rows, threads: int | None = None) -> np.ndarray:
    """Read rows of a dataset, whatever they hold.

    Args:
        file: an open file.
        name: the dataset.
        rows: a slice, or an array of row numbers in any order.
        threads: decompressing threads; None = all CPUs of this process.

    Returns:
        (b, ...) array in the order asked for.
    """
    dataset = file[name]
    numbers = np.arange(*rows.indices(len(dataset))) if isinstance(rows, slice) else np.asarray(rows, dtype=np.int64)
    if name == BASES and packed_bases.is_packed(file):
        return _read_packed_bases(file, numbers, available_threads(threads))
    with readable(file.filename):
        return _read(dataset, rows, numbers, available_threads(threads))


def _read_packed_bases(file: "_InputFile", numbers: np.ndarray, threads: int) -> np.ndarray:
    first, end = (int(numbers.min()), int(numbers.max()) + 1) if len(numbers) else (0, 0)
    with readable(file.filename):
        start_ends = file[START_ENDS][first:end][numbers - first].astype(np.int64)
    is_minus = start_ends[:, 0] > start_ends[:, 1]
    holders = file.plus_rows[numbers] if is_minus.any() else numbers
    plus_rows, which = np.unique(holders, return_inverse=True)
    with readable(file.filename):
        codes = _read(file[BASES], plus_rows, plus_rows, threads)
    if codes.size and codes.max() > packed_bases.LARGEST_CODE:
        raise FormatError(
            f"{file.filename}: '{BASES}' holds {codes.max()}, where numbers from 0 to {packed_bases.LARGEST_CODE} are expected: "
            "it is damaged; encode the genome again."
        )
    return packed_bases.unpack_rows(codes, which, start_ends)


def _read(dataset: h5py.Dataset, rows, numbers: np.ndarray, threads: int) -> np.ndarray:
    if _stored_row_by_row(dataset) and len(numbers):
        return _read_chunks(dataset, numbers, threads)
    if isinstance(rows, slice):
        return dataset[rows]
    distinct, back = np.unique(numbers, return_inverse=True)
    return dataset[distinct][back]


def iter_blocks(
    file: h5py.File, names: tuple[str, ...], block_rows: int, threads: int | None = None
) -> Iterator[tuple[slice, dict[str, np.ndarray]]]:
    """Yield `(slice, {name: rows})` for consecutive blocks of rows, all datasets side by side."""
    total = len(file[names[0]])
    for start in range(0, total, block_rows):
        block = slice(start, min(start + block_rows, total))
        yield block, {name: read_block(file, name, block, threads) for name in names}


def _stored_row_by_row(dataset: h5py.Dataset) -> bool:
    """Tell whether raw chunks can be read: one chunk a row, filtered by (shuffle and) deflate only."""
    filters = [
        dataset.id.get_create_plist().get_filter(i)[0] for i in range(dataset.id.get_create_plist().get_nfilters())
    ]
    return (
        dataset.ndim >= 2
        and dataset.chunks == (1, *dataset.shape[1:])
        and filters in ([h5py.h5z.FILTER_DEFLATE], [h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE])
        and dataset.dtype.kind in "fiub"
        and dataset.id.get_num_chunks() == len(dataset)  # a row that was never written has no chunk to read
    )


def _read_chunks(dataset: h5py.Dataset, numbers: np.ndarray, threads: int) -> np.ndarray:
    out = np.empty((len(numbers), *dataset.shape[1:]), dataset.dtype)
    origin = (0,) * (dataset.ndim - 1)

    def read(position: int) -> None:
        number = int(numbers[position])
        mask, raw = dataset.id.read_direct_chunk((number, *origin))
        if mask:
            out[position] = dataset[number]
            return
        try:
            out[position] = _unshuffle(_inflate(raw, out[position].nbytes), dataset)
        except (isal_zlib.IsalError, ValueError) as error:
            raise InputFileError(
                f"{dataset.file.filename}: row {number} of '{dataset.name}' is damaged: make or copy the file again."
            ) from error

    _in_threads(read, range(len(numbers)), threads)
    return out


def _inflate(raw: bytes, expected: int) -> bytes:
    """Return what deflate packed; never much more than expected, whatever a damaged or hostile row unpacks to."""
    return isal_zlib.decompressobj().decompress(raw, expected + 1)


def _unshuffle(raw: bytes, dataset: h5py.Dataset) -> np.ndarray:
    data = np.frombuffer(raw, np.uint8)
    if dataset.shuffle and dataset.dtype.itemsize > 1:
        planes = data.reshape(dataset.dtype.itemsize, -1)
        data = np.empty(planes.shape[::-1], np.uint8)
        for byte, plane in enumerate(planes):  # a fifth of the time of transposing
            data[:, byte] = plane
    return data.view(dataset.dtype).reshape(dataset.shape[1:])


def _in_threads(work, items, threads: int) -> list:
    if threads == 1 or len(items) == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


class RowWriter:
    """Write one HDF5 file, block of rows by block of rows; nothing is left behind when the block it manages fails.

    With `width_bp`, rows are of that width, the arrays of ZERO_PADDED datasets may be narrower, and what is beyond the interval of
    a row (START_ENDS) is 0 there: 500,000 contigs of 1 kb are twenty times as much padding as bases.

    On success the file carries `format`, `format_version`, `created_by` and `settings` (JSON) besides the given
    attributes, and `X.summary.json` lies beside `X.h5`. No time of day is stored: same input, same bytes.
    """

    def __init__(
        self,
        path: str | Path,
        file_format: str,
        settings: dict,
        attributes: dict | None = None,
        threads: int | None = None,
        deflate: "Deflate | None" = None,
        width_bp: int | None = None,
    ):
        self.path = Path(path)
        self._width_bp = width_bp
        self._deflate = deflate or DEFLATE_FAST
        self.attributes = {
            "format": file_format,
            "format_version": FORMAT_VERSION,
            "created_by": f"helixtune {__version__}",
            "settings": json.dumps(settings, sort_keys=True, default=str),
            **(attributes or {}),
        }
        self.n_rows = 0
        self._threads = available_threads(threads)
        self._sums: dict[str, np.ndarray] = {}
        # Held open to the end: what HDF5 cannot write when a dataset is given up is no error, but a crash later.
        self._datasets: dict[str, h5py.Dataset] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "RowWriter":
        with ExitStack() as on_error:
            on_error.push(self._stack)
            partial = self._stack.enter_context(atomic_output(self.path))
            self._file = self._stack.enter_context(h5py.File(partial, "w", libver=("earliest", "v110")))
            on_error.pop_all()
        return self

    def __exit__(self, kind, error, trace) -> bool | None:
        if kind is None:
            try:
                self._file.attrs.update(self.attributes)
                self._file.flush()
                self._write_summary()
            except BaseException as failure:
                self._give_up()
                self._stack.__exit__(type(failure), failure, failure.__traceback__)
                raise
        else:
            self._give_up()
        return self._stack.__exit__(kind, error, trace)

    def append(self, block: dict[str, np.ndarray]) -> None:
        """Add rows to every dataset; all blocks hold the same datasets, but for names that few need (FULL_SEQIDS).

        Raises:
            ShapeError: the arrays of a block differ in their number of rows.
        """
        counts = {len(array) for array in block.values()}
        if len(counts) != 1:
            raise ShapeError(f"{self.path}: datasets of one block have different numbers of rows {sorted(counts)}.")
        for name, array in block.items():
            if name not in self._datasets:
                self._datasets[name] = self._create(name, array)
                self._datasets[name].resize(self.n_rows, axis=0)  # where it begins later, rows before are empty
            is_padded = self._width_bp is not None and name in ZERO_PADDED
            lengths = valid_lengths(block[START_ENDS]) if is_padded else np.full(len(array), _width_of(array))
            self._append_rows(name, self._datasets[name], array, lengths)
        self.n_rows += counts.pop()
        if FULL_SEQIDS in self._datasets:
            self._datasets[FULL_SEQIDS].resize(self.n_rows, axis=0)

    def write_whole(self, name: str, array: np.ndarray) -> None:
        """Write a dataset that does not belong to rows, such as a list of BAM files."""
        self._datasets[name] = self._file.create_dataset(name, data=array)
        self._add_to_summary(name, [np.zeros(0)])

    def _give_up(self) -> None:
        """Prepare to close a file that is not wanted: what HDF5 cannot write even now goes nowhere, or closing it would crash."""
        try:
            self._file.flush()
        except (OSError, RuntimeError):
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, self._file.id.get_vfd_handle())
            os.close(nowhere)

    def _create(self, name: str, array: np.ndarray) -> h5py.Dataset:
        width = self._width_bp if self._width_bp and name in ZERO_PADDED else _width_of(array)
        shape = (width, *array.shape[2:]) if array.ndim > 1 else ()
        shared = _rows_share_chunks(array.dtype, shape)
        row_bytes = math.prod(shape) * array.dtype.itemsize
        if row_bytes > LARGEST_CHUNK_BYTES:
            raise MemoryError(f"a row of {row_bytes} bytes is more than HDF5 holds in one piece")
        return self._file.create_dataset(
            name,
            shape=(0, *shape),
            maxshape=(None, *shape),
            dtype=array.dtype,
            chunks=(SMALL_ROWS_PER_CHUNK if shared else 1, *shape),
            compression="gzip",
            compression_opts=4,
            shuffle=array.ndim > 1,
        )

    def _append_rows(self, name: str, dataset: h5py.Dataset, array: np.ndarray, lengths: np.ndarray) -> None:
        """Add rows; beyond `lengths` positions they are 0."""
        first = len(dataset)
        dataset.resize(first + len(array), axis=0)
        if _rows_share_chunks(array.dtype, dataset.shape[1:]):
            if array.ndim > 1:
                dataset[first:, : array.shape[1]] = array
            else:
                dataset[first:] = array
            self._add_to_summary(name, [_column_sums(array)])
            return
        array = array.astype(dataset.dtype, copy=False)
        longest, width = int(lengths.max(initial=0)), dataset.shape[1]
        pieces = [row[:length] for row, length in zip(array, lengths.tolist(), strict=True)]
        if longest * array.dtype.itemsize * int(np.prod(array.shape[2:])) < FEW_BYTES:
            packed = (
                (_pack_often(row.tobytes(), row.dtype.itemsize, len(row), width, self._deflate), None) for row in pieces
            )
            sums = [_column_sums(array[:, :longest])]
        else:
            packed, sums = self._pack_in_threads(pieces, width), []
        origin, write = (0,) * (array.ndim - 1), dataset.id.write_direct_chunk
        for i, (raw, column_sums) in enumerate(packed, start=first):
            write((i, *origin), raw)
            sums += [] if column_sums is None else [column_sums]
        self._add_to_summary(name, sums)

    def _pack_in_threads(self, rows: list[np.ndarray], width: int) -> Iterator[tuple[bytes, np.ndarray]]:
        """Yield packed rows and their sums, a few rows at a time: compressed copies stay small."""
        for start in range(0, len(rows), 4 * self._threads):
            few = rows[start : start + 4 * self._threads]
            yield from _in_threads(
                lambda row: (_pack(row, width, self._deflate), _column_sums(row[None])), few, self._threads
            )

    def _add_to_summary(self, name: str, sums: list[np.ndarray]) -> None:
        self._sums[name] = sum(sums, start=self._sums.get(name, np.zeros(1)))

    def _write_summary(self) -> None:
        datasets = {}
        for name, sums in sorted(self._sums.items()):
            dataset = self._datasets[name]
            rounded = [round(float(value), 2) if np.isfinite(value) else None for value in np.atleast_1d(sums)]
            datasets[name] = {"shape": list(dataset.shape), "dtype": str(dataset.dtype), "sums": rounded}
        summary = {"format": self.attributes["format"], "rows": self.n_rows, "datasets": datasets}
        with atomic_output(summary_path(self.path)) as partial:
            partial.write_text(json.dumps(summary, indent=1) + "\n")


def summary_path(path: Path) -> Path:
    """Return where the summary of an HDF5 file lies: `X.summary.json` beside `X.h5`."""
    return path.with_suffix(".summary.json")


def _width_of(array: np.ndarray) -> int:
    return array.shape[1] if array.ndim > 1 else 1


def _rows_share_chunks(dtype: np.dtype, shape: tuple[int, ...]) -> bool:
    """Tell whether rows of a shape are too small for a chunk each."""
    return not shape or dtype.itemsize * int(np.prod(shape)) < SMALL_ROW_BYTES or dtype.kind not in "fiub"


@dataclass(frozen=True)
class Deflate:
    """A way to deflate: all at once, or piece by piece without header and checksum."""

    whole: Callable[[memoryview], bytes]
    begin: Callable[[], "zlib._Compress"]

    def padded(self, planes: np.ndarray, n_zeros: int) -> bytes:
        """Return the zlib stream of (k, m) bytes, each plane followed by so many zeros, which are packed once for all rows."""
        stream, pieces, checksum = self.begin(), [ZLIB_HEADER], 1
        for plane in planes:
            # What follows a full flush refers to nothing before it, so that anything may stand between.
            pieces += [stream.compress(plane), stream.flush(zlib.Z_FULL_FLUSH), _packed_zeros(n_zeros)]
            checksum = zlib.adler32(plane, checksum)
            low = checksum & 0xFFFF
            checksum = ((checksum >> 16) + n_zeros * low) % 65521 << 16 | low
        return b"".join([*pieces, EMPTY_LAST_BLOCK, checksum.to_bytes(4, "big")])


ZLIB_HEADER, EMPTY_LAST_BLOCK, RAW = b"\x78\x01", b"\x03\x00", -15


@lru_cache(4096)
def _packed_zeros(count: int) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, RAW)
    return stream.compress(bytes(count)) + stream.flush(zlib.Z_FULL_FLUSH)


def _deflate_runs(data) -> bytes:
    packer = zlib.compressobj(RUNS_EFFORT, zlib.DEFLATED, LARGEST_WINDOW, MOST_MEMORY, zlib.Z_RLE)
    return packer.compress(data) + packer.flush()


# So that it costs next to nothing.
DEFLATE_FAST = Deflate(
    lambda data: isal_zlib.compress(data, DEFLATE_EFFORT),
    lambda: isal_zlib.compressobj(DEFLATE_EFFORT, isal_zlib.DEFLATED, RAW),
)
# To three quarters of that for one-hot bases, ten times slower: for files of large genomes.
DEFLATE_SMALL = Deflate(
    lambda data: zlib.compress(data, SMALL_EFFORT), lambda: zlib.compressobj(SMALL_EFFORT, zlib.DEFLATED, RAW)
)
# By runs and frequencies of bytes.
DEFLATE_RUNS = Deflate(
    _deflate_runs, lambda: zlib.compressobj(RUNS_EFFORT, zlib.DEFLATED, RAW, MOST_MEMORY, zlib.Z_RLE)
)


@lru_cache(1024)
def _pack_often(row: bytes, item_bytes: int, length: int, width: int, deflate: Deflate) -> bytes:
    """Return what `_pack` does; labels of short sequences without genes are alike."""
    return _pack_planes(np.frombuffer(row, np.uint8).reshape(-1, item_bytes), length, width, deflate)


def _pack(row: np.ndarray, width: int, deflate: Deflate) -> bytes:
    """Shuffle and deflate one row, padded to a width, as HDF5's own filters would."""
    row = np.ascontiguousarray(row)
    return _pack_planes(row.view(np.uint8).reshape(-1, row.dtype.itemsize), len(row), width, deflate)


def _pack_planes(data: np.ndarray, length: int, width: int, deflate: Deflate) -> bytes:
    """Pack (m, itemsize) bytes of a row of so many positions."""
    if length == width:
        return deflate.whole((np.ascontiguousarray(data.T) if data.shape[1] > 1 else data).reshape(-1).data)
    n_zeros = len(data) // max(length, 1) * (width - length)  # of each plane
    many = n_zeros // PADDING_STEP_BYTES * PADDING_STEP_BYTES if n_zeros >= MUCH_PADDING_BYTES else 0
    planes = np.zeros((data.shape[1], len(data) + n_zeros - many), np.uint8)
    planes[:, : len(data)] = data.T
    return deflate.padded(planes, many) if many else deflate.whole(planes.reshape(-1).data)


def _column_sums(array: np.ndarray) -> np.ndarray:
    """Sum over everything but the last of three or more axes: counts of classes, or one total; text counts as nothing."""
    if array.dtype.kind not in "fiub":
        return np.zeros(1)
    numbers = HALF_VALUES[array.view(np.uint16)] if array.dtype == np.float16 else array.astype(np.float64)
    width = array.shape[-1] if array.ndim > 2 else 1
    flat, lane = numbers.reshape(-1), width * SUM_LANES
    whole = flat[: len(flat) // lane * lane].reshape(-1, lane).sum(axis=0, dtype=numbers.dtype).reshape(-1, width)
    rest = flat[len(flat) // lane * lane :].reshape(-1, width)
    return whole.sum(axis=0, dtype=np.float64) + rest.sum(axis=0, dtype=np.float64)

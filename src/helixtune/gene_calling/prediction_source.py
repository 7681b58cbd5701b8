"""A genome and its predictions, opened together: rows of both by coordinates, padding at the end."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from helixtune.class_order import class_order_of
from helixtune.errors import FormatError, ParameterError, ShapeError
from helixtune.gene_calling.places import Shard, count_places, place_numbers
from helixtune.gene_calling.sequences import group_sequences
from helixtune.h5checks import json_attribute, readable, text_attribute
from helixtune.h5files import (
    BASES,
    CLASS_PROBS,
    PHASE_PROBS,
    SEQIDS,
    SPECIES,
    START_ENDS,
    open_file,
    read_any_block,
    read_block,
    read_rows,
)
from helixtune.log import logger
from helixtune.prediction.compact import read_rows_of, shape_of
from helixtune.subsequences import Rows, match_rows, to_padding_last

_IDENTITY = (SPECIES, SEQIDS, START_ENDS)
REGISTERS = ("auto", "last", "upstream")


class PredictionSource:
    """A genome and its predictions, in one file or in those of all shards; a context manager.

    Files of shards are opened when a row of theirs is asked for.

    Args:
        genome_path: genome file.
        prediction_paths: one file, full or compact; or those of all shards, in the order of the shards.
        register: where partial minus rows have their padding: "auto" = as a file says, "last" or "upstream".
        threads: for reading.

    Attributes:
        rows: which bases the genome's rows hold.
        width: positions a row.
        sequences: the genome's sequences.
    """

    def __init__(self, genome_path: str | Path, prediction_paths: Sequence[str | Path], register: str, threads: int):
        if register not in REGISTERS:
            raise ParameterError(f"--register {register}: choose one of {', '.join(REGISTERS)}.")
        self._paths, self._register, self._threads = prediction_paths, register, threads
        self._opened: dict[int, _PredictionFile] = {}
        self._stack = ExitStack()
        with ExitStack() as on_error:
            on_error.callback(self._stack.close)
            self._genome = self._stack.enter_context(open_file(genome_path, (BASES, *_IDENTITY)))
            self.rows = read_rows(self._genome)
            self.width = self._genome[BASES].shape[1]
            self._holders = np.zeros(len(self.rows), np.int64)
            if len(prediction_paths) == 1:
                self._file(0)
            self.sequences = group_sequences(self.rows, str(genome_path))
            if len(prediction_paths) > 1:
                self._holders = self._holders_of_rows()
            on_error.pop_all()

    def __enter__(self) -> "PredictionSource":
        return self

    def __exit__(self, *exception) -> None:
        self._stack.close()

    def read(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Read a dataset's rows by the genome's row numbers; returns (b, width, 4) with padding last."""
        if name == BASES:
            return read_block(self._genome, name, rows, self._threads)
        holders = self._holders[rows]
        present = np.unique(holders).tolist()
        blocks = [self._file(number).read(name, rows[holders == number], self._threads) for number in present]
        if len(blocks) == 1:
            return blocks[0]
        joined = np.empty((len(rows), *blocks[0].shape[1:]), blocks[0].dtype)
        for number, block in zip(present, blocks, strict=True):
            joined[holders == number] = block
        return joined

    def about(self, rows: np.ndarray) -> "Origin":
        """Return what the files that hold some rows say about how they were made.

        Raises:
            FormatError: different models predicted them.
        """
        files = [self._file(number) for number in np.unique(self._holders[rows]).tolist()] or [self._file(0)]
        for file in files:
            file.warn_of_class_order()
            if file.model_sha256 != files[0].model_sha256:
                raise FormatError(
                    f"{file.path} and {files[0].path} were predicted by different models: predict all shards with one."
                )
        checksums = {
            "fasta_sha256": text_attribute(self._genome, "fasta_sha256"),
            "model_sha256": files[0].model_sha256,
        }
        origins = dict.fromkeys(file.origin for file in files)
        return Origin(" | ".join(origins), files[0].model_md5sum, checksums)

    def _holders_of_rows(self) -> np.ndarray:
        """Return (n,) the number of the file that holds each row."""
        total, count = count_places(self.sequences), len(self._paths)
        ends = [Shard(number, count).places(total)[1] for number in range(1, count + 1)]
        return np.searchsorted(ends, place_numbers(self.sequences, len(self.rows)), side="right")

    def _file(self, number: int) -> "_PredictionFile":
        if number not in self._opened:
            mine = np.flatnonzero(self._holders == number)
            file = self._stack.enter_context(open_file(self._paths[number], (CLASS_PROBS,)))
            if len(self._paths) > 1:
                self._require_shard(file, mine, number)
            self._opened[number] = _PredictionFile(file, self._genome, self.rows, mine, self._register)
        return self._opened[number]

    def _require_shard(self, file: h5py.File, mine: np.ndarray, number: int) -> None:
        named = all(name in file for name in _IDENTITY)
        if not named or set(self.rows[mine].keys()) != set(read_rows(file).keys()):
            raise FormatError(
                f"{file.filename} does not hold the rows of shard {number + 1}/{len(self._paths)}: give the predictions of all"
                " shards of this genome, in their order."
            )


@dataclass(frozen=True)
class Origin:
    """How predictions were made.

    Attributes:
        made_by: engine and windows, or the file's name if it does not say.
        model_md5sum: the attribute of that name, None if it is missing or no variable-length text.
        checksums: what the files say of `fasta_sha256` and `model_sha256`; None if nothing.
    """

    made_by: str
    model_md5sum: str | None
    checksums: dict[str, str | None]


class _PredictionFile:
    """One open file of predictions, its rows found by the genome's."""

    def __init__(self, file: h5py.File, genome: h5py.File, rows: Rows, mine: np.ndarray, register: str):
        """`rows`: the genome's; `mine`: numbers of those that the file holds."""
        self.path = Path(file.filename)
        self._file, self._rows = file, rows
        self._require_shape((len(mine), genome[BASES].shape[1], 4), genome.filename)
        self._partner = np.zeros(len(rows), np.int64)
        self._partner[mine] = self._partners(rows[mine], genome.filename)
        self._padding_first = self._padding_is_first(register, rows[mine], genome[BASES].shape[1])
        with readable(file.filename):
            md5sum = file.attrs.get("model_md5sum")
        self.model_md5sum = md5sum if isinstance(md5sum, str) and md5sum.isprintable() else None
        self.model_sha256 = text_attribute(file, "model_sha256")
        self.origin = _stored_origin(file) or self.path.name

    def read(self, name: str, rows: np.ndarray, threads: int) -> np.ndarray:
        """Read a dataset's rows by the genome's row numbers; padding last."""
        # HelixerPost takes any number as a probability, negative ones too; its bytes are kept.
        block = read_rows_of(self._file, name, self._partner[rows], threads, read_any_block)
        return to_padding_last(block, self._rows.start_ends[rows]) if self._padding_first else block

    def warn_of_class_order(self) -> None:
        """Warn if CDS seems to be in another class's column."""
        class_order_of(self._file, CLASS_PROBS, PHASE_PROBS).warn(str(self.path))

    def _require_shape(self, expected: tuple[int, ...], genome_name: str) -> None:
        if PHASE_PROBS not in self._file:
            raise FormatError(
                f"{self.path} has no '{PHASE_PROBS}': genes need a model that predicts phases; choose another model."
            )
        for name in (CLASS_PROBS, PHASE_PROBS):
            shape = shape_of(self._file, name)
            if shape != expected:
                raise ShapeError(
                    f"'/{name}' of {self.path} has shape {shape}, but the bases of {genome_name} have {expected}: give the genome"
                    " file that the predictions were made from."
                )

    def _partners(self, rows: Rows, genome_name: str) -> np.ndarray:
        """Return each row's number in the file; files that do not name their rows have the genome's order."""
        if all(name in self._file for name in _IDENTITY):
            return match_rows(rows, read_rows(self._file), genome_name, str(self.path))
        return np.arange(len(rows))

    def _padding_is_first(self, register: str, rows: Rows, width: int) -> bool:
        stored = text_attribute(self._file, "register")
        if register == "auto" and stored is None:
            self._warn_of_unknown_register(int(((rows.strands == "-") & (rows.valid_lengths < width)).sum()))
        elif register == "auto" and stored not in REGISTERS[1:]:
            raise FormatError(f"{self.path}: attribute register is {stored!r}, not last or upstream: predict again.")
        return (stored if register == "auto" else register) == "upstream"

    def _warn_of_unknown_register(self, n_partial: int) -> None:
        if n_partial:
            logger.warning(
                "%s does not say where its %d partial minus-strand rows have their padding; taken to be at the end, as"
                " HelixerPost does. Helixer 0.3.6 and later put it in front: then add --register upstream.",
                self.path, n_partial,
            )  # fmt: skip


def describe_origin(engine: str, settings: dict) -> str:
    """Say which engine made predictions, and from which windows."""
    return f"{engine}, windows {settings['overlap_offset']} bases apart, {settings['core_length']} bases of each"


def _stored_origin(file: h5py.File) -> str | None:
    engine, settings = text_attribute(file, "engine"), json_attribute(file, "settings", dict)
    told = {name: settings.get(name) for name in ("overlap_offset", "core_length")}
    return describe_origin(engine, told) if engine and all(isinstance(n, int) for n in told.values()) else None

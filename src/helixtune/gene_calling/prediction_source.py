"""A genome and its predictions, opened together: rows of both by coordinates, padding at the end."""

from contextlib import ExitStack
from pathlib import Path

import h5py
import numpy as np

from helixtune.class_order import class_order_of
from helixtune.errors import FormatError, ParameterError, ShapeError
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
from helixtune.subsequences import match_rows, to_padding_last

_IDENTITY = (SPECIES, SEQIDS, START_ENDS)
REGISTERS = ("auto", "last", "upstream")


class PredictionSource:
    """Both files of one genome; a context manager.

    Attributes:
        rows: which bases the genome's rows hold.
        width: positions a row.
        model_md5sum: the attribute of that name, None if it is missing or no variable-length text.
        checksums: what the files say of `fasta_sha256` and `model_sha256`; None if nothing.
        origin: how the predictions were made, or the file's name if it does not say.
    """

    def __init__(self, genome_path: str | Path, predictions_path: str | Path, register: str, threads: int):
        self._names = str(genome_path), str(predictions_path)
        self._threads = threads
        self._stack = ExitStack()
        with ExitStack() as on_error:
            on_error.callback(self._stack.close)
            self._genome = self._stack.enter_context(open_file(genome_path, (BASES, SPECIES, SEQIDS, START_ENDS)))
            self._predictions = self._stack.enter_context(open_file(predictions_path, (CLASS_PROBS,)))
            self.rows = read_rows(self._genome)
            self.width = self._checked_width()
            self._partner = self._partners()
            self._padding_first = self._padding_is_first(register)
            class_order_of(self._predictions, CLASS_PROBS, PHASE_PROBS).warn(self._names[1])
            on_error.pop_all()
        with readable(self._predictions.filename):
            md5sum = self._predictions.attrs.get("model_md5sum")
        self.model_md5sum = md5sum if isinstance(md5sum, str) and md5sum.isprintable() else None
        self.checksums = {
            "fasta_sha256": text_attribute(self._genome, "fasta_sha256"),
            "model_sha256": text_attribute(self._predictions, "model_sha256"),
        }
        self.origin = _stored_origin(self._predictions) or Path(predictions_path).name

    def __enter__(self) -> "PredictionSource":
        return self

    def __exit__(self, *exception) -> None:
        self._stack.close()

    def read(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Read a dataset's rows by the genome's row numbers; returns (b, width, 4) with padding last."""
        if name == BASES:
            return read_block(self._genome, name, rows, self._threads)
        # HelixerPost takes any number as a probability, negative ones too; its bytes are kept.
        block = read_any_block(self._predictions, name, self._partner[rows], self._threads)
        return to_padding_last(block, self.rows.start_ends[rows]) if self._padding_first else block

    def _checked_width(self) -> int:
        genome_name, predictions_name = self._names
        if PHASE_PROBS not in self._predictions:
            raise FormatError(
                f"{predictions_name} has no '{PHASE_PROBS}': genes need a model that predicts phases; choose another model."
            )
        shape = (*self._genome[BASES].shape[:2], 4)
        for dataset in (self._predictions[CLASS_PROBS], self._predictions[PHASE_PROBS]):
            if dataset.shape != shape:
                raise ShapeError(
                    f"'{dataset.name}' of {predictions_name} has shape {dataset.shape}, but the bases of {genome_name} have"
                    f" {shape}: give the genome file that the predictions were made from."
                )
        return shape[1]

    def _partners(self) -> np.ndarray:
        """Return each genome row's number in the predictions; files that do not name their rows have the genome's order."""
        if all(name in self._predictions for name in _IDENTITY):
            return match_rows(self.rows, read_rows(self._predictions), *self._names)
        return np.arange(len(self.rows))

    def _padding_is_first(self, register: str) -> bool:
        if register not in REGISTERS:
            raise ParameterError(f"--register {register}: choose one of {', '.join(REGISTERS)}.")
        stored = text_attribute(self._predictions, "register")
        if register == "auto" and stored is None:
            self._warn_of_unknown_register()
        elif register == "auto" and stored not in REGISTERS[1:]:
            raise FormatError(
                f"{self._names[1]}: attribute register is {stored!r}, not last or upstream: predict again."
            )
        return (stored if register == "auto" else register) == "upstream"

    def _warn_of_unknown_register(self) -> None:
        partial = (self.rows.strands == "-") & (self.rows.valid_lengths < self.width)
        if partial.any():
            logger.warning(
                "%s does not say where its %d partial minus-strand rows have their padding; taken to be at the end, as"
                " HelixerPost does. Helixer 0.3.6 and later put it in front: then add --register upstream.",
                self._names[1], int(partial.sum()),
            )  # fmt: skip


def describe_origin(engine: str, settings: dict) -> str:
    """Say which engine made predictions, and from which windows."""
    return f"{engine}, windows {settings['overlap_offset']} bases apart, {settings['core_length']} bases of each"


def _stored_origin(file: h5py.File) -> str | None:
    engine, settings = text_attribute(file, "engine"), json_attribute(file, "settings", dict)
    told = {name: settings.get(name) for name in ("overlap_offset", "core_length")}
    return describe_origin(engine, told) if engine and all(isinstance(n, int) for n in told.values()) else None

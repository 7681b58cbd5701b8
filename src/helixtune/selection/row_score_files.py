"""What files of row scores hold, and what they must look like before anything in them is used."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import h5py
import numpy as np

from helixtune.annotation.label_source import LabelSettings
from helixtune.errors import FormatError, ParameterError
from helixtune.gene_calling.places import Shard
from helixtune.h5checks import json_attribute, readable, text_attribute
from helixtune.h5files import HAS_VALID_BASES, IS_ANNOTATED, SEQIDS, SPECIES, START_ENDS, full_seqids, open_file
from helixtune.selection.gene_models import ROW

FORMAT = "helixtune row scores"
CLASS_SUMS, PHASE_SUMS, USABLE, MODELS = "scores/classes", "scores/phases", "scores/usable", "scores/gene_models"
LABELLED_SEQIDS, LABELLED_LINES = "first_labelled/seqids", "first_labelled/lines"
REQUIRED = (
    CLASS_SUMS,
    USABLE,
    SPECIES,
    SEQIDS,
    START_ENDS,
    IS_ANNOTATED,
    HAS_VALID_BASES,
    LABELLED_SEQIDS,
    LABELLED_LINES,
)
# Datasets that all parts have, or none.
OPTIONAL = (PHASE_SUMS, MODELS)
# Attributes in which all parts agree.
COMMON = ("settings", "places", "fasta_sha256", "annotation_sha256", "model_sha256", "gene_models")


def open_parts(stack: ExitStack, paths: Sequence[Path]) -> list[h5py.File]:
    """Open the parts of all shards, in the order of the shards.

    Raises:
        FormatError: a shard is missing or there twice, shards were scored in different ways, or a file is damaged.
    """
    files = [stack.enter_context(open_file(path, REQUIRED)) for path in paths]
    files.sort(key=lambda file: _shard_of(file).number)
    for file in files:
        label_settings_of(file)
        with readable(file.filename):
            _require_sound(file)
    _require_all(files)
    return files


def label_settings_of(file: h5py.File) -> LabelSettings:
    """Return how the labels of a part were made.

    Raises:
        FormatError: the file does not say so.
    """
    found = json_attribute(file, "settings", dict)
    with suppress(TypeError):
        settings = LabelSettings(**found)
        length, utr, partial = settings.subsequence_length, settings.nominal_utr, settings.partial_annotation
        if type(length) is int and length > 0 and isinstance(utr, str | None) and isinstance(partial, bool):
            return settings
    raise FormatError(f"{file.filename} does not say how its rows were labelled: it is damaged; score the shard again.")


def _shard_of(file: h5py.File) -> Shard:
    with suppress(ParameterError):
        if text_attribute(file, "format") == FORMAT:
            return Shard.parse(text_attribute(file, "shard") or "")
    raise FormatError(f"{file.filename} holds no row scores: give the files that score-shard wrote.")


def _require_all(files: list[h5py.File]) -> None:
    shards = [_shard_of(file) for file in files]
    if shards != [Shard(number, len(files)) for number in range(1, len(files) + 1)]:
        raise FormatError(
            f"{files[0].filename} is shard {shards[0]}, but the files are shards {', '.join(map(str, shards))}: give the scores"
            " of every shard once."
        )
    facts = [_facts(file) for file in files]
    for file, found in zip(files, facts, strict=True):
        for name, value in found.items():
            if value != facts[0][name]:
                raise FormatError(
                    f"{file.filename} and {files[0].filename} differ in '{name}': score all shards from the same genome,"
                    " genes, model and settings."
                )


def _facts(file: h5py.File) -> dict:
    """Return that in which all parts agree."""
    return {name: text_attribute(file, name) for name in COMMON} | {name: name in file for name in OPTIONAL}


def _require_sound(file: h5py.File) -> None:
    """Check numbers that count bases or point to rows."""
    n_rows = len(file[SEQIDS])
    for name in (CLASS_SUMS, PHASE_SUMS, USABLE, MODELS, LABELLED_LINES):
        if name in file and (file[name][:].astype(np.int64) < 0).any():
            _refuse(file, name)
    if MODELS in file and (file[MODELS][:, ROW] >= n_rows).any():
        _refuse(file, MODELS)
    labelled = file[LABELLED_SEQIDS][:]
    if len(labelled) != len(file[LABELLED_LINES]) or not np.isin(labelled, full_seqids(file)).all():
        _refuse(file, LABELLED_SEQIDS)


def _refuse(file: h5py.File, name: str) -> None:
    raise FormatError(f"{file.filename}: '{name}' does not fit the file's rows: it is damaged; score the shard again.")

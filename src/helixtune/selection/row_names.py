"""Which bases the rows of a prediction file hold, also when the file does not say so itself, as upstream's do not."""

from pathlib import Path

import h5py

from helixtune.errors import FormatError, HelixtuneError, ShapeError
from helixtune.h5checks import text_attribute
from helixtune.h5files import SEQIDS, SPECIES, START_ENDS, open_file, read_rows
from helixtune.log import logger
from helixtune.selection.pairing import PADDING_FRONT, PADDING_LAST
from helixtune.selection.sequence_order import infer_prediction_rows
from helixtune.selection.shards import RowShards, joined_rows
from helixtune.subsequences import Rows

IDENTITY = (SPECIES, SEQIDS, START_ENDS)
REGISTERS = ("auto", PADDING_LAST, PADDING_FRONT)


def read_register(predictions: RowShards, requested: str = "auto") -> str:
    """Return where padded minus rows have their padding: as requested, or as the files say.

    A file without the attribute `register` that helixtune did not make comes from Helixer 0.3.6 or later, whose padding
    is in front. (Helixer 0.3.5 and older had it last: say so with `--register last`.)
    """
    if requested != "auto":
        return requested
    found = {_register_of(file) for file in predictions.files}
    if len(found) > 1:
        raise FormatError(f"{predictions.name} differ in their register: predict them with one --register.")
    return found.pop()


def _register_of(file: h5py.File) -> str:
    default = PADDING_LAST if "format" in file.attrs else PADDING_FRONT
    register = text_attribute(file, "register") or default
    if register not in REGISTERS[1:]:
        raise FormatError(
            f"{file.filename}: unknown register {register!r}: expected one of {', '.join(REGISTERS[1:])}."
        )
    return register


def read_prediction_rows(
    predictions: RowShards, genomes: list[Path], training: RowShards, register: str, threads: int
) -> Rows:
    """Return the rows of the prediction files, asking in turn: the files, the given genomes, the genome that a file says it
    was made from if it lies beside it, and at last which order of sequences agrees with the labels.

    Raises:
        FormatError: nothing tells which bases the rows hold.
    """
    if all(predictions.has(name) for name in IDENTITY):
        return predictions.read_identity()
    if genomes:
        return _rows_of_genomes(genomes, predictions)
    if len(predictions.files) == 1:
        beside = _rows_of_genome_beside(predictions)
        if beside is not None:
            return beside
        return infer_prediction_rows(predictions, training, register, threads)
    raise FormatError(
        f"{predictions.name} do not name their rows (Helixer's files never do): give --genome, the files they were made from."
    )


def _rows_of_genomes(genomes: list[Path], predictions: RowShards) -> Rows:
    parts = []
    for path in genomes:
        with open_file(path, IDENTITY) as file:
            parts.append(read_rows(file))
    rows = joined_rows(parts)
    if len(rows) != predictions.n_rows:
        raise ShapeError(
            f"{predictions.name} has {predictions.n_rows} rows, --genome {', '.join(map(str, genomes))} has {len(rows)}: give"
            " the very file that the predictions were made from."
        )
    return rows


def _rows_of_genome_beside(predictions: RowShards) -> Rows | None:
    """Return the rows of the file named by the attribute `test_data_path`, if it lies beside the predictions and fits."""
    named = text_attribute(predictions.files[0], "test_data_path") or ""
    path = predictions.paths[0].parent / Path(named).name
    if not named or not path.is_file():
        return None
    try:
        with open_file(path, IDENTITY) as file:
            rows = read_rows(file)
    except HelixtuneError:
        return None
    if len(rows) != predictions.n_rows:
        return None
    logger.info("%s does not name its rows; they are those of %s beside it.", predictions.name, path)
    return rows

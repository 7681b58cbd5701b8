"""Which row of the predictions, and where in it, belongs to each row of the training file: by coordinates, never position.

Prediction rows may be longer than training rows (64,152 = 3 x 21,384 bases): the network sees more context when it
predicts than it is tuned on. Both are cut from the start of the sequence, so a training row lies inside one prediction row.
"""

from dataclasses import dataclass

import numpy as np

from helixtune.errors import FormatError, ShapeError
from helixtune.subsequences import Rows, match_rows, names_of_one_length

PADDING_LAST = "last"
# Helixer 0.3.6 and later write partial minus rows with the padding in front.
PADDING_FRONT = "upstream"


@dataclass(frozen=True)
class Pairing:
    """Where the probabilities of each training row lie.

    Attributes:
        prediction_rows: (n,) int64 row of the prediction file.
        offsets: (n,) int64 position, in that row, of the training row's first base.
        valid_bp: (n,) int64 bases of the training row that are not padding.
    """

    prediction_rows: np.ndarray
    offsets: np.ndarray
    valid_bp: np.ndarray


def pair_rows(
    training: Rows, predictions: Rows, widths: tuple[int, int], register: str, names: tuple[str, str]
) -> Pairing:
    """Find the probabilities of every training row.

    Args:
        training: rows to find.
        predictions: rows that have probabilities.
        widths: positions a row in the training and in the prediction file.
        register: where partial minus rows of the predictions have their padding: "last", or "upstream" = in front.
        names: the files' names for messages.

    Raises:
        ShapeError: prediction rows are not a whole multiple of training rows.
        FormatError: a training row has no probabilities, or a row occurs twice.
    """
    width, prediction_width = widths
    if prediction_width % width:
        raise ShapeError(
            f"Rows of {names[1]} have {prediction_width} positions, not a multiple of the {width} in {names[0]}:"
            " predict with a --subsequence-length that is a multiple of the training file's."
        )
    wanted = training if prediction_width == width else _containers(training, predictions, prediction_width)
    found = match_rows(wanted, predictions, names[0], names[1])
    holders = predictions[found]
    plus = training.strands == "+"
    # 5'->3': a plus row begins (start - start) into its holder, a minus row (end - end).
    offsets = np.where(plus, training.starts - holders.starts, holders.ends - training.ends)
    if register == PADDING_FRONT:
        offsets = offsets + np.where(plus, 0, prediction_width - holders.valid_lengths)
    _require_inside(training, offsets, (width, prediction_width), names)
    return Pairing(found, offsets, training.valid_lengths)


def _require_inside(training: Rows, offsets: np.ndarray, widths: tuple[int, int], names: tuple[str, str]) -> None:
    valid = training.valid_lengths
    wrong = np.flatnonzero((valid > widths[0]) | (offsets < 0) | (offsets + valid > widths[1]))
    if len(wrong):
        raise FormatError(
            f"{names[0]}: {training.describe(wrong[0])} does not fit into its row of {widths[0]} positions"
            f" (or {widths[1]} in {names[1]}): the coordinates are damaged, make the files again."
        )


def _containers(training: Rows, predictions: Rows, width: int) -> Rows:
    """Return, for every training row, the longer row that a genome cut at multiples of `width` holds it in."""
    training, predictions = names_of_one_length(training, predictions)
    starts = training.starts // width * width
    ends_of = {
        (species, seqid, start): end
        for species, seqid, start, end in zip(
            predictions.species.tolist(), predictions.seqids.tolist(), predictions.starts.tolist(), predictions.ends.tolist(),
            strict=True,
        )
    }  # fmt: skip
    keys = zip(training.species.tolist(), training.seqids.tolist(), starts.tolist(), strict=True)
    ends = np.array([ends_of.get(key, key[2] + width) for key in keys], dtype=np.int64)
    # A row that the predictions' sequence is too short for is looked up as what it is, and reported as missing.
    ends = np.maximum(ends, training.ends)
    forward = np.stack([starts, ends], axis=1)
    start_ends = np.where((training.strands == "+")[:, None], forward, forward[:, ::-1])
    return Rows(training.species, training.seqids, start_ends)

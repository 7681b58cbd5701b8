"""Probabilities rounded to a few levels: a twentieth of the bytes, and enough to measure agreement by.

Full predictions take 26 bytes a base and pass, most of it digits that nothing reads twice: genes are called once. What is read
later, by selection and gate, are means over thousands of bases. In coarse predictions every position is one 32-bit number: its
lowest byte says whether there is a prediction, the others hold the second to fourth class in levels; the first class is what
is missing to one. Shuffled and deflated, a byte that hardly changes costs nothing.
"""

import h5py
import numpy as np

from helixtune.compiled import compiled
from helixtune.errors import FormatError
from helixtune.h5checks import text_attribute
from helixtune.h5files import CLASS_PROBS, PHASE_PROBS, read_block

FORMAT = "helixtune coarse predictions"
# Measured on 3 Mb of a simulated and 12 Mb of a real genome: see docs/explanation/large-genomes.md.
LEVELS = 15
PREDICTED, NOT_PREDICTED, NOT_A_NUMBER = 0, 1, 2


def round_probs(probs: np.ndarray) -> np.ndarray:
    """Round (..., 4) float16 probabilities to (...) little-endian uint32; four zeros mean that nothing was predicted."""
    values = probs.astype(np.float32)
    numbers = ((values >= 0) & (values <= 1)).all(axis=-1)
    levels = np.rint(np.where(numbers[..., None], values, 0) * LEVELS).astype(np.uint8)
    levels[..., 0] = np.where(numbers, np.where(values.any(axis=-1), PREDICTED, NOT_PREDICTED), NOT_A_NUMBER)
    return np.ascontiguousarray(levels).view("<u4")[..., 0]


def restore_probs(packed: np.ndarray) -> np.ndarray:
    """Return (..., 4) float16 probabilities; zeros where nothing was predicted, NaN where the network gave no numbers."""
    flat = np.ascontiguousarray(packed, "<u4").reshape(-1)
    bits = np.empty((len(flat), 4), np.uint16)
    _unpack(flat, _BITS, bits)
    return bits.view(np.float16).reshape(*packed.shape, 4)


# The half floats of all levels, as bits: what the machine has no arithmetic for is looked up.
_BITS = (np.arange(256) / LEVELS).astype(np.float16).view(np.uint16)
_NAN_BITS = np.float16(np.nan).view(np.uint16)


@compiled
def _unpack(packed, level_bits, out):
    """Fill (n, 4) bits of half floats from (n,) packed levels."""
    for i in range(len(packed)):
        number = packed[i]
        status = number & 0xFF
        if status == PREDICTED:
            second, third, fourth = number >> 8 & 0xFF, number >> 16 & 0xFF, number >> 24
            # As signed numbers: a damaged file may hold more than all levels.
            out[i, 0] = level_bits[max(np.int64(LEVELS) - np.int64(second + third + fourth), 0)]
            out[i, 1], out[i, 2], out[i, 3] = level_bits[second], level_bits[third], level_bits[fourth]
        else:
            out[i, :] = 0 if status == NOT_PREDICTED else _NAN_BITS


def is_coarse(file: h5py.File, name: str) -> bool:
    """Tell whether a dataset of an open file holds coarse probabilities.

    Raises:
        FormatError: its levels are others than this version's.
    """
    if name not in (CLASS_PROBS, PHASE_PROBS) or text_attribute(file, "format") != FORMAT:
        return False
    levels = text_attribute(file, "levels")
    if levels != str(LEVELS):
        raise FormatError(f"{file.filename} has {levels} levels, not {LEVELS}: predict again.")
    return True


def shape_of(file: h5py.File, name: str) -> tuple[int, ...]:
    """Return the shape that a dataset has once read: (n, L, 4) for coarse probabilities."""
    return (*file[name].shape, 4) if is_coarse(file, name) else file[name].shape


def read_rows_of(file: h5py.File, name: str, rows, threads: int | None = None) -> np.ndarray:
    """Read rows of a dataset as `h5files.read_block` does; coarse probabilities come as float16 ones."""
    block = read_block(file, name, rows, threads)
    return restore_probs(block) if is_coarse(file, name) else block

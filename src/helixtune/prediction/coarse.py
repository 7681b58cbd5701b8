"""Probabilities rounded to a few levels: a thirtieth of the bytes, and enough to measure agreement by.

Full predictions take 26 bytes a base and pass, most of it digits that nothing reads twice: genes are called once. What is read
later, by selection and gate, are means over thousands of bases. In coarse predictions every position is one 32-bit number: its
lowest byte says whether there is a prediction, the others hold the second to fourth class in levels; the first class is what
is missing to one.

Stored are differences, byte by byte, from the position before: probabilities stay the same for long, so most are 0, and deflate
packs runs of zeros best. In coding sequence phases take turns, 0, 2, 1, 0: so the three of a position are stored turned back by its
place in the row, and stay the same, too.
"""

import h5py
import numpy as np

from helixtune.compiled import compiled
from helixtune.errors import FormatError
from helixtune.h5checks import COARSE_PREDICTIONS, text_attribute
from helixtune.h5files import CLASS_PROBS, HALF_VALUES, MAGNITUDE_BITS, PHASE_PROBS, read_block

# Measured on 3 Mb of a simulated and 12 Mb of a real genome: see docs/explanation/large-genomes.md.
LEVELS = 15
CODING = "differences"
PREDICTED, NOT_PREDICTED, NOT_A_NUMBER = 0, 1, 2
_NO_LEVEL = 255


def _level_of_bits() -> np.ndarray:
    """Return (65536,) uint8, the level of every half float; _NO_LEVEL for what is no probability."""
    with np.errstate(invalid="ignore"):
        fits = (HALF_VALUES >= 0) & (HALF_VALUES <= 1)
    return np.where(fits, np.rint(np.where(fits, HALF_VALUES, 0) * LEVELS), _NO_LEVEL).astype(np.uint8)


_LEVEL_OF_BITS = _level_of_bits()


def round_probs(probs: np.ndarray) -> np.ndarray:
    """Round (..., 4) float16 probabilities to (...) little-endian uint32; four zeros mean that nothing was predicted."""
    bits = np.ascontiguousarray(probs, np.float16).view(np.uint16).reshape(-1, 4)
    levels = np.empty(bits.shape, np.uint8)
    _round(bits, _LEVEL_OF_BITS, levels)
    return levels.view("<u4").reshape(probs.shape[:-1])


@compiled
def _round(bits, level_of_bits, out):
    """Fill (n, 4) status and levels of (n, 4) half floats."""
    for i in range(len(bits)):
        known, predicted = True, False
        for k in range(4):
            level = level_of_bits[bits[i, k]]
            known &= level != _NO_LEVEL
            predicted |= (bits[i, k] & MAGNITUDE_BITS) != 0
            out[i, k] = level
        if known:
            out[i, 0] = PREDICTED if predicted else NOT_PREDICTED
        else:
            out[i, 0], out[i, 1:] = NOT_A_NUMBER, 0


def restore_probs(packed: np.ndarray) -> np.ndarray:
    """Return (..., 4) float16 probabilities; zeros where nothing was predicted, NaN where the network gave no numbers."""
    flat = np.ascontiguousarray(packed, "<u4").reshape(-1)
    bits = np.empty((len(flat), 4), np.uint16)
    _restore(flat, _BITS, bits)
    return bits.view(np.float16).reshape(*packed.shape, 4)


# The half floats of all levels, as bits: what the machine has no arithmetic for is looked up.
_BITS = (np.arange(256) / LEVELS).astype(np.float16).view(np.uint16)
_NAN_BITS = np.float16(np.nan).view(np.uint16)


@compiled
def _restore(packed, level_bits, out):
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


def store_rows(probs: np.ndarray, name: str) -> np.ndarray:
    """Return (b, L) uint32 as it is stored of (b, L, 4) float16 rows of the dataset of this name."""
    levels = round_probs(probs).view(np.uint8).reshape(*probs.shape[:-1], 4)
    stored = np.empty_like(levels)
    _store(levels, name == PHASE_PROBS, stored)
    return stored.view("<u4")[..., 0]


def load_rows(stored: np.ndarray, name: str) -> np.ndarray:
    """Return (b, L, 4) float16 of what `store_rows` made."""
    differences = np.ascontiguousarray(stored, "<u4").view(np.uint8).reshape(*stored.shape, 4)
    levels = np.empty_like(differences)
    _load(differences, name == PHASE_PROBS, levels)
    return restore_probs(levels.view("<u4")[..., 0])


@compiled
def _turned(k, i, turns):
    """Return which byte of position i is stored as its byte k."""
    return 1 + (k - 1 - i) % 3 if turns and k else k


@compiled
def _store(levels, turns, out):
    """Fill (b, L, 4) differences of levels, modulo 256."""
    for row in range(len(levels)):
        before = np.zeros(4, np.uint8)
        for i in range(levels.shape[1]):
            for k in range(4):
                level = levels[row, i, _turned(k, i, turns)]
                out[row, i, k] = level - before[k]
                before[k] = level


@compiled
def _load(differences, turns, out):
    """Undo `_store`."""
    for row in range(len(differences)):
        level = np.zeros(4, np.uint8)
        for i in range(differences.shape[1]):
            for k in range(4):
                level[k] += differences[row, i, k]
                out[row, i, _turned(k, i, turns)] = level[k]


def is_coarse(file: h5py.File, name: str) -> bool:
    """Tell whether a dataset of an open file holds coarse probabilities.

    Raises:
        FormatError: its levels are others than this version's.
    """
    if name not in (CLASS_PROBS, PHASE_PROBS) or text_attribute(file, "format") != COARSE_PREDICTIONS:
        return False
    levels = text_attribute(file, "levels")
    if levels != str(LEVELS):
        raise FormatError(f"{file.filename} has {levels} levels, not {LEVELS}: predict again.")
    if text_attribute(file, "coding") != CODING:
        raise FormatError(
            f"{file.filename} was written by another version and keeps its levels in another way: predict again."
        )
    return True


def shape_of(file: h5py.File, name: str) -> tuple[int, ...]:
    """Return the shape that a dataset has once read: (n, L, 4) for coarse probabilities."""
    return (*file[name].shape, 4) if is_coarse(file, name) else file[name].shape


def read_rows_of(file: h5py.File, name: str, rows, threads: int | None = None) -> np.ndarray:
    """Read rows of a dataset as `h5files.read_block` does; coarse probabilities come as float16 ones."""
    block = read_block(file, name, rows, threads)
    return load_rows(block, name) if is_coarse(file, name) else block

"""Compact predictions: a byte a base of both strands in place of 26, and the same genes within the noise of an engine.

The gene caller adds up costs, -log2 of probabilities, and compares sums. So what is kept of a position is how many bits each class
costs more than the likeliest one, in sixteen levels: fine where classes are close, coarse where one of them is out of the question.
Phases decide less (a codon position's cost changes by a third of a bit at most) and take five of these levels.

A position is one 16-bit number, four bits a class. Stored are differences, class by class, from the position before: probabilities
stay the same for long, so most are 0, and deflate packs runs of zeros best. In coding sequence phases take turns, 0, 2, 1, 0: so
the three of a position are stored turned back by its place in the row, and stay the same, too.
"""

import h5py
import numpy as np

from helixtune.compiled import compiled
from helixtune.errors import FormatError
from helixtune.h5checks import COMPACT_PREDICTIONS, LARGEST_PROBABILITY, text_attribute
from helixtune.h5files import CLASS_PROBS, HALF_VALUES, MAGNITUDE_BITS, PHASE_PROBS, read_block

CODING = "differences of 16 cost levels"
# Measured on S. pombe and D. melanogaster: see docs/explanation/large-genomes.md.
N_LEVELS = 16
LEVEL_BITS = (1.25 ** np.arange(N_LEVELS) - 1) / 2
# Phases: every third level, and what costs more than the last of these is as good as impossible.
PHASE_STEP, LAST_PHASE_LEVEL = 3, 9
# The likeliest class has level 0, so no position has these numbers.
NOT_PREDICTED, NOT_A_NUMBER = 0xFFFF, 0xFFFE
# Costs are compared in 64ths of a bit, up to that of the smallest half float and a little more for zero.
_UNITS, _LARGEST_BITS = 64, 26
_NO_PROBABILITY = -1


def _cost_of_bits() -> np.ndarray:
    """Return (65536,) int32, the cost of every half float in units; _NO_PROBABILITY for what is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        costs = np.minimum(-np.log2(np.clip(HALF_VALUES, 0, 1)), _LARGEST_BITS)
        fits = (HALF_VALUES >= 0) & (HALF_VALUES <= LARGEST_PROBABILITY)
    return np.where(fits, np.rint(np.where(fits, costs, 0) * _UNITS), _NO_PROBABILITY).astype(np.int32)


def _levels_of_costs() -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest level of every cost in units, (n,) uint8: of classes, and of phases."""
    costs = np.arange(_LARGEST_BITS * _UNITS + 1) / _UNITS
    exact = np.minimum(np.log(2 * costs + 1) / np.log(1.25), N_LEVELS - 1)
    phases = np.rint(exact / PHASE_STEP) * PHASE_STEP
    phases[phases > LAST_PHASE_LEVEL] = N_LEVELS - 1
    return np.rint(exact).astype(np.uint8), phases.astype(np.uint8)


def _bits_of_numbers() -> np.ndarray:
    """Return (65536, 4) uint16, the half floats of every number as bits; they add up to 1 but for rounding."""
    numbers = np.arange(1 << 16)[:, None]
    probs = 2.0 ** -LEVEL_BITS[numbers >> np.arange(0, 16, 4) & 15]
    probs /= probs.sum(axis=1, keepdims=True)
    probs[NOT_PREDICTED], probs[NOT_A_NUMBER] = 0, np.nan
    return probs.astype(np.float16).view(np.uint16)


_COST_OF_BITS = _cost_of_bits()
_CLASS_LEVELS, _PHASE_LEVELS = _levels_of_costs()
_BITS_OF_NUMBERS = _bits_of_numbers()


def store_rows(probs: np.ndarray, name: str) -> np.ndarray:
    """Return (b, L) uint16 as it is stored of (b, L, 4) float16 rows of the dataset of this name."""
    bits = np.ascontiguousarray(probs, np.float16).view(np.uint16)
    stored = np.empty(bits.shape[:-1], np.uint16)
    is_phase = name == PHASE_PROBS
    _store(bits, _COST_OF_BITS, _PHASE_LEVELS if is_phase else _CLASS_LEVELS, is_phase, stored)
    return stored


def load_rows(stored: np.ndarray, name: str) -> np.ndarray:
    """Return (b, L, 4) float16 of what `store_rows` made: zeros where nothing was predicted, NaN where there were no numbers."""
    bits = np.empty((*stored.shape, 4), np.uint16)
    _load(np.ascontiguousarray(stored, np.uint16), _BITS_OF_NUMBERS, name == PHASE_PROBS, bits)
    return bits.view(np.float16)


@compiled
def _number(bits, cost_of_bits, level_of_cost):
    """Return the number of one position, of (4,) half floats as bits."""
    least, predicted = cost_of_bits[bits[0]], False
    for k in range(4):
        cost = cost_of_bits[bits[k]]
        if cost < 0:
            return NOT_A_NUMBER
        least = min(least, cost)
        predicted |= (bits[k] & MAGNITUDE_BITS) != 0
    if not predicted:
        return NOT_PREDICTED
    number = 0
    for k in range(4):
        number |= np.int64(level_of_cost[cost_of_bits[bits[k]] - least]) << 4 * k
    return number


@compiled
def _turned(number, i):
    """Return a number whose phases are turned back by place i: its classes 1, 2, 3 become 1 + i, 2 + i, ... modulo 3."""
    turned = number & 15
    for k in range(3):
        turned |= (number >> 4 * (1 + (k - i) % 3) & 15) << 4 * (k + 1)
    return turned


@compiled
def _added(number, other, sign):
    """Return number + sign * other of all four levels, each modulo 16."""
    found = 0
    for k in range(0, 16, 4):
        found |= ((number >> k) + sign * (other >> k) & 15) << k
    return found


@compiled
def _store(bits, cost_of_bits, level_of_cost, turns, out):
    """Fill (b, L) numbers of (b, L, 4) half floats as bits."""
    for row in range(len(bits)):
        before = 0
        for i in range(bits.shape[1]):
            number = _number(bits[row, i], cost_of_bits, level_of_cost)
            if turns:
                number = _turned(number, i)
            out[row, i] = _added(number, before, -1)
            before = number


@compiled
def _load(stored, bits_of_numbers, turns, out):
    """Undo `_store`."""
    for row in range(len(stored)):
        number = 0
        for i in range(stored.shape[1]):
            number = _added(number, np.int64(stored[row, i]), 1)
            exact = _turned(number, -i) if turns else number
            for k in range(4):
                out[row, i, k] = bits_of_numbers[exact, k]


def is_compact(file: h5py.File, name: str) -> bool:
    """Tell whether a dataset of an open file holds compact probabilities.

    Raises:
        FormatError: they are kept in another way than this version's.
    """
    if name not in (CLASS_PROBS, PHASE_PROBS) or text_attribute(file, "format") != COMPACT_PREDICTIONS:
        return False
    if text_attribute(file, "coding") != CODING:
        raise FormatError(
            f"{file.filename} was written by another version and keeps its levels in another way: predict again."
        )
    return True


def shape_of(file: h5py.File, name: str) -> tuple[int, ...]:
    """Return the shape that a dataset has once read: (n, L, 4) for compact probabilities."""
    return (*file[name].shape, 4) if is_compact(file, name) else file[name].shape


def read_rows_of(file: h5py.File, name: str, rows, threads: int | None = None, read=read_block) -> np.ndarray:
    """Read rows of a dataset as `read` does, `h5files.read_block` or `read_any_block`; compact probabilities come as float16."""
    block = read(file, name, rows, threads)
    return load_rows(block, name) if is_compact(file, name) else block

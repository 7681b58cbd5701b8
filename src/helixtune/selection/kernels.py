"""The inner loops of scoring: how far network and labels lie apart, row by row, summed exactly.

A half float between 0 and 1 is a whole multiple of 2**-24 (the smallest subnormal), so all sums are made of integers:
exact, the same for any order of work, and without the stagnation of a running float16 sum.
"""

import numpy as np
from numba import njit

from helixtune.compiled import compiled

ONE = 1 << 24  # the probability 1 in units of 2**-24
HALF_ONE = 0x3C00  # the bits of float16 1.0; larger patterns are > 1, negative, infinite or NaN
# 32-bit partial sums: 4 classes * 16 positions * 2**24 = 2**30 stays below 2**31.
POSITIONS_PER_PARTIAL = 16


@njit(nogil=True, inline="always")
def _units(half_bits):
    """Return a half float's value (0 to 1) in units of 2**-24, from its bits."""
    exponent = half_bits >> np.int32(10)
    mantissa = half_bits & np.int32(0x3FF)
    if exponent == 0:
        return mantissa
    return (mantissa | np.int32(0x400)) << (exponent - np.int32(1))


@compiled
def discrepancy_sums(labels, prob_bits, prediction_rows, offsets, valid_bp, out):
    """Add up |labels - probabilities| over the labelled bases of every row.

    Args:
        labels: (b, L, 4) int8, one-hot, all zero where a base has no label.
        prob_bits: (p, K, 4) uint16, the bits of float16 probabilities.
        prediction_rows: (b,) which row of `prob_bits` belongs to a row of labels.
        offsets: (b,) position in that row of the labels' first base.
        valid_bp: (b,) number of bases that are not padding.
        out: (b, 7) int64, written: the sum in units of 2**-24; bases compared; labelled bases whose probabilities are
            not numbers from 0 to 1; the four columns' sums of the labels. Bases with four zero probabilities were not
            predicted (the tail that the network's pooling clips) and are not compared.
    """
    for i in range(labels.shape[0]):
        row = prediction_rows[i]
        shift = offsets[i]
        total = np.int64(0)
        compared = np.int64(0)
        invalid = np.int64(0)
        out[i, 3:] = 0
        for first in range(0, valid_bp[i], POSITIONS_PER_PARTIAL):
            partial = np.int32(0)
            n = np.int32(0)
            bad = np.int32(0)
            c0 = np.int32(0)
            c1 = np.int32(0)
            c2 = np.int32(0)
            c3 = np.int32(0)
            for j in range(first, min(first + POSITIONS_PER_PARTIAL, valid_bp[i])):
                y0 = np.int32(labels[i, j, 0])
                y1 = np.int32(labels[i, j, 1])
                y2 = np.int32(labels[i, j, 2])
                y3 = np.int32(labels[i, j, 3])
                h0 = np.int32(prob_bits[row, shift + j, 0])
                h1 = np.int32(prob_bits[row, shift + j, 1])
                h2 = np.int32(prob_bits[row, shift + j, 2])
                h3 = np.int32(prob_bits[row, shift + j, 3])
                labelled = np.int32((y0 | y1 | y2 | y3) != 0)
                wrong = np.int32(max(max(h0, h1), max(h2, h3)) > HALF_ONE)
                use = labelled & np.int32((h0 | h1 | h2 | h3) != 0) & (np.int32(1) - wrong)
                distance = (
                    abs(y0 * ONE - _units(h0 & 0x3FFF))
                    + abs(y1 * ONE - _units(h1 & 0x3FFF))
                    + abs(y2 * ONE - _units(h2 & 0x3FFF))
                    + abs(y3 * ONE - _units(h3 & 0x3FFF))
                )
                partial += use * distance
                n += use
                bad += labelled & wrong
                c0 += y0
                c1 += y1
                c2 += y2
                c3 += y3
            total += partial
            compared += n
            invalid += bad
            out[i, 3] += c0
            out[i, 4] += c1
            out[i, 5] += c2
            out[i, 6] += c3
        out[i, 0] = total
        out[i, 1] = compared
        out[i, 2] = invalid


@njit(nogil=True, inline="always")
def position_distance(labels, bits):
    """Return |labels - probabilities| at one base in units of 2**-24; -1 if there are no valid probabilities."""
    distance = np.int64(0)
    anything = np.uint16(0)
    for c in range(4):
        if bits[c] > HALF_ONE:
            return np.int64(-1)
        anything |= bits[c]
        distance += abs(np.int32(labels[c]) * ONE - _units(np.int32(bits[c])))
    return distance if anything != 0 else np.int64(-1)

"""Bases of a whole genome in a quarter of the bytes: one number a base, of the plus strand alone.

In a packed genome file `data/X` is (n, L) uint8. Bit i of a number says that the base may be the one of column i (C, A, T, G), and
whatever may be has an equal share (`fasta.IUPAC`); 0 is padding. A minus row is empty: it is the reverse complement of the plus row
of its place, and made when it is read.
"""

import h5py
import numpy as np

from helixtune.errors import FormatError
from helixtune.fasta import IUPAC, base_set
from helixtune.h5checks import PACKED_GENOME, text_attribute
from helixtune.subsequences import Rows, strand_runs


def _code_of_letters() -> np.ndarray:
    codes = np.zeros(256, np.uint8)
    for letter, shares in IUPAC.items():
        codes[[ord(letter), ord(letter.lower())]] = base_set(shares)
    return codes


def _shares_of_codes() -> np.ndarray:
    """Return (16,) uint64, the four half floats of each code as one number."""
    shares = np.zeros((16, 4), np.float16)
    for one in IUPAC.values():
        shares[base_set(one)] = one
    return shares.view(np.uint64)[:, 0]


_CODES = _code_of_letters()
_SHARES = _shares_of_codes()
# Columns in reverse are the complement (C, A, T, G).
_COMPLEMENTS = np.ascontiguousarray(_SHARES.view(np.float16).reshape(16, 4)[:, ::-1]).view(np.uint64)[:, 0]
LARGEST_CODE = 15


def is_packed(file: h5py.File) -> bool:
    """Tell whether an open file holds packed bases."""
    return text_attribute(file, "format") == PACKED_GENOME


def pack_rows(bases: bytes, start_ends: np.ndarray, subsequence_length_bp: int) -> np.ndarray:
    """Pack some rows of one sequence.

    Args:
        bases: the plus strand's letters.
        start_ends: (b, 2) rows; those of the minus strand stay empty.
        subsequence_length_bp: L.

    Returns:
        (b, L) uint8.
    """
    codes = np.zeros((len(start_ends), subsequence_length_bp), np.uint8)
    letters = np.frombuffer(bases, np.uint8)
    for row, (start, end) in zip(codes, start_ends.tolist(), strict=True):
        if start < end:
            row[: end - start] = _CODES[letters[start:end]]
    return codes


def plus_rows_of(rows: Rows, name: str) -> np.ndarray:
    """Return (n,) the number of the plus row of the place of every row of a whole genome.

    Raises:
        FormatError: a strand has a gap, or the two strands are not cut alike.
    """
    plus_rows = np.arange(len(rows))
    runs = strand_runs(rows)
    for plus, minus in zip(runs[::2], runs[1::2], strict=True):
        if len(plus.row_indices) != len(minus.row_indices):
            raise _cut_differently(name, plus.seqid)
        plus_rows[minus.row_indices] = plus.row_indices[::-1]
    is_minus = rows.start_ends[:, 0] > rows.start_ends[:, 1]
    wrong = np.flatnonzero(is_minus & (rows.start_ends[plus_rows] != rows.start_ends[:, ::-1]).any(axis=1))
    if len(wrong):
        raise _cut_differently(name, rows.seqids[wrong[0]].decode())
    return plus_rows


def _cut_differently(name: str, seqid: str) -> FormatError:
    return FormatError(
        f"{name}: the strands of sequence {seqid} are not cut at the same bases, but its packed bases are stored once for both: "
        "it is damaged; encode the genome again."
    )


def unpack_rows(codes: np.ndarray, which: np.ndarray, start_ends: np.ndarray) -> np.ndarray:
    """Unpack rows.

    Args:
        codes: (k, L) uint8 of plus rows, none above LARGEST_CODE.
        which: (b,) the row of `codes` that each row is made of.
        start_ends: (b, 2) of the rows.

    Returns:
        (b, L, 4) float16 shares of C, A, T, G, padding last.
    """
    rows = np.zeros((len(which), codes.shape[1], 4), np.float16)
    for row, source, (first, second) in zip(rows, which.tolist(), start_ends.tolist(), strict=True):
        code = codes[source, : abs(second - first)]
        # mode="clip" writes straight into `out`; the default checks indices through a buffer.
        into = {"out": row[: len(code)].view(np.uint64)[:, 0], "mode": "clip"}
        np.take(*(_SHARES, code) if first < second else (_COMPLEMENTS, code[::-1]), **into)
    return rows

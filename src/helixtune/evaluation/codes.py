"""Bases and codons as small numbers."""

import numpy as np

N_CODONS = 64
INVALID = 4

_CODES = np.full(256, INVALID, np.uint8)
_CODES[np.frombuffer(b"ACGT", np.uint8)] = range(4)
_COMPLEMENT = np.array([3, 2, 1, 0, INVALID], np.uint8)
# TAA, TAG, TGA with A, C, G, T = 0 to 3.
STOP_CODONS = np.array([48, 50, 56])


def _number_codons() -> np.ndarray:
    """Return (5, 5, 5) int16: the number of a codon by its three base codes, -1 for stop codons and unclear bases."""
    numbers = np.full((5, 5, 5), -1, np.int16)
    numbers[:4, :4, :4] = np.where(np.isin(np.arange(N_CODONS), STOP_CODONS), -1, np.arange(N_CODONS)).reshape(4, 4, 4)
    return numbers


_CODON_NUMBERS = _number_codons()


def base_codes(bases: bytes) -> np.ndarray:
    """Return A, C, G, T as 0 to 3 and everything else as 4, (length,) uint8."""
    return _CODES[np.frombuffer(bases, np.uint8)]


def reverse_complement_codes(codes: np.ndarray) -> np.ndarray:
    """Return the other strand in its reading direction; of codes in the order C, A, T, G, too: there as here 3 - code pairs."""
    return _COMPLEMENT[codes[::-1]]


def codon_codes(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray:
    """Return codon numbers (0 to 63), or -1 for stop codons and unclear bases."""
    return _CODON_NUMBERS[first, second, third]

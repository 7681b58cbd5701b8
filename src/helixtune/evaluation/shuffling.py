"""Genomes without genes: real sequence shuffled so that it keeps its dinucleotides, window by window.

A random Eulerian path through the graph of dinucleotides (Altschul & Erickson 1985, doi:10.1093/oxfordjournals.molbev.a040370):
every sequence with the same dinucleotides and the same ends is equally likely. What a model calls there, it makes up.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numba import njit

from helixtune.errors import EmptyResultError
from helixtune.fasta import Sequence

# Long enough to break genes up, short enough to keep what the genome is made of where: dense parts, isochores, repeats.
WINDOW_BP = 5_000
# Stretches of the genome that become one sequence each; long enough for the largest genes.
STRETCH_BP = 200_000
_LETTERS = np.frombuffer(b"ACGT", np.uint8)
UNCLEAR = 4
_CODES = np.full(256, UNCLEAR, np.uint8)
_CODES[_LETTERS] = range(4)


def shuffled_genome(genome: Iterable[Sequence], total_bp: int, wanted_bp: int, seed: int) -> Iterator[Sequence]:
    """Yield shuffled stretches, drawn evenly from the genome.

    Args:
        genome: its sequences, read once.
        total_bp: their bases.
        wanted_bp: how many bases to yield at least, or all there are.
        seed: of the draws.

    Raises:
        EmptyResultError: no base.
    """
    rng = np.random.default_rng(seed)
    step = max(STRETCH_BP, total_bp * STRETCH_BP // max(wanted_bp, 1))
    position, next_start, n_made = 0, 0, 0
    for sequence in genome:
        length = len(sequence.bases)
        while next_start < position + length:
            first = next_start - position
            stretch = sequence.bases[first : first + STRETCH_BP]
            n_made += 1
            yield Sequence(f"shuffled_{n_made}", shuffle_bases(stretch, rng))
            # What a short sequence lacks, the next one gives.
            next_start += step if len(stretch) == STRETCH_BP else step * len(stretch) // STRETCH_BP or 1
        position += length
    if not n_made:
        raise EmptyResultError("The genome has no base to shuffle: give a genome.")


def shuffle_bases(bases: bytes, rng: np.random.Generator) -> bytes:
    """Shuffle the windows of a sequence; letters other than A, C, G, T stay where they are."""
    codes = _CODES[np.frombuffer(bases.upper(), np.uint8)]
    out = np.frombuffer(bases, np.uint8).copy()
    clear = np.concatenate([[False], codes != UNCLEAR, [False]])
    edges = np.flatnonzero(clear[1:] != clear[:-1])
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        for first in range(start, end, WINDOW_BP):
            last = min(first + WINDOW_BP, end)
            out[first:last] = _LETTERS[shuffle_codes(codes[first:last], int(rng.integers(2**31)))]
    return out.tobytes()


@njit(nogil=True)
def shuffle_codes(codes, seed):
    """Return codes (0 to 3) in another order, with the same pairs of neighbours, first and last.

    Args:
        codes: (n,) uint8.
        seed: of the draws.
    """
    n = len(codes)
    if n < 4:
        return codes.copy()
    np.random.seed(seed)
    counts = np.zeros(4, np.int64)
    for i in range(n - 1):
        counts[codes[i]] += 1
    followers = np.zeros((4, counts.max()), np.uint8)
    filled = np.zeros(4, np.int64)
    for i in range(n - 1):
        followers[codes[i], filled[codes[i]]] = codes[i + 1]
        filled[codes[i]] += 1
    _order_followers(followers, filled, codes[-1])
    out = np.empty(n, np.uint8)
    out[0] = codes[0]
    used = np.zeros(4, np.int64)
    for i in range(1, n):
        here = out[i - 1]
        out[i] = followers[here, used[here]]
        used[here] += 1
    return out


@njit(nogil=True)
def _order_followers(followers, filled, final):
    """Shuffle every letter's followers so that the last ones lead to the final letter: then the walk uses all of them."""
    while True:
        for letter in range(4):
            for i in range(filled[letter] - 1, 0, -1):
                j = np.random.randint(0, i + 1)
                followers[letter, i], followers[letter, j] = followers[letter, j], followers[letter, i]
        if _all_lead_to(followers, filled, final):
            return


@njit(nogil=True)
def _all_lead_to(followers, filled, final):
    for letter in range(4):
        here = letter
        for _ in range(4):
            if here == final or filled[letter] == 0:
                break
            here = followers[here, filled[here] - 1]
        if here != final and filled[letter] > 0:
            return False
    return True

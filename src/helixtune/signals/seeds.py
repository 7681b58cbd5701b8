"""Genes to start from where the network calls hardly any: the longest open reading frames, which chance does not make."""

import numpy as np

from helixtune.compiled import compiled
from helixtune.evaluation.codes import reverse_complement_codes
from helixtune.signals.automaton import stop_codons
from helixtune.signals.learn import CodingGene
from helixtune.signals.tracks import START_CODON, codon_codes

# By chance a frame of random sequence with equal bases is as long once in a million.
SHORTEST_SEED_BP = 900


@compiled
def _open_frames(codes, start, stops, shortest_bp):
    """Return (k, 2) begin and end of all frames from their first start codon to their stop codon, stop included."""
    found = [(0, 0)]
    for frame in range(3):
        begin = -1
        for i in range(frame, len(codes) - 2, 3):
            is_stop = False
            for k in range(len(stops)):
                is_stop |= codes[i] == stops[k, 0] and codes[i + 1] == stops[k, 1] and codes[i + 2] == stops[k, 2]
            if is_stop:
                if begin >= 0 and i + 3 - begin >= shortest_bp:
                    found.append((begin, i + 3))
                begin = -1
            elif max(codes[i], codes[i + 1], codes[i + 2]) > 3:
                begin = -1
            elif begin < 0 and codes[i] == start[0] and codes[i + 1] == start[1] and codes[i + 2] == start[2]:
                begin = i
    return found[1:]


def longest_frames(codes: np.ndarray, genetic_code: int) -> list[CodingGene]:
    """Return open reading frames as genes without introns: the longest first, none that overlaps a longer one of either strand.

    Args:
        codes: (n,) uint8 of the plus strand.
        genetic_code: NCBI's number.
    """
    n = len(codes)
    stops = codon_codes(stop_codons(genetic_code))
    frames = [
        (end - begin, "+", begin, end) for begin, end in _open_frames(codes, START_CODON, stops, SHORTEST_SEED_BP)
    ]
    minus = _open_frames(reverse_complement_codes(codes), START_CODON, stops, SHORTEST_SEED_BP)
    frames += [(end - begin, "-", n - end, n - begin) for begin, end in minus]
    taken = np.zeros(n, bool)
    genes: list[CodingGene] = []
    for _, strand, begin, end in sorted(frames, key=lambda frame: (-frame[0], frame[2], frame[1])):
        if not taken[begin:end].any():
            taken[begin:end] = True
            genes.append((strand, [(begin, end)]))
    return genes

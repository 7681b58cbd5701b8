"""The branch point: one motif, in some introns, at a typical distance before the acceptor; found by expectation maximisation."""

from typing import NamedTuple

import numpy as np

from helixtune.compiled import compiled
from helixtune.signals.model import BRANCH_WIDTH

SEED_WIDTH = 6
# Distance in bases from the motif's first base to the intron's end.
NEAREST_BP, FARTHEST_BP = BRANCH_WIDTH + 2, 60
# Of introns in which nothing is known, this share has the motif.
FIRST_SHARE = 0.5
N_SEEDS = 8
ROUNDS = 40
PRIOR_COUNTS = 2.0


class BranchPoint(NamedTuple):
    """A motif, (8, 4) log2 odds against introns; (FARTHEST_BP + 1,) share of introns with it at each distance; bits an intron;
    and the (8, 4) frequencies of the motif's bases."""

    motif: np.ndarray
    distances: np.ndarray
    gain: float
    frequencies: np.ndarray


@compiled
def _place(ends, motif, distances, responsibilities):
    """Fill (i, d) the chance of the motif at each distance of each intron; return the log2 likelihood against no motif."""
    total = 0.0
    n, width = len(ends), ends.shape[1]
    rest = 1.0 - distances.sum()
    for i in range(n):
        mass = rest
        for d in range(len(distances)):
            responsibilities[i, d] = 0.0
            if distances[d] == 0.0 or d > width:
                continue
            bits = 0.0
            for k in range(len(motif)):
                base = ends[i, width - d + k]
                if base > 3:
                    bits = -1e3
                    break
                bits += motif[k, base]
            responsibilities[i, d] = distances[d] * 2.0**bits
            mass += responsibilities[i, d]
        for d in range(len(distances)):
            responsibilities[i, d] /= mass
        total += np.log2(mass)
    return total


@compiled
def _count(ends, responsibilities, counts):
    width = ends.shape[1]
    for i in range(len(ends)):
        for d in range(responsibilities.shape[1]):
            weight = responsibilities[i, d]
            if weight > 1e-6:
                for k in range(len(counts)):
                    counts[k, ends[i, width - d + k]] += weight


def find_branch_point(introns: list[bytes], shortest_bp: int) -> BranchPoint | None:
    """Return the motif that explains the introns' ends best, or None where there are too few introns or none gains.

    Args:
        introns: columns of LETTERS of each intron's end, at most 80 bases.
        shortest_bp: introns of this length at least have room for a motif.
    """
    usable = [np.frombuffer(intron, np.uint8)[-FARTHEST_BP:] for intron in introns if len(intron) >= shortest_bp]
    if len(usable) < 100:
        return None
    ends = np.full((len(usable), FARTHEST_BP), 4, np.uint8)
    for row, intron in zip(ends, usable, strict=True):
        # the donor's first six bases are no branch point
        inner = intron[6:] if len(intron) < FARTHEST_BP else intron
        row[FARTHEST_BP - len(inner) :] = inner
    searched = ends[:, : FARTHEST_BP - 2]
    background = np.bincount(searched.ravel(), minlength=5)[:4] + 1.0
    background /= background.sum()
    best = None
    for seed in _seeds(searched, background):
        found = _maximise(ends, seed, background)
        if best is None or found.gain > best.gain:
            best = found
    return best if best and best.gain > 0.5 else None


def _seeds(ends: np.ndarray, background: np.ndarray) -> list[np.ndarray]:
    """Return (8, 4) first motifs around the most over-represented words, each counted once an intron."""
    words = np.lib.stride_tricks.sliding_window_view(ends, SEED_WIDTH, axis=1).astype(np.int64)
    known = (words < 4).all(axis=2)
    numbers = (np.minimum(words, 3) * 4 ** np.arange(SEED_WIDTH)[::-1]).sum(axis=2)
    numbers[~known] = -1
    numbers.sort(axis=1)
    first = np.concatenate([np.ones((len(numbers), 1), bool), numbers[:, 1:] != numbers[:, :-1]], axis=1)
    counts = np.bincount(numbers[first & (numbers >= 0)], minlength=4**SEED_WIDTH).astype(float)
    digits = np.arange(4**SEED_WIDTH)[:, None] // 4 ** np.arange(SEED_WIDTH)[::-1] % 4
    expected = known.sum() * background[digits].prod(axis=1)
    excess = counts * np.log2((counts + 1) / (expected + 1))
    seeds = []
    for number in np.argsort(-excess, kind="stable")[:N_SEEDS]:
        shares = np.tile(background, (BRANCH_WIDTH, 1))
        for k, base in enumerate(digits[number]):
            shares[k + 1] = 0.3 * background
            shares[k + 1, base] += 0.7
        seeds.append(np.log2(shares / background))
    return seeds


def _maximise(ends: np.ndarray, motif: np.ndarray, background: np.ndarray) -> BranchPoint:
    distances = np.zeros(FARTHEST_BP + 1)
    distances[NEAREST_BP:] = FIRST_SHARE / (FARTHEST_BP + 1 - NEAREST_BP)
    responsibilities = np.empty((len(ends), FARTHEST_BP + 1))
    for _ in range(ROUNDS):
        _place(ends, motif, distances, responsibilities)
        counts = np.zeros((BRANCH_WIDTH, 5))
        _count(ends, responsibilities, counts)
        counts = counts[:, :4] + PRIOR_COUNTS * background
        frequencies = counts / counts.sum(axis=1, keepdims=True)
        motif = np.log2(frequencies / background)
        found = responsibilities.sum(axis=0)
        smooth = np.convolve(found, [0.1, 0.2, 0.4, 0.2, 0.1], mode="same") + 0.2
        smooth[:NEAREST_BP] = 0
        share = min(found.sum() / len(ends), 0.98)
        distances = smooth / smooth.sum() * share
    gain = _place(ends, motif, distances, responsibilities) / len(ends)
    return BranchPoint(motif, distances, gain, frequencies)

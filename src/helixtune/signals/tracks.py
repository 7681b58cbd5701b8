"""From a stretch's letters and the network's probabilities to the scores that the search adds up."""

import numpy as np

from helixtune.compiled import compiled
from helixtune.evaluation.codes import reverse_complement_codes
from helixtune.signals.automaton import LETTERS, A, C, G, T
from helixtune.signals.content import CONTEXTS, ORDER
from helixtune.signals.model import (
    ACCEPTOR_OFFSET,
    DONOR_OFFSET,
    MOST_EARLIER_STARTS,
    START_OFFSET,
    Signals,
)
from helixtune.signals.search import NEVER, Tracks
from helixtune.signals.sites import earlier_starts, window_scores
from helixtune.signals.stretches import Stretch

START_CODON = np.array([A, T, G], np.uint8)
FLOOR = 1e-4
GRID = 1024.0


def quantized(bits: np.ndarray) -> np.ndarray:
    """Round to multiples of 2**-10, so that sums are exact; what cannot be becomes NEVER."""
    return np.where(bits > -1e6, np.rint(np.maximum(bits, -1e6) * GRID) / GRID, NEVER)


def codon_codes(codons) -> np.ndarray:
    """Return (c, 3) columns of LETTERS."""
    return np.array([[LETTERS.index(letter) for letter in codon] for codon in codons], np.uint8).reshape(-1, 3)


@compiled
def pairs(codes, first, second):
    """Return (n + 1,) whether the two bases behind each border are these."""
    n = len(codes)
    found = np.zeros(n + 1, np.bool_)
    for i in range(n - 1):
        found[i] = codes[i] == first and codes[i + 1] == second
    return found


@compiled
def branch_scores(codes, motif, distances, acceptors):
    """Return (a,) log2 of the odds of a branch point, summed over all places before each acceptor.

    Args:
        codes: (n,) uint8 of one strand.
        motif: (w, 4) bits of each base.
        distances: (d,) share of each distance from the motif's begin to the acceptor; the rest to one is "no motif".
        acceptors: (a,) borders.
    """
    n = len(codes)
    rest = 1.0 - distances.sum()
    used = np.flatnonzero(distances)
    odds = np.full(n + 1, -1.0)
    out = np.empty(len(acceptors))
    for a in range(len(acceptors)):
        total = rest
        for d in used:
            begin = acceptors[a] - d
            if begin < 0:
                break
            if odds[begin] < 0.0:
                bits = 0.0
                for k in range(min(len(motif), n - begin)):
                    if codes[begin + k] < 4:
                        bits += motif[k, codes[begin + k]]
                odds[begin] = 2.0**bits
            total += distances[d] * odds[begin]
        out[a] = np.log2(total)
    return out


def strand_borders(codes: np.ndarray, signals: Signals) -> list[np.ndarray]:
    """Return start, stop, donor and acceptor, (n + 1,) quantized bits each, of one strand read 5'->3'."""
    tracks = [np.full(len(codes) + 1, NEVER, np.float32) for _ in range(4)]
    start, stop, donor, acceptor = tracks
    gt, gc = (np.flatnonzero(pairs(codes, G, base)) for base in (T, C))
    ag = np.flatnonzero(pairs(codes, A, G)) + 2
    donor[gt] = quantized(window_scores(codes, gt, DONOR_OFFSET, signals.donor))
    donor[gc] = quantized(window_scores(codes, gc, DONOR_OFFSET, signals.donor) - signals.gc_donor)
    bits = window_scores(codes, ag, ACCEPTOR_OFFSET, signals.acceptor) + signals.intron_prior
    if signals.branch is not None:
        bits += branch_scores(codes, signals.branch, signals.branch_distance, ag)
    acceptor[ag] = quantized(bits)
    earlier = earlier_starts(codes, START_CODON, codon_codes(signals.stops), MOST_EARLIER_STARTS)
    atg = np.flatnonzero(earlier >= 0)
    bits = window_scores(codes, atg, START_OFFSET, signals.start) + signals.start_order[earlier[atg]]
    start[atg] = quantized(bits + signals.gene_prior)
    for codon, bits in zip(codon_codes(signals.stops), signals.stops.values(), strict=True):
        ends = (codes[:-2] == codon[0]) & (codes[1:-1] == codon[1]) & (codes[2:] == codon[2])
        stop[np.flatnonzero(ends) + 3] = quantized(np.array(bits))
    return tracks


# Every half float by its bits, and its log2, of FLOOR at least.
_HALVES = np.nan_to_num(np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32), posinf=1.0, neginf=0.0)
_LOG2 = np.log2(np.maximum(_HALVES, FLOOR), dtype=np.float32)


def network_odds(class_probs: np.ndarray, phase_probs: np.ndarray) -> np.ndarray:
    """Return (5, n) float32 log2 odds against intergenic of UTR, codon positions 1, 2, 3 and intron; (n, 4) half floats each."""
    halves = (np.ascontiguousarray(probs).view(np.uint16) for probs in (class_probs, phase_probs))
    return _odds_of_halves(*halves, _HALVES, _LOG2)


@compiled
def _odds_of_halves(classes, phases, values, logs):
    odds = np.empty((5, len(classes)), np.float32)
    for i in range(len(classes)):
        intergenic = logs[classes[i, 0]]
        odds[0, i] = logs[classes[i, 1]] - intergenic
        odds[4, i] = logs[classes[i, 3]] - intergenic
        coding = logs[classes[i, 2]] - intergenic
        # predicted phases are the bases before the next codon: 0, 2, 1 for its first, second and third
        one, two, three = values[phases[i, 1]], values[phases[i, 3]], values[phases[i, 2]]
        unit = np.float32(0.9) / max(one + two + three, np.float32(1e-6))
        odds[1, i] = coding + np.log2(np.float32(0.1) + unit * one)
        odds[2, i] = coding + np.log2(np.float32(0.1) + unit * two)
        odds[3, i] = coding + np.log2(np.float32(0.1) + unit * three)
    return odds


def network_of(stretch: Stretch) -> list[np.ndarray]:
    """Return `network_odds` of both strands, each 5'->3' on its strand."""
    return [network_odds(*probs) for probs in zip(stretch.class_probs, stretch.phase_probs, strict=True)]


def make_tracks(codes: np.ndarray, flank: tuple[int, int], network: list[np.ndarray], signals: Signals) -> Tracks:
    """Return the scores of a stretch.

    Args:
        codes: (left + n + right,) uint8 bases of the stretch and beside it.
        flank: (left, right) bases that do not belong to the stretch.
        network: of `network_of`.
        signals: what was learnt.
    """
    n = len(codes) - sum(flank)
    emission = np.empty((2, 4, n), np.float32)
    border = np.zeros((2, 3, n + 1), np.float32)
    opening, closing = np.empty((2, n + 1), np.float32), np.empty((2, n + 1), np.float32)
    inside = np.zeros((2, 2, n + 1))
    tables = np.concatenate([signals.coding, signals.intron[None]]).transpose(1, 2, 0)
    tables = np.ascontiguousarray(tables, np.float32)
    weights = np.array([signals.weights.network, signals.weights.utr], np.float32)
    for strand, left in enumerate(flank):
        own = codes if strand == 0 else reverse_complement_codes(codes)
        _score_bases(own, left, tables, network[strand], weights, strand, emission[strand], inside[strand])
        tracks = [track[left : left + n + 1] for track in strand_borders(own, signals)]
        start, stop, donor, acceptor = (track if strand == 0 else track[::-1] for track in tracks)
        border[strand, 1], border[strand, 2] = start, stop
        opening[strand], closing[strand] = (donor, acceptor) if strand == 0 else (acceptor, donor)
    return Tracks(
        codes[flank[0] : flank[0] + n],
        emission,
        border,
        opening,
        closing,
        inside,
        quantized(signals.lengths),
        float(quantized(np.array(signals.tail))),
    )


@compiled
def _score_bases(codes, left, tables, network, weights, backwards, emission, inside):
    """Fill the emissions of one strand, and the running sums of intron emissions, in the order of the plus strand.

    Args:
        codes: (left + n + right,) uint8 of the strand, 5'->3'.
        left: bases before the stretch.
        tables: (4**ORDER, 4, 4) float32 bits by context, base, and the three codon positions and introns.
        network: (5, n) odds of the strand, 5'->3'.
        weights: (2,) float32, of the network, and in untranslated regions.
        backwards: whether the plus strand is the other one.
        emission: (4, n); inside: (2, n + 1), the first of which stay as they are.
    """
    n = emission.shape[1]
    own, utr = weights
    context, known = 0, 0
    nothing = np.zeros(4, np.float32)
    for j in range(left + n):
        base = codes[j]
        bits = tables[context, base] if known >= ORDER and base < 4 else nothing
        if j >= left:
            i = j - left
            at = n - 1 - i if backwards else i
            emission[0, at] = _rounded(utr * network[0, i])
            for k in range(3):
                emission[k + 1, at] = _rounded(bits[k] + own * network[k + 1, i])
            inside[0, at + 1] = _rounded(bits[3] + own * network[4, i])
            inside[1, at + 1] = _rounded(bits[3] + utr * network[4, i])
        known = known + 1 if base < 4 else 0
        context = (context * 4 + base) % CONTEXTS if base < 4 else 0
    for k in range(2):
        for i in range(n):
            inside[k, i + 1] += inside[k, i]


@compiled
def _rounded(bits):
    return np.rint(bits * np.float32(GRID)) / np.float32(GRID)


def with_utr_weight(tracks: Tracks, network: list[np.ndarray], weight: float) -> Tracks:
    """Return tracks in which untranslated regions and introns between them score by the network alone, with this weight."""
    emission, inside = tracks.emission.copy(), tracks.inside.copy()
    for strand in range(2):
        odds = weight * network[strand][[0, 4]]
        utr, intron = quantized(odds if strand == 0 else odds[:, ::-1])
        emission[strand, 0] = utr
        inside[strand, 1, 1:] = np.cumsum(intron)
    return tracks._replace(emission=emission, inside=inside)

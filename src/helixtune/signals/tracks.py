"""From a stretch's letters and the network's probabilities to the scores that the search adds up."""

import numpy as np

from helixtune.compiled import compiled
from helixtune.evaluation.codes import reverse_complement_codes
from helixtune.signals.automaton import LETTERS, A, C, G, T
from helixtune.signals.content import score_words
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
def branch_scores(motif, distances, acceptors):
    """Return (n + 1,) log2 of the odds summed over all places before each acceptor.

    Args:
        motif: (n + 1,) score of the motif that begins at each border.
        distances: (d,) share of each distance from the motif's begin to the acceptor; the rest to one is "no motif".
        acceptors: (n + 1,) bool.
    """
    n = len(motif)
    rest = 1.0 - distances.sum()
    odds = np.exp2(motif)
    out = np.zeros(n)
    for j in range(n):
        if acceptors[j]:
            total = rest
            for d in range(len(distances)):
                if j - d >= 0:
                    total += distances[d] * odds[j - d]
            out[j] = np.log2(total)
    return out


def strand_borders(codes: np.ndarray, signals: Signals):
    """Return (start, stop, donor, acceptor), (n + 1,) bits each, of one strand read 5'->3'."""
    n = len(codes)
    gt, gc = pairs(codes, G, T), pairs(codes, G, C)
    sites = window_scores(codes, DONOR_OFFSET, signals.donor)
    donor = np.where(gt, sites, np.where(gc, sites - signals.gc_donor, NEVER))
    ag = np.zeros(n + 1, bool)
    ag[2:] = pairs(codes, A, G)[: n - 1]
    acceptor = window_scores(codes, ACCEPTOR_OFFSET, signals.acceptor) + signals.intron_prior
    if signals.branch is not None:
        motif = np.repeat(signals.branch[:, None, :], 4, axis=1)
        acceptor += branch_scores(window_scores(codes, 0, motif), signals.branch_distance, ag)
    acceptor = np.where(ag, acceptor, NEVER)
    earlier = earlier_starts(codes, START_CODON, codon_codes(signals.stops), MOST_EARLIER_STARTS)
    sites = window_scores(codes, START_OFFSET, signals.start) + signals.start_order[earlier]
    start = np.where(earlier >= 0, sites + signals.gene_prior, NEVER)
    stop = np.full(n + 1, NEVER)
    for codon, bits in signals.stops.items():
        a, b, c = (LETTERS.index(letter) for letter in codon)
        found = np.flatnonzero((codes[:-2] == a) & (codes[1:-1] == b) & (codes[2:] == c)) + 3
        stop[found] = bits
    return start, stop, donor, acceptor


def _log2_of_halves() -> np.ndarray:
    """Return (65536,) float32, log2 of every half float, of FLOOR at least."""
    values = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
    return np.log2(np.maximum(np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0), FLOOR))


_LOG2 = _log2_of_halves()


def network_odds(class_probs: np.ndarray, phase_probs: np.ndarray) -> np.ndarray:
    """Return (5, n) log2 odds against intergenic of UTR, codon positions 1, 2, 3 and intron; (n, 4) half floats each."""
    logs = _LOG2[np.ascontiguousarray(class_probs).view(np.uint16)]
    p = phase_probs.astype(np.float32)
    total = np.maximum(p[:, 1:].sum(axis=1), 1e-6)
    share = 0.1 + 0.9 * p[:, [1, 3, 2]] / total[:, None]
    coding = logs[:, 2:3] + np.log2(share)
    return np.concatenate([logs[:, 1:2], coding, logs[:, 3:4]], axis=1).T - logs[:, 0]


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
    emission = np.zeros((2, 4, n), np.float32)
    border = np.zeros((2, 3, n + 1), np.float32)
    opening, closing = np.empty((2, n + 1), np.float32), np.empty((2, n + 1), np.float32)
    inside = np.zeros((2, 2, n + 1))
    tables = np.concatenate([signals.coding, signals.intron[None]])
    weights = signals.weights
    for strand, left in enumerate(flank):
        own = codes if strand == 0 else reverse_complement_codes(codes)
        words = np.empty((4, len(own)))
        score_words(own, tables, words)
        words = words[:, left : left + n]
        odds = network[strand]
        values = np.concatenate([weights.utr * odds[:1], words[:3] + weights.network * odds[1:4]])
        introns = np.stack([words[3] + weights.network * odds[4], words[3] + weights.utr * odds[4]])
        start, stop, donor, acceptor = (track[left : left + n + 1] for track in strand_borders(own, signals))
        if strand:
            values, introns = values[:, ::-1], introns[:, ::-1]
            start, stop, donor, acceptor = start[::-1], stop[::-1], donor[::-1], acceptor[::-1]
        emission[strand] = quantized(values)
        border[strand, 1], border[strand, 2] = quantized(start), quantized(stop)
        opening[strand], closing[strand] = (
            quantized(t) for t in ((donor, acceptor) if strand == 0 else (acceptor, donor))
        )
        inside[strand, :, 1:] = np.cumsum(quantized(introns), axis=1)
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


def with_utr_weight(tracks: Tracks, network: list[np.ndarray], weight: float) -> Tracks:
    """Return tracks in which untranslated regions and introns between them score by the network alone, with this weight."""
    emission, inside = tracks.emission.copy(), tracks.inside.copy()
    for strand in range(2):
        odds = weight * network[strand][[0, 4]]
        utr, intron = quantized(odds if strand == 0 else odds[:, ::-1])
        emission[strand, 0] = utr
        inside[strand, 1, 1:] = np.cumsum(intron)
    return tracks._replace(emission=emission, inside=inside)


def without_untranslated(tracks: Tracks) -> Tracks:
    """Return tracks in which nothing can be an untranslated region."""
    emission = tracks.emission.copy()
    emission[:, 0] = NEVER
    return tracks._replace(emission=emission)

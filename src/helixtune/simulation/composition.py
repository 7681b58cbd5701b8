"""Sequence composition: Markov chains, codon usage and position weight matrices; bases are uint8 codes A, C, G, T, N = 0 to 4."""

from functools import lru_cache

import numpy as np

from helixtune.gene_calling.compiled import compiled
from helixtune.simulation.presets import Composition

A, C, G, T, N = range(5)
LETTERS = np.frombuffer(b"ACGTN", dtype=np.uint8)
ORDER = 3  # the Markov chains look at three bases back: enough for dinucleotide odds and for A/T tracts
CONTEXTS = 4**ORDER

AMINO_ACIDS = (
    "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"  # standard code, codons in order T, C, A, G
)
# Codons per thousand of Arabidopsis thaliana, in the same order (Kazusa codon usage database: Nakamura et al. 2000 NAR 28:292).
CODONS_PER_THOUSAND = (
    21.8, 20.7, 12.7, 20.9, 25.2, 11.2, 18.3, 9.3, 14.6, 13.7, 0.0, 0.0, 10.5, 7.2, 0.0, 12.5,
    24.1, 16.1, 9.9, 9.8, 18.7, 5.3, 16.1, 8.6, 13.8, 8.7, 19.4, 15.2, 9.0, 3.8, 6.3, 4.9,
    21.5, 18.5, 12.6, 24.5, 17.5, 10.3, 15.7, 7.7, 22.3, 20.9, 30.8, 32.7, 14.0, 11.3, 19.0, 11.0,
    27.2, 12.8, 9.9, 17.4, 28.3, 10.3, 17.5, 9.0, 36.6, 17.2, 34.3, 32.2, 22.2, 9.2, 24.2, 10.2,
)  # fmt: skip
CODONS = np.array(
    [(a, b, c) for a in (T, C, A, G) for b in (T, C, A, G) for c in (T, C, A, G)], dtype=np.uint8
)  # (64, 3)
AMINO_ACID_INDEX = np.array([sorted(set(AMINO_ACIDS)).index(letter) for letter in AMINO_ACIDS])
STOP_CODONS = np.array([(T, A, A), (T, A, G), (T, G, A)], dtype=np.uint8)


def encode(letters: str) -> np.ndarray:
    """Return the codes of a string of A, C, G, T."""
    return np.searchsorted(LETTERS[:4], np.frombuffer(letters.encode(), dtype=np.uint8)).astype(np.uint8)


def reverse_complement(bases: np.ndarray) -> np.ndarray:
    """Return the other strand of (n,) codes; N stays N."""
    complement = np.array([T, G, C, A, N], dtype=np.uint8)
    return complement[bases[::-1]]


def tilted(acgt: tuple[float, ...], gc_tilt: float) -> np.ndarray:
    """Return frequencies (4,) whose odds of G and C are raised by exp(gc_tilt)."""
    weights = np.asarray(acgt, dtype=float) * np.exp([0.0, gc_tilt, gc_tilt, 0.0])
    return weights / weights.sum()


def sample_columns(rng: np.random.Generator, matrix: np.ndarray) -> np.ndarray:
    """Draw one base a column: matrix (n, 4) of frequencies, returns (n,) codes."""
    cumulative = np.cumsum(matrix, axis=1)
    draws = rng.random((len(matrix), 1)) * cumulative[:, -1:]
    return (draws >= cumulative[:, :3]).sum(axis=1).astype(np.uint8)


def sharpened(matrix: tuple, power: float) -> np.ndarray:
    """Return a frequency matrix (n, 4) raised to a power, rows summing to 1."""
    raised = np.asarray(matrix, dtype=float) ** power
    return raised / raised.sum(axis=1, keepdims=True)


class MarkovChain:
    """Order-3 composition with given base frequencies, dinucleotide odds ratios and A/T tracts."""

    def __init__(self, acgt: np.ndarray, composition: Composition):
        self._cumulative = np.cumsum(_transitions(acgt, composition), axis=1)

    def sample(self, rng: np.random.Generator, length: int) -> np.ndarray:
        """Draw (length,) codes."""
        return _walk(self._cumulative, rng.random(length, dtype=np.float32), int(rng.integers(CONTEXTS)))


@compiled
def _walk(cumulative, draws, context):
    bases = np.empty(len(draws), dtype=np.uint8)
    for i in range(len(draws)):
        base = 0
        while base < 3 and draws[i] >= cumulative[context, base]:
            base += 1
        bases[i] = base
        context = (context * 4 + base) % CONTEXTS
    return bases


def _transitions(acgt: np.ndarray, composition: Composition) -> np.ndarray:
    """Return (64, 4) transition probabilities whose stationary base frequencies are `acgt`."""
    contexts = np.arange(CONTEXTS)
    oldest, middle, newest = contexts // 16, contexts // 4 % 4, contexts % 4
    odds = _dinucleotide_odds(composition)[newest]  # (64, 4)
    tract = (oldest == middle) & (middle == newest)
    odds[tract & (newest == A), A] *= composition.tract_odds
    odds[tract & (newest == T), T] *= composition.tract_odds
    weights = np.array(acgt, dtype=float)
    for _ in range(30):  # the odds pull the frequencies away from the target; each turn corrects what is left of it
        transitions = weights * odds
        transitions /= transitions.sum(axis=1, keepdims=True)
        weights *= acgt / _stationary_bases(transitions)
    return transitions


def _dinucleotide_odds(composition: Composition) -> np.ndarray:
    odds = np.ones((4, 4))
    odds[C, G] = composition.cpg_odds
    odds[T, A] = composition.tpa_odds
    odds[T, G] = odds[C, A] = composition.tpg_odds
    odds[A, A] = odds[T, T] = composition.apa_odds
    return odds


def _stationary_bases(transitions: np.ndarray) -> np.ndarray:
    share = np.full(CONTEXTS, 1 / CONTEXTS)
    successors = (np.arange(CONTEXTS)[:, None] * 4 + np.arange(4)) % CONTEXTS
    for _ in range(60):
        moved = np.zeros(CONTEXTS)
        np.add.at(moved, successors, share[:, None] * transitions)
        share = moved
    return np.bincount(np.arange(CONTEXTS) % 4, weights=share, minlength=4)


@lru_cache(maxsize=8)
def codon_weights(composition: Composition) -> np.ndarray:
    """Return (64,) relative codon frequencies of a species; stop codons have 0.

    The third-position tilt changes the choice among synonymous codons only, the tilt of positions 1 and 2 the amino acids.
    """
    usage = np.array(CODONS_PER_THOUSAND)
    is_gc = (CODONS == C) | (CODONS == G)  # (64, 3)
    by_amino_acid = np.bincount(
        AMINO_ACID_INDEX, weights=usage * np.exp(composition.gc12_tilt * is_gc[:, :2].sum(axis=1))
    )
    synonymous = usage * np.exp(composition.gc3_tilt * is_gc[:, 2])
    totals = np.bincount(AMINO_ACID_INDEX, weights=synonymous)
    return synonymous / np.maximum(totals, 1e-12)[AMINO_ACID_INDEX] * by_amino_acid[AMINO_ACID_INDEX] / usage.sum()


def sample_codons(rng: np.random.Generator, composition: Composition, count: int) -> np.ndarray:
    """Draw the codons (count, 3) of one gene, none of them a stop; the gene has its own amino-acid and GC3 preferences."""
    third_is_gc = np.isin(CODONS[:, 2], (C, G))
    amino_acids = rng.normal(0, composition.amino_acid_sd, AMINO_ACID_INDEX.max() + 1)[AMINO_ACID_INDEX]
    tilt = amino_acids + rng.normal(0, composition.gc3_tilt_sd) * third_is_gc
    weights = codon_weights(composition) * np.exp(tilt)
    return CODONS[rng.choice(64, size=count, p=weights / weights.sum())]

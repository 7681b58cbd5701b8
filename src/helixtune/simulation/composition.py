"""Sequence composition: Markov chains and position weight matrices; bases are uint8 codes A, C, G, T, N = 0 to 4."""

import numpy as np

from helixtune.compiled import compiled
from helixtune.simulation.parameters import Composition

A, C, G, T, N = range(5)
LETTERS = np.frombuffer(b"ACGTN", dtype=np.uint8)
ORDER = 3  # the Markov chains look at three bases back: enough for dinucleotide odds and for A/T tracts
CONTEXTS = 4**ORDER


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

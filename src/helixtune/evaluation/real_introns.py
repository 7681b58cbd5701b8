"""Which of the called introns are real? Learnt from the introns themselves, without a reference.

Gene callers err in kinds: an intron may have both ends right, only its donor, only its acceptor, or neither. Right ends look
alike, wrong ones do not; introns with two right ends care for no frame. So the called introns are a mixture of four kinds with
unknown shares, fitted by expectation maximisation (Dempster, Laird and Rubin 1977). Each end has one base distribution
by position for right and one for wrong; given the kind, ends and reading are independent. Of the introns with two right ends
that hold no stop codon, one in three has a length that is a multiple of three.

Decoys count as wrong ends, as many as introns were called: without them the fit may part right ends into two kinds where
hardly any are wrong. It is not assumed that what both sets call is real, only that more of it is: with a base model that
knows the species' introns poorly, half of the shared ones are wrong.
"""

from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.called_introns import (
    CLOSED,
    OPEN_IN_FRAME,
    OPEN_OUT_OF_FRAME,
    SHARED,
    UNKNOWN,
    CalledIntrons,
    Decoys,
)
from helixtune.evaluation.mixture import KINDS, Items

NEITHER, DONOR, ACCEPTOR, BOTH = range(4)
# Whether a kind has its donor, or its acceptor, right.
RIGHT_DONOR, RIGHT_ACCEPTOR = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
# First guess of the share with two right ends among what both sets call, and what only one does; the fit forgets the figures,
# but not which is larger.
GUESS_SHARED, GUESS_ALONE = 0.8, 0.3
PSEUDO_COUNT = 1.0
# This many introns teach some hundred frequencies well enough; more would only cost memory.
MAX_LEARNT = 20_000
MAX_ROUNDS, CONVERGED = 300, 1e-4
N_BASES, N_CATEGORIES, N_READINGS = 5, 3, 4


@dataclass(frozen=True)
class Kinds:
    """A fitted mixture.

    Attributes:
        donors, acceptors: (2, positions, 5) log probabilities of bases at wrong and right ends; unclear bases have 0.
        readings: (4 kinds, 4 readings) log probabilities; unknown readings have 0.
        shares: (3 categories, 4 kinds).
    """

    donors: np.ndarray
    acceptors: np.ndarray
    readings: np.ndarray
    shares: np.ndarray

    def separation(self) -> float:
        """Return how far right ends stand out from wrong ones: mean log ratio over right ends, donor and acceptor added."""
        return sum(float((np.exp(one[1]) * (one[1] - one[0]))[:, :4].sum()) for one in (self.donors, self.acceptors))

    def memberships(self, introns: CalledIntrons) -> np.ndarray:
        """Return (n, 4) probabilities of the kinds of each intron."""
        donor = _log_likelihoods(self.donors, introns.donors)
        acceptor = _log_likelihoods(self.acceptors, introns.acceptors)
        log = np.log(self.shares)[introns.category] + self.readings.T[introns.reading]
        for kind in range(4):
            log[:, kind] += donor[int(RIGHT_DONOR[kind])] + acceptor[int(RIGHT_ACCEPTOR[kind])]
        log -= log.max(axis=1, keepdims=True)
        odds = np.exp(log)
        return odds / odds.sum(axis=1, keepdims=True)


def fit_kinds(introns: CalledIntrons, decoys: Decoys) -> Kinds:
    """Fit the mixture to (at most MAX_LEARNT evenly chosen) introns; same introns, same fit."""
    some = _thinned(introns)
    real = np.where(some.category == SHARED, GUESS_SHARED, GUESS_ALONE)
    memberships = np.stack([(1 - real) / 2, (1 - real) / 4, (1 - real) / 4, real], axis=1)
    for _ in range(MAX_ROUNDS):
        kinds = _estimate(some, decoys, memberships)
        before, memberships = memberships, kinds.memberships(some)
        if np.abs(memberships - before).max() < CONVERGED:
            break
    return kinds


def count_real(introns: CalledIntrons, kinds: Kinds, n_blocks: int) -> tuple[Items, Items]:
    """Return {kind of call: (blocks,)} numbers of introns, and expected numbers of real ones among them."""
    real = kinds.memberships(introns)[:, BOTH]
    chosen = {name: introns.category == category for category, name in enumerate(KINDS)}
    return tuple(
        {name: np.bincount(introns.block[some], weights[some], minlength=n_blocks) for name, some in chosen.items()}
        for weights in (np.ones(len(introns)), real)
    )


def _thinned(introns: CalledIntrons) -> CalledIntrons:
    chosen = np.linspace(0, len(introns) - 1, min(len(introns), MAX_LEARNT)).round().astype(np.int64)
    return CalledIntrons(*(getattr(introns, name)[chosen] for name in CalledIntrons.__dataclass_fields__))


def _estimate(introns: CalledIntrons, decoys: Decoys, memberships: np.ndarray) -> Kinds:
    shares = np.stack(
        [memberships[introns.category == category].sum(axis=0) + PSEUDO_COUNT for category in range(N_CATEGORIES)]
    )
    return Kinds(
        _base_frequencies(introns.donors, decoys.donors, memberships @ RIGHT_DONOR),
        _base_frequencies(introns.acceptors, decoys.acceptors, memberships @ RIGHT_ACCEPTOR),
        _reading_frequencies(introns.reading, memberships),
        shares / shares.sum(axis=1, keepdims=True),
    )


def _base_frequencies(bases: np.ndarray, decoys: np.ndarray, right: np.ndarray) -> np.ndarray:
    clear = decoys[:, :4] + PSEUDO_COUNT
    wrong_beforehand = len(bases) * clear / clear.sum(axis=1, keepdims=True)
    logs = np.zeros((2, bases.shape[1], N_BASES))
    for which, (weights, beforehand) in enumerate(
        ((1 - right, wrong_beforehand), (right, np.zeros_like(wrong_beforehand)))
    ):
        for position in range(bases.shape[1]):
            counts = (
                np.bincount(bases[:, position], weights, minlength=N_BASES)[:4] + beforehand[position] + PSEUDO_COUNT
            )
            logs[which, position, :4] = np.log(counts / counts.sum())
    return logs


def _reading_frequencies(readings: np.ndarray, memberships: np.ndarray) -> np.ndarray:
    logs = np.zeros((4, N_READINGS))
    for kind in range(4):
        counts = np.bincount(readings, memberships[:, kind], minlength=N_READINGS) + PSEUDO_COUNT
        counts[UNKNOWN] = 0
        if kind == BOTH:
            is_open = counts[OPEN_IN_FRAME] + counts[OPEN_OUT_OF_FRAME]
            counts[OPEN_IN_FRAME], counts[OPEN_OUT_OF_FRAME] = is_open / 3, 2 * is_open / 3
        logs[kind, CLOSED:] = np.log(counts[CLOSED:] / counts[CLOSED:].sum())
    return logs


def _log_likelihoods(logs: np.ndarray, bases: np.ndarray) -> np.ndarray:
    return np.stack([sum(one[position][bases[:, position]] for position in range(bases.shape[1])) for one in logs])

"""Which of the called introns are real? Learnt from the introns themselves, without a reference.

Gene callers err in kinds: an intron may have both ends right, only its donor, only its acceptor, or neither. Right ends look
alike, wrong ones do not, and introns with two right ends care for no frame: of those without a stop codon one in three has a
length that is a multiple of three. So the called introns are a mixture of four kinds with unknown shares (see `latent_kinds`).

Decoys count as wrong ends, as many as introns were called: without them the fit may part right ends into two kinds where
hardly any are wrong. It is not assumed that what both sets call is real, only that more of it is: with a base model that
knows the species' introns poorly, half of the shared ones are wrong.
"""

import numpy as np

from helixtune.evaluation.called_introns import CLOSED, OPEN_IN_FRAME, OPEN_OUT_OF_FRAME, CalledIntrons, Decoys
from helixtune.evaluation.latent_kinds import Feature, Kinds, decoy_counts, fit_kinds

NEITHER, DONOR, ACCEPTOR, BOTH = range(4)
# Shares of the four kinds to begin with, among what both sets call, and what only one does.
GUESS = np.array([[0.1, 0.05, 0.05, 0.8], [0.35, 0.175, 0.175, 0.3], [0.35, 0.175, 0.175, 0.3]])
# Whether a kind has its donor, or its acceptor, right.
RIGHT_DONOR, RIGHT_ACCEPTOR = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
N_BASES, N_READINGS = 4, 3


def find_real(introns: CalledIntrons, decoys: Decoys) -> tuple[np.ndarray, float]:
    """Return (n,) probabilities that an intron has two right ends, and how far right ends stand out from wrong ones.

    The latter is the mean log ratio of the bases at right ends, donor and acceptor added.
    """
    features = [
        _ends(introns.donors, decoys.donors, RIGHT_DONOR),
        _ends(introns.acceptors, decoys.acceptors, RIGHT_ACCEPTOR),
        Feature(introns.reading[:, None], N_READINGS, np.arange(4), np.zeros((4, 1, N_READINGS)), _careless_of_frames),
    ]
    kinds = fit_kinds(features, introns.category, GUESS)
    return kinds.memberships(features, introns.category)[:, BOTH], _separation(kinds)


def _ends(bases: np.ndarray, decoys: np.ndarray, is_right: np.ndarray) -> Feature:
    wrong = decoy_counts(decoys[:, :N_BASES], len(bases))
    return Feature(bases, N_BASES, is_right, np.stack([wrong, np.zeros_like(wrong)]))


def _careless_of_frames(shares: np.ndarray) -> np.ndarray:
    is_open = 1 - shares[BOTH, 0, CLOSED]
    shares[BOTH, 0, [OPEN_IN_FRAME, OPEN_OUT_OF_FRAME]] = is_open / 3, 2 * is_open / 3
    return shares


def _separation(kinds: Kinds) -> float:
    donors, acceptors, _ = kinds.logs
    return sum(float((np.exp(right) * (right - wrong))[:, :N_BASES].sum()) for wrong, right in (donors, acceptors))

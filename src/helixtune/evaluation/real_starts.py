"""Which of the called starts are real? Learnt from the starts themselves, without a reference.

Called starts are a mixture of right and wrong ones (see `latent_kinds`) that differ in the bases around ATG and in how much the
codon pairs before and after it look like coding sequence. Decoys count as wrong starts, half as many as were called: what lies
before them is coding. Neither alone would do: networks choose starts by their context, so wrong ones have a good one, too.
"""

import numpy as np

from helixtune.evaluation.called_starts import DECOY, CalledStarts
from helixtune.evaluation.latent_kinds import Feature, decoy_counts, fit_kinds

WRONG, RIGHT = range(2)
# Shares of wrong and right starts to begin with, among what both sets call, and what only one does.
GUESS = np.array([[0.2, 0.8], [0.7, 0.3], [0.7, 0.3]])
DECOY_WEIGHT = 0.5
# A stop codon before a start: coding sequence does not reach it. As a log ratio, much more than any codon pair has.
STOP_SCORE = -4.0
# Borders of score classes, as shares of the called starts below them.
CLASS_BORDERS = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85)
N_BASES, N_CLASSES = 4, len(CLASS_BORDERS) + 1


def find_real(starts: CalledStarts, coding_scores: np.ndarray) -> np.ndarray:
    """Return (n,) probabilities that a called start is right; decoys are left out.

    Args:
        starts: called ones and decoys.
        coding_scores: (4096,) log ratios of codon pairs in coding against other sequence.
    """
    called, n_called = starts.category != DECOY, int((starts.category != DECOY).sum())
    features = [_feature(starts.context, N_BASES, called, DECOY_WEIGHT * n_called)]
    for pairs, weight in ((starts.before, DECOY_WEIGHT * n_called), (starts.after, 0.0)):
        scores = mean_scores(pairs, coding_scores)
        classes = np.searchsorted(np.quantile(scores[called], CLASS_BORDERS), scores, side="right")
        features.append(_feature(classes[:, None].astype(np.uint8), N_CLASSES, called, weight))
    category = starts.category[called]
    return fit_kinds(features, category, GUESS).memberships(features, category)[:, RIGHT]


def mean_scores(pairs: np.ndarray, coding_scores: np.ndarray) -> np.ndarray:
    """Return (n,) mean log ratios of (n, k) codon pairs; -1 counts as a stop codon, -2 not at all."""
    table = np.concatenate([coding_scores, [0.0, STOP_SCORE]])  # -2 and -1 index from the end
    return table[pairs].sum(axis=1) / np.maximum((pairs != -2).sum(axis=1), 1)


def _feature(values: np.ndarray, n_values: int, called: np.ndarray, decoy_weight: float) -> Feature:
    decoys = np.stack([np.bincount(column, minlength=n_values)[:n_values] for column in values[~called].T])
    wrong = decoy_counts(decoys, decoy_weight)
    return Feature(values[called], n_values, np.arange(2), np.stack([wrong, np.zeros_like(wrong)]))

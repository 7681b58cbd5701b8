"""Upstream's selection to the row, for comparison only: rows paired by position, float16 sums, quantiles over everything.

Known defects that are kept here: sums in float16 stop growing in long rows; rows are paired by position, so files in
different sequence order are compared wrongly; padded minus-strand rows are compared out of register; masked and
unannotated rows take part; one row without labels makes all strata collapse.
"""

import numpy as np

from helixtune.errors import ParameterError, ShapeError
from helixtune.h5files import CLASS_PROBS, CLASSES, rows_per_block
from helixtune.selection.choice import Candidates, Choice
from helixtune.selection.kernels import ONE
from helixtune.selection.scores import RowScores
from helixtune.selection.settings import UPSTREAM_STRATA, SelectionSettings
from helixtune.selection.shards import RowShards
from helixtune.subsequences import Rows

# Upstream scores 100 rows at a time; per-row sums do not depend on it, memory does. 7 arrays of 4 half floats a base.
BYTES_PER_BASE = 56
BLOCK_ROWS = 100


def upstream_sums(training: RowShards, predictions: RowShards, threads: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, 4) float64 distances (float16 sums of |y - p|) and (n, 4) int64 label counts, rows paired by position.

    Raises:
        ShapeError: the files differ in row length, or there are fewer predictions than labelled rows.
    """
    if predictions.width_bp != training.width_bp or predictions.n_rows < training.n_rows:
        raise ShapeError(
            f"--method upstream pairs rows by position, but {training.name} has {training.n_rows} rows of"
            f" {training.width_bp} and {predictions.name} {predictions.n_rows} of {predictions.width_bp}: predict for the same"
            " file, or use --method stratified."
        )
    distances = np.zeros((training.n_rows, 4))
    counts = np.zeros((training.n_rows, 4), np.int64)
    step = min(BLOCK_ROWS, rows_per_block(training.width_bp, BYTES_PER_BASE))
    for start in range(0, training.n_rows, step):
        numbers = np.arange(start, min(start + step, training.n_rows))
        labels = training.read(CLASSES, numbers, threads)
        probs = predictions.read(CLASS_PROBS, numbers, threads)
        probs[labels.sum(axis=2) == 0] = 0
        with np.errstate(all="ignore"):
            # One half-float addition after another along the row: this very expression is what upstream's figures are.
            distances[numbers] = np.abs(labels - probs).sum(axis=1)
        counts[numbers] = labels.sum(axis=1)
    return distances, counts


def select_upstream(distances: np.ndarray, counts: np.ndarray, settings: SelectionSettings) -> Choice:
    """Choose rows as upstream does.

    Args:
        distances: (n, 4) float64.
        counts: (n, 4) int64.
        settings: only `keep_fraction` counts.

    Raises:
        ParameterError: the fraction keeps nothing or everything.
    """
    n_rows = len(counts)
    wanted = int(n_rows * settings.keep_fraction)
    if not 0 < wanted < n_rows:
        raise ParameterError(
            f"--keep-fraction {settings.keep_fraction} of {n_rows} rows is {wanted}: upstream's method must drop some rows and"
            " keep some; change the fraction or use --method stratified."
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        score = distances.sum(axis=1) / counts.sum(axis=1)
        fraction = counts[:, 0] / counts.sum(axis=1)
    ranks = np.searchsorted(np.quantile(fraction, np.arange(1, UPSTREAM_STRATA) / UPSTREAM_STRATA), fraction)
    strata = np.unique(ranks, return_inverse=True)[1]
    n_strata = int(strata.max()) + 1
    each = wanted // n_strata
    kept = np.zeros(n_rows, bool)
    bounds = []
    for stratum in range(n_strata):
        ranked = np.where(strata == stratum, score, np.inf)
        order = np.argsort(ranked, kind="stable")
        # A stratum with fewer than `each` rows is filled up with rows of others; upstream leaves open which.
        kept[order[:each]] = True
        bounds.append(float(ranked[order[each]]))
    reasons = np.where(kept, "lowest score of its rank", "score above its rank's limit").astype(object)
    return Choice(kept, strata, score, reasons, bounds, _warnings(kept, score, fraction, each))


def upstream_candidates(rows: Rows, distances: np.ndarray, counts: np.ndarray) -> Candidates:
    """Return the float16 sums in the units of the exact ones, so that one scores.tsv fits all methods; no row is barred."""
    labelled = counts.sum(axis=1)
    total = distances.sum(axis=1)
    broken = ~np.isfinite(total)
    units = np.where(broken, 0, total * ONE).astype(np.int64)
    scores = RowScores(counts, np.stack([units, labelled, broken], axis=1), None)
    return Candidates(rows, scores, np.zeros(len(counts), np.int64))


def _warnings(kept: np.ndarray, score: np.ndarray, fraction: np.ndarray, each: int) -> list[str]:
    found = []
    broken = int((~np.isfinite(score) & ~np.isnan(fraction)).sum())
    if broken:
        used = int((~np.isfinite(score) & kept).sum())
        found.append(
            f"{broken} rows have probabilities that are not numbers; upstream's method ranks them last, and kept {used}."
        )
    unlabelled = int(np.isnan(fraction).sum())
    if unlabelled:
        found.append(f"{unlabelled} rows without labels: upstream's method then ranks all rows as one stratum.")
    if each == 0:
        found.append("The target is smaller than the number of ranks: upstream's method keeps nothing.")
    return found

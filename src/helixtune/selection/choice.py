"""What a selection method hands over, and what it is given."""

from dataclasses import dataclass, field

import numpy as np

from helixtune.selection.scores import INELIGIBLE, RowScores
from helixtune.subsequences import Rows


@dataclass(frozen=True)
class Candidates:
    """All that is known about the rows of the training file.

    Attributes:
        rows: which bases they hold.
        scores: their sums.
        barred: (n,) 0, or the position in `INELIGIBLE` of what forbids the row.
    """

    rows: Rows
    scores: RowScores
    barred: np.ndarray

    @property
    def eligible(self) -> np.ndarray:
        """(e,) numbers of the rows that may be chosen."""
        return np.flatnonzero(self.barred == 0)


def canonical_order(rows: Rows, numbers: np.ndarray, *keys: np.ndarray) -> np.ndarray:
    """Sort row numbers by the given keys (the first counts most), ties by species, seqid, start and strand.

    The order of rows in the file plays no part, so a file sorted otherwise gives the same selection.
    """
    chosen = rows[numbers]
    position = (chosen.strands, chosen.starts, chosen.seqids, chosen.species)
    return numbers[np.lexsort((*position, *reversed(keys)))]


@dataclass
class Choice:
    """What was chosen and why.

    Attributes:
        kept: (n,) bool.
        strata: (n,) int64, NO_STRATUM for rows that took no part.
        discrepancy: (n,) float64, the figure by which rows were ranked.
        reasons: (n,) a phrase for every row.
        limits: per stratum, the discrepancy of the best row not taken; None where all were.
        warnings: sentences for the user.
    """

    kept: np.ndarray
    strata: np.ndarray
    discrepancy: np.ndarray
    reasons: np.ndarray
    limits: list[float | None]
    warnings: list[str] = field(default_factory=list)


def reasons_for(barred: np.ndarray, kept: np.ndarray, kept_phrase: str, left_phrase: str) -> np.ndarray:
    """Return a phrase for every row: why it is kept, why it was left, or what forbids it."""
    phrases = np.array(INELIGIBLE, dtype=object)[barred]
    return np.where(kept, kept_phrase, np.where(barred == 0, left_phrase, phrases))


def rows_wanted(n_rows: int, keep_fraction: float) -> int:
    """Return how many of `n_rows` a fraction is: rounded down, as upstream does, but at least one."""
    return max(1, int(n_rows * keep_fraction + 1e-9)) if n_rows else 0  # 1e-9: 0.29 * 100 = 28.999999999999996


def within_bases(order: np.ndarray, valid_bp: np.ndarray, max_bases: float) -> int:
    """Return how many rows, taken in the given order, fit under a cap of bases."""
    return int(np.searchsorted(np.cumsum(valid_bp[order]), max_bases, side="right"))

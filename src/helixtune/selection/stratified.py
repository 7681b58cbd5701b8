"""The default method: the most confident rows of each stratum of intergenic fraction, an equal budget for each stratum."""

import numpy as np

from helixtune.selection.choice import Candidates, Choice, canonical_order, reasons_for, rows_wanted, within_bases
from helixtune.selection.settings import SelectionSettings
from helixtune.selection.strata import NO_STRATUM, assign_strata, dealing_order, limits


def select_stratified(candidates: Candidates, settings: SelectionSettings) -> Choice:
    """Choose rows by discrepancy within strata.

    The result depends neither on the order of the rows nor on block sizes, and a larger `keep_fraction` or `max_bases`
    keeps all that a smaller one keeps.
    """
    n_rows = len(candidates.rows)
    numbers = candidates.eligible
    strata = np.full(n_rows, NO_STRATUM, dtype=np.int64)
    discrepancy = candidates.scores.discrepancy
    if not len(numbers):
        kept = np.zeros(n_rows, bool)
        return Choice(kept, strata, discrepancy, reasons_for(candidates.barred, kept, "", ""), [])
    strata[numbers] = assign_strata(candidates.scores.intergenic_fraction[numbers], settings.strata)
    order = dealt_rows(candidates, numbers, strata)
    wanted = rows_wanted(len(numbers), settings.keep_fraction)
    fitting = within_bases(order, candidates.rows.valid_lengths, settings.max_bases)
    kept = np.zeros(n_rows, bool)
    kept[order[: min(wanted, fitting)]] = True
    reasons = reasons_for(
        candidates.barred, kept, "most confident of its stratum", "others of its stratum more confident"
    )
    reasons[order[fitting:wanted]] = "over the cap of bases"
    bounds = limits(discrepancy, strata, kept, int(strata.max()) + 1)
    warnings = []
    if fitting < wanted:
        warnings.append(f"--max-bases keeps {fitting:,} subsequences where --keep-fraction allows {wanted:,}.")
    return Choice(kept, strata, discrepancy, reasons, bounds, warnings)


def dealt_rows(candidates: Candidates, numbers: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return row numbers in the order in which they are taken: strata in turn, each from its most confident row on."""
    by_confidence = canonical_order(candidates.rows, numbers, strata[numbers], candidates.scores.discrepancy[numbers])
    sizes = np.bincount(strata[numbers])
    turns = dealing_order(sizes)
    # The j-th turn of a stratum takes its j-th row; rows of one stratum follow one another in `by_confidence`.
    order = np.empty(len(numbers), dtype=np.int64)
    order[np.argsort(turns, kind="stable")] = by_confidence
    return order

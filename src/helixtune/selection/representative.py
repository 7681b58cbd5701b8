"""Choose confident rows that together look like the whole genome.

Rows are taken one after another. Each time, the row is taken that pulls the composition of those taken back to the genome's,
minus what its discrepancy costs (drift plus penalty: Neely, "Stochastic Network Optimization", 2010, chapter 4). The
weight of the cost grows with the square root of the rows taken, as the deviation of a random draw does: the selection is
about as close to the genome as a random draw of that size, and as confident as that allows.
"""

import numpy as np

from helixtune.selection.choice import Candidates, Choice, canonical_order, reasons_for
from helixtune.selection.composition import Features
from helixtune.selection.settings import SelectionSettings
from helixtune.selection.strata import NO_STRATUM, assign_strata, limits

# How much confidence counts against likeness. On 3 real and 3 simulated genomes (benchmarks/representativeness.py) 0 to 2
# give sets closer to the genome than random draws; 5 gives none that are closer and hardly more confident ones than 2.
CONFIDENCE_WEIGHT = 2.0
# With more rows than this, several are taken at a time: the deviations of 100,000 rows take 5 ms to go through.
ROWS_PER_PICK = 20_000


def select_representative(
    candidates: Candidates, features: Features, strata: np.ndarray, settings: SelectionSettings
) -> Choice:
    """Choose rows by likeness and discrepancy of classes and phases.

    The result depends neither on the order of the rows nor on block sizes, and a larger budget keeps all that a smaller
    one keeps.
    """
    n_rows = len(candidates.rows)
    kept = np.zeros(n_rows, bool)
    numbers = canonical_order(candidates.rows, candidates.eligible)
    ranking = candidates.scores.discrepancy + np.nan_to_num(candidates.scores.phase_discrepancy)
    strata = np.where(candidates.barred == 0, strata, NO_STRATUM)
    if not len(numbers):
        return Choice(kept, strata, ranking, reasons_for(candidates.barred, kept, "", ""), [])
    valid_bp = candidates.rows.valid_lengths[numbers]
    budget_bp = settings.keep_fraction * valid_bp.sum() * (1 + 1e-9)
    capped_bp = min(budget_bp, settings.max_bases)
    ranks = ranks_within(ranking[numbers], strata[numbers])
    taken = numbers[take_until(features.deviations[numbers], ranks, valid_bp, capped_bp)]
    kept[taken] = True
    warnings = []
    if capped_bp < budget_bp:
        warnings.append(
            f"--max-bases keeps {settings.max_bases:,.0f} bases where --keep-fraction allows {budget_bp:,.0f}."
        )
    reasons = reasons_for(
        candidates.barred, kept, "confident and typical", "others fit the genome or the network better"
    )
    bounds = limits(ranking, strata, kept, int(strata.max()) + 1)
    facts = {"distance_from_genome": distance_from_genome(features, kept, candidates.rows.valid_lengths)}
    return Choice(kept, strata, ranking, reasons, bounds, warnings, facts)


def ranks_within(values: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return (n,) the rank of each value in its stratum, 0 (lowest) to 1; equal values have equal ranks."""
    ranks = np.zeros(len(values))
    for stratum in np.unique(strata):
        mine = np.flatnonzero(strata == stratum)
        _, place, counts = np.unique(values[mine], return_inverse=True, return_counts=True)
        ranks[mine] = (np.cumsum(counts) - (counts + 1) / 2)[place] / max(len(mine) - 1, 1)
    return ranks


def take_until(deviations: np.ndarray, ranks: np.ndarray, valid_bp: np.ndarray, budget_bp: float) -> np.ndarray:
    """Return the positions of the rows taken, in order, until the next one would not fit the budget of bases.

    Args:
        deviations: (n, d) per base.
        ranks: (n,) 0 to 1, low = confident.
        valid_bp: (n,) bases.
        budget_bp: bases to take; the first row is always taken.
    """
    size = valid_bp / max(valid_bp.mean(), 1)
    own = 0.5 * size * (deviations.astype(np.float64) ** 2).sum(axis=1)
    cost = np.zeros(len(ranks))
    drift = np.zeros(deviations.shape[1])
    at_a_time = -(-len(ranks) // ROWS_PER_PICK)
    taken: list[int] = []
    taken_bp, open_rows = 0, len(ranks)
    blocked = np.zeros(len(ranks), bool)
    while open_rows:
        scale = np.sqrt(len(taken) + 1)
        cost[:] = (deviations @ drift.astype(np.float32) + own) / scale + CONFIDENCE_WEIGHT * ranks
        cost[blocked] = np.inf
        best = _lowest(cost, min(at_a_time, open_rows))
        for row in best:
            if taken and taken_bp + valid_bp[row] > budget_bp:
                return np.array(taken, dtype=np.int64)
            taken.append(int(row))
            taken_bp += int(valid_bp[row])
        blocked[best] = True
        drift += size[best] @ deviations[best]
        open_rows -= len(best)
    return np.array(taken, dtype=np.int64)


def _lowest(cost: np.ndarray, n: int) -> np.ndarray:
    """Return the positions of the n lowest costs, lowest first, ties by position."""
    if n == 1:
        return np.array([np.argmin(cost)])
    threshold = np.partition(cost, n - 1)[n - 1]
    found = np.flatnonzero(cost <= threshold)
    return found[np.argsort(cost[found], kind="stable")][:n]


def distance_from_genome(features: Features, kept: np.ndarray, valid_bp: np.ndarray) -> dict[str, float]:
    """Return, per group of features, the squared deviation of the rows kept over that of an average random draw (1)."""
    weights = valid_bp[kept].astype(np.float64)
    if not len(weights):
        return {}
    mean = weights @ features.deviations[kept] / weights.sum()
    random = (weights**2).sum() / weights.sum() ** 2 * (1 - kept.sum() / max((valid_bp > 0).sum(), 1))
    groups = np.array(features.groups)
    return {
        str(name): round(float((mean[groups == name] ** 2).sum() / max(random, 1e-12)), 3)
        for name in dict.fromkeys(groups)
    }


def genome_strata(intergenic_fraction: np.ndarray, n_strata: int) -> np.ndarray:
    """Return strata of all labelled rows, NO_STRATUM for the others."""
    labelled = ~np.isnan(intergenic_fraction)
    strata = np.full(len(labelled), NO_STRATUM, dtype=np.int64)
    strata[labelled] = assign_strata(intergenic_fraction[labelled], n_strata)
    return strata

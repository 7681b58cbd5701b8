"""Strata of intergenic fraction, and the order in which subsequences are dealt from them."""

import numpy as np

NO_STRATUM = -1


def assign_strata(intergenic_fraction: np.ndarray, n_strata: int) -> np.ndarray:
    """Put rows into strata of rising intergenic fraction.

    All-intergenic rows are one stratum (the last); quantiles over the others make the remaining ones. Upstream takes the
    quantiles over everything: where most rows are all-intergenic, they coincide and the strata collapse.

    Args:
        intergenic_fraction: (n,) 0 to 1.
        n_strata: at most so many; ties in the fraction make fewer.

    Returns:
        (n,) int64 stratum, counted from 0 without gaps.
    """
    all_intergenic = intergenic_fraction == 1
    others = intergenic_fraction[~all_intergenic]
    n_quantiles = max(1, n_strata - bool(all_intergenic.any()))
    strata = np.full(len(intergenic_fraction), n_quantiles, dtype=np.int64)
    if len(others):
        breaks = np.quantile(others, np.arange(1, n_quantiles) / n_quantiles)
        strata[~all_intergenic] = np.searchsorted(breaks, others)
    if n_strata == 1:
        strata[:] = 0
    return np.unique(strata, return_inverse=True)[1].astype(np.int64)


def dealing_order(sizes: np.ndarray) -> np.ndarray:
    """Say from which stratum the 1st, 2nd, 3rd … subsequence is taken.

    For every total, strata have an equal share; what a small stratum cannot give is spread over the others in proportion
    to what these have left. Because the order does not depend on the total, a larger selection contains any smaller one.

    Args:
        sizes: (s,) rows of each stratum.

    Returns:
        (sum of sizes,) int64 strata; each occurs as often as it has rows.
    """
    total = int(sizes.sum())
    # (total + 1, s) the exact share of each stratum when 0, 1, 2 … rows are taken; it never falls.
    shares = fair_shares(sizes, np.arange(total + 1))
    due, stratum = [], []
    for s, size in enumerate(sizes):
        # The j-th row of a stratum is due when its share passes j - 1/2 (rounding to the nearest).
        middles = np.arange(size) + 0.5
        due.append(np.interp(middles, shares[:, s], np.arange(total + 1)))
        stratum.append(np.full(size, s))
    due, stratum = np.concatenate(due), np.concatenate(stratum)
    return stratum[np.lexsort((stratum, -sizes[stratum], np.round(due, 6)))]


def fair_shares(sizes: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Return the exact shares of the strata: equal, shortfalls spread over the others by what they have left.

    Args:
        sizes: (s,) rows of each stratum.
        totals: (t,) rows to take altogether, at most the sum of sizes.

    Returns:
        (t, s) float64; every row adds up to its total.
    """
    equal = np.asarray(totals)[:, None] / len(sizes)
    left = np.maximum(sizes - equal, 0.0)
    shortfall = np.maximum(equal - sizes, 0.0).sum(axis=1, keepdims=True)
    all_left = left.sum(axis=1, keepdims=True)
    spread = np.divide(shortfall, all_left, out=np.zeros_like(shortfall), where=all_left > 0)
    return np.minimum(sizes, equal) + spread * left


def limits(discrepancy: np.ndarray, strata: np.ndarray, kept: np.ndarray, n_strata: int) -> list[float | None]:
    """Return, per stratum, the discrepancy of the best row that was not taken; None where all were."""
    found = []
    for s in range(n_strata):
        rest = discrepancy[(strata == s) & ~kept]
        found.append(float(rest.min()) if len(rest) else None)
    return found

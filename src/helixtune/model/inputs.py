"""What a network sees per base: four base channels, then normalised coverage of every BAM, then spliced coverage of every BAM."""

import numpy as np

from helixtune.errors import ParameterError, ShapeError

COVERAGE_NORMS = ("log", "linear")
# Largest finite float16. Upstream lets raw counts beyond it become infinite, and the prediction NaN.
_FLOAT16_MAX = float(np.finfo(np.float16).max)


def normalise_coverage(counts: np.ndarray, norm: str | None) -> np.ndarray:
    """Scale read counts as upstream's `--coverage-norm` does: log = ln(x + 1.1), linear = x / 100, None = as they are.

    Args:
        counts: integer counts of any shape, -1 where there is padding (log gives ln 0.1 there).
        norm: "log", "linear" or None.

    Returns:
        float16 array of the same shape; values beyond float16's range are cut to it.

    Raises:
        ParameterError: another norm.
    """
    if norm is not None and norm not in COVERAGE_NORMS:
        raise ParameterError(f"Coverage norm {norm!r} is not known: use log or linear.")
    values = counts.astype(np.float64)
    if norm == "log":
        values = np.log(np.maximum(values, -1.0) + 1.1)
    elif norm == "linear":
        values /= 100
    return np.clip(values, -_FLOAT16_MAX, _FLOAT16_MAX).astype(np.float16)


def network_input(
    bases: np.ndarray, coverage: np.ndarray | None = None, spliced: np.ndarray | None = None, norm: str | None = None
) -> np.ndarray:
    """Join bases and coverage to the network's input.

    Args:
        bases: (b, L, 4) C, A, T, G.
        coverage: (b, L, C) read counts in the same rows and register, or None for a network without coverage.
        spliced: (b, L, C) counts of reads spliced over the base.
        norm: see `normalise_coverage`.

    Returns:
        (b, L, 4 + 2C) float16; the bases themselves when there is no coverage.

    Raises:
        ShapeError: the arrays do not belong together.
    """
    if coverage is None or spliced is None:
        return bases
    if coverage.shape != spliced.shape or coverage.shape[:2] != bases.shape[:2]:
        raise ShapeError(
            f"Bases {bases.shape}, coverage {coverage.shape} and spliced coverage {spliced.shape} differ in rows, length or "
            "number of BAMs: add coverage to this file again."
        )
    parts = (bases, normalise_coverage(coverage, norm), normalise_coverage(spliced, norm))
    return np.concatenate([part.astype(np.float16, copy=False) for part in parts], axis=-1)

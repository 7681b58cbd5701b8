"""How long introns are: a smoothed histogram up to a longest explicit length, and a geometric tail."""

import numpy as np

# Kernel: share of an intron's length that its neighbours' counts are spread over, and the least of it.
SPREAD = 0.06
LEAST_SPREAD_BP = 1.0
# Explicit lengths hold this share of all introns, within these limits.
EXPLICIT_SHARE = 0.985
LONGEST_EXPLICIT_BP = 1200
SHORTEST_EXPLICIT_BP = 200
# Weight of a broad distribution (1 / length) beside what was seen.
BROAD_SHARE = 0.02


def generic_lengths(shortest_bp: int, longest_bp: int = LONGEST_EXPLICIT_BP) -> tuple[np.ndarray, float]:
    """Return bits of each length and of each further base: every order of magnitude is as likely as any other, up to 100 kb."""
    lengths = np.arange(longest_bp + 1)
    scores = np.full(longest_bp + 1, -np.inf)
    scores[shortest_bp:] = -np.log2(lengths[shortest_bp:] * np.log(100_000 / shortest_bp))
    return scores, 1.0 / longest_bp / np.log(2)


def learned_lengths(introns_bp: np.ndarray, shortest_bp: int) -> tuple[np.ndarray, float]:
    """Return bits of each explicit length and of each further base.

    Args:
        introns_bp: (i,) lengths, at least one.
        shortest_bp: no intron is shorter.
    """
    longest_bp = int(np.clip(np.quantile(introns_bp, EXPLICIT_SHARE) * 1.2, SHORTEST_EXPLICIT_BP, LONGEST_EXPLICIT_BP))
    grid = np.arange(longest_bp + 1, dtype=float)
    counts = np.bincount(np.minimum(introns_bp, longest_bp + 1), minlength=longest_bp + 2)
    density = np.zeros(longest_bp + 1)
    for length in np.flatnonzero(counts[:-1]):
        kernel = np.exp(-0.5 * ((grid - length) / max(LEAST_SPREAD_BP, SPREAD * length)) ** 2)
        density += counts[length] * kernel / kernel.sum()
    broad = np.where(grid < shortest_bp, 0, 1 / np.maximum(grid, 1))
    density[:shortest_bp] = 0
    density = density / max(density.sum(), 1e-9) + BROAD_SHARE * broad / broad.sum()
    beyond = introns_bp[introns_bp > longest_bp] - longest_bp
    share_beyond = min((len(beyond) + 1) / (len(introns_bp) + 2), 0.5)
    mean_excess_bp = max(float(beyond.mean()) if len(beyond) else longest_bp, 50.0)
    with np.errstate(divide="ignore"):
        scores = np.log2(density / density.sum() * (1 - share_beyond))
    # the first base beyond costs what makes the tail's sum the share beyond
    scores[longest_bp] = max(scores[longest_bp], np.log2(share_beyond / mean_excess_bp))
    return scores, 1.0 / mean_excess_bp / np.log(2)

"""What a base costs in every class, what it costs to demand a certain base, and what a donor stretch costs.

Costs are penalties in bits (-log2 of probabilities), in double precision. The order of every sum is the reference's:
steps are truncated to millionths of a bit, so another order could flip a tie.
"""

import math

import numpy as np

from helixtune.compiled import compiled

# Reference's constants: smallest probability, and how much of a codon position's probability the phase may decide.
FLOOR = 1e-9
FLOOR_COST = -math.log2(FLOOR)
PHASE_SHARE = 0.2
# A step is an integer number of millionths of a bit.
UNITS = 1_000_000.0
# Integer cost of what cannot be: far above any path's cost, and a sum of several still fits 64 bits.
IMPOSSIBLE = 1 << 60
IMPOSSIBLE_BITS = 1e11
# Weight of a bit of mismatch in a start, stop or ordinary codon.
CODON_WEIGHT = 1000.0
# Positions summed at a time in `fill_donor_steps`: sums and emissions stay in the first-level cache.
_BLOCK = 512


@compiled
def _cost(probability):
    if probability > FLOOR:  # false for NaN, which becomes the floor
        return -math.log2(probability)
    return FLOOR_COST


@compiled
def emission_costs(class_probs, phase_probs, absolute_middle):
    """Return what each base costs in each emission column of states.py.

    Args:
        class_probs: (n, 4) float32, columns intergenic, UTR, CDS, intron.
        phase_probs: (n, 4) float32, columns none, phase 0, 1, 2.
        absolute_middle: the last column holds the absolute cost (upstream) or the relative one.

    Returns:
        (n, 7) float64.
    """
    n = len(class_probs)
    costs = np.empty((n, 7))
    for i in range(n):
        coding = np.float64(class_probs[i, 2])
        h1, h2, h3 = np.float64(phase_probs[i, 1]), np.float64(phase_probs[i, 2]), np.float64(phase_probs[i, 3])
        total = (h1 + h2) + h3
        if total > 0:
            k = coding / total
            q1, q2, q3 = h1 * k, h2 * k, h3 * k
        else:
            q1 = q2 = q3 = coding / 3
        rest = coding * (1.0 - PHASE_SHARE)
        intergenic = _cost(np.float64(class_probs[i, 0]))
        utr = _cost(np.float64(class_probs[i, 1]))
        first = _cost(q1 * PHASE_SHARE + rest)
        third = _cost(q2 * PHASE_SHARE + rest)
        second = _cost(q3 * PHASE_SHARE + rest)
        intron = _cost(np.float64(class_probs[i, 3]))
        best = min(min(min(intergenic, utr), min(first, third)), min(second, intron))
        costs[i, 0] = intergenic - best
        costs[i, 1] = utr - best
        costs[i, 2] = first - best
        costs[i, 3] = third - best
        costs[i, 4] = second - best
        costs[i, 5] = intron - best
        costs[i, 6] = second if absolute_middle else second - best
    return costs


@compiled
def base_costs(bases):
    """Return (n, 4) float64: the cost of demanding C, A, T or G, from (n, 4) float32 shares in that order."""
    n = len(bases)
    costs = np.empty((n, 4))
    for i in range(n):
        for j in range(4):
            share = bases[i, j]
            costs[i, j] = 0.0 if share == 1.0 else _cost(np.float64(share))
        best = min(min(costs[i, 0], costs[i, 1]), min(costs[i, 2], costs[i, 3]))
        for j in range(4):
            costs[i, j] -= best
    return costs


@compiled
def donor_entries(base_costs, splice_weight, gcag_penalty, atac_penalty):
    """Return what opening a GT-AG, GC-AG or AT-AC intron costs before each base, without its emissions.

    Args:
        base_costs: (n, 4) bits for C, A, T, G.
        splice_weight, gcag_penalty, atac_penalty: see states.Rules.

    Returns:
        (3, n) float64 bits; infinity where the donor would leave the stretch.
    """
    n = len(base_costs)
    entries = np.full((3, n), np.inf)
    for i in range(n - 1):
        entries[0, i] = (base_costs[i, 3] + base_costs[i + 1, 2]) * splice_weight
    for i in range(2, n - 1):  # the reference asks for two bases before a GC donor although it looks at one
        gc = (base_costs[i - 1, 3] + base_costs[i, 3]) + base_costs[i + 1, 0]
        entries[1, i] = gc * splice_weight + gcag_penalty
    for i in range(n - 6):
        at = base_costs[i, 1] + base_costs[i + 1, 2] + base_costs[i + 2, 1] + base_costs[i + 3, 2]
        entries[2, i] = (
            at + base_costs[i + 4, 0] + base_costs[i + 5, 0] + base_costs[i + 6, 2]
        ) * splice_weight + atac_penalty
    return entries


@compiled
def fill_donor_steps(entry, emissions, length_bp, steps):
    """Fill the integer cost of a whole donor stretch that begins at each base; IMPOSSIBLE where it does not fit.

    Args:
        entry: (m,) bits for opening it at each base (`donor_entries`).
        emissions: (n, 7) bits, n >= m: the same bases and those that donors reach into.
        length_bp: bases of the stretch.
        steps: (m,) int64 to fill.
    """
    intron = emissions[:, 5].copy()
    fitting = max(0, min(len(entry), len(intron) - length_bp + 1))
    steps[fitting:] = IMPOSSIBLE
    sums = np.empty(_BLOCK)
    for begin in range(0, fitting, _BLOCK):
        width = min(_BLOCK, fitting - begin)
        sums[:width] = entry[begin : begin + width]
        for d in range(length_bp):  # base by base for all donors of the block: the reference's order, many at once
            emitted = intron[begin + d : begin + d + width]
            for j in range(width):
                sums[j] += emitted[j]
        for j in range(width):
            steps[begin + j] = np.int64(sums[j] * UNITS) if sums[j] < IMPOSSIBLE_BITS else IMPOSSIBLE

"""The cheapest path of a region through the state model: a dynamic programme over positions in exact integers.

Costs live at the borders between bases: border i lies before base i, border n behind the last. Intron bodies are kept
as `cost - (sum of intron steps so far)`, which staying in the body does not change; so a body's back-pointer is one bit
a border, set where a newly ended donor stretch beats what the body held. A second bit says that both were equal.
"""

from typing import NamedTuple

import numpy as np

from helixtune.compiled import compiled
from helixtune.gene_calling.emissions import CODON_WEIGHT, IMPOSSIBLE, UNITS
from helixtune.gene_calling.states import FAMILIES, Tables

N_FAMILIES = len(FAMILIES)
# Back-pointer byte: which edge; out of an intron (U2, U12) or plain; whether another predecessor was as good.
EDGE = np.uint8(15)
FROM_U2 = np.uint8(16)
FROM_U12 = np.uint8(32)
TIED = np.uint8(128)
# A step out of an intron is at least the sum of its truncated parts, but for rounding: this many units are safe.
_SLACK = 2


class BackPointers(NamedTuple):
    """How every state at every border of a block of bases was reached.

    Attributes:
        first: border of the region before the block's first base.
        edges: (n + 1, S) uint8: edge within the state's list and where it comes from, see `EDGE` to `TIED`.
        changed: (n + 1,) uint32; bit b < 20: intron body b begins here; bit 20 + f: family f was opened by its second state.
        tied: (n + 1,) uint32; the same bits: both possibilities were equally good. At the block's first border states and
            bodies are those of the block before, at its last border openers are those of the next.
    """

    first: int
    edges: np.ndarray
    changed: np.ndarray
    tied: np.ndarray


class Frontier(NamedTuple):
    """Costs at the current border, carried from one stretch of the region to the next.

    Attributes:
        cost: (S,) of the primary states.
        body: (20,) of the intron bodies, less `spent`.
        spent: (1,) sum of intron steps over the bases before the border.
        opened: (R, 10) cost of having opened each family's intron at the last R borders, R a power of two.
        donors: (R, 2) what a U2 and U12 donor stretch from those borders costs.
    """

    cost: np.ndarray
    body: np.ndarray
    spent: np.ndarray
    opened: np.ndarray
    donors: np.ndarray


class _Steps(NamedTuple):
    """What the steps onto one base cost."""

    demands: np.ndarray  # (8,) bits for each of states.DEMANDS
    demand: np.ndarray  # (K,) bits
    emission: np.ndarray  # (K,) bits
    cost: np.ndarray  # (K,) int64 without an acceptor
    acceptor: np.ndarray  # (2,) bits for AG and AC before the base
    leaving: np.ndarray  # (10,) int64: no intron of this family can be left for less


def empty_back_pointers(first: int, end: int, tables: Tables) -> BackPointers:
    """Allocate back-pointers from one border to another (21 bytes a base with upstream's tables, 45 with the improved)."""
    n = end - first
    edges = np.zeros((n + 1, len(tables.labels)), np.uint8)
    return BackPointers(first, edges, np.zeros(n + 1, np.uint32), np.zeros(n + 1, np.uint32))


def first_frontier(tables: Tables) -> Frontier:
    """Return the costs before the first base: everything but intergenic is impossible."""
    cost = np.full(len(tables.labels), IMPOSSIBLE, np.int64)
    cost[0] = 0
    borders = 1 << int(tables.donor_bp.max()).bit_length()
    return Frontier(
        cost,
        np.full(2 * N_FAMILIES, IMPOSSIBLE, np.int64),
        np.zeros(1, np.int64),
        np.full((borders, N_FAMILIES), IMPOSSIBLE, np.int64),
        np.full((borders, 2), IMPOSSIBLE, np.int64),
    )


@compiled
def fill_demands(base_costs, i, demands):
    """Fill the cost of demanding each set of states.DEMANDS at base i."""
    c = CODON_WEIGHT * base_costs[i, 0]
    a = CODON_WEIGHT * base_costs[i, 1]
    t = CODON_WEIGHT * base_costs[i, 2]
    g = CODON_WEIGHT * base_costs[i, 3]
    demands[0] = 0.0
    demands[1] = a
    demands[2] = t
    demands[3] = g
    demands[4] = min(a, g)
    demands[5] = min(c, t)
    demands[6] = min(min(a, g), c)
    demands[7] = min(min(c, t), g)


@compiled
def units(bits):
    """Truncate bits to millionths; what is negative (a probability above 1) costs nothing, as in the reference."""
    return np.int64(max(bits * UNITS, 0.0))


@compiled
def _open_families(border, tables, front, back):
    """Note the cheapest way to open an intron of each family at this border; no branches, they would be guessed wrong."""
    row = border & (len(front.opened) - 1)
    changed = np.uint32(0)
    tied = np.uint32(0)
    for f in range(N_FAMILIES):
        first = front.cost[tables.opener[f, 0]]
        second = front.cost[tables.opener[f, 1]]
        changed |= np.uint32(second < first) << np.uint32(f)
        tied |= np.uint32(second == first) << np.uint32(f)
        front.opened[row, f] = min(first, second)
    back.changed[border - back.first] |= changed << np.uint32(2 * N_FAMILIES)
    back.tied[border - back.first] |= (tied & tables.two_openers) << np.uint32(2 * N_FAMILIES)


@compiled
def _extend_bodies(border, kind, donor_bp, front, back):
    """Let donor stretches that end at this border enter their bodies: they are bodies from the next border on."""
    begin = border - donor_bp
    if begin < 0:
        return
    row = begin & (len(front.opened) - 1)
    step = front.donors[row, kind] - front.spent[0]
    first = kind * N_FAMILIES
    changed = np.uint32(0)
    tied = np.uint32(0)
    for f in range(N_FAMILIES):
        candidate = front.opened[row, f] + step
        held = front.body[first + f]
        changed |= np.uint32(candidate < held) << np.uint32(f)
        tied |= np.uint32(candidate == held) << np.uint32(f)
        front.body[first + f] = min(candidate, held)
    back.changed[border + 1 - back.first] |= changed << np.uint32(first)
    back.tied[border + 1 - back.first] |= tied << np.uint32(first)


@compiled
def _price_steps(i, emissions, base_costs, tables, steps):
    """Fill demand, emission and integer cost of every kind of step onto base i."""
    fill_demands(base_costs, i, steps.demands)
    for k in range(len(steps.cost)):
        steps.demand[k] = steps.demands[tables.step_demand[k]]
        steps.emission[k] = emissions[i, tables.step_emission[k]]
    for k in range(len(steps.cost)):
        steps.cost[k] = units(steps.demand[k] + steps.emission[k])


@compiled
def _price_exits(i, base_costs, tables, front, steps):
    """Fill the acceptors' costs before base i, and the least that leaving each family's introns can cost."""
    if i >= 2:
        steps.acceptor[0] = tables.splice_weight * (base_costs[i - 2, 1] + base_costs[i - 1, 3])
        steps.acceptor[1] = tables.splice_weight * (base_costs[i - 2, 1] + base_costs[i - 1, 0])
    least_u2 = units(steps.acceptor[0]) + front.spent[0] - _SLACK
    least_u12 = units(steps.acceptor[1]) + front.spent[0] - _SLACK
    for f in range(N_FAMILIES):
        steps.leaving[f] = min(front.body[f] + least_u2, front.body[N_FAMILIES + f] + least_u12)


@compiled
def _enter(s, tables, front, steps):
    """Return cost and back-pointer of primary state s behind the next base: the cheapest predecessor, of equal ones the one
    that was cheaper itself."""
    best = np.int64(4 * IMPOSSIBLE - 1)
    best_own = best
    pointer = np.uint8(0)
    first = tables.first_plain[s]
    for e in range(first, tables.first_plain[s + 1]):
        own = front.cost[tables.plain_source[e]]
        total = own + steps.cost[tables.plain_step[e]]
        if total < best or (total == best and own < best_own):
            best, best_own, pointer = total, own, np.uint8(e - first)
        elif total == best and own == best_own:
            pointer |= TIED
    first = tables.first_exit[s]
    for e in range(first, tables.first_exit[s + 1]):
        k = tables.exit_step[e]
        family = tables.exit_family[e]
        if steps.leaving[family] + steps.cost[k] > best:
            continue
        for kind in range(2):
            own = front.body[kind * N_FAMILIES + family] + front.spent[0]
            total = own + units((steps.acceptor[kind] + steps.demand[k]) + steps.emission[k])
            if total < best or (total == best and own < best_own):
                best, best_own, pointer = total, own, np.uint8(e - first) | (FROM_U12 if kind else FROM_U2)
            elif total == best and own == best_own:
                pointer |= TIED
    return best, pointer


@compiled
def advance(border, emissions, base_costs, donors, skip, tables, front, back):
    """Carry the costs over the bases of one stretch and fill its back-pointers.

    Args:
        border: border of the region at which the stretch begins.
        emissions: (m, 7) bits; base_costs: (m, 4) bits: `skip` bases before the stretch, the stretch, what donors reach into.
        donors: (d, 2) integer cost of U2 and U12 donor stretches that begin at each base of the stretch.
        skip: rows of the arrays that lie before the stretch (0 at the region's start, else 2: acceptors look back).
        tables, front, back: state model, costs so far, back-pointers; the last two are changed.
    """
    n_steps = len(tables.step_demand)
    steps = _Steps(
        np.zeros(8),
        np.empty(n_steps),
        np.empty(n_steps),
        np.empty(n_steps, np.int64),
        np.zeros(2),
        np.empty(N_FAMILIES, np.int64),
    )
    after = np.empty(len(tables.labels), np.int64)
    for j in range(len(donors)):
        front.donors[border & (len(front.opened) - 1)] = donors[j]
        _open_families(border, tables, front, back)
        _price_steps(skip + j, emissions, base_costs, tables, steps)
        _price_exits(skip + j, base_costs, tables, front, steps)
        for s in range(len(after)):
            after[s], back.edges[border + 1 - back.first, s] = _enter(s, tables, front, steps)
        _extend_bodies(border, 0, tables.donor_bp[0], front, back)
        _extend_bodies(border, 1, tables.donor_bp[1], front, back)
        front.spent[0] += units(emissions[skip + j, 5])
        front.cost[:] = after
        border += 1

"""The cheapest path of a region through the state model: a dynamic programme over positions in exact integers.

Costs live at the borders between bases: border i lies before base i, border n behind the last. Intron bodies are kept
as `cost - (sum of intron steps so far)`, which staying in the body does not change; so a body's back-pointer is one bit
a border, set where a newly ended donor stretch beats what the body held. A second bit says that both were equal.
"""

from typing import NamedTuple

import numpy as np

from helixtune.gene_calling.compiled import compiled
from helixtune.gene_calling.emissions import CODON_WEIGHT, IMPOSSIBLE, UNITS
from helixtune.gene_calling.states import FAMILIES, INTRON, Tables

N_FAMILIES = len(FAMILIES)
# Back-pointer byte: which edge; out of an intron (U2, U12) or plain; whether another predecessor was as good.
_EDGE = np.uint8(15)
_FROM_U2 = np.uint8(16)
_FROM_U12 = np.uint8(32)
_TIED = np.uint8(128)
# A step out of an intron is at least the sum of its truncated parts, but for rounding: this many units are safe.
_SLACK = 2


class BackPointers(NamedTuple):
    """How every state at every border was reached.

    Attributes:
        edges: (n + 1, S) uint8: edge within the state's list and where it comes from, see `_EDGE` to `_TIED`.
        changed: (n + 1,) uint32; bit b < 20: intron body b begins here; bit 20 + f: family f was opened by its second state.
        tied: (n + 1,) uint32; the same bits: both possibilities were equally good.
    """

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


def empty_back_pointers(n: int, tables: Tables) -> BackPointers:
    """Allocate back-pointers for a region of `n` bases (21 bytes a base with the upstream tables)."""
    edges = np.zeros((n + 1, len(tables.labels)), np.uint8)
    return BackPointers(edges, np.zeros(n + 1, np.uint32), np.zeros(n + 1, np.uint32))


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
    back.changed[border] |= changed << np.uint32(2 * N_FAMILIES)
    back.tied[border] |= (tied & tables.two_openers) << np.uint32(2 * N_FAMILIES)


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
    back.changed[border + 1] |= changed << np.uint32(first)
    back.tied[border + 1] |= tied << np.uint32(first)


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
    n_states = len(tables.labels)
    n_steps = len(tables.step_demand)
    after = np.empty(n_states, np.int64)
    leaving = np.empty(N_FAMILIES, np.int64)
    demand = np.empty(n_steps)
    emission = np.empty(n_steps)
    step = np.empty(n_steps, np.int64)
    demands = np.zeros(8)
    mask = len(front.opened) - 1
    acceptor_u2, acceptor_u12 = 0.0, 0.0
    for j in range(len(donors)):
        i = skip + j
        front.donors[border & mask, 0] = donors[j, 0]
        front.donors[border & mask, 1] = donors[j, 1]
        _open_families(border, tables, front, back)
        fill_demands(base_costs, i, demands)
        for k in range(n_steps):
            demand[k] = demands[tables.step_demand[k]]
            emission[k] = emissions[i, tables.step_emission[k]]
        for k in range(n_steps):
            step[k] = units(demand[k] + emission[k])
        if i >= 2:
            acceptor_u2 = tables.splice_weight * (base_costs[i - 2, 1] + base_costs[i - 1, 3])
            acceptor_u12 = tables.splice_weight * (base_costs[i - 2, 1] + base_costs[i - 1, 0])
        spent = front.spent[0]
        least_u2 = units(acceptor_u2) + spent - _SLACK
        least_u12 = units(acceptor_u12) + spent - _SLACK
        for f in range(N_FAMILIES):
            leaving[f] = min(front.body[f] + least_u2, front.body[N_FAMILIES + f] + least_u12)
        for s in range(n_states):
            best = np.int64(4 * IMPOSSIBLE - 1)
            best_own = best
            pointer = np.uint8(0)
            first = tables.first_plain[s]
            for e in range(first, tables.first_plain[s + 1]):
                own = front.cost[tables.plain_source[e]]
                total = own + step[tables.plain_step[e]]
                if total < best or (total == best and own < best_own):
                    best, best_own, pointer = total, own, np.uint8(e - first)
                elif total == best and own == best_own:
                    pointer |= _TIED
            first = tables.first_exit[s]
            for e in range(first, tables.first_exit[s + 1]):
                k = tables.exit_step[e]
                family = tables.exit_family[e]
                if leaving[family] + step[k] > best:
                    continue
                own = front.body[family] + spent
                total = own + units((acceptor_u2 + demand[k]) + emission[k])
                if total < best or (total == best and own < best_own):
                    best, best_own, pointer = total, own, np.uint8(e - first) | _FROM_U2
                elif total == best and own == best_own:
                    pointer |= _TIED
                own = front.body[N_FAMILIES + family] + spent
                total = own + units((acceptor_u12 + demand[k]) + emission[k])
                if total < best or (total == best and own < best_own):
                    best, best_own, pointer = total, own, np.uint8(e - first) | _FROM_U12
                elif total == best and own == best_own:
                    pointer |= _TIED
            after[s] = best
            back.edges[border + 1, s] = pointer
        _extend_bodies(border, 0, tables.donor_bp[0], front, back)
        _extend_bodies(border, 1, tables.donor_bp[1], front, back)
        front.spent[0] = spent + units(emissions[i, 5])
        front.cost[:] = after
        border += 1


def final_costs(n: int, tables: Tables, front: Frontier) -> np.ndarray:
    """Return (S + 40,) int64 costs at border n: primary states, 20 intron bodies, 20 donor stretches that end there."""
    ending = np.full((2, N_FAMILIES), IMPOSSIBLE, np.int64)
    for kind, donor_bp in enumerate(tables.donor_bp.tolist()):
        if n >= donor_bp:
            row = (n - donor_bp) % len(front.opened)
            ending[kind] = front.opened[row] + front.donors[row, kind]
    return np.concatenate([front.cost, front.body + front.spent[0], ending.ravel()])


@compiled
def trace_labels(final, tables, back):
    """Follow the back-pointers from the cheapest state at the region's end.

    Returns:
        (labels, ambiguous): (n,) uint8 label of every base, and whether a tie decided the path.
    """
    n_states = len(tables.labels)
    end = len(back.changed) - 1
    labels = np.zeros(end, np.uint8)
    state = np.int64(np.argmin(final))
    ambiguous = np.sum(final == final[state]) > 1
    while end > 0:
        if state < n_states:
            labels[end - 1] = tables.labels[state]
            pointer = back.edges[end, state]
            ambiguous |= (pointer & _TIED) != 0
            edge = pointer & _EDGE
            if pointer & (_FROM_U2 | _FROM_U12):
                family = np.int64(tables.exit_family[tables.first_exit[state] + edge])
                state = n_states + family + (N_FAMILIES if pointer & _FROM_U12 else 0)
            else:
                state = np.int64(tables.plain_source[tables.first_plain[state] + edge])
            end -= 1
            continue
        intron = state - n_states
        begin = end
        if intron < 2 * N_FAMILIES:
            bit = np.uint32(1) << np.uint32(intron)
            while True:
                ambiguous |= (back.tied[begin] & bit) != 0
                begin -= 1
                if back.changed[begin + 1] & bit:
                    break
        begin -= tables.donor_bp[(intron // N_FAMILIES) % 2]
        labels[begin:end] = INTRON
        family = intron % N_FAMILIES
        bit = np.uint32(1) << np.uint32(2 * N_FAMILIES + family)
        ambiguous |= (back.tied[begin] & bit) != 0
        state = np.int64(tables.opener[family, 1 if back.changed[begin] & bit else 0])
        end = begin
    return labels, ambiguous

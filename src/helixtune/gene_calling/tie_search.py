"""The reference's own search order, for regions where a tie decides the path.

A cheapest-first search whose binary heap leaves equal keys in an order of its own: which of two equally good paths is
found first depends on everything in the heap, so the heap is reproduced move by move. Slower than search.py by a factor
of ten to two hundred; used only where search.py reports a tie that matters.
"""

from typing import NamedTuple

import numpy as np

from helixtune.compiled import compiled
from helixtune.gene_calling.emissions import IMPOSSIBLE
from helixtune.gene_calling.search import fill_demands, units
from helixtune.gene_calling.states import (
    FAMILIES,
    FAMILY_OF,
    INTRON,
    PRIMARY,
    SUCCESSORS,
    Rules,
    body_successors,
    steps_between,
)

# Intron states keep their kind apart here: 13 primary states, then donor and body states of family f and kind k.
# How a state is entered: from a primary state, out of an intron by its acceptor, as donor, or staying in an intron.
PLAIN, OUT_OF_U2, OUT_OF_U12, INTO_DONOR, STAY = range(5)
N_KINDS = 3
_FIRST_DONOR = len(PRIMARY)
_FIRST_BODY = _FIRST_DONOR + N_KINDS * len(FAMILIES)
N_STATES = _FIRST_BODY + N_KINDS * len(FAMILIES)
_ACCEPTOR_OF_KIND = (OUT_OF_U2, OUT_OF_U2, OUT_OF_U12)
# About 650 bytes a base (8 for each state, 9 for each of about six heap entries): 1.3 GB.
LARGEST_BP = 2_000_000
# No step costs more: a codon base (1000 * 29.9 bits), an acceptor and an emission.
_LARGEST_STEP = 1 << 36


class SearchTables(NamedTuple):
    """Successors of each of the 73 states in the reference's order."""

    first: np.ndarray  # (74,)
    target: np.ndarray  # state
    kind: np.ndarray  # PLAIN, OUT_OF_U2, OUT_OF_U12, INTO_DONOR, STAY
    demand: np.ndarray  # index into states.DEMANDS
    emission: np.ndarray  # column of the emission table
    length: np.ndarray  # (73,) bases that each state emits
    labels: np.ndarray  # (73,)


def build_search_tables(rules: Rules) -> SearchTables:
    """Lay the successors out in the order in which the reference generates them."""
    number = {name: i for i, name in enumerate(PRIMARY)}
    steps = steps_between()
    lists: list[list[tuple[int, int, int, int]]] = []
    for name, targets in SUCCESSORS.items():
        successors = [(number[target], PLAIN, *steps[name, target]) for target in targets]
        if name in FAMILY_OF:
            donor = _FIRST_DONOR + N_KINDS * FAMILIES.index(FAMILY_OF[name])
            successors += [(donor + kind, INTO_DONOR, 0, 0) for kind in range(N_KINDS)]
        lists.append(successors)
    n_intron = N_KINDS * len(FAMILIES)
    lists += [[(_FIRST_BODY + i, STAY, 0, 0)] for i in range(n_intron)]
    for i in range(n_intron):
        family, acceptor = FAMILIES[i // N_KINDS], _ACCEPTOR_OF_KIND[i % N_KINDS]
        out = [(number[target], acceptor, *steps[family, target]) for target in body_successors(family)]
        lists.append([(_FIRST_BODY + i, STAY, 0, 0), *out])
    flat = np.array([successor for successors in lists for successor in successors], np.int64)
    donor_bp = [rules.donor_u2_bp, rules.donor_u2_bp, rules.donor_u12_bp] * len(FAMILIES)
    return SearchTables(
        np.cumsum([0, *(len(successors) for successors in lists)]),
        *(np.ascontiguousarray(column) for column in flat.T),
        np.array([1] * len(PRIMARY) + donor_bp + [1] * n_intron, np.int64),
        np.array([label for label, _, _ in PRIMARY.values()] + [INTRON] * (2 * n_intron), np.uint8),
    )


@compiled
def _sift_up(keys, states, k):
    """Move entry k up to its place; an equal key stays below."""
    key, state = keys[k], states[k]
    one = np.uint64(1)  # unsigned: no check for negative indices
    k = np.uint64(k)
    while k > np.uint64(0):
        parent = (k - one) >> one
        if key >= keys[parent]:
            break
        keys[k] = keys[parent]
        states[k] = states[parent]
        k = parent
    keys[k] = key
    states[k] = state


@compiled
def _sift_down_to_bottom(keys, states, n):
    """Move the first of n entries down to a leaf along the better children, then up to its place."""
    key, state = keys[0], states[0]
    one = np.uint64(1)
    k, child = np.uint64(0), one
    last = np.uint64(n - 1)
    while child < last:
        child += np.uint64(keys[child] >= keys[child + one])  # equal keys: the right child; no branch to guess wrong
        keys[k] = keys[child]
        states[k] = states[child]
        k = child
        child = (k << one) + one
    if child == last:
        keys[k] = keys[child]
        states[k] = states[child]
        k = child
    keys[k] = key
    states[k] = state
    _sift_up(keys, states, np.int64(k))


@compiled
def _grown(array):
    larger = np.empty(2 * len(array), array.dtype)
    larger[: len(array)] = array
    return larger


@compiled
def _step_cost(e, end, emissions, base_costs, donors, tables, demands):
    """Return the integer cost of taking successor e at border `end`; IMPOSSIBLE where it does not fit."""
    kind = tables.kind[e]
    target = tables.target[e]
    if kind == INTO_DONOR:
        return donors[end, (target - _FIRST_DONOR) % N_KINDS]
    if kind == STAY:
        return units(emissions[end, 5])
    acceptor = 0.0
    if kind != PLAIN:
        acceptor = base_costs[end - 2, 1] + base_costs[end - 1, 3 if kind == OUT_OF_U2 else 0]
    return units((acceptor + demands[tables.demand[e]]) + emissions[end, tables.emission[e]])


def fits(n: int, cost: int) -> bool:
    """Tell whether a region of n bases with a cheapest path of that cost can be searched: keys of 64 bits, and memory."""
    return n <= LARGEST_BP and (cost + _LARGEST_STEP) << n.bit_length() < 1 << 62


@compiled
def first_found_labels(emissions, base_costs, donors, tables):
    """Return the (n,) labels of the path that the reference's search finds first.

    A heap entry is a key (cost, then distance of its end from the region's: the larger end first) and a state. The
    table holds cost * 128 + predecessor.

    Args:
        emissions: (n, 7) bits; base_costs: (n, 4) bits.
        donors: (n, 3) integer costs of GT-AG, GC-AG and AT-AC donor stretches by their first base.
        tables: SearchTables.
    """
    n = len(emissions)
    best = np.full((n + 1, N_STATES), np.int64(1) << 62, np.int64)
    keys = np.empty(1024, np.int64)
    states = np.empty(1024, np.uint8)
    demands = np.zeros(8)
    bits = 1
    while (1 << bits) <= n:
        bits += 1
    mask = (1 << bits) - 1
    best[0, 0] = 0
    keys[0] = n
    states[0] = 0
    size = 1
    while True:  # staying intergenic always reaches the end
        cost, end, state = keys[0] >> bits, n - (keys[0] & mask), np.int64(states[0])
        size -= 1
        if size > 0:
            keys[0] = keys[size]
            states[0] = states[size]
            _sift_down_to_bottom(keys, states, size)
        if end == n:
            return _trace(n, state, best, tables)
        if cost != best[end, state] >> 7:
            continue
        fill_demands(base_costs, end, demands)
        for e in range(tables.first[state], tables.first[state + 1]):
            step = _step_cost(e, end, emissions, base_costs, donors, tables, demands)
            target = tables.target[e]
            to = end + tables.length[target]
            if step >= IMPOSSIBLE or to > n or cost + step >= best[to, target] >> 7:
                continue
            best[to, target] = (cost + step) * 128 + state
            if size == len(keys):
                keys, states = _grown(keys), _grown(states)
            keys[size] = ((cost + step) << bits) + (n - to)
            states[size] = target
            size += 1
            _sift_up(keys, states, size - 1)


@compiled
def _trace(n, state, best, tables):
    labels = np.empty(n, np.uint8)
    end = n
    while end > 0:
        begin = end - tables.length[state]
        labels[begin:end] = tables.labels[state]
        state = best[end, state] & 127
        end = begin
    return labels

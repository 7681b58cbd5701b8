"""The reference's own search order, for regions where a tie decides the path.

A cheapest-first search whose binary heap leaves equal keys in an order of its own: which of two equally good paths is
found first depends on everything in the heap, so the heap is reproduced move by move. Slower than search.py by a factor
of about twenty; used only where search.py reports a tie that matters.
"""

from typing import NamedTuple

import numpy as np

from helixtune.gene_calling.compiled import compiled
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
# What the tables below take a region base: 8 bytes of cost and 1 of predecessor for every state.
BYTES_PER_BASE = 9 * N_STATES


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
def _no_better(cost_x, node_x, cost_y, node_y):
    """Tell whether entry x does not come before y: lower cost first, then the larger end (node = end * 128 + state).

    Written without short cuts: a branch here would be guessed wrong half of the time.
    """
    return (cost_x > cost_y) | ((cost_x == cost_y) & ((node_x >> 7) <= (node_y >> 7)))


@compiled
def _sift_up(heap, k):
    cost, node = heap[k, 0], heap[k, 1]
    while k > 0:
        parent = (k - 1) >> 1
        if _no_better(cost, node, heap[parent, 0], heap[parent, 1]):
            break
        heap[k, 0], heap[k, 1] = heap[parent, 0], heap[parent, 1]
        k = parent
    heap[k, 0], heap[k, 1] = cost, node


@compiled
def _sift_down_to_bottom(heap, n):
    """Move the first entry down to a leaf along the better children, then up to its place."""
    cost, node = heap[0, 0], heap[0, 1]
    k, child = 0, 1
    while child + 1 < n:
        # Equal keys: the right child.
        child += _no_better(heap[child, 0], heap[child, 1], heap[child + 1, 0], heap[child + 1, 1])
        heap[k, 0], heap[k, 1] = heap[child, 0], heap[child, 1]
        k = child
        child = 2 * k + 1
    if child == n - 1:
        heap[k, 0], heap[k, 1] = heap[child, 0], heap[child, 1]
        k = child
    heap[k, 0], heap[k, 1] = cost, node
    _sift_up(heap, k)


@compiled
def _grown(heap):
    larger = np.empty((2 * len(heap), 2), np.int64)
    larger[: len(heap)] = heap
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


@compiled
def first_found_labels(emissions, base_costs, donors, tables):
    """Return the (n,) labels of the path that the reference's search finds first.

    Args:
        emissions: (n, 7) bits; base_costs: (n, 4) bits.
        donors: (n, 3) integer costs of GT-AG, GC-AG and AT-AC donor stretches by their first base.
        tables: SearchTables.
    """
    n = len(emissions)
    best = np.full((n + 1, N_STATES), IMPOSSIBLE, np.int64)
    previous = np.zeros((n + 1, N_STATES), np.uint8)
    heap = np.empty((1024, 2), np.int64)  # cost, node
    demands = np.zeros(8)
    best[0, 0] = 0
    heap[0] = 0
    size = 1
    while True:  # staying intergenic always reaches the end
        cost, node = heap[0, 0], heap[0, 1]
        size -= 1
        if size > 0:
            heap[0, 0], heap[0, 1] = heap[size, 0], heap[size, 1]
            _sift_down_to_bottom(heap, size)
        end, state = node >> 7, node & 127
        if end == n:
            return _trace(n, state, previous, tables)
        if cost != best[end, state]:
            continue
        fill_demands(base_costs, end, demands)
        for e in range(tables.first[state], tables.first[state + 1]):
            step = _step_cost(e, end, emissions, base_costs, donors, tables, demands)
            target = tables.target[e]
            to = end + tables.length[target]
            if step >= IMPOSSIBLE or to > n or cost + step >= best[to, target]:
                continue
            best[to, target] = cost + step
            previous[to, target] = state
            if size == len(heap):
                heap = _grown(heap)
            heap[size, 0], heap[size, 1] = cost + step, to * 128 + target
            size += 1
            _sift_up(heap, size - 1)


@compiled
def _trace(n, state, previous, tables):
    labels = np.empty(n, np.uint8)
    end = n
    while end > 0:
        begin = end - tables.length[state]
        labels[begin:end] = tables.labels[state]
        state = np.int64(previous[end, state])
        end = begin
    return labels

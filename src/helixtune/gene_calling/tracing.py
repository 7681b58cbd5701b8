"""From back-pointers to the labels of the cheapest path.

What a path is in at a border is numbered in one row ("item"): the S primary states, 20 intron bodies, then the donor stretches
of the 10 families that were opened one base before, those opened two bases before, and so on.
"""

import numpy as np

from helixtune.compiled import compiled
from helixtune.gene_calling.emissions import IMPOSSIBLE
from helixtune.gene_calling.search import EDGE, FROM_U2, FROM_U12, N_FAMILIES, TIED, Frontier
from helixtune.gene_calling.states import INTRON, Tables


def cheapest_end(n: int, tables: Tables, front: Frontier) -> tuple[int, int, bool]:
    """Return (item, cost in millionths of a bit, whether another is as cheap) at border n, the region's end."""
    ending = np.full((2, N_FAMILIES), IMPOSSIBLE, np.int64)
    for kind, donor_bp in enumerate(tables.donor_bp.tolist()):
        if n >= donor_bp:
            row = (n - donor_bp) % len(front.opened)
            ending[kind] = front.opened[row] + front.donors[row, kind]
    final = np.concatenate([front.cost, front.body + front.spent[0], ending.ravel()])
    cheapest = int(np.argmin(final))
    kind = (cheapest - len(front.cost)) // N_FAMILIES - 2
    item = cheapest if kind < 0 else cheapest + N_FAMILIES * (int(tables.donor_bp[kind]) - 1 - kind)
    return item, int(final[cheapest]), bool(np.sum(final == final[cheapest]) > 1)


@compiled
def _enter_intron(intron, end, tables, back):
    """Walk an intron back from border `end` of the block.

    Returns:
        (border at which it was opened, item that opened it, whether a tie decided either); if that lies before the block:
        (0, which intron it is there, the same).
    """
    n_states = len(tables.labels)
    begin = end
    tied = False
    if intron < 2 * N_FAMILIES:
        bit = np.uint32(1) << np.uint32(intron)
        while True:
            if begin == 0:
                return 0, n_states + intron, tied
            tied |= (back.tied[begin] & bit) != 0
            begin -= 1
            if back.changed[begin + 1] & bit:
                break
        begin -= tables.donor_bp[intron // N_FAMILIES]
    else:
        begin -= intron // N_FAMILIES - 1
    family = intron % N_FAMILIES
    if begin < 0:
        return 0, n_states + (1 - begin) * N_FAMILIES + family, tied
    bit = np.uint32(1) << np.uint32(2 * N_FAMILIES + family)
    tied |= (back.tied[begin] & bit) != 0
    return begin, np.int64(tables.opener[family, 1 if back.changed[begin] & bit else 0]), tied


@compiled
def _step_back(state, pointer, tables):
    """Return the item before primary state `state`."""
    edge = pointer & EDGE
    if pointer & (FROM_U2 | FROM_U12):
        family = np.int64(tables.exit_family[tables.first_exit[state] + edge])
        return len(tables.labels) + family + (N_FAMILIES if pointer & FROM_U12 else 0)
    return np.int64(tables.plain_source[tables.first_plain[state] + edge])


@compiled
def trace_labels(item, tables, back, labels):
    """Follow the back-pointers of a block from an item at its end.

    Args:
        item: see above.
        tables: states.Tables; back: search.BackPointers.
        labels: (n,) uint8, one for each base of the block, to fill.

    Returns:
        (item at the block's begin, whether a tie decided the path).
    """
    n_states = len(tables.labels)
    end = len(labels)
    tied = False
    while end > 0:
        if item >= n_states:
            begin, item, tie = _enter_intron(item - n_states, end, tables, back)
            tied |= tie
            labels[begin:end] = INTRON
            end = begin
            continue
        labels[end - 1] = tables.labels[item]
        pointer = back.edges[end, item]
        tied |= (pointer & TIED) != 0
        item = _step_back(item, pointer, tables)
        end -= 1
    return item, tied


@compiled
def needed_items(tables, back):
    """Return a mask of the items at a block's begin that the cheapest path to any item at its end comes from.

    Items are carried forwards over the block, each with where its path began.
    """
    n_states = len(tables.labels)
    longest = tables.donor_bp.max()
    n = len(back.changed) - 1
    states = np.arange(n_states)
    bodies = np.arange(n_states, n_states + 2 * N_FAMILIES)
    # Row longest + b: stretches opened at border b; those before the block are items of their own.
    opened = np.empty((longest + n, N_FAMILIES), np.int32)
    for k in range(1, longest + 1):
        for f in range(N_FAMILIES):
            opened[longest - k, f] = n_states + (k + 1) * N_FAMILIES + f
    after = np.empty_like(states)
    for border in range(n):
        for f in range(N_FAMILIES):
            second = (back.changed[border] >> np.uint32(2 * N_FAMILIES + f)) & np.uint32(1)
            opened[longest + border, f] = states[tables.opener[f, second]]
        for s in range(n_states):
            before = _step_back(s, back.edges[border + 1, s], tables)
            after[s] = states[before] if before < n_states else bodies[before - n_states]
        changed = back.changed[border + 1]
        for body in range(2 * N_FAMILIES):
            if changed >> np.uint32(body) & np.uint32(1):
                begin = border - tables.donor_bp[body // N_FAMILIES]
                bodies[body] = opened[longest + begin, body % N_FAMILIES]
        states[:] = after
    needed = np.zeros(n_states + (longest + 2) * N_FAMILIES, np.bool_)
    needed[states] = True
    needed[bodies] = True
    for row in range(n, n + longest):
        needed[opened[row]] = True
    return needed

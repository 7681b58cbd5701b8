"""From back-pointers to the labels of the cheapest path."""

import numpy as np

from helixtune.compiled import compiled
from helixtune.gene_calling.emissions import IMPOSSIBLE
from helixtune.gene_calling.search import EDGE, FROM_U2, FROM_U12, N_FAMILIES, TIED, Frontier
from helixtune.gene_calling.states import INTRON, Tables


def final_costs(n: int, tables: Tables, front: Frontier) -> np.ndarray:
    """Return (S + 40,) int64 costs at border n: primary states, 20 intron bodies, 20 donor stretches that end there."""
    ending = np.full((2, N_FAMILIES), IMPOSSIBLE, np.int64)
    for kind, donor_bp in enumerate(tables.donor_bp.tolist()):
        if n >= donor_bp:
            row = (n - donor_bp) % len(front.opened)
            ending[kind] = front.opened[row] + front.donors[row, kind]
    return np.concatenate([front.cost, front.body + front.spent[0], ending.ravel()])


@compiled
def _enter_intron(intron, end, tables, back):
    """Walk an intron back from border `end`.

    Returns:
        (border at which it was opened, primary state that opened it, whether a tie decided either).
    """
    begin = end
    tied = False
    if intron < 2 * N_FAMILIES:  # a body; else a donor stretch cut off by the region's end
        bit = np.uint32(1) << np.uint32(intron)
        while True:
            tied |= (back.tied[begin] & bit) != 0
            begin -= 1
            if back.changed[begin + 1] & bit:
                break
    begin -= tables.donor_bp[(intron // N_FAMILIES) % 2]
    family = intron % N_FAMILIES
    bit = np.uint32(1) << np.uint32(2 * N_FAMILIES + family)
    tied |= (back.tied[begin] & bit) != 0
    return begin, np.int64(tables.opener[family, 1 if back.changed[begin] & bit else 0]), tied


@compiled
def trace_labels(final, tables, back):
    """Follow the back-pointers from the cheapest state at the region's end.

    Args:
        final: costs at the end (`final_costs`).
        tables: states.Tables; back: search.BackPointers.

    Returns:
        (labels, ambiguous): (n,) uint8 label of every base, and whether a tie decided the path.
    """
    n_states = len(tables.labels)
    end = len(back.changed) - 1
    labels = np.zeros(end, np.uint8)
    state = np.int64(np.argmin(final))
    ambiguous = np.sum(final == final[state]) > 1
    while end > 0:
        if state >= n_states:
            begin, state, tied = _enter_intron(state - n_states, end, tables, back)
            ambiguous |= tied
            labels[begin:end] = INTRON
            end = begin
            continue
        end -= 1
        labels[end] = tables.labels[state]
        pointer = back.edges[end + 1, state]
        ambiguous |= (pointer & TIED) != 0
        edge = pointer & EDGE
        if pointer & (FROM_U2 | FROM_U12):
            family = np.int64(tables.exit_family[tables.first_exit[state] + edge])
            state = n_states + family + (N_FAMILIES if pointer & FROM_U12 else 0)
        else:
            state = np.int64(tables.plain_source[tables.first_plain[state] + edge])
    return labels, ambiguous

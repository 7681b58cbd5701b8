"""The best path of a stretch through the gene model of both strands: a semi-Markov dynamic programme.

Scores are bits, multiples of 2**-10 (`tracks.quantized`), so that sums of doubles are exact and do not depend on their order.
"""

from typing import NamedTuple

import numpy as np

from helixtune.compiled import compiled
from helixtune.signals.automaton import NO_BASE

NEVER = -1e15
# Scores below this are as good as none: what they would be added to cannot be.
UNLIKELY = -1e14
# In place of a state.
IN_INTRON = 255


class Tracks(NamedTuple):
    """Scores of a stretch of n bases, in bits relative to intergenic sequence; index 0 plus strand, 1 minus strand.

    Attributes:
        bases: (n,) uint8, columns of LETTERS, plus strand.
        emission: (2, 4, n) float32: UTR, first, second and third codon position.
        border: (2, 3, n + 1) float32: 0, start, stop; NEVER where it cannot be. Border i lies before base i.
        opening: (2, n + 1) float32: splice site at an intron's left border: donors on the plus, acceptors on the minus strand.
        closing: (2, n + 1) float32: the same for its right border.
        inside: (2, 2, n + 1) float64: running sum of intron emissions before each border; in coding sequence, between UTRs.
        lengths: (M + 1,) float64: score of each intron length up to M; NEVER below the shortest.
        tail: bits that each base beyond M costs.
    """

    bases: np.ndarray
    emission: np.ndarray
    border: np.ndarray
    opening: np.ndarray
    closing: np.ndarray
    inside: np.ndarray
    lengths: np.ndarray
    tail: float


@compiled
def fits(bases, i, allowed):
    """Tell whether base i is one of a set; before the stretch lies no base that is known."""
    base = bases[i] if i >= 0 else np.uint8(NO_BASE)
    return (allowed >> base) & 1 == 1


@compiled
def shortest_intron(tracks):
    """Return the least length that an intron may have."""
    shortest = 0
    while shortest < len(tracks.lengths) and tracks.lengths[shortest] <= UNLIKELY:
        shortest += 1
    return shortest


@compiled
def best_path(tracks, automaton, enter, leave):
    """Return the best path: (score, (n,) uint8 states of its bases, IN_INTRON in introns, and (n,) uint8 strands).

    Args:
        tracks: Tracks; automaton: Automaton.
        enter, leave: (S,) bits for each state before the first base, and behind the last; NEVER where it must not be there.
    """
    n = len(tracks.bases)
    n_states = len(automaton.label)
    n_families = len(automaton.family_strand)
    half = n_families // 2
    longest, shortest = len(tracks.lengths) - 1, shortest_intron(tracks)
    n_exits = 0
    exit_row = np.full((2, n + 1), -1, np.int32)
    n_opens = np.zeros(2, np.int64)
    for strand in range(2):
        for i in range(n + 1):
            if tracks.closing[strand, i] > UNLIKELY:
                exit_row[strand, i] = n_exits
                n_exits += 1
            if tracks.opening[strand, i] > UNLIKELY:
                n_opens[strand] += 1
    begins = np.full((n_exits, half), -1, np.int32)
    steps = np.zeros((n + 1, n_states), np.uint8)
    most = n_opens.max() + 1
    open_at = np.empty((2, most), np.int64)
    open_score = np.empty((2, most, half))
    open_state = np.zeros((2, most, half), np.uint8)
    open_number = np.full((2, n + 1), -1, np.int32)
    count = np.zeros(2, np.int64)
    oldest = np.zeros(2, np.int64)  # first opening still within the explicit lengths
    body = np.full((2, half), NEVER)
    body_begin = np.full((2, half), -1, np.int32)

    from_state, to_state = automaton.source[automaton.allowed], automaton.target[automaton.allowed]
    emitting = np.unique(to_state)
    emitting = emitting[automaton.emission[emitting] < 4]
    value = enter.copy()
    after = np.empty(n_states)
    leaving = np.full(n_families, NEVER)
    for i in range(n + 1):
        base_before = tracks.bases[i - 1] if i else np.uint8(NO_BASE)
        for strand in range(2):
            if tracks.opening[strand, i] > UNLIKELY:
                k = count[strand]
                open_at[strand, k] = i
                open_number[strand, i] = k
                open_score[strand, k, :] = NEVER
                any_open = False
                group = strand * 5 + base_before
                for x in range(automaton.may_open_first[group], automaton.may_open_first[group + 1]):
                    o = automaton.may_open[x]
                    found = value[automaton.open_state[o]]
                    f = automaton.open_family[o] - strand * half
                    if found > UNLIKELY and found > open_score[strand, k, f]:
                        open_score[strand, k, f] = found
                        open_state[strand, k, f] = automaton.open_state[o]
                        any_open = True
                if any_open:
                    for f in range(half):
                        coding = 0 if automaton.coding_family[f] else 1
                        open_score[strand, k, f] += tracks.opening[strand, i] - tracks.inside[strand, coding, i]
                    count[strand] += 1
                else:
                    open_number[strand, i] = -1
            # openings that leave the explicit lengths go on in a body, at a constant cost a base
            while oldest[strand] < count[strand] and i - open_at[strand, oldest[strand]] > longest:
                k = oldest[strand]
                for f in range(half):
                    entered = (
                        open_score[strand, k, f]
                        + tracks.lengths[longest]
                        + tracks.tail * (open_at[strand, k] + longest)
                    )
                    if entered > body[strand, f]:
                        body[strand, f] = entered
                        body_begin[strand, f] = open_at[strand, k]
                oldest[strand] += 1
            first = strand * half
            row = exit_row[strand, i]
            if row < 0:
                continue
            for f in range(half):
                leaving[first + f] = body[strand, f] - tracks.tail * i
                begins[row, f] = body_begin[strand, f]
            k = count[strand] - 1
            while k >= oldest[strand] and i - open_at[strand, k] < shortest:
                k -= 1
            while k >= oldest[strand]:
                length = tracks.lengths[i - open_at[strand, k]]
                for f in range(half):
                    found = open_score[strand, k, f] + length
                    if found > leaving[first + f]:
                        leaving[first + f] = found
                        begins[row, f] = open_at[strand, k]
                k -= 1
            for f in range(half):
                coding = 0 if automaton.coding_family[f] else 1
                leaving[first + f] += tracks.closing[strand, i] + tracks.inside[strand, coding, i]
        if i == n:
            break
        after[:] = NEVER
        group = (base_before * 5 + tracks.bases[i]) * 4
        for x in range(automaton.allowed_first[group], automaton.allowed_first[group + 1]):
            found = value[from_state[x]]
            if found > after[to_state[x]]:
                after[to_state[x]] = found
                steps[i + 1, to_state[x]] = automaton.allowed[x]
        for strand in range(2):
            if exit_row[strand, i] >= 0:
                first = group + 1 + strand
                for x in range(automaton.allowed_first[first], automaton.allowed_first[first + 1]):
                    found = leaving[from_state[x] - n_states]
                    if found > after[to_state[x]]:
                        after[to_state[x]] = found
                        steps[i + 1, to_state[x]] = automaton.allowed[x]
        for x in range(automaton.allowed_first[group + 3], automaton.allowed_first[group + 4]):
            e = automaton.allowed[x]
            found = value[from_state[x]] + tracks.border[automaton.border_strand[e], automaton.border[e], i]
            if found > after[to_state[x]]:
                after[to_state[x]] = found
                steps[i + 1, to_state[x]] = e
        for s in emitting:
            if after[s] > UNLIKELY:
                after[s] += tracks.emission[automaton.strand[s], automaton.emission[s], i]
        value[:] = after

    state = np.int64(np.argmax(value + leave))
    best = value[state] + leave[state]
    states = np.zeros(n, np.uint8)
    strands = np.zeros(n, np.uint8)
    i = n
    while i > 0:
        states[i - 1] = state
        strands[i - 1] = automaton.strand[state]
        source = automaton.source[steps[i, state]]
        i -= 1
        if source < n_states:
            state = source
            continue
        family = source - n_states
        strand = automaton.family_strand[family]
        f = family - strand * half
        begin = begins[exit_row[strand, i], f]
        for j in range(begin, i):
            states[j] = IN_INTRON
            strands[j] = strand
        state = np.int64(open_state[strand, open_number[strand, begin], f])
        i = begin
    return best, states, strands

"""How likely genes are over all paths of a stretch: sums forwards and backwards over the gene model of search.py.

Sums are kept as ordinary numbers whose largest at a border is 1, and the log2 of what they were divided by: (S,) values and one
scale a border.
"""

from typing import NamedTuple

import numpy as np

from helixtune.compiled import compiled
from helixtune.signals.automaton import CODING, NO_BASE
from helixtune.signals.search import IN_INTRON, NEVER, UNLIKELY, fits, shortest_intron


class Sums(NamedTuple):
    """Sums over all paths.

    Attributes:
        before: (n + 1, S) float32: paths that are in a state at a border, up to there; before_scale: (n + 1,) log2 of its unit.
        behind: (n + 1, S) float32: paths that are in a state at a border, from there on; behind_scale: (n + 1,).
        total: log2 of the sum over all paths.
    """

    before: np.ndarray
    before_scale: np.ndarray
    behind: np.ndarray
    behind_scale: np.ndarray
    total: float


@compiled
def _log2_sum(a, b):
    high, low = max(a, b), min(a, b)
    if low <= UNLIKELY:
        return high
    return high + np.log2(1.0 + 2.0 ** (low - high))


@compiled
def _linear(bits):
    return 2.0**bits if bits > UNLIKELY else 0.0


@compiled
def _base_factors(tracks, i, factors):
    """Fill (2, 5) the factor of reading base i as UTR, codon positions 1 to 3, or without emission."""
    for strand in range(2):
        for k in range(4):
            factors[strand, k] = 2.0 ** np.float64(tracks.emission[strand, k, i])
        factors[strand, 4] = 1.0


@compiled
def _border_factors(tracks, i, factors):
    """Fill (2, 3) the factor of a border of each kind."""
    for strand in range(2):
        factors[strand, 0] = 1.0
        for k in range(1, 3):
            factors[strand, k] = _linear(np.float64(tracks.border[strand, k, i]))


@compiled
def _sum_before(tracks, automaton, enter, sums, scale):
    n, n_states = len(tracks.bases), len(automaton.label)
    half = len(automaton.family_strand) // 2
    longest, shortest = len(tracks.lengths) - 1, shortest_intron(tracks)
    most = max(np.sum(tracks.opening[0] > UNLIKELY), np.sum(tracks.opening[1] > UNLIKELY)) + 1
    open_at = np.empty((2, most), np.int64)
    open_bits = np.empty((2, most))
    open_value = np.empty((2, most, half))
    count, oldest = np.zeros(2, np.int64), np.zeros(2, np.int64)
    body = np.full((2, half), NEVER)
    leaving = np.zeros(2 * half)
    base_factor, border_factor = np.empty((2, 5)), np.empty((2, 3))
    value, after = np.empty(n_states), np.empty(n_states)
    for s in range(n_states):
        value[s] = _linear(enter[s])
        sums[0, s] = value[s]
    for i in range(n):
        for strand in range(2):
            if tracks.opening[strand, i] > UNLIKELY:
                k = count[strand]
                open_value[strand, k, :] = 0.0
                any_open = False
                for o in range(len(automaton.open_state)):
                    family = automaton.open_family[o]
                    if automaton.family_strand[family] != strand or value[automaton.open_state[o]] == 0.0:
                        continue
                    if not fits(tracks.bases, i - 1, automaton.open_before[o]):
                        continue
                    open_value[strand, k, family - strand * half] += value[automaton.open_state[o]]
                    any_open = True
                if any_open:
                    open_at[strand, k], open_bits[strand, k] = i, scale[i] + tracks.opening[strand, i]
                    count[strand] += 1
            while oldest[strand] < count[strand] and i - open_at[strand, oldest[strand]] > longest:
                k = oldest[strand]
                at = open_at[strand, k]
                for f in range(half):
                    if open_value[strand, k, f] > 0.0:
                        content = 0 if automaton.coding_family[f] else 1
                        bits = (
                            np.log2(open_value[strand, k, f])
                            + open_bits[strand, k]
                            - tracks.inside[strand, content, at]
                        )
                        body[strand, f] = _log2_sum(
                            body[strand, f], bits + tracks.lengths[longest] + tracks.tail * (at + longest)
                        )
                oldest[strand] += 1
            first = strand * half
            leaving[first : first + half] = 0.0
            if tracks.closing[strand, i] <= UNLIKELY:
                continue
            closing = tracks.closing[strand, i] - scale[i]
            for f in range(half):
                content = 0 if automaton.coding_family[f] else 1
                leaving[first + f] = _linear(
                    body[strand, f] - tracks.tail * i + tracks.inside[strand, content, i] + closing
                )
            k = count[strand] - 1
            while k >= oldest[strand] and i - open_at[strand, k] < shortest:
                k -= 1
            while k >= oldest[strand]:
                at = open_at[strand, k]
                bits = open_bits[strand, k] + tracks.lengths[i - at] + closing
                coding = 2.0 ** (bits + tracks.inside[strand, 0, i] - tracks.inside[strand, 0, at])
                between = 2.0 ** (bits + tracks.inside[strand, 1, i] - tracks.inside[strand, 1, at])
                for f in range(half):
                    leaving[first + f] += open_value[strand, k, f] * (coding if automaton.coding_family[f] else between)
                k -= 1
        base = tracks.bases[i]
        base_before = tracks.bases[i - 1] if i else np.uint8(NO_BASE)
        _base_factors(tracks, i, base_factor)
        _border_factors(tracks, i, border_factor)
        largest = 0.0
        for s in range(n_states):
            total = 0.0
            for e in range(automaton.first[s], automaton.first[s + 1]):
                if not (automaton.here[e] >> base) & 1 or not (automaton.before[e] >> base_before) & 1:
                    continue
                source = automaton.source[e]
                found = value[source] if source < n_states else leaving[source - n_states]
                total += found * border_factor[automaton.border_strand[e], automaton.border[e]]
            after[s] = total * base_factor[automaton.strand[s], automaton.emission[s]]
            largest = max(largest, after[s])
        for s in range(n_states):
            value[s] = after[s] / largest
            sums[i + 1, s] = value[s]
        scale[i + 1] = scale[i] + np.log2(largest)


@compiled
def _sum_behind(tracks, automaton, leave, sums, scale):
    n, n_states = len(tracks.bases), len(automaton.label)
    half = len(automaton.family_strand) // 2
    longest, shortest = len(tracks.lengths) - 1, shortest_intron(tracks)
    most = max(np.sum(tracks.closing[0] > UNLIKELY), np.sum(tracks.closing[1] > UNLIKELY)) + 1
    close_at = np.empty((2, most), np.int64)
    close_bits = np.empty((2, most))
    close_value = np.empty((2, most, half))
    count, oldest = np.zeros(2, np.int64), np.zeros(2, np.int64)
    body = np.full((2, half), NEVER)
    closed, opened = np.zeros(2 * half), np.zeros(2 * half)
    base_factor, border_factor = np.empty((2, 5)), np.empty((2, 3))
    value, before = np.empty(n_states), np.empty(n_states)
    for s in range(n_states):
        value[s] = _linear(leave[s])
        sums[n, s] = value[s]
    for i in range(n - 1, -1, -1):
        base = tracks.bases[i]
        base_before = tracks.bases[i - 1] if i else np.uint8(NO_BASE)
        _base_factors(tracks, i, base_factor)
        _border_factors(tracks, i, border_factor)
        before[:] = 0.0
        closed[:] = 0.0
        for s in range(n_states):
            here = value[s] * base_factor[automaton.strand[s], automaton.emission[s]]
            if here == 0.0:
                continue
            for e in range(automaton.first[s], automaton.first[s + 1]):
                if not (automaton.here[e] >> base) & 1 or not (automaton.before[e] >> base_before) & 1:
                    continue
                found = here * border_factor[automaton.border_strand[e], automaton.border[e]]
                source = automaton.source[e]
                if source < n_states:
                    before[source] += found
                else:
                    closed[source - n_states] += found
        for strand in range(2):
            first = strand * half
            if tracks.closing[strand, i] > UNLIKELY:
                k = count[strand]
                close_at[strand, k], close_bits[strand, k] = i, scale[i + 1] + tracks.closing[strand, i]
                close_value[strand, k] = closed[first : first + half]
                count[strand] += 1
            while oldest[strand] < count[strand] and close_at[strand, oldest[strand]] - i > longest:
                k = oldest[strand]
                at = close_at[strand, k]
                for f in range(half):
                    if close_value[strand, k, f] > 0.0:
                        content = 0 if automaton.coding_family[f] else 1
                        bits = (
                            np.log2(close_value[strand, k, f])
                            + close_bits[strand, k]
                            + tracks.inside[strand, content, at]
                        )
                        body[strand, f] = _log2_sum(body[strand, f], bits - tracks.tail * at)
                oldest[strand] += 1
            opened[first : first + half] = 0.0
            if tracks.opening[strand, i] <= UNLIKELY:
                continue
            opening = tracks.opening[strand, i] - scale[i + 1]
            for f in range(half):
                content = 0 if automaton.coding_family[f] else 1
                bits = body[strand, f] + tracks.lengths[longest] + tracks.tail * (i + longest)
                opened[first + f] = _linear(bits - tracks.inside[strand, content, i] + opening)
            k = count[strand] - 1
            while k >= oldest[strand] and close_at[strand, k] - i < shortest:
                k -= 1
            while k >= oldest[strand]:
                at = close_at[strand, k]
                bits = close_bits[strand, k] + tracks.lengths[at - i] + opening
                coding = 2.0 ** (bits + tracks.inside[strand, 0, at] - tracks.inside[strand, 0, i])
                between = 2.0 ** (bits + tracks.inside[strand, 1, at] - tracks.inside[strand, 1, i])
                for f in range(half):
                    opened[first + f] += close_value[strand, k, f] * (coding if automaton.coding_family[f] else between)
                k -= 1
        for o in range(len(automaton.open_state)):
            family = automaton.open_family[o]
            if not fits(tracks.bases, i - 1, automaton.open_before[o]):
                continue
            before[automaton.open_state[o]] += opened[family]
        largest = before.max()
        for s in range(n_states):
            value[s] = before[s] / largest
            sums[i, s] = value[s]
        scale[i] = scale[i + 1] + np.log2(largest)


def sum_paths(tracks, automaton, enter: np.ndarray, leave: np.ndarray) -> Sums:
    """Return the sums over all paths of a stretch; arguments as of `search.best_path`."""
    n, n_states = len(tracks.bases), len(automaton.label)
    before, behind = np.zeros((n + 1, n_states), np.float32), np.zeros((n + 1, n_states), np.float32)
    before_scale, behind_scale = np.zeros(n + 1), np.zeros(n + 1)
    _sum_before(tracks, automaton, enter, before, before_scale)
    _sum_behind(tracks, automaton, leave, behind, behind_scale)
    ends = float(np.sum(before[n].astype(np.float64) * 2.0 ** np.maximum(leave, -1000.0)))
    return Sums(before, before_scale, behind, behind_scale, float(before_scale[n] + np.log2(ends)))


@compiled
def path_score(tracks, automaton, states, first, last):
    """Return the bits of a path from behind base `first` to behind base `last`, both in states.

    Args:
        states: (n,) uint8, the state of every base; IN_INTRON in introns.
    """
    total = 0.0
    i = first + 1
    while i <= last:
        if states[i] == IN_INTRON:
            begin = i
            while states[i] == IN_INTRON:
                i += 1
            strand = automaton.strand[states[i]]
            content = 0 if automaton.label[states[i]] == CODING else 1
            length = i - begin
            longest = len(tracks.lengths) - 1
            total += tracks.lengths[min(length, longest)] - tracks.tail * max(length - longest, 0)
            total += tracks.opening[strand, begin] + tracks.closing[strand, i]
            total += tracks.inside[strand, content, i] - tracks.inside[strand, content, begin]
        state = states[i]
        if automaton.emission[state] < 4:
            total += tracks.emission[automaton.strand[state], automaton.emission[state], i]
        i += 1
    return total


def path_probability(tracks, automaton, sums: Sums, states: np.ndarray, first: int, last: int) -> float:
    """Return the share of all paths that agree with one from base `first` to base `last`: coding from end to end.

    Args:
        tracks, automaton: as in search.
        sums: over all paths.
        states: (n,) uint8 of the path (`search.best_path`).
        first, last: a gene's first and last coding base.
    """
    into, out = states[first], states[last]
    bits = (
        np.log2(max(float(sums.before[first + 1, into]), 1e-300)) + sums.before_scale[first + 1]
        + path_score(tracks, automaton, states, first, last)
        + np.log2(max(float(sums.behind[last + 1, out]), 1e-300)) + sums.behind_scale[last + 1]
        - sums.total
    )  # fmt: skip
    return float(min(2.0**bits, 1.0))

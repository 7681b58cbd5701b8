"""How likely genes are over all paths of a stretch: sums forwards and backwards over the gene model of search.py.

Sums are ordinary numbers, and the log2 of the unit that they are given in: so both the best path and those that lose a thousand
bits against it can be added up.
"""

from typing import NamedTuple

import numpy as np

from helixtune.compiled import compiled
from helixtune.signals.automaton import CODING, NO_BASE, Automaton
from helixtune.signals.search import IN_INTRON, UNLIKELY, Tracks, shortest_intron

# Units change when the largest number is so many bits away from 1.
MOST_BITS = 200.0
# 2 to the power of 0, 1/1024 ... 1023/1024: scores are multiples of that (tracks.quantized).
_FRACTIONS = 2.0 ** (np.arange(1024) / 1024)
# 2 to the power of -1000 ... 1000.
_WHOLE = 2.0 ** np.arange(-1000.0, 1001.0)


class Sums(NamedTuple):
    """Sums over all paths.

    Attributes:
        borders: (b,) where the sums are known, in rising order.
        before: (b, S): paths that are in a state at a border, up to there; before_unit: (b,) log2 of its unit.
        behind: (b, S): paths that are in a state at a border, from there on; behind_unit: (b,).
        total: log2 of the sum over all paths.
    """

    borders: np.ndarray
    before: np.ndarray
    before_unit: np.ndarray
    behind: np.ndarray
    behind_unit: np.ndarray
    total: float


class _Introns(NamedTuple):
    """Introns of which one end was met, by strand: of a length that is still explicit, or longer ("body").

    `at` is a place in the order of walking. The unit of values is 2**unit[strand, content], with content 0 in coding sequence and 1
    between untranslated regions.
    """

    at: np.ndarray  # (2, most)
    value: np.ndarray  # (2, most, families of a strand)
    count: np.ndarray  # (2,)
    oldest: np.ndarray  # (2,)
    unit: np.ndarray  # (2, 2)
    body: np.ndarray  # (2, families of a strand)
    body_at: np.ndarray  # (2,)
    content: np.ndarray  # (families of a strand,)
    lengths: np.ndarray  # (M + 1,) factors
    shortest: int
    tail: float


@compiled
def _no_introns(sites, automaton, tracks):
    most = max(np.sum(sites[0] > UNLIKELY), np.sum(sites[1] > UNLIKELY)) + 1
    half = len(automaton.family_strand) // 2
    return _Introns(
        np.empty((2, most), np.int64),
        np.empty((2, most, half)),
        np.zeros(2, np.int64),
        np.zeros(2, np.int64),
        np.zeros((2, 2)),
        np.zeros((2, half)),
        np.zeros(2, np.int64),
        np.where(automaton.coding_family[:half], 0, 1),
        np.where(tracks.lengths > UNLIKELY, 2.0 ** np.maximum(tracks.lengths, -1000.0), 0.0),
        shortest_intron(tracks),
        tracks.tail,
    )


@compiled
def _begin_introns(introns, strand, at, values, bits):
    """Add one end of introns: (families,) values in units of 2**bits[content]."""
    k, oldest = introns.count[strand], introns.oldest[strand]
    introns.at[strand, k] = at
    introns.count[strand] += 1
    for content in range(2):
        shift = bits[content] - introns.unit[strand, content]
        if abs(shift) > MOST_BITS:
            largest = 0.0
            for f in range(len(values)):
                if introns.content[f] == content:
                    largest = max(largest, introns.body[strand, f])
                    for j in range(oldest, k):
                        largest = max(largest, introns.value[strand, j, f])
            top = np.rint(max(shift, np.log2(largest)) if largest > 0.0 else shift)
            if largest > 0.0:
                for f in range(len(values)):
                    if introns.content[f] == content:
                        introns.body[strand, f] *= 2.0**-top
                        for j in range(oldest, k):
                            introns.value[strand, j, f] *= 2.0**-top
            introns.unit[strand, content] += top
            shift -= top
        factor = 2.0**shift
        for f in range(len(values)):
            if introns.content[f] == content:
                introns.value[strand, k, f] = values[f] * factor


@compiled
def _end_introns(introns, strand, at, bits, sums):
    """Fill (families,) sums of the introns that end here; return log2 of their unit, minus infinity where none does.

    Args:
        bits: (2,) by content, of this end.
    """
    longest = len(introns.lengths) - 1
    decay = 2.0 ** (-introns.tail * (at - introns.body_at[strand]))
    introns.body_at[strand] = at
    for f in range(len(sums)):
        introns.body[strand, f] *= decay
    while introns.oldest[strand] < introns.count[strand]:
        k = introns.oldest[strand]
        beyond = at - introns.at[strand, k] - longest
        if beyond <= 0:
            break
        factor = introns.lengths[longest] * 2.0 ** (-introns.tail * beyond)
        for f in range(len(sums)):
            introns.body[strand, f] += introns.value[strand, k, f] * factor
        introns.oldest[strand] += 1
    for f in range(len(sums)):
        sums[f] = introns.body[strand, f]
    k = introns.count[strand] - 1
    while k >= introns.oldest[strand] and at - introns.at[strand, k] < introns.shortest:
        k -= 1
    while k >= introns.oldest[strand]:
        factor = introns.lengths[at - introns.at[strand, k]]
        for f in range(len(sums)):
            sums[f] += introns.value[strand, k, f] * factor
        k -= 1
    top = -np.inf
    for f in range(len(sums)):
        if sums[f] > 1e-290:
            top = max(top, np.log2(sums[f]) + introns.unit[strand, introns.content[f]] + bits[introns.content[f]])
        else:
            sums[f] = 0.0
    for f in range(len(sums)):
        if sums[f] > 0.0:
            sums[f] *= 2.0 ** (introns.unit[strand, introns.content[f]] + bits[introns.content[f]] - top)
    return top


@compiled
def _fill_factors(tracks, i, factors):
    """Fill the factors of reading base i as UTR and codon positions 1 to 3, of (2 * 5,); the last of each strand stays 1."""
    for strand in range(2):
        for k in range(4):
            bits = np.float64(tracks.emission[strand, k, i])
            steps = np.int64(np.rint(min(max(bits, -1000.0), 1000.0) * 1024.0))
            factors[strand * 5 + k] = _FRACTIONS[steps & 1023] * _WHOLE[(steps >> 10) + 1000]


@compiled
def _add(values, unit, added, added_unit):
    """Add numbers of another unit to values; return the values' new unit."""
    largest = added.max()
    if largest == 0.0:
        return unit
    difference = added_unit - unit
    if difference + np.log2(largest) > MOST_BITS:
        values *= 2.0 ** np.rint(-difference)
        unit += np.rint(difference)
        difference -= np.rint(difference)
    values += added * 2.0**difference
    return unit


@compiled
def _near_one(values, unit):
    """Bring values back to about 1 where they are far from it; return their new unit."""
    largest = values.max()
    if largest == 0.0 or 2.0**-MOST_BITS < largest < 2.0**MOST_BITS:
        return unit
    shift = np.rint(np.log2(largest))
    values *= 2.0**-shift
    return unit + shift


@compiled
def _bits_of_end(sites, inside, strand, i, sign):
    return np.array([sites[strand, i] + sign * inside[strand, content, i] for content in range(2)])


@compiled
def _take_steps(tracks, automaton, i, group, of, onto):
    """Fill the sums of what steps from states to states bring across border i.

    Args:
        of: (S,) values, and the state that each allowed step brings them from; onto: (S,) sums, and the state it brings them to.
    """
    values, at = of
    sums, to = onto
    sums[:] = 0.0
    for x in range(automaton.allowed_first[group], automaton.allowed_first[group + 1]):
        sums[to[x]] += values[at[x]]
    for x in range(automaton.allowed_first[group + 3], automaton.allowed_first[group + 4]):
        e = automaton.allowed[x]
        bits = np.float64(tracks.border[automaton.border_strand[e], automaton.border[e], i])
        if bits > UNLIKELY:
            sums[to[x]] += values[at[x]] * 2.0**bits


@compiled
def _sum_before(tracks, automaton, enter, borders, sums, units):
    """Fill (b, S) sums of paths up to each border and (b,) their units."""
    n, n_states = len(tracks.bases), len(automaton.label)
    half = len(automaton.family_strand) // 2
    introns = _no_introns(tracks.opening, automaton, tracks)
    families, leaving, leaving_unit = np.zeros(half), np.zeros((2, half)), np.zeros(2)
    from_state, to_state = automaton.source[automaton.allowed], automaton.target[automaton.allowed]
    emission, factors = automaton.strand * 5 + automaton.emission, np.ones(10)
    after, arriving = np.empty(n_states), np.empty(n_states)
    value = np.where(enter > UNLIKELY, 2.0 ** np.maximum(enter, -1000.0), 0.0)
    unit, row = 0.0, 0
    for i in range(n + 1):
        while row < len(borders) and borders[row] == i:
            sums[row] = value
            units[row] = unit
            row += 1
        if i == n:
            break
        base_before = tracks.bases[i - 1] if i else np.uint8(NO_BASE)
        for strand in range(2):
            if tracks.opening[strand, i] > UNLIKELY:
                group = strand * 5 + base_before
                families[:] = 0.0
                for x in range(automaton.may_open_first[group], automaton.may_open_first[group + 1]):
                    o = automaton.may_open[x]
                    families[automaton.open_family[o] - strand * half] += value[automaton.open_state[o]]
                if families.max() > 0.0:
                    bits = _bits_of_end(tracks.opening, tracks.inside, strand, i, -1.0)
                    _begin_introns(introns, strand, i, families, bits + unit)
            leaving_unit[strand] = -np.inf
            if tracks.closing[strand, i] > UNLIKELY:
                bits = _bits_of_end(tracks.closing, tracks.inside, strand, i, 1.0)
                leaving_unit[strand] = _end_introns(introns, strand, i, bits, leaving[strand])
        group = (base_before * 5 + tracks.bases[i]) * 4
        _take_steps(tracks, automaton, i, group, (value, from_state), (after, to_state))
        for strand in range(2):
            if leaving_unit[strand] > -np.inf:
                arriving[:] = 0.0
                for x in range(
                    automaton.allowed_first[group + 1 + strand], automaton.allowed_first[group + 2 + strand]
                ):
                    arriving[to_state[x]] += leaving[strand, from_state[x] - n_states - strand * half]
                unit = _add(after, unit, arriving, leaving_unit[strand])
        _fill_factors(tracks, i, factors)
        for s in range(n_states):
            value[s] = after[s] * factors[emission[s]]
        unit = _near_one(value, unit)


@compiled
def _sum_behind(tracks, automaton, leave, borders, sums, units):
    """Fill (b, S) sums of paths from each border on and (b,) their units."""
    n, n_states = len(tracks.bases), len(automaton.label)
    half = len(automaton.family_strand) // 2
    introns = _no_introns(tracks.closing, automaton, tracks)
    closed, opened = np.zeros((2, half)), np.zeros(half)
    from_state, to_state = automaton.source[automaton.allowed], automaton.target[automaton.allowed]
    emission, factors = automaton.strand * 5 + automaton.emission, np.ones(10)
    before, arriving = np.empty(n_states), np.empty(n_states)
    value = np.where(leave > UNLIKELY, 2.0 ** np.maximum(leave, -1000.0), 0.0)
    unit, row = 0.0, len(borders) - 1
    for i in range(n, -1, -1):
        while row >= 0 and borders[row] == i:
            sums[row] = value
            units[row] = unit
            row -= 1
        if i == 0:
            break
        i -= 1
        base_before = tracks.bases[i - 1] if i else np.uint8(NO_BASE)
        group = (base_before * 5 + tracks.bases[i]) * 4
        _fill_factors(tracks, i, factors)
        for s in range(n_states):
            value[s] *= factors[emission[s]]
        _take_steps(tracks, automaton, i, group, (value, to_state), (before, from_state))
        for strand in range(2):
            if tracks.closing[strand, i] > UNLIKELY:
                closed[strand] = 0.0
                for x in range(
                    automaton.allowed_first[group + 1 + strand], automaton.allowed_first[group + 2 + strand]
                ):
                    closed[strand, from_state[x] - n_states - strand * half] += value[to_state[x]]
                if closed[strand].max() > 0.0:
                    bits = _bits_of_end(tracks.closing, tracks.inside, strand, i, 1.0)
                    _begin_introns(introns, strand, n - i, closed[strand], bits + unit)
        for strand in range(2):
            if tracks.opening[strand, i] > UNLIKELY:
                bits = _bits_of_end(tracks.opening, tracks.inside, strand, i, -1.0)
                opened_unit = _end_introns(introns, strand, n - i, bits, opened)
                if opened_unit > -np.inf:
                    arriving[:] = 0.0
                    group = strand * 5 + base_before
                    for x in range(automaton.may_open_first[group], automaton.may_open_first[group + 1]):
                        o = automaton.may_open[x]
                        arriving[automaton.open_state[o]] += opened[automaton.open_family[o] - strand * half]
                    unit = _add(before, unit, arriving, opened_unit)
        value[:] = before
        unit = _near_one(value, unit)


def sum_paths(tracks: Tracks, automaton: Automaton, enter: np.ndarray, leave: np.ndarray, borders: np.ndarray) -> Sums:
    """Return the sums over all paths of a stretch at some borders; other arguments as of `search.best_path`."""
    n, n_states = len(tracks.bases), len(automaton.label)
    borders = np.unique(np.append(borders, n))
    before, behind = np.empty((len(borders), n_states)), np.empty((len(borders), n_states))
    before_unit, behind_unit = np.empty(len(borders)), np.empty(len(borders))
    _sum_before(tracks, automaton, enter, borders, before, before_unit)
    _sum_behind(tracks, automaton, leave, borders, behind, behind_unit)
    with np.errstate(divide="ignore"):
        total = np.log2(np.sum(before[-1] * behind[-1])) + before_unit[-1] + behind_unit[-1]
    return Sums(borders, before, before_unit, behind, behind_unit, float(total))


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


def path_probability(
    tracks: Tracks, automaton: Automaton, sums: Sums, states: np.ndarray, first: int, last: int
) -> float:
    """Return the share of all paths that agree with one from base `first` to base `last`: coding from end to end.

    Args:
        tracks, automaton: as in search.
        sums: over all paths, known at borders `first + 1` and `last + 1`.
        states: (n,) uint8 of the path (`search.best_path`).
        first, last: a gene's first and last coding base.
    """
    into, out = np.searchsorted(sums.borders, [first + 1, last + 1])
    with np.errstate(divide="ignore"):
        bits = (
            np.log2(sums.before[into, states[first]]) + sums.before_unit[into]
            + path_score(tracks, automaton, states, first, last)
            + np.log2(sums.behind[out, states[last]]) + sums.behind_unit[out]
            - sums.total
        )  # fmt: skip
    return float(2.0 ** min(bits, 0.0)) if np.isfinite(bits) else 0.0

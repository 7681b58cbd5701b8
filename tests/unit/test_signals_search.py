"""The search and the sums over all paths against an enumeration of every path, on sequences short enough for it."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helixtune.signals.automaton import (
    CODING,
    INTERGENIC,
    INTRON,
    LETTERS,
    NO_BASE,
    build_automaton,
    labels_of,
    restricted,
    stop_codons,
)
from helixtune.signals.posterior import path_probability, sum_paths
from helixtune.signals.search import IN_INTRON, NEVER, UNLIKELY, Tracks, best_path

AUTOMATON = build_automaton(1)
N_STATES = len(AUTOMATON.label)


def random_tracks(seed: int, n: int, spread: float = 2.0) -> Tracks:
    """Tracks of a random sequence; splice sites and starts may be anywhere, so that short sequences have introns."""
    rng = np.random.default_rng(seed)

    def scores(*shape):
        return np.rint(rng.normal(0, spread, shape) * 1024) / 1024

    def sites(share):
        return np.where(rng.random((2, n + 1)) < share, scores(2, n + 1), NEVER).astype(np.float32)

    border = np.zeros((2, 3, n + 1), np.float32)
    border[:, 1:] = np.where(rng.random((2, 2, n + 1)) < 0.6, scores(2, 2, n + 1), NEVER)
    lengths = np.array([NEVER, NEVER, -1.0, -0.5, -2.0])
    inside = np.zeros((2, 2, n + 1))
    inside[:, :, 1:] = np.cumsum(scores(2, 2, n), axis=2)
    bases = rng.choice(5, n, p=[0.15, 0.3, 0.25, 0.25, 0.05]).astype(np.uint8)
    return Tracks(bases, scores(2, 4, n).astype(np.float32), border, sites(0.5), sites(0.5), inside, lengths, 0.25)


def ends(rng) -> tuple[np.ndarray, np.ndarray]:
    enter, leave = np.full(N_STATES, NEVER), np.full(N_STATES, NEVER)
    for side in (enter, leave):
        side[0] = 0
        side[rng.choice(N_STATES, 6)] = -1.5
    return enter, leave


def fits(tracks: Tracks, i: int, allowed: int) -> bool:
    return bool(allowed >> (tracks.bases[i] if i >= 0 else NO_BASE) & 1)


def all_paths(tracks: Tracks, enter: np.ndarray, leave: np.ndarray):
    """Yield (score, states) of every path, one base or intron after another, straight from the tables' meaning."""
    a, n = AUTOMATON, len(tracks.bases)
    half = len(a.family_strand) // 2
    longest = len(tracks.lengths) - 1

    def onto(i, source, state, score, path):
        for e in range(a.first[state], a.first[state + 1]):
            if a.source[e] == source and fits(tracks, i, a.here[e]) and fits(tracks, i - 1, a.before[e]):
                step = score + tracks.border[a.border_strand[e], a.border[e], i]
                if a.emission[state] < 4:
                    step += tracks.emission[a.strand[state], a.emission[state], i]
                if step > UNLIKELY:
                    yield from walk(i + 1, state, step, [*path, state])

    def walk(i, state, score, path):
        if i == n:
            if leave[state] > UNLIKELY:
                yield score + leave[state], path
            return
        for target in range(N_STATES):
            yield from onto(i, state, target, score, path)
        for o in range(len(a.open_state)):
            if a.open_state[o] != state or not fits(tracks, i - 1, a.open_before[o]):
                continue
            family = a.open_family[o]
            strand, content = a.family_strand[family], 0 if a.coding_family[family % half] else 1
            for j in range(i + 1, n):
                length = j - i
                bits = tracks.lengths[min(length, longest)] - tracks.tail * max(length - longest, 0)
                bits += tracks.opening[strand, i] + tracks.closing[strand, j]
                bits += tracks.inside[strand, content, j] - tracks.inside[strand, content, i]
                if bits > UNLIKELY:
                    for target in range(N_STATES):
                        yield from onto(j, N_STATES + family, target, score + bits, [*path, *[IN_INTRON] * length])

    for state in np.flatnonzero(enter > UNLIKELY):
        yield from walk(0, int(state), float(enter[state]), [])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9))
def test_best_path_and_sum_are_those_of_all_paths(seed, n):
    tracks = random_tracks(seed, n)
    enter, leave = ends(np.random.default_rng(seed + 1))
    paths = list(all_paths(tracks, enter, leave))
    score, states, _ = best_path(tracks, AUTOMATON, enter, leave)
    best = max(found for found, _ in paths)
    assert score == pytest.approx(best, abs=1e-6)
    assert any(found == pytest.approx(best, abs=1e-6) and path == states.tolist() for found, path in paths)
    total = np.logaddexp2.reduce([found for found, _ in paths])
    assert sum_paths(tracks, AUTOMATON, enter, leave, np.array([], int)).total == pytest.approx(total, abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["plus", "minus", "no UTR"]))
def test_a_restricted_model_knows_the_paths_through_its_states_alone(seed, kept):
    states = {
        "plus": (AUTOMATON.strand == 0),
        "minus": (AUTOMATON.strand == 1) | (AUTOMATON.label == INTERGENIC),
        "no UTR": np.isin(AUTOMATON.label, (INTERGENIC, CODING)),
    }[kept]
    model = restricted(AUTOMATON, states)
    tracks = random_tracks(seed, 8)
    enter = np.where(states, ends(np.random.default_rng(seed + 1))[0], NEVER)
    inside = {IN_INTRON, *np.flatnonzero(states).tolist()}
    scores = [found for found, path in all_paths(tracks, enter, enter) if inside.issuperset(path)]
    score, _, _ = best_path(tracks, model, enter, enter)
    assert score == pytest.approx(max(scores), abs=1e-6)
    total = sum_paths(tracks, model, enter, enter, np.array([], int)).total
    assert total == pytest.approx(np.logaddexp2.reduce(scores), abs=1e-4)


def test_sums_hold_where_paths_differ_by_thousands_of_bits():
    tracks = random_tracks(5, 9)
    strong = tracks._replace(
        emission=tracks.emission * 100,
        inside=tracks.inside * 100,
        opening=np.where(tracks.opening > UNLIKELY, 900, NEVER),
    )
    enter, leave = ends(np.random.default_rng(6))
    scores = [found for found, _ in all_paths(strong, enter, leave)]
    assert max(scores) > 1000
    total = sum_paths(strong, AUTOMATON, enter, leave, np.array([], int)).total
    assert total == pytest.approx(np.logaddexp2.reduce(scores), abs=1e-3)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_probability_of_a_part_is_the_share_of_paths_that_hold_it(seed):
    tracks = random_tracks(seed, 9)
    enter, leave = ends(np.random.default_rng(seed + 1))
    paths = list(all_paths(tracks, enter, leave))
    _, states, _ = best_path(tracks, AUTOMATON, enter, leave)
    coding = np.flatnonzero(labels_of(states, AUTOMATON) == CODING)
    between = labels_of(states, AUTOMATON)[coding.min() : coding.max()] if len(coding) else []
    assume(len(coding) > 1 and np.isin(between, [CODING, INTRON]).all())  # one gene
    first, last = int(coding[0]), int(coding[-1])
    sums = sum_paths(tracks, AUTOMATON, enter, leave, np.array([first + 1, last + 1]))
    holding = [found for found, path in paths if path[first : last + 1] == states.tolist()[first : last + 1]]
    expected = 2 ** (np.logaddexp2.reduce(holding) - np.logaddexp2.reduce([found for found, _ in paths]))
    assert path_probability(tracks, AUTOMATON, sums, states, first, last) == pytest.approx(expected, abs=1e-4)


def mirrored(tracks: Tracks) -> Tracks:
    """The same scores for the other strand of the same sequence."""
    bases = np.where(tracks.bases < NO_BASE, 3 - tracks.bases, NO_BASE)[::-1].astype(np.uint8)
    inside = tracks.inside[::-1, :, -1:] - tracks.inside[::-1, :, ::-1]
    return tracks._replace(
        bases=bases, emission=tracks.emission[::-1, :, ::-1].copy(), border=tracks.border[::-1, :, ::-1].copy(),
        opening=tracks.closing[::-1, ::-1].copy(), closing=tracks.opening[::-1, ::-1].copy(), inside=inside.copy(),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_both_strands_are_alike(seed):
    tracks = random_tracks(seed, 300)
    # the first base may begin a gene, the last not end one: a gene is followed by a base that is intergenic
    tracks.border[:, 1:, [0, 1, -2, -1]] = NEVER
    tracks.emission[:, 0, [0, -1]] = -1000
    ends = np.full(N_STATES, NEVER)
    ends[0] = 0
    score, states, strands = best_path(tracks, AUTOMATON, ends, ends)
    other, other_states, other_strands = best_path(mirrored(tracks), AUTOMATON, ends, ends)
    assert score == other
    labels, other_labels = labels_of(states, AUTOMATON), labels_of(other_states, AUTOMATON)[::-1]
    if np.array_equal(labels, other_labels):  # ties may be broken in another way
        genic = labels > 0
        assert (strands[genic] != other_strands[::-1][genic]).all()


@pytest.mark.parametrize("genetic_code", [1, 2, 6, 10, 12, 23, 26, 27])
def test_coding_sequences_end_at_the_first_stop_codon_of_their_code(genetic_code):
    automaton = build_automaton(genetic_code)
    stops = stop_codons(genetic_code)
    ends = np.full(len(automaton.label), NEVER)
    ends[0] = 0
    found = 0
    for seed in range(15):
        tracks = random_tracks(seed, 500, 1.0)
        tracks.border[:, 1:] = np.where(tracks.border[:, 1:] > UNLIKELY, 0, tracks.border[:, 1:])
        tracks = tracks._replace(emission=np.abs(tracks.emission), opening=np.full_like(tracks.opening, NEVER))
        _, states, strands = best_path(tracks, automaton, ends, ends)
        labels = labels_of(states, automaton)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], (labels == CODING).astype(int), [0]])))
        assert not (labels == INTRON).any()
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            bases = tracks.bases[begin:end]
            if strands[begin]:
                bases = np.where(bases < NO_BASE, 3 - bases, NO_BASE)[::-1]
            text = "".join((LETTERS + "N")[base] for base in bases)
            codons = [text[i : i + 3] for i in range(0, len(text), 3)]
            assert codons[0] == "ATG"
            assert codons[-1] in stops
            assert not any(stops.get(codon, False) for codon in codons[:-1])
            found += 1
    assert found > 8

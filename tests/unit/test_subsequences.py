import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helixtune.errors import FormatError, ParameterError
from helixtune.subsequences import (
    Rows,
    cut_sequence,
    match_rows,
    reverse_complement,
    seqid_array,
    strand_runs,
    take_rows,
    to_contiguous_register,
    to_padding_last,
)


def rows_of(lengths: dict[str, int], width: int, species: str = "s") -> Rows:
    pieces = {seqid: cut_sequence(length, width) for seqid, length in lengths.items()}
    seqids = np.concatenate([np.full(len(cuts), seqid.encode(), "S50") for seqid, cuts in pieces.items()])
    return Rows(np.full(len(seqids), species.encode(), "S25"), seqids, np.concatenate(list(pieces.values())))


def test_minus_rows_use_the_plus_cuts_in_reverse_order():
    assert cut_sequence(21, 9).tolist() == [[0, 9], [9, 18], [18, 21], [21, 18], [18, 9], [9, 0]]


def test_a_width_below_one_is_refused():
    with pytest.raises(ParameterError, match="at least 1"):
        cut_sequence(10, 0)


def test_padding_is_at_the_end_on_both_strands():
    track = np.arange(1, 22)
    rows = take_rows(track, cut_sequence(21, 9), 9)
    assert rows[2].tolist() == [19, 20, 21, 0, 0, 0, 0, 0, 0]
    assert rows[3].tolist() == [21, 20, 19, 0, 0, 0, 0, 0, 0]


@given(st.integers(1, 60), st.integers(1, 20))
def test_rows_hold_every_base_once_a_strand(length, width):
    start_ends = cut_sequence(length, width)
    rows = take_rows(np.arange(1, length + 1), start_ends, width)
    plus = start_ends[:, 0] < start_ends[:, 1]
    for strand in (plus, ~plus):
        assert sorted(rows[strand][rows[strand] > 0].tolist()) == list(range(1, length + 1))


@given(st.integers(1, 40), st.integers(1, 12))
def test_moving_the_padding_there_and_back_changes_nothing(length, width):
    start_ends = cut_sequence(length, width)
    rows = take_rows(np.arange(1, length + 1), start_ends, width)
    assert (to_padding_last(to_contiguous_register(rows, start_ends), start_ends) == rows).all()


def test_the_contiguous_register_joins_minus_rows_without_a_gap():
    start_ends = cut_sequence(21, 9)
    minus = to_contiguous_register(take_rows(np.arange(1, 22), start_ends, 9), start_ends)[3:]
    assert minus.reshape(-1).tolist() == [0] * 6 + list(range(21, 0, -1))


@given(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=9))
def test_reverse_complement_twice_is_identity(rows):
    bases = np.array(rows)
    assert (reverse_complement(reverse_complement(bases)) == bases).all()


def test_rows_are_matched_by_coordinates_not_by_position():
    first, second = rows_of({"a": 20, "b": 15}, 9), rows_of({"b": 15, "a": 20}, 9)
    found = match_rows(first, second, "labels", "predictions")
    assert second[found].keys() == first.keys()
    assert found.tolist() != list(range(len(first)))


def test_a_row_without_partner_is_named():
    with pytest.raises(FormatError, match=r"labels has a subsequence b:0-9\(\+\)"):
        match_rows(rows_of({"a": 20, "b": 15}, 9), rows_of({"a": 20}, 9), "labels", "predictions")


def test_a_row_that_occurs_twice_is_refused():
    once = rows_of({"a": 9}, 9)
    twice = once[np.array([0, 1, 0])]
    with pytest.raises(FormatError, match="twice"):
        match_rows(once, twice, "labels", "predictions")


def test_strand_runs_read_five_to_three():
    runs = strand_runs(rows_of({"a": 21, "b": 4}, 9))
    assert [(run.seqid, run.strand, run.row_indices.tolist(), run.length_bp) for run in runs] == [
        ("a", "+", [0, 1, 2], 21),
        ("a", "-", [3, 4, 5], 21),
        ("b", "+", [6], 4),
        ("b", "-", [7], 4),
    ]


def test_a_filtered_file_is_not_a_whole_strand():
    rows = rows_of({"a": 30}, 9)
    with pytest.raises(FormatError, match="do not join"):
        strand_runs(rows[np.array([0, 2, 3, 4, 5, 6, 7])])


def test_names_that_one_file_has_cut_are_joined_by_what_is_left():
    def rows(*names: bytes) -> Rows:
        n = len(names)
        return Rows(np.full(n, b"sp", "S25"), seqid_array(names), np.full((n, 2), [0, 9]))

    long, short = rows(b"y", b"x" * 60), rows(b"x" * 50, b"y")
    assert match_rows(long, short, "a", "b").tolist() == [1, 0]
    assert match_rows(short, long, "a", "b").tolist() == [1, 0]
    apart = rows(b"x" * 60 + b"1", b"x" * 60 + b"2")
    assert match_rows(apart, apart[::-1], "a", "b").tolist() == [1, 0]
    with pytest.raises(FormatError, match="twice"):
        match_rows(short, apart, "a", "b")

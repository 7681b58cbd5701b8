"""Splitting: what must hold for any input, and the draws of upstream's script."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helixtune.errors import EmptyResultError, ParameterError
from helixtune.selection.shards import RowShards
from helixtune.splitting.partition import (
    LEFT_OUT,
    TRAIN,
    VALIDATION,
    RowMeasures,
    SplitSettings,
    find_places,
    split_as_upstream,
    split_rows,
)
from helixtune.subsequences import Rows, cut_sequence

WIDTH = 100


def genome(lengths: dict[str, int], keep=1.0, seed=0) -> tuple[Rows, RowMeasures]:
    """Rows of some sequences, a random part of them kept, with random labels."""
    rng = np.random.default_rng(seed)
    parts = [(seqid, cut_sequence(length, WIDTH)) for seqid, length in lengths.items()]
    start_ends = np.concatenate([part for _, part in parts])
    seqids = np.concatenate([np.full(len(part), seqid.encode(), "S50") for seqid, part in parts])
    rows = Rows(np.full(len(seqids), b"sp", "S25"), seqids, start_ends)
    chosen = np.sort(rng.permutation(len(rows))[: max(1, round(keep * len(rows)))])
    rows = rows[chosen]
    intergenic = (rng.beta(0.5, 0.5, len(rows)) * rows.valid_lengths).astype(np.int64)
    rest = rows.valid_lengths - intergenic
    counts = np.stack([intergenic, rest // 4, rest - 2 * (rest // 4), rest // 4], axis=1)
    return rows, RowMeasures(counts, rng.normal(0.4, 0.05, len(rows)))


def check(rows: Rows, split) -> None:
    """Neither side empty; both strands together; no training place touches a validation place unless said."""
    places = find_places(rows)
    sides = {place: set(split.sides[places.members == place]) for place in range(len(places.starts))}
    assert all(len(found) == 1 for found in sides.values())
    by_place = np.array([found.pop() for found in sides.values()])
    assert (by_place == TRAIN).any()
    assert (by_place == VALIDATION).any()
    if not split.warnings:
        touching = places.follows[1:] & (by_place[1:] + by_place[:-1] == TRAIN + VALIDATION)
        assert not (touching & (by_place[1:] != by_place[:-1]) & (by_place[1:] >= 0) & (by_place[:-1] >= 0)).any()


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 3000), min_size=1, max_size=6),
    keep=st.floats(0.1, 1),
    fraction=st.floats(0.05, 0.6),
    seed=st.integers(0, 99),
)
def test_no_side_is_empty_and_strands_stay_together(lengths, keep, fraction, seed):
    rows, measures = genome({f"s{i}": length for i, length in enumerate(lengths)}, keep, seed)
    settings_ = SplitSettings(fraction, seed)
    if len(find_places(rows).starts) < 2:
        with pytest.raises(EmptyResultError):
            split_rows(rows, measures, settings_)
        return
    check(rows, split_rows(rows, measures, settings_))


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_order_of_rows_does_not_matter(data):
    rows, measures = genome({"a": 2500, "b": 900}, 0.6)
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    shuffled = RowMeasures(measures.class_counts[order], measures.gc[order])
    sides = split_rows(rows, measures, SplitSettings()).sides
    assert np.array_equal(split_rows(rows[order], shuffled, SplitSettings()).sides, sides[order])


def test_whole_sequences_are_held_out_where_there_are_enough():
    rows, measures = genome({f"chr{i}": 6000 + 500 * i for i in range(10)})
    split = split_rows(rows, measures, SplitSettings())
    assert split.unit == "sequences"
    held_out = set(rows.seqids[split.sides == VALIDATION])
    assert held_out.isdisjoint(rows.seqids[split.sides == TRAIN])
    share = rows.valid_lengths[split.sides == VALIDATION].sum() / rows.valid_lengths.sum()
    assert share == pytest.approx(0.2, abs=0.05)
    assert not (split.sides == LEFT_OUT).any()


def test_one_sequence_is_parted_into_stretches_with_gaps_between():
    rows, measures = genome({"only": 20_000})
    split = split_rows(rows, measures, SplitSettings())
    check(rows, split)
    assert split.unit == "stretches"
    assert not split.warnings
    share = rows.valid_lengths[split.sides == VALIDATION].sum() / rows.valid_lengths.sum()
    assert share == pytest.approx(0.2, abs=0.05)
    assert 0 < (split.sides == LEFT_OUT).mean() < 0.12


def test_a_chromosome_beside_crumbs_does_not_become_the_validation_set():
    rows, measures = genome({"big": 30_000, "tiny": 200, "small": 300})
    split = split_rows(rows, measures, SplitSettings())
    share = rows.valid_lengths[split.sides == VALIDATION].sum() / rows.valid_lengths.sum()
    assert share == pytest.approx(0.2, abs=0.05)


def test_validation_is_like_the_rest():
    rows, measures = genome({"only": 60_000}, keep=0.5)
    split = split_rows(rows, measures, SplitSettings())
    shares = []
    for side in (split.sides == VALIDATION, np.ones(len(rows), bool)):
        fraction = measures.class_counts[side, 0] / measures.class_counts[side].sum(axis=1)
        shares.append(np.histogram(fraction, bins=4, range=(0, 1))[0] / side.sum())
    assert np.abs(shares[0] - shares[1]).sum() / 2 < 0.1


def test_two_touching_places_are_split_and_the_missing_gap_is_said():
    rows, measures = genome({"only": 200})
    split = split_rows(rows, measures, SplitSettings())
    check(rows, split)
    assert "Too few places for a gap" in split.warnings[0]


def test_the_seed_decides_and_nothing_else():
    rows, measures = genome({"only": 40_000}, keep=0.7)
    first, again, other = (split_rows(rows, measures, SplitSettings(seed=seed)).sides for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_many_scaffolds_are_split_in_bounded_time():
    rows, measures = genome({f"scaffold{i}": 150 for i in range(5000)})
    split = split_rows(rows, measures, SplitSettings())
    assert split.unit == "sequences"


def test_upstreams_draw_is_repeated_with_the_seed_of_the_golden_run(golden):
    with RowShards([golden / "filtered.h5"], ("data/y",)) as source:
        split = split_as_upstream(source.read_identity(), SplitSettings(method="upstream", seed=0))
    for side, name in ((TRAIN, "training"), (VALIDATION, "validation")):
        with h5py.File(golden / "filtered.h5") as ours, h5py.File(golden / f"{name}_data.h5") as theirs:
            for dataset in theirs["data"]:
                assert np.array_equal(ours["data"][dataset][:][split.sides == side], theirs["data"][dataset][:])


def test_upstreams_draw_holds_out_of_both_halves_of_the_n90():
    lengths = {f"big{i}": 9000 for i in range(6)} | {f"small{i}": 900 for i in range(6)}
    rows, _ = genome(lengths)
    for seed in range(5):
        split = split_as_upstream(rows, SplitSettings(method="upstream", seed=seed))
        held_out = np.unique(rows.seqids[split.sides == VALIDATION]).astype(str).tolist()
        # 6 sequences make up the N90: ceil(0.2 * 6) = 2 of them, and 2 of the other 6.
        assert [name[:3] for name in held_out] == ["big", "big", "sma", "sma"]


def test_upstreams_draw_of_one_sequence_is_an_error_not_an_empty_file():
    rows, _ = genome({"only": 900})
    with pytest.raises(EmptyResultError, match="use --method blocks"):
        split_as_upstream(rows, SplitSettings(method="upstream"))


@pytest.mark.parametrize("options", [{"validation_fraction": 0}, {"validation_fraction": 1}, {"method": "other"}])
def test_settings_that_cannot_work_are_refused(options):
    with pytest.raises(ParameterError):
        SplitSettings(**options)

"""What holds for any selection: the order of rows, the size of blocks and the length of prediction rows never matter."""

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helixtune.h5files import CLASS_PROBS, CLASSES
from helixtune.selection import blocks
from helixtune.selection.run import SelectionFiles, choose, select_confident
from helixtune.selection.settings import SelectionSettings
from helixtune.selection.shards import RowShards
from helixtune.selection.strata import assign_strata, dealing_order, fair_shares
from selection_files import World

WORLD = World({"long": 1850, "short": 70, "mid": 930})
QUICK = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def selection(training, predictions, **options):
    files = SelectionFiles([training], [predictions], [], None, "auto", None, None, None)
    with RowShards([training], (CLASSES,)) as rows, RowShards([predictions], (CLASS_PROBS,)) as probs:
        return choose(rows, probs, files, SelectionSettings(**options), 2)


def kept_names(result) -> set:
    return set(result.candidates.rows[result.choice.kept].keys())


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    return WORLD.training(folder / "t.h5", 90), WORLD.predictions(folder / "p.h5", 90)


@QUICK
@given(data=st.data())
def test_order_of_rows_in_either_file_does_not_matter(files, tmp_path, data):
    n = len(h5py.File(files[0])[CLASSES])
    orders = [np.array(data.draw(st.permutations(range(n)))) for _ in range(2)]
    training = WORLD.training(tmp_path / "t.h5", 90, order=orders[0])
    predictions = WORLD.predictions(tmp_path / "p.h5", 90, order=orders[1])
    shuffled = selection(training, predictions, keep_fraction=0.3)
    assert kept_names(shuffled) == kept_names(selection(*files, keep_fraction=0.3))


@QUICK
@given(budget=st.integers(1, 200_000), write_by=st.integers(1, 5000))
def test_block_sizes_do_not_matter(files, tmp_path, budget, write_by):
    def written(name, write_by):
        plan = SelectionFiles([files[0]], [files[1]], [], None, "auto", tmp_path / name, None, None)
        select_confident(plan, SelectionSettings(keep_fraction=0.3, min_gene_confidence=0.8), "fail", write_by, 2)
        with h5py.File(tmp_path / name) as file:
            return {dataset: file["data"][dataset][:] for dataset in file["data"]}

    usual = written("usual.h5", 6_415_200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BUDGET_BYTES", budget)
        small = written("small.h5", write_by)
    for name, array in usual.items():
        assert np.array_equal(array, small[name]), name


@QUICK
@given(fractions=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)))
def test_a_larger_fraction_keeps_all_that_a_smaller_one_keeps(files, fractions):
    less, more = (kept_names(selection(*files, keep_fraction=f)) for f in sorted(fractions))
    assert less <= more


@QUICK
@given(caps=st.tuples(st.integers(90, 6000), st.integers(90, 6000)))
def test_a_larger_cap_of_bases_keeps_all_that_a_smaller_one_keeps(files, caps):
    less, more = (selection(*files, keep_fraction=1, max_bases=cap) for cap in sorted(caps))
    assert kept_names(less) <= kept_names(more)
    assert less.candidates.rows[less.choice.kept].valid_lengths.sum() <= min(caps)


@pytest.mark.parametrize("register", ["last", "upstream"])
@pytest.mark.parametrize("multiple", [1, 3, 10])
def test_longer_prediction_rows_in_either_register_give_the_same_selection(files, tmp_path, register, multiple):
    predictions = WORLD.predictions(tmp_path / "p.h5", 90 * multiple, register=register)
    found = selection(files[0], predictions)
    usual = selection(*files)
    assert kept_names(found) == kept_names(usual)
    assert np.array_equal(found.candidates.scores.class_sums, usual.candidates.scores.class_sums)
    assert np.array_equal(found.candidates.scores.phase_sums, usual.candidates.scores.phase_sums)


@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=7))
def test_dealing_follows_the_fair_shares_and_takes_every_row_once(sizes):
    sizes = np.array(sizes)
    order = dealing_order(sizes)
    assert np.array_equal(np.bincount(order, minlength=len(sizes)), sizes)
    for total in range(len(order) + 1):
        taken = np.bincount(order[:total], minlength=len(sizes))
        assert np.abs(taken - fair_shares(sizes, np.array([total]))[0]).max() <= 1 + len(sizes) / 2


@given(
    fractions=st.lists(st.one_of(st.just(1.0), st.floats(0, 1)), min_size=1, max_size=80),
    n_strata=st.integers(1, 8),
)
def test_strata_rise_with_the_intergenic_fraction_and_never_mix_all_intergenic_rows(fractions, n_strata):
    fractions = np.array(fractions)
    strata = assign_strata(fractions, n_strata)
    assert set(strata) == set(range(strata.max() + 1))
    assert strata.max() < max(n_strata, 1)
    order = np.argsort(fractions, kind="stable")
    assert (np.diff(strata[order]) >= 0).all()
    if n_strata > 1 and (fractions == 1).any() and (fractions < 1).any():
        assert set(strata[fractions == 1]).isdisjoint(strata[fractions < 1])

"""Rows as the network is trained on them: which are kept, their register and their weights."""

import h5py
import numpy as np
import pytest

from helixtune.errors import EmptyResultError, FormatError, ParameterError, ShapeError
from helixtune.training.batches import (
    Weighting,
    batches_in_order,
    class_factors,
    class_numbers,
    shuffled_batches,
    transition_factors,
)
from helixtune.training.labelled_rows import LabelledRows, Layout
from training_rows import write_rows

L, P = 12, 3


def test_keeps_annotated_rows_with_valid_bases(tmp_path, caplog):
    ends = [(0, 12), (12, 24), (24, 36), (36, 48)]
    path = write_rows(tmp_path / "t.h5", ends, annotated=[1, 0, 1, 1], valid=[1, 1, 0, 1])
    with LabelledRows([path, path], Layout(P), "training") as rows, h5py.File(path) as file:
        assert len(rows) == 4
        np.testing.assert_array_equal(rows.inputs(np.array([3, 0])), file["data/X"][:][[3, 0]])


def test_padding_of_minus_rows_comes_first(tmp_path):
    path = write_rows(tmp_path / "t.h5", [(0, 8), (8, 0)], tracks=2)
    with LabelledRows([path], Layout(P, 2, "log"), "training") as rows:
        inputs, targets = rows.inputs(np.arange(2)), rows.targets(np.arange(2))
    assert inputs.shape == (2, L, 8)
    assert not inputs[0, 8:, :4].any()
    assert not inputs[1, :4, :4].any()
    np.testing.assert_allclose(inputs[1, :4, 4:], np.log(0.1), rtol=1e-3)  # padding is -1: ln(-1 + 1.1)
    assert (targets.classes.reshape(2, L)[1, :4] == 255).all()
    np.testing.assert_array_equal(targets.is_valid, [[1, 1, 0, 0], [0, 0, 1, 1]])


def test_linear_coverage_and_order_of_channels(tmp_path):
    path = write_rows(tmp_path / "t.h5", [(0, 12)], tracks=2)
    with LabelledRows([path], Layout(P, 2, "linear"), "training") as rows, h5py.File(path) as file:
        inputs = rows.inputs(np.arange(1))[0]
        expected = [file[f"evaluation/rnaseq_{name}coverage"][0] / 100 for name in ("", "spliced_")]
    np.testing.assert_allclose(inputs[:, 4:], np.concatenate(expected, axis=-1), rtol=1e-3)


def test_rest_of_a_step_is_cut(tmp_path):
    path = write_rows(tmp_path / "t.h5", [(0, 12)])
    with LabelledRows([path], Layout(5), "training") as rows:
        assert rows.inputs(np.arange(1)).shape == (1, 10, 4)
        assert rows.targets(np.arange(1)).classes.shape == (1, 2, 5)


def test_one_masked_base_masks_its_step(tmp_path):
    path = write_rows(tmp_path / "t.h5", [(0, 12)])
    with h5py.File(path, "a") as file:
        file["data/sample_weights"][0, 4] = 0
    with LabelledRows([path], Layout(P), "training") as rows:
        targets = rows.targets(np.arange(1), Weighting((1, 1, 1, 1)))
    assert targets.is_valid.tolist() == [[True, False, True, True]]
    assert targets.weights[0, 1] == 0


def test_class_weights_add_up_over_classes_of_a_step():
    one_hot = np.eye(4, dtype=np.int8)[np.array([[[0, 0, 1], [2, 2, 2]]])]
    np.testing.assert_allclose(class_factors(one_hot, (0.7, 1.6, 1.2, 1.3)), [[2.3, 1.2]])


def test_transition_weights_add_up_and_none_is_one():
    transitions = np.zeros((1, 3, 2, 6), np.int8)
    transitions[0, 0, :, 1] = 1  # two bases, one category: counts once
    transitions[0, 1, 0, 0] = transitions[0, 1, 1, 4] = 1
    np.testing.assert_allclose(transition_factors(transitions, (1, 12, 3, 1, 5, 3)), [[12, 6, 1]])


def test_unlabelled_base_is_no_class():
    assert class_numbers(np.array([[0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])).tolist() == [255, 0, 3]


def test_shuffling_depends_on_seed_and_epoch_only():
    first, again, other = (shuffled_batches(10, 4, 7, epoch) for epoch in (0, 0, 1))
    assert [batch.tolist() for batch in first] == [batch.tolist() for batch in again]
    assert sorted(np.concatenate(other)) == list(range(10))
    assert np.concatenate(first).tolist() != np.concatenate(other).tolist()
    assert [len(batch) for batch in first] == [4, 4, 2] == [len(batch) for batch in batches_in_order(10, 4)]


def test_empty_set_is_an_error(tmp_path):
    path = write_rows(tmp_path / "v.h5", [(0, 12)], valid=[0])
    with pytest.raises(EmptyResultError, match=r"validation set .*v\.h5.* no annotated row with a valid base among 1"):
        LabelledRows([path], Layout(P), "validation")


def test_files_of_unequal_length_are_an_error(tmp_path):
    one = write_rows(tmp_path / "a.h5", [(0, 12)])
    two = tmp_path / "b.h5"
    with h5py.File(one) as file, h5py.File(two, "w") as other:
        for name, dataset in file["data"].items():
            per_base = dataset.ndim > 1 and dataset.shape[1] == 12
            other[f"data/{name}"] = dataset[:, :9] if per_base else dataset[:]
    with pytest.raises(ShapeError, match="differ in their subsequence length"):
        LabelledRows([one, two], Layout(P), "training")


def test_coverage_must_be_there_with_as_many_tracks(tmp_path):
    with pytest.raises(FormatError, match="rnaseq_coverage"):
        LabelledRows([write_rows(tmp_path / "a.h5", [(0, 12)])], Layout(P, 1, "log"), "training")
    with pytest.raises(ShapeError, match="takes 1 BAM files"):
        LabelledRows([write_rows(tmp_path / "b.h5", [(0, 12)], tracks=2)], Layout(P, 1, "log"), "training")


@pytest.mark.parametrize("weights", [(1, 2, 3), (1, 1, 1, -1), (1, 1, 1, float("nan"))])
def test_class_weights_check_themselves(weights):
    with pytest.raises(ParameterError, match="--class-weights"):
        Weighting(class_weights=weights)

"""Five optimiser steps as upstream took them (cases/model 07 and 08): losses, weights afterwards, validation scores."""

import json

import numpy as np
import pytest

from helixtune.model.network import head_of, trunk_of
from helixtune.model.weights import read_model, read_model_file
from helixtune.training.batches import Weighting, batches_in_order
from helixtune.training.head_network import HeadNetwork
from helixtune.training.labelled_rows import LabelledRows, Layout
from helixtune.training.metrics import class_scores, confusion_matrix, genic_scores
from helixtune.training.optimisation import TrainableNetwork

CASES = ("07-steps-head", "08-steps-whole")


def take_steps(folder, expected):
    """Train on the first batches in file order; returns the full model and the losses before each step."""
    base = read_model(folder / "model_before.h5")
    weighting = Weighting(tuple(expected["class_weights"]), tuple(expected["transition_weights"]))
    trained = head_of(base.model) if expected["frozen_trunk"] else base.model
    network = TrainableNetwork(
        trained,
        expected["learning_rate"],
        expected["weight_decay"],
        clip_norm=expected["clip_norm"],
        input_dtype="float32",  # rounding the trunk's output to float16 would cost 2e-5
    )
    trunk = trunk_of(base.model)
    losses = []
    with LabelledRows([folder / "training_data.h5"], Layout(base.pool_size), "training") as rows:
        assert len(rows) == expected["rows_after_mask"]
        for numbers in batches_in_order(len(rows), expected["batch_size"])[: len(expected["steps"])]:
            bases = rows.inputs(numbers).astype(np.float32)
            inputs = np.asarray(trunk(bases, training=False)) if expected["frozen_trunk"] else bases
            losses.append(network.train([inputs], rows.targets(numbers, weighting)))
    return base.model, losses


def test_a_head_without_a_library_takes_the_same_steps(shared_dir):
    """Losses and weights of 07 again, from the head that is trained in NumPy."""
    folder = shared_dir / "cases" / "model" / "07-steps-head"
    expected = json.loads((folder / "expected.json").read_text())
    base, file = read_model(folder / "model_before.h5"), read_model_file(folder / "model_before.h5")
    weighting = Weighting(tuple(expected["class_weights"]), tuple(expected["transition_weights"]))
    rates = expected["learning_rate"], expected["weight_decay"]
    network = HeadNetwork(file.weights["dense"], 2, *rates, clip_norm=expected["clip_norm"], threads=2)
    trunk = trunk_of(base.model)
    with LabelledRows([folder / "training_data.h5"], Layout(base.pool_size), "training") as rows:
        batches = batches_in_order(len(rows), expected["batch_size"])
        for numbers, wanted in zip(batches, expected["steps"], strict=False):
            features = np.asarray(trunk(rows.inputs(numbers).astype(np.float32), training=False))
            assert network.train([features], rows.targets(numbers, weighting)) == pytest.approx(wanted, abs=3e-6)
    wanted = read_model_file(folder / "model_after.h5").weights["dense"]
    for found, after in zip(network.weights(), wanted, strict=True):
        np.testing.assert_allclose(found, after, atol=5e-6)


@pytest.fixture(scope="module", params=CASES)
def case(request, shared_dir):
    folder = shared_dir / "cases" / "model" / request.param
    expected = json.loads((folder / "expected.json").read_text())
    return folder, expected, *take_steps(folder, expected)


def test_losses_before_each_step(case):
    _, expected, _, losses = case
    for found, wanted in zip(losses, expected["steps"], strict=True):
        assert found == pytest.approx(wanted, abs=3e-6)  # sums of 13,000 float32 terms


def test_weights_after_five_steps(case):
    folder, expected, model, _ = case
    wanted = read_model(folder / "model_after.h5").model
    before = read_model(folder / "model_before.h5").model
    for found, after, start in zip(model.weights, wanted.weights, before.weights, strict=True):
        # 1e-6 with one thread; the order of a threaded sum moves a weight by a little more.
        np.testing.assert_allclose(found.numpy(), after.numpy(), atol=5e-6, err_msg=found.path)
        frozen = expected["frozen_trunk"] and "dense" not in found.path
        assert np.array_equal(found.numpy(), start.numpy()) == frozen, found.path


def test_validation_after_five_steps(case):
    folder, expected, model, _ = case
    network = TrainableNetwork(model, learning_rate=1e-3)
    matrices = np.zeros((2, 4, 4), np.int64)
    with LabelledRows([folder / "validation_data.h5"], Layout(9), "validation") as rows:
        for numbers in batches_in_order(len(rows), 8):
            targets = rows.targets(numbers)
            found = network.evaluate([rows.inputs(numbers)], targets)
            matrices[0] += confusion_matrix(targets.classes, found.classes, targets.is_valid)
            matrices[1] += confusion_matrix(targets.phases, found.phases, targets.is_valid)
    wanted = expected["validation_after"]
    # Arg-max ties within float rounding may move single bases of 38,907.
    assert np.abs(matrices[0] - wanted["confusion_genic"]).sum() <= 4
    assert np.abs(matrices[1] - wanted["confusion_phase"]).sum() <= 4


def test_scores_of_upstream_confusion_matrix(case):
    wanted = case[1]["validation_after"]
    matrix = np.array(wanted["confusion_genic"])
    found = {**class_scores(matrix, ("ig", "utr", "exon", "intron")), **genic_scores(matrix)}
    for name, figures in found.items():
        assert figures == pytest.approx({key: wanted["scores"][name][key] for key in figures}), name


def test_time_step_weights(case):
    folder, expected, *_ = case
    weighting = Weighting(tuple(expected["class_weights"]), tuple(expected["transition_weights"]))
    with LabelledRows([folder / "training_data.h5"], Layout(9), "training") as rows:
        weights = rows.targets(np.arange(2), weighting).weights
    np.testing.assert_allclose(weights, expected["first_batch_weight_rows"], rtol=1e-6)

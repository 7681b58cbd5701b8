"""The training loop: interruption, patience, divergence, checks within an epoch."""

import math
from dataclasses import replace

import numpy as np
import pytest

from helixtune.errors import EmptyResultError, ParameterError
from helixtune.model.graph import NetworkShape
from helixtune.model.network import build_network
from helixtune.training.batches import cut_batch
from helixtune.training.checkpoints import CheckpointFile
from helixtune.training.labelled_rows import LabelledRows, Layout
from helixtune.training.loop import DIVERGED, TrainingRun
from helixtune.training.optimisation import TrainableNetwork
from helixtune.training.outputs import warnings_of
from helixtune.training.settings import TrainingSettings
from training_rows import SHAPE, write_sets

SETTINGS = TrainingSettings(learning_rate=0.01, batch_size=4, epochs=3, patience=5, check_every_nth_batch=2)


class FailingRows:
    """Rows whose reading fails after a number of batches, as a disk or a machine may."""

    def __init__(self, rows, n_good):
        self.rows, self.n_left = rows, n_good

    def __len__(self):
        return len(self.rows)

    def batch(self, numbers, weighting):
        if not self.n_left:
            raise OSError("the disk is gone")
        self.n_left -= 1
        return self.rows.batch(numbers, weighting)


class BrokenRows(FailingRows):
    """Rows whose loss is not finite after a number of batches."""

    def batch(self, numbers, weighting):
        inputs, targets = self.rows.batch(numbers, weighting)
        if not self.n_left:
            return inputs, replace(targets, weights=targets.weights * np.nan)
        self.n_left -= 1
        return inputs, targets


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    paths = write_sets(tmp_path_factory.mktemp("rows"))
    layout = Layout(SHAPE["pool_size"])
    with LabelledRows([paths[0]], layout, "training") as train, LabelledRows([paths[1]], layout, "validation") as other:
        yield train, other


@pytest.fixture(scope="module")
def network():
    """One compiled network for all tests; each starts over from the same weights."""
    model = build_network(NetworkShape(**SHAPE, dropout1=0.2, dropout2=0.2), seed=0)
    network = TrainableNetwork(model, 0.01, 1e-4)
    return network, network.state()


@pytest.fixture
def fresh(network):
    network[0].restore(network[1])
    return network[0]


def test_interrupted_run_ends_as_undisturbed_one(rows, network, tmp_path, caplog):
    """With dropout, normalisation and moments, failing in every batch in turn."""
    net, start = network
    net.restore(start)
    undisturbed = TrainingRun(net, *rows, SETTINGS).run()
    checkpoint = CheckpointFile(tmp_path / "state.npz", interval_s=0)
    outcome = None
    for _ in range(20):
        net.restore(start)  # a new process knows nothing but the checkpoint
        try:
            outcome = TrainingRun(net, FailingRows(rows[0], 2), rows[1], SETTINGS, checkpoint=checkpoint).run()
            break
        except OSError:
            continue
    assert outcome.stopped == undisturbed.stopped == "all 3 epochs are done"
    for one, other in zip(outcome.best_weights, undisturbed.best_weights, strict=True):
        np.testing.assert_array_equal(one, other)
    without_time = [[str(replace(check, seconds=0)) for check in run.checks] for run in (outcome, undisturbed)]
    assert without_time[0] == without_time[1]


def test_checks_within_and_after_each_epoch(rows, fresh):
    outcome = TrainingRun(fresh, *rows, SETTINGS).run()
    places = [(check.epoch, check.batch) for check in outcome.checks]
    assert places == [(0, 0), (1, 2), (1, 3), (2, 2), (2, 3), (3, 2), (3, 3)]
    assert outcome.best.score("genic_f1") == max(check.genic_f1 for check in outcome.checks)


def test_patience_counts_checks(rows, fresh):
    settings = replace(SETTINGS, learning_rate=1e-12, epochs=10, patience=2, monitor="macro_f1", weight_decay=0.0)
    outcome = TrainingRun(fresh, *rows, settings).run()
    assert outcome.stopped == "2 checks without a better macro_f1"
    assert not outcome.improved


def test_start_that_does_not_count_is_always_replaced(rows, fresh):
    settings = replace(SETTINGS, learning_rate=1e-12, epochs=1, weight_decay=0.0)
    outcome = TrainingRun(fresh, *rows, settings, start_counts=False).run()
    assert outcome.improved
    assert outcome.best is outcome.checks[1]


def test_monitor_last_keeps_the_end_whatever_the_figures(rows, fresh):
    settings = replace(SETTINGS, monitor="last", patience=1)
    outcome = TrainingRun(fresh, *rows, settings).run()
    assert outcome.stopped == "all 3 epochs are done"
    assert outcome.best is outcome.checks[-1]
    assert all(np.array_equal(best, now) for best, now in zip(outcome.best_weights, fresh.weights(), strict=True))


def test_divergence_before_any_gain_is_an_error(rows, fresh):
    outcome = TrainingRun(fresh, BrokenRows(rows[0], 0), rows[1], SETTINGS).run()
    assert outcome.diverged
    with pytest.raises(ParameterError, match=r"diverged .* lower --learning-rate"):
        warnings_of(outcome, outcome.best_weights, "genic_f1", start_counts=True)


def test_divergence_after_a_gain_keeps_the_best_and_warns(rows, fresh):
    settings = replace(SETTINGS, monitor="loss", epochs=5)
    start = fresh.weights()
    outcome = TrainingRun(fresh, BrokenRows(rows[0], 5), rows[1], settings).run()
    assert outcome.stopped == DIVERGED
    assert all(np.isfinite(weight).all() for weight in outcome.best_weights)
    notes = warnings_of(outcome, start, "loss", start_counts=True)
    assert "diverged; the best weights before that were kept" in notes[0]


def test_start_that_nothing_beats_is_said(rows, fresh):
    settings = replace(SETTINGS, learning_rate=0.9, epochs=1, monitor="loss")
    outcome = TrainingRun(fresh, *rows, settings).run()
    notes = warnings_of(outcome, outcome.best_weights, "loss", start_counts=True)
    assert "Nothing beat the starting point" in notes[0]


def test_training_that_changes_nothing_is_an_error(rows, fresh):
    start = fresh.weights()
    outcome = TrainingRun(fresh, *rows, replace(SETTINGS, epochs=1), start_counts=False).run()
    with pytest.raises(EmptyResultError, match="changed no weight at all"):
        warnings_of(replace(outcome, best_weights=start), start, "genic_f1", start_counts=False)


def test_cosine_schedule_ends_near_zero(rows, fresh):
    outcome = TrainingRun(fresh, *rows, replace(SETTINGS, schedule="cosine")).run()
    rates = [check.learning_rate for check in outcome.checks]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0.01 * (1 + math.cos(math.pi * 8 / 9)) / 2)


def test_damaged_checkpoint_is_reported_and_ignored(rows, fresh, tmp_path, caplog):
    checkpoint = CheckpointFile(tmp_path / "state.npz")
    checkpoint.save({"epoch": 1}, [np.zeros(1000)], [])
    content = bytearray(checkpoint.path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    checkpoint.path.write_bytes(content)
    assert checkpoint.load() is None


def test_pieces_are_rows_of_their_own(rows):
    numbers = np.arange(3)
    inputs, targets = rows[0].batch(numbers, SETTINGS.weighting)
    cut_inputs, cut_targets = cut_batch(inputs, targets, 2)
    assert cut_inputs[0].shape == (6, 27, 4)
    np.testing.assert_array_equal(cut_inputs[0].reshape(inputs[0].shape), inputs[0])
    np.testing.assert_array_equal(cut_targets.classes[1], targets.classes[0, 9:])
    with pytest.raises(ParameterError, match="--pieces 4: rows of 18 time steps"):
        cut_batch(inputs, targets, 4)


@pytest.mark.parametrize(
    ("field", "value"),
    [("learning_rate", 0.0), ("learning_rate", math.nan), ("weight_decay", -1.0), ("epochs", 0), ("monitor", "luck")],
)
def test_settings_check_themselves(field, value):
    with pytest.raises(ParameterError, match=f"--{field.replace('_', '-')}"):
        replace(SETTINGS, **{field: value})

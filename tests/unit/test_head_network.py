"""The head trained in NumPy against the same head in Keras, and against itself with other numbers of threads."""

import numpy as np
import pytest

from helixtune.model.network import NetworkShape, build_network, head_of
from helixtune.training.batches import NO_CLASS, Targets
from helixtune.training.head_network import HeadNetwork, _single
from helixtune.training.optimisation import TrainableNetwork

RNG = np.random.default_rng(8)


def a_batch(*widths: int, rows=3, steps=40, positions=9) -> tuple[list[np.ndarray], Targets]:
    """Features with labels, of which some bases have none and some steps do not count."""
    inputs = [RNG.normal(size=(rows, steps, width)).astype(np.float16) for width in widths]
    classes, phases = RNG.integers(0, 4, (2, rows, steps, positions)).astype(np.uint8)
    weights = RNG.choice(np.array([0, 1, 2.5], np.float32), (rows, steps))
    classes[0, :5] = phases[0, :5] = NO_CLASS
    return inputs, Targets(classes, phases, weights, weights > 0)


def both(shape: NetworkShape, **options):
    """Return the head of a network twice: in Keras and in NumPy."""
    model = build_network(shape, seed=1)
    head = head_of(model)
    network = TrainableNetwork(head, 0.02, 1e-3)
    return network, HeadNetwork(head.get_weights(), 2 if shape.has_phase else 1, 0.02, 1e-3, **options)


@pytest.mark.parametrize(
    ("shape", "widths"),
    [
        (NetworkShape(units=4, filter_depth=4), (8,)),
        (NetworkShape(units=4, filter_depth=4, has_phase=False), (8,)),
        (NetworkShape(units=4, filter_depth=4, coverage_tracks=2), (8, 36)),
    ],
)
def test_takes_the_steps_of_the_head_in_keras(shape, widths):
    keras, numpy = both(shape, threads=2)
    for _ in range(6):
        batch = a_batch(*widths)
        assert numpy.train(*batch) == pytest.approx(keras.train(*batch), rel=2e-5)
    for one, other in zip(numpy.weights(), keras.weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=5e-6)
    found, wanted = numpy.evaluate(*batch), keras.evaluate(*batch)
    assert found.losses == pytest.approx(wanted.losses, rel=2e-5)
    assert (found.classes == wanted.classes).mean() > 0.999
    assert (found.phases is None) == (wanted.phases is None)


def test_a_hidden_layer_learns_by_the_chain_rule():
    """Two linear layers as one make the same predictions; small steps lower the loss as the gradient says."""
    rng = np.random.default_rng(2)
    layers = [rng.normal(size=shape).astype(np.float32) / 4 for shape in ((8, 5), 5, (5, 72), 72)]
    inputs, targets = a_batch(8)
    gap = 1e-2
    for number, place in ((0, (3, 2)), (1, (4,)), (2, (1, 30)), (3, (7,))):
        losses = []
        for sign in (1, -1):
            moved = [array.copy() for array in layers]
            moved[number][place] += sign * gap
            losses.append(HeadNetwork(moved, 2, 0.01).evaluate(inputs, targets).losses["loss"])
        network = HeadNetwork(layers, 2, 0.01, clip_norm=1e9)
        network.train(inputs, targets)
        gradient = network.state()[4 + number][place] / 0.1  # the first moment after one step is a tenth of it
        assert gradient == pytest.approx((losses[0] - losses[1]) / (2 * gap), rel=2e-3, abs=2e-6)


def test_threads_change_no_bit():
    batches = [a_batch(8) for _ in range(3)]
    states = []
    for threads in (1, 3):
        _, network = both(NetworkShape(units=4, filter_depth=4), threads=threads)
        for batch in batches:
            network.train(*batch)
        states.append(network.state())
    assert all(np.array_equal(one, other) for one, other in zip(*states, strict=True))


def test_a_restored_state_goes_on_as_the_undisturbed_one():
    batches = [a_batch(8) for _ in range(4)]
    _, whole = both(NetworkShape(units=4, filter_depth=4))
    _, again = both(NetworkShape(units=4, filter_depth=4))
    for batch in batches[:2]:
        whole.train(*batch)
    again.restore(whole.state())
    for batch in batches[2:]:
        assert whole.train(*batch) == again.train(*batch)
    assert all(np.array_equal(one, other) for one, other in zip(whole.state(), again.state(), strict=True))


def test_half_floats_become_the_same_numbers():
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = halves[np.isfinite(halves)]
    np.testing.assert_array_equal(_single(finite), finite.astype(np.float32))
    assert np.array_equal(np.signbit(_single(finite)), np.signbit(finite))

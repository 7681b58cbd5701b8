"""The mixture of right and wrong introns, on introns whose truth is known."""

import numpy as np
import pytest

from helixtune.evaluation import real_introns
from helixtune.evaluation.called_introns import CLOSED, OPEN_IN_FRAME, OPEN_OUT_OF_FRAME, CalledIntrons, Decoys
from helixtune.evaluation.estimates import MIN_ENDS_SEPARATION
from helixtune.evaluation.mixture import f1_within_union

SIGNAL, CHANCE = np.array([0.7, 0.1, 0.1, 0.1]), np.full(4, 0.25)
NUMBERS = (600, 400, 300)


def draw_bases(rng, is_right: np.ndarray, width: int, signal: np.ndarray) -> np.ndarray:
    right, wrong = (rng.choice(4, (len(is_right), width), p=shares) for shares in (signal, CHANCE))
    return np.where(is_right[:, None], right, wrong).astype(np.uint8)


def make_introns(shares, seed: int, signal=SIGNAL) -> tuple[CalledIntrons, np.ndarray]:
    """Draw introns; of the wrong ones a third has its donor right and a third its acceptor; half of them skip codons."""
    rng = np.random.default_rng(seed)
    category = np.repeat(range(3), NUMBERS).astype(np.uint8)
    real = rng.random(len(category)) < np.array(shares)[category]
    half = rng.integers(0, 3, len(category))
    donors, acceptors = (draw_bases(rng, real | (half == end), width, signal) for end, width in ((0, 7), (1, 21)))
    open_real = rng.choice([CLOSED, OPEN_IN_FRAME, OPEN_OUT_OF_FRAME], len(category), p=[0.7, 0.1, 0.2])
    open_wrong = rng.choice([CLOSED, OPEN_IN_FRAME, OPEN_OUT_OF_FRAME], len(category), p=[0.4, 0.5, 0.1])
    reading = np.where(real, open_real, open_wrong).astype(np.uint8)
    return CalledIntrons(donors, acceptors, category, reading, np.arange(len(category)) % 10), real


def chance_decoys() -> Decoys:
    return Decoys(*(np.tile([25, 25, 25, 25, 0], (width, 1)) for width in (7, 21)))


@pytest.mark.parametrize("shares", [(0.5, 0.1, 0.2), (0.95, 0.2, 0.7), (0.8, 0.5, 0.5), (1.0, 1.0, 0.0)])
def test_real_introns_are_found_though_shared_ones_are_wrong_too(shares):
    introns, real = make_introns(shares, 1)
    kinds = real_introns.fit_kinds(introns, chance_decoys())
    items, found = real_introns.count_real(introns, kinds, 10)
    for category, name in enumerate(real_introns.KINDS):
        assert items[name].sum() == NUMBERS[category]
        assert found[name].sum() / NUMBERS[category] == pytest.approx(
            real[introns.category == category].mean(), abs=0.06
        )
    assert kinds.separation() > MIN_ENDS_SEPARATION


def test_without_signals_right_ends_do_not_stand_out():
    introns, _ = make_introns((0.9, 0.3, 0.3), 2, signal=CHANCE)
    assert real_introns.fit_kinds(introns, chance_decoys()).separation() < MIN_ENDS_SEPARATION


def test_unclear_bases_say_nothing():
    introns, _ = make_introns((0.9, 0.3, 0.3), 3)
    kinds = real_introns.fit_kinds(introns, chance_decoys())
    blank = CalledIntrons(
        np.full((3, 7), 4, np.uint8), np.full((3, 21), 4, np.uint8), np.arange(3, dtype=np.uint8),
        np.zeros(3, np.uint8), np.zeros(3, np.int32),
    )  # fmt: skip
    assert kinds.memberships(blank) == pytest.approx(kinds.shares)


def test_f1_within_the_union_of_both_sets():
    base, tuned = f1_within_union(
        {"shared": np.array([400]), "base_only": np.array([100]), "tuned_only": np.array([100])},
        {"shared": np.array([300]), "base_only": np.array([0]), "tuned_only": np.array([100])},
    )
    assert (base[0], tuned[0]) == pytest.approx((2 * 300 / (500 + 400), 2 * 400 / (500 + 400)))

"""The mixture of right and wrong introns, on introns whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from helixtune.evaluation import real_introns
from helixtune.evaluation.called_introns import (
    BASE_ONLY,
    CLOSED,
    OPEN_IN_FRAME,
    OPEN_OUT_OF_FRAME,
    UNKNOWN,
    CalledIntrons,
    Decoys,
)
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
    found, separation = real_introns.find_real(introns, chance_decoys())
    for category in range(3):
        some = introns.category == category
        assert found[some].mean() == pytest.approx(real[some].mean(), abs=0.06)
    assert separation > MIN_ENDS_SEPARATION


def test_without_signals_right_ends_do_not_stand_out():
    introns, _ = make_introns((0.9, 0.3, 0.3), 2, signal=CHANCE)
    assert real_introns.find_real(introns, chance_decoys())[1] < MIN_ENDS_SEPARATION


def test_unclear_bases_say_nothing():
    """An intron without a clear base is as probably real as its set's introns are on average."""
    introns, _ = make_introns((0.9, 0.3, 0.3), 3)
    some = introns.category == BASE_ONLY
    blank = replace(
        introns, donors=introns.donors.copy(), acceptors=introns.acceptors.copy(), reading=introns.reading.copy()
    )
    first = np.flatnonzero(some)[0]
    blank.donors[first], blank.acceptors[first], blank.reading[first] = 4, 4, UNKNOWN
    found, _ = real_introns.find_real(blank, chance_decoys())
    assert found[first] == pytest.approx(found[some].mean(), abs=0.01)


def test_f1_within_the_union_of_both_sets():
    base, tuned = f1_within_union(
        {"shared": np.array([400]), "base_only": np.array([100]), "tuned_only": np.array([100])},
        {"shared": np.array([300]), "base_only": np.array([0]), "tuned_only": np.array([100])},
    )
    assert (base[0], tuned[0]) == pytest.approx((2 * 300 / (500 + 400), 2 * 400 / (500 + 400)))

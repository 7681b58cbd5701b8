import numpy as np
import pytest

from helixtune.evaluation.gate import MARGIN, Facts, combine, decide, nothing_to_learn_from
from helixtune.evaluation.votes import CODING, ESTIMATE, INTRONS, SYMPTOM, WATCHDOG, Vote, cast_vote, ratio

FACTS = Facts((1_000_000, 1_000_000), 0.2, 0.5)


def vote(difference, role=ESTIMATE, spread=0.01, error=0.01, name="coding_sequence", seed=0):
    draws = difference + spread * np.random.default_rng(seed).standard_normal(1000)
    level = SYMPTOM if role == WATCHDOG else CODING if name == "coding_sequence" else INTRONS
    return Vote(name, role, level, "?", 0.8, 0.8 + difference, difference, spread, error, 1000, "things", draws)


def test_clear_evidence_recommends_the_tuned_genes():
    verdict = decide([vote(0.1)], FACTS)
    assert verdict.recommended == "tuned"
    assert verdict.confidence > 0.99
    assert verdict.as_dict()["confidence"] < 1  # it is not certain
    assert verdict.gain == pytest.approx(0.1)


def test_a_gain_within_its_noise_keeps_the_base_and_says_so():
    verdict = decide([vote(0.004)], FACTS)
    assert verdict.recommended == "base"
    assert "Not enough evidence" in verdict.reason
    assert verdict.confidence < 0.5


def test_no_difference_keeps_the_base_whatever_the_noise():
    for spread in (0.001, 0.01, 0.1):
        assert decide([vote(0.0, spread=spread)], FACTS).recommended == "base"


def test_tuned_is_recommended_from_the_probability_on_that_its_cost_asks_for():
    assert decide([vote(MARGIN + 0.5 * 0.0142)], FACTS).recommended == "tuned"  # 0.5 deviations: 69 %
    assert decide([vote(MARGIN + 0.35 * 0.0142)], FACTS).recommended == "base"  # 64 %


def test_a_gain_below_the_margin_never_wins_however_sure():
    assert decide([vote(0.9 * MARGIN, spread=1e-6, error=1e-6)], FACTS).recommended == "base"


def test_clear_evidence_against_is_told_apart_from_no_evidence():
    verdict = decide([vote(-0.1)], FACTS)
    assert verdict.recommended == "base"
    assert verdict.confidence > 0.9
    assert "against" in verdict.reason


def test_no_estimate_is_no_evidence():
    verdict = decide([vote(0.5, role=WATCHDOG)], FACTS)
    assert (verdict.recommended, verdict.confidence) == ("base", 0.5)


def test_watchdogs_can_keep_the_base_but_not_recommend():
    verdict = decide([vote(0.1), vote(-0.11, role=WATCHDOG, name="both_strands")], FACTS)
    assert verdict.recommended == "base"
    assert "both_strands" in verdict.reason
    assert verdict.gain == pytest.approx(0.1)


def test_a_symptom_smaller_than_the_gain_does_not_outweigh_it():
    votes = [vote(0.2), vote(-0.05, role=WATCHDOG, name="both_strands")]
    assert votes[1].deviation < -2
    assert decide(votes, FACTS).recommended == "tuned"


def test_a_sure_loss_on_one_level_outweighs_a_gain_on_the_other():
    votes = [vote(0.2), vote(-0.1, spread=0.03, name="junctions", seed=1)]
    assert combine(votes, 0.5)[0] > 0
    verdict = decide(votes, FACTS)
    assert verdict.recommended == "base"
    assert "junctions" in verdict.reason


def test_a_certain_but_trifling_loss_neither_vetoes_nor_drowns_a_gain():
    votes = [vote(0.1), vote(-0.006, spread=0.001, error=0.001, name="splice_sites", seed=1)]
    assert votes[1].deviation < -2
    assert decide(votes, FACTS).recommended == "tuned"


def test_introns_weigh_little_where_there_are_few():
    votes = [vote(0.02), vote(-0.04, spread=0.05, name="splice_sites", seed=1)]
    assert decide(votes, FACTS).recommended == "base"
    assert decide(votes, Facts((100, 100), 0.2, 0.05)).recommended == "tuned"


def test_votes_that_move_together_are_not_counted_twice():
    same = [vote(0.03, seed=0), vote(0.03, seed=0, name="splice_sites")]
    apart = [vote(0.03, seed=0), vote(0.03, seed=1, name="splice_sites")]
    assert combine(same, 0.5)[1] > combine(apart, 0.5)[1]


@pytest.mark.parametrize(
    ("coding_bp", "changed", "words"),
    [
        ((100, 0), 1.0, "calls no gene"),
        ((0, 100), 1.0, "base model calls no gene"),
        ((100, 40), 0.6, "lost 60%"),
        ((100, 100), 0.001, "almost the same"),
        ((100, 100), 0.0, "exactly the genes"),
    ],
)
def test_plain_cases_need_no_votes(coding_bp, changed, words):
    verdict = decide([vote(0.3)], Facts(coding_bp, changed, 0.5))
    assert verdict.recommended == "base"
    assert words in verdict.reason


def test_nothing_to_learn_from():
    assert nothing_to_learn_from().as_dict()["reason"] == "base: nothing to learn from"


def test_a_vote_turns_its_sign_where_low_is_good():
    def figures(weights):
        return ratio(weights, np.array([4, 4]), np.array([10, 10])), ratio(
            weights, np.array([1, 1]), np.array([10, 10])
        )

    cast = cast_vote(("x", WATCHDOG, SYMPTOM, "?"), figures, np.ones((5, 2)), (3, "y"), error=0.1, high_is_good=False)
    assert (cast.base, cast.tuned) == (0.4, 0.1)
    assert cast.difference == pytest.approx(0.3)
    assert cast.as_dict()["favours"] == "tuned"


def test_a_ratio_of_nothing_is_zero():
    assert ratio(np.ones((2, 1)), np.zeros(1), np.zeros(1)).tolist() == [0, 0]

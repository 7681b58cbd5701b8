import json
from dataclasses import replace

import pytest

from helixtune.errors import FormatError
from helixtune.evaluation import gate
from helixtune.evaluation.gate import Facts, combine, decide, nothing_to_learn_from, probability_of_gain
from helixtune.evaluation.piece_features import EXON_FACTS, GENE_FACTS
from helixtune.evaluation.votes.busco import busco_vote, read_busco
from helixtune.evaluation.votes.vote import Vote, learnt

FACTS = Facts((1_000_000, 1_000_000), 0.2)


def vote(gain, error=0.01, name="sequence", by_fold=()):
    return Vote(name, "?", 0.8, 0.8 + gain, gain, error, 1000, "things", 0.5, by_fold or (gain,) * 5)


def test_clear_evidence_recommends_the_tuned_genes():
    verdict = decide([vote(0.1)], FACTS)
    assert verdict.recommended == "tuned"
    assert verdict.confidence > 0.99
    assert verdict.as_dict()["confidence"] < 1  # it is not certain
    assert verdict.gain == pytest.approx(0.1, rel=0.1)
    assert len(verdict.as_dict()["gain_by_fold"]) == 5


def test_a_gain_within_its_error_keeps_the_base_and_says_what_would_help():
    verdict = decide([vote(0.003)], FACTS)
    assert verdict.recommended == "base"
    assert "Not enough evidence" in verdict.reason
    assert "What would help most: RNA-seq" in verdict.reason
    assert "proteins of related species" in decide([vote(0.002), vote(0.002, name="junctions")], FACTS).reason
    everything = [vote(0.001), vote(0.001, name="junctions"), vote(0.001, name="proteins")]
    assert "would help" not in decide(everything, FACTS).reason


def test_no_gain_keeps_the_base_whatever_the_error():
    for error in (0.001, 0.01, 0.1):
        verdict = decide([vote(0.0, error)], FACTS)
        assert (verdict.recommended, verdict.confidence) == ("base", 0.5)


def test_tuned_is_recommended_from_the_probability_on_that_its_cost_asks_for():
    assert decide([vote(0.0045)], FACTS).recommended == "tuned"
    assert decide([vote(0.0035)], FACTS).recommended == "base"
    assert probability_of_gain(0.0042, 0.01) == pytest.approx(gate.SURE, abs=0.01)


def test_clear_evidence_against_is_told_apart_from_no_evidence():
    verdict = decide([vote(-0.1)], FACTS)
    assert verdict.recommended == "base"
    assert verdict.confidence > 0.9
    assert verdict.reason.startswith("The evidence favours the base")


def test_no_vote_is_no_evidence():
    verdict = decide([], FACTS)
    assert (verdict.recommended, verdict.confidence) == ("base", 0.5)
    assert "Not enough evidence" in verdict.reason


def test_a_surer_vote_counts_more():
    gain, error, _ = combine([vote(0.02, 0.005), vote(-0.02, 0.05, "junctions")])
    assert gain > 0.015
    assert error < 0.01


def test_votes_that_contradict_each_other_make_the_verdict_less_sure():
    agreeing = combine([vote(0.05, 0.01), vote(0.05, 0.01, "junctions")])
    contradicting = combine([vote(0.1, 0.01), vote(0.0, 0.01, "junctions")])
    assert agreeing[0] == pytest.approx(contradicting[0], rel=0.2)
    assert contradicting[1] > 3 * agreeing[1]


def test_an_uncertain_gain_is_drawn_towards_none():
    """Of many candidates the luckiest looks best: the more so, the less is known of it."""
    sure, unsure = combine([vote(0.05, 0.005)]), combine([vote(0.06, 0.3)])
    assert sure[0] == pytest.approx(0.05, rel=0.05)
    assert unsure[0] < sure[0]
    alike = combine([replace(vote(0.05), differing_share=0.01)])
    assert alike[0] < 0.5 * sure[0]  # sets that hardly differ do not differ by so much


def test_folds_add_up_to_what_the_votes_say():
    votes = [vote(0.02, by_fold=(0.1, 0.0, 0.0, 0.0, 0.0)), vote(0.02, name="junctions")]
    by_fold = combine(votes)[2]
    assert by_fold[0] > by_fold[1] > 0


@pytest.mark.parametrize(
    ("coding_bp", "changed", "words"),
    [
        ((100, 0), 1.0, "calls no gene"),
        ((0, 100), 1.0, "base model calls no gene"),
        ((100, 100), 0.001, "almost the same"),
        ((100, 100), 0.0, "exactly the genes"),
    ],
)
def test_plain_cases_need_no_votes(coding_bp, changed, words):
    verdict = decide([vote(0.3)], Facts(coding_bp, changed))
    assert verdict.recommended == "base"
    assert words in verdict.reason


def test_nothing_to_learn_from():
    assert nothing_to_learn_from().as_dict()["reason"] == "base: nothing to learn from"


def test_what_was_learnt_fits_the_facts_that_are_gathered():
    for level, names in (("exon", EXON_FACTS), ("gene", GENE_FACTS)):
        for kind in ("shared", "differing"):
            assert set(learnt()["probability"][level][kind]) == {*names, "intercept"}
    assert {"sequence", "junctions", "proteins", "profiles", "protein_likeness", "busco"} == set(learnt()["votes"])


BUSCO = "\tC:98.5%[S:97.0%,D:1.5%],F:0.5%,M:1.0%,n:255\t   \n"
COMPLEASM = "## lineage: fungi_odb10\nS:90.00%, 90\nD:4.00%, 4\nF:1.00%, 1\nI:0.00%, 0\nM:5.00%, 5\nN:100\n"
OMARK = (
    "#S:Single:S, D:Duplicated[U:Unexpected,E:Expected],M:Missing\n"
    "S:900,D:50[U:40,E:10],M:50\nS:90.0%,D:5.0%[U:4.0%,E:1.0%],M:5.0%\n"
)


@pytest.mark.parametrize(
    ("text", "complete", "n"),
    [
        (BUSCO, 0.985, 255),
        (json.dumps({"results": {"one_line_summary": BUSCO.strip()}}), 0.985, 255),
        (COMPLEASM, 0.94, 100),
        (OMARK, 0.95, 1000),
    ],
)
def test_results_of_busco_and_its_relatives_are_read(tmp_path, text, complete, n):
    path = tmp_path / "results.txt"
    path.write_text(text)
    found = read_busco(path)
    assert (found.complete, found.n) == (pytest.approx(complete), n)


@pytest.mark.parametrize("text", ["nothing\n", "N:0\nS:0.00%, 0\nD:0.00%, 0\n", "S:0,D:0[U:0,E:0],M:0\n"])
def test_what_holds_no_results_is_refused(tmp_path, text):
    path = tmp_path / "results.txt"
    path.write_text(text)
    with pytest.raises(FormatError, match="holds no results of BUSCO, compleasm or OMArk"):
        read_busco(path)


def test_more_conserved_genes_speak_for_a_set(tmp_path):
    paths = [tmp_path / name for name in ("base.txt", "tuned.txt")]
    for path, text in zip(paths, ("C:70.0%[S:70.0%,D:0.0%],F:10%,M:20%,n:1000", BUSCO), strict=True):
        path.write_text(text)
    better = busco_vote(*map(read_busco, paths))
    assert better.gain > 0.1
    assert (better.base, better.tuned, better.evidence) == (0.7, 0.985, 255)
    assert busco_vote(read_busco(paths[0]), read_busco(paths[0])).gain == 0

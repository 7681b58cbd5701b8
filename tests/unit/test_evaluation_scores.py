import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helixtune.annotation.genes import Gene, Transcript
from helixtune.evaluation import intervals
from helixtune.evaluation.against_reference import calibration, judge_against_reference
from helixtune.evaluation.models import GeneModel, cds_models, exon_models
from helixtune.evaluation.partners import count_gene_errors
from helixtune.evaluation.scores import LEVELS, add_up, score_by_sequence
from helixtune.evaluation.statistics import gene_statistics

spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda p: (p[0], p[0] + p[1])), max_size=12)


def model(name, *chains, strand="+", seqid="a", confidence=None):
    return GeneModel(name, seqid, strand, tuple(chains), confidence)


def scores_of(predicted, reference):
    return add_up(score_by_sequence(predicted, reference, ["a"]).values())


def as_set(merged):
    return {base for start, end in merged.tolist() for base in range(start, end)}


@given(spans, spans)
def test_interval_sets_agree_with_sets_of_bases(first, second):
    a, b = (intervals.merge(intervals.as_intervals(pairs)) for pairs in (first, second))
    bases_a, bases_b = ({base for pair in pairs for base in range(*pair)} for pairs in (first, second))
    assert as_set(a) == bases_a
    assert (a[1:, 0] > a[:-1, 1]).all()
    assert as_set(intervals.intersect(a, b)) == bases_a & bases_b
    assert intervals.overlap_bp(a, b) == len(bases_a & bases_b)
    assert as_set(intervals.complement(a, 100)) == set(range(100)) - bases_a
    pieces = intervals.split_at(a, 7)
    assert as_set(pieces) == bases_a
    assert (pieces[:, 0] // 7 == (pieces[:, 1] - 1) // 7).all()


def test_a_perfect_prediction_scores_one_everywhere():
    genes = [model("g1", ((0, 10), (20, 30))), model("g2", ((50, 60),), strand="-")]
    assert {level: score.f1 for level, score in scores_of(genes, genes).items()} == dict.fromkeys(LEVELS, 1.0)


def test_every_level_by_hand():
    """The reference gene has exons 0-10 and 20-30; the prediction ends the first exon 2 bases late, adds a gene."""
    reference = [model("r", ((0, 10), (20, 30)))]
    predicted = [model("p", ((0, 12), (20, 30))), model("extra", ((40, 45),))]
    scores = scores_of(predicted, reference)
    assert scores["base"].precision == pytest.approx(20 / 27)
    assert scores["base"].recall == 1.0
    assert (scores["exon"].predicted_right, scores["exon"].predicted, scores["exon"].reference) == (1, 3, 2)
    assert scores["intron"].f1 == scores["transcript"].f1 == scores["gene"].f1 == 0.0


def test_the_other_strand_never_counts():
    assert scores_of([model("p", ((0, 30),))], [model("r", ((0, 30),), strand="-")])["base"].f1 == 0.0


def test_one_right_isoform_makes_the_gene_right_but_not_the_transcripts():
    reference = [model("r", ((0, 10), (20, 30)), ((0, 30),))]
    scores = scores_of([model("p", ((0, 30),))], reference)
    assert scores["gene"].f1 == 1.0
    assert (scores["transcript"].recall, scores["transcript"].precision) == (0.5, 1.0)
    assert scores["intron_chain"].recall == 0.0


def test_touching_segments_are_one_exon():
    parts = Transcript("t", "mRNA", "+", 0, 20, ((0, 20),), ((0, 9, 0), (9, 20, 0)))
    assert cds_models([Gene("g", "a", "+", 0, 20, transcripts=(parts,))])[0].chains == (((0, 20),),)


def test_missed_novel_split_and_fused_genes():
    reference = [
        model("r1", ((0, 100),)),
        model("r2", ((200, 300),)),
        model("r3", ((310, 400),)),
        model("r4", ((500, 600),)),
    ]
    predicted = [
        model("p1", ((0, 40),)),
        model("p2", ((50, 100),)),
        model("p3", ((200, 400),)),
        model("p4", ((500, 600),), strand="-"),
    ]
    assert count_gene_errors(predicted, reference) == {
        "predicted": 4, "reference": 4, "missed": 1, "novel": 1, "split": 1, "fused": 1,
    }  # fmt: skip


def test_a_brush_of_ends_is_no_partnership():
    errors = count_gene_errors([model("p", ((0, 105),))], [model("r1", ((0, 100),)), model("r2", ((101, 300),))])
    assert (errors["fused"], errors["missed"]) == (0, 1)


def test_genes_without_cds_are_ignored_and_counted():
    noncoding = Gene("n", "a", "+", 0, 50, transcripts=(Transcript("n.1", "lncRNA", "+", 0, 50, ((0, 50),)),))
    coding = Gene(
        "c", "a", "+", 60, 90, transcripts=(Transcript("c.1", "mRNA", "+", 60, 90, ((60, 90),), ((66, 75, 0),)),)
    )
    result = judge_against_reference([coding], [noncoding, coding], ["a"])
    assert result["reference_genes_without_cds"] == 1
    assert result["cds"]["gene"]["f1"] == result["with_utrs"]["base"]["f1"] == 1.0
    assert result["cds"]["base"]["reference"] == 9
    assert result["with_utrs"]["base"]["reference"] == 30


def test_calibration_compares_confidence_with_truth():
    reference = [model("r", ((0, 9),))]
    predicted = [
        model("p", ((0, 9),), confidence=0.95),
        model("q", ((20, 29),), confidence=0.93),
        model("x", ((40, 49),)),
    ]
    assert calibration(predicted, reference) == [
        {"from": 0.9, "to": 1.0, "genes": 2, "mean_confidence": 0.94, "exactly_right": 0.5}
    ]


def test_statistics_of_no_genes_and_of_one():
    assert gene_statistics([], [])["median_cds_bp"] is None
    one = [model("g", ((0, 90), (190, 196)), confidence=1.0)]
    numbers = gene_statistics(one, one)
    assert (numbers["genes"], numbers["cds_bp"], numbers["median_intron_bp"], numbers["tiny_exons"]) == (
        1,
        96,
        100.0,
        1,
    )
    assert sum(numbers["confidence_histogram"]["counts"]) == 1


@given(st.integers(0, 1000))
def test_precision_of_one_is_recall_of_the_other(seed):
    rng = np.random.default_rng(seed)

    def random_models(name):
        starts = np.sort(rng.choice(500, 6, replace=False)) * 3
        return [
            model(f"{name}{i}", ((int(s), int(s) + 5), (int(s) + 8, int(s) + 8 + int(rng.integers(3, 9)))))
            for i, s in enumerate(starts)
        ]

    first, second = random_models("a"), random_models("b") + random_models("c")[:2]
    there, back = scores_of(first, second), scores_of(second, first)
    for level in LEVELS:
        assert there[level].precision == back[level].recall
    assert exon_models([]) == []

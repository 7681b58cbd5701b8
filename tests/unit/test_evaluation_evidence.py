"""The sums behind the gate's votes, by hand and on a genome whose truth is known."""

import itertools

import numpy as np
import pytest

from helixtune.annotation.genes import Gene, Transcript
from helixtune.evaluation.blocks import GenomeBlocks, block_weights, folds_of
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.evaluation.called_coding import coding_bp, coding_in_bp, double_coding_bp
from helixtune.evaluation.changes import count_changes, find_changes, pick_examples
from helixtune.evaluation.codes import STOP_CODONS, base_codes, codon_codes
from helixtune.evaluation.intervals import as_intervals
from helixtune.evaluation.junctions import sum_junctions, well_supported
from helixtune.evaluation.mixture import Mixture
from helixtune.evaluation.models import GeneModel, cds_models
from helixtune.evaluation.strands import GeneSets
from helixtune.fasta import Sequence
from whole_strands import iter_strands


def gene(name, strand, cds, exons=None, seqid="a"):
    exons = tuple(exons or cds)
    parts = tuple((start, end, 0) for start, end in cds)
    transcript = Transcript(f"{name}.1", "mRNA", strand, exons[0][0], exons[-1][1], exons, parts)
    return Gene(name, seqid, strand, exons[0][0], exons[-1][1], transcripts=(transcript,))


def test_stop_codons_and_unclear_bases_have_no_number():
    codons = ["".join(letters) for letters in itertools.product("ACGTN", repeat=3)]
    numbers = codon_codes(*base_codes("".join(codons).encode()).reshape(-1, 3).T)
    left_out = {codon for codon, number in zip(codons, numbers, strict=True) if number < 0}
    assert left_out == {"TAA", "TAG", "TGA"} | {codon for codon in codons if "N" in codon}
    assert sorted(numbers[numbers >= 0]) == sorted(set(range(64)) - set(STOP_CODONS))


def strands(bases: bytes, base, tuned):
    return iter_strands([Sequence("a", bases)], GeneSets(base, tuned))


def test_a_mixture_finds_the_share_that_is_real():
    """Items score 1 when real and 0 when not; base only is a quarter real, tuned only three quarters."""
    n = np.full(40, 100)
    mixture = Mixture(
        {"shared": n * 4, "base_only": n, "tuned_only": n},
        {"shared": n * 4.0, "base_only": n * 0.25, "tuned_only": n * 0.75},
        [n, n],
        [n * 0.0, n * -1.0],
    )
    whole = np.ones((1, 40))
    assert {kind: share[0] for kind, share in mixture.real_shares(whole).items()} == {
        "base_only": 0.25,
        "tuned_only": 0.75,
    }
    base, tuned = mixture.estimated_f1(whole)
    assert base[0] == pytest.approx(2 * 425 / (500 + 500))
    assert tuned[0] == pytest.approx(2 * 475 / (500 + 500))


def test_blocks_cover_the_genome_and_the_bootstrap_keeps_their_number():
    blocks = GenomeBlocks.of({"a": 50_000, "b": 1_000, "c": 30_000})
    assert len(blocks) == 5
    assert blocks.index("c", [0, 29_999]).tolist() == [2, 4]
    weights = block_weights(5, seed=3)
    assert (weights.sum(axis=1) == 5).all()
    assert (weights == block_weights(5, seed=3)).all()
    assert set(folds_of(12)) == set(range(5))


def test_called_classes_of_any_stretch():
    calls = CalledClasses([gene("g", "+", [(10, 13), (20, 22)], exons=[(8, 13), (18, 24)])])
    assert calls.on("a", "+", 6, 26).tolist() == [0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 1, 1, 2, 2, 1, 1, 0, 0]
    assert calls.on("a", "+", 12, 19).tolist() == [2, 3, 3, 3, 3, 3, 1]
    assert not calls.on("a", "-", 0, 30).any()
    assert not calls.on("b", "+", 0, 30).any()


def test_coding_on_both_strands_and_in_repeats():
    calls = CalledClasses([gene("g", "+", [(0, 100)]), gene("h", "-", [(60, 160)])])
    blocks = GenomeBlocks({"a": 0}, {"a": 400}, 50)
    assert double_coding_bp(calls, blocks).tolist() == [0, 80, 0, 0, 0, 0, 0, 0]
    assert coding_bp(calls, blocks).sum() == 200
    assert coding_in_bp(calls, {"a": as_intervals([(90, 110)])}, blocks).sum() == 30


def test_only_well_supported_junctions_count_and_only_in_expressed_genes():
    seen = well_supported({"a": {(200, 300, "."): 3, (400, 500, "."): 2, (600, 610, "."): 99}, "b": {}})
    assert seen == {"a": {(200, 300): "."}}
    models = [
        GeneModel("expressed", "a", "+", (((100, 200), (300, 400), (500, 600)),)),
        GeneModel("silent", "a", "+", (((700, 800), (900, 950)),)),
    ]
    sums = sum_junctions(models, seen, GenomeBlocks.of({"a": 1000}))
    assert [int(x.sum()) for x in (sums.seen, sums.explained, sums.called, sums.supported)] == [1, 1, 2, 1]


@pytest.mark.parametrize(
    ("reads", "strand", "supported"),
    [({"+": 2, ".": 1}, "+", 1), ({"-": 3}, "-", 0), ({"+": 2, "-": 2}, ".", 1), ({"+": 1, "-": 5}, "-", 0)],
)
def test_a_junction_of_the_other_strand_supports_nothing(reads, strand, supported):
    seen = well_supported({"a": {(200, 300, key): number for key, number in reads.items()}})
    assert seen == {"a": {(200, 300): strand}}
    sums = sum_junctions([GeneModel("x", "a", "+", (((100, 200), (300, 400)),))], seen, GenomeBlocks.of({"a": 1000}))
    assert [int(x.sum()) for x in (sums.seen, sums.explained, sums.called, sums.supported)] == [
        1,
        supported,
        1,
        supported,
    ]


def test_every_kind_of_change_is_recognised_and_shown():
    def model(name, start, end, strand="+"):
        return GeneModel(name, "a", strand, (((start, end),),))

    base = [model("same", 0, 90), model("gone", 100, 190), model("whole", 200, 500), model("l", 600, 690), model("r", 700, 790),
            model("longer", 800, 890)]  # fmt: skip
    tuned = [model("same", 0, 90), model("x", 200, 330), model("y", 360, 500), model("lr", 600, 790), model("longer", 800, 920),
             model("fresh", 1000, 1090, "-")]  # fmt: skip
    changes = find_changes(base, tuned)
    assert count_changes(changes) == {
        "unchanged": 1, "restructured": 1, "new": 1, "lost": 1, "split": 1, "fused": 1, "rearranged": 0,
    }  # fmt: skip
    shown = pick_examples(changes, 3, 1000)
    assert [change.kind for change in shown] == ["restructured", "new", "lost"]
    assert [change.changed_bp for change in shown] == [30, 90, 90]
    assert all(change.span[1] - change.span[0] <= 100 for change in pick_examples(changes, 12, 100))
    assert not pick_examples(find_changes(base, base), 12, 1000)
    assert cds_models([]) == []

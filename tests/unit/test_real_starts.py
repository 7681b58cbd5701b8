"""Starts gathered from genes, and the mixture of right and wrong ones where the truth is known."""

import numpy as np
import pytest

from helixtune.annotation.genes import Gene, Transcript
from helixtune.evaluation import real_starts
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_starts import (
    BASE_ONLY,
    DECOY,
    SHARED,
    TUNED_ONLY,
    CalledStarts,
    StartCollector,
    find_atg,
)
from helixtune.evaluation.codes import base_codes
from helixtune.evaluation.composition import hexamers_of
from helixtune.evaluation.strands import GeneSets
from helixtune.fasta import Sequence
from whole_strands import iter_strands

NUMBERS = (600, 300, 300)


def gene(strand: str, *cds) -> Gene:
    one = Transcript("t", "mRNA", strand, cds[0][0], cds[-1][1], tuple(cds), tuple((*part, 0) for part in cds))
    return Gene("g", "a", strand, one.start, one.end, transcripts=(one,))


def test_starts_are_gathered_with_the_codons_around_them():
    bases = "C" * 90 + "ATGGCT" + "ATG" + "GCA" * 10 + "GT" + "T" * 50 + "AG" + "GCC" * 40 + "TAA" + "C" * 90
    exons = (90, 90 + 39), (90 + 39 + 54, 90 + 39 + 54 + 123)
    base, tuned = [gene("+", *exons)], [gene("+", *exons), gene("+", (96, 129), exons[1])]
    collector = StartCollector(GenomeBlocks.of({"a": len(bases)}))
    for strand in iter_strands([Sequence("a", bases.encode())], GeneSets(base, tuned)):
        collector.add_strand(strand)
    starts = collector.starts()
    assert starts.category.tolist() == [SHARED, TUNED_ONLY]  # the ATG in frame is called, so it is no decoy
    codons = hexamers_of(base_codes(b"GCTATG" + b"GCA" * 10 + b"GCC" * 8).reshape(1, -1, 3))[0]
    assert (starts.after[0] == codons[:19]).all()  # along the spliced reading
    assert (starts.before[0] == hexamers_of(base_codes(b"C" * 60).reshape(1, -1, 3))[0]).all()


def test_decoys_are_the_next_starts_in_frame_and_short_genes_are_no_hindrance():
    bases = "C" * 90 + "ATG" + "AATGCC" + "ATGGCT" + "TAA" + "C" * 90
    collector = StartCollector(GenomeBlocks.of({"a": len(bases)}))
    genes = [gene("+", (90, 108))]
    for strand in iter_strands([Sequence("a", bases.encode())], GeneSets(genes, genes)):
        collector.add_strand(strand)
    starts = collector.starts()
    assert starts.category.tolist() == [SHARED, DECOY]
    assert (starts.after[0] == -2).sum() == 15
    assert find_atg(base_codes(b"AT")).tolist() == [False, False]


def make_starts(shares, seed: int) -> tuple[CalledStarts, np.ndarray, np.ndarray]:
    """Draw starts; codon pair 1 is coding, pair 0 is not; every set prefers the same contexts, right or wrong."""
    rng = np.random.default_rng(seed)
    category = np.repeat([SHARED, BASE_ONLY, TUNED_ONLY, DECOY], (*NUMBERS, 900)).astype(np.uint8)
    real = rng.random(len(category)) < np.array((*shares, 0.0))[category]
    signal, chance = np.array([0.6, 0.2, 0.1, 0.1]), np.full(4, 0.25)
    context = np.where(
        real[:, None], rng.choice(4, (len(real), 15), p=signal), rng.choice(4, (len(real), 15), p=chance)
    ).astype(np.uint8)
    too_late = ~real & (rng.random(len(real)) < 0.7) | (category == DECOY)
    before = (rng.random((len(real), 19)) < np.where(too_late, 0.7, 0.3)[:, None]).astype(np.int16)
    after = (rng.random((len(real), 19)) < np.where(real | too_late, 0.7, 0.4)[:, None]).astype(np.int16)
    scores = np.zeros(4096)
    scores[:2] = -1.0, 1.0
    return CalledStarts(context, before, after, category, np.zeros(len(real), np.int32)), real, scores


@pytest.mark.parametrize("shares", [(0.8, 0.2, 0.4), (0.95, 0.1, 0.6), (0.6, 0.4, 0.1)])
def test_real_starts_are_found_though_shared_ones_are_wrong_too(shares):
    starts, real, scores = make_starts(shares, 1)
    found = real_starts.find_real(starts, scores)
    called = starts.category != DECOY
    assert len(found) == called.sum()
    for category in (SHARED, BASE_ONLY, TUNED_ONLY):
        some = starts.category[called] == category
        assert found[some].mean() == pytest.approx(real[called][some].mean(), abs=0.1)


def test_scores_of_stop_codons_and_of_short_readings():
    pairs = np.array([[1, 1, -1], [1, -2, -2], [-2, -2, -2]], np.int16)
    table = np.zeros(4096)
    table[1] = 2.0
    assert real_starts.mean_scores(pairs, table).tolist() == [(2 + 2 + real_starts.STOP_SCORE) / 3, 2.0, 0.0]

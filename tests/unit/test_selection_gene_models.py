"""Gene models in rows: where they lie, how sure the network is of them, and which weigh nothing."""

import numpy as np

from helixtune.selection.blocks import PairedBlock
from helixtune.selection.gene_models import (
    CODING,
    IN_REPEATS,
    MASK_REASONS,
    ROW,
    START,
    STOP,
    GeneModels,
    MaskRules,
    find_gene_models,
)
from helixtune.selection.kernels import ONE
from helixtune.selection.scores import RowScores, block_sums

WIDTH = 40


def block(classes: str, confidence: list[float], row: int = 7) -> PairedBlock:
    """One row; letters: - intergenic, u UTR, c CDS, i intron, space padding. Phases are right with the same confidence."""
    codes = np.array(["-uci ".index(letter) for letter in classes.ljust(WIDTH)])
    labels = np.eye(5, dtype=np.int8)[codes][:, :4]
    phases = np.eye(4, dtype=np.int8)[np.where(codes == 2, 1, 0)] * (codes < 4)[:, None].astype(np.int8)
    sure = np.resize(confidence, WIDTH)[:, None]

    def probs(one_hot):
        return (one_hot * sure + (1 - one_hot) * (1 - sure) / 3).astype(np.float16).view(np.uint16)[None]

    valid = np.array([int((codes < 4).sum())])
    zero = np.zeros(1, np.int64)
    return PairedBlock(np.array([row]), labels[None], phases[None], probs(labels), probs(phases), zero, zero, valid, {})


def models_of(paired, lengths=None, repeats=None):
    return find_gene_models(paired, lengths, np.zeros((1, WIDTH), np.uint8) if repeats is None else repeats)


def test_stretches_and_coding_bases():
    table = models_of(block("--uucciiccuu----ucciicciiccu--ccii", [0.9]))
    assert table[:, [ROW, START, STOP, CODING]].tolist() == [[7, 2, 12, 4], [7, 16, 28, 6], [7, 30, 34, 2]]


def test_neighbours_without_a_gap_are_told_apart_by_their_lengths():
    lengths = np.zeros((1, WIDTH), np.uint32)
    lengths[0, 2:8], lengths[0, 8:14] = 500, 90
    table = models_of(block("--cccccccccccc--", [0.9]), lengths)
    assert table[:, [START, STOP]].tolist() == [[2, 8], [8, 14]]


def test_models_that_the_network_does_not_believe_weigh_nothing():
    confidence = [0.9] * 12 + [0.3] * 28
    table = models_of(block("--ccccccc-----cccccc--", confidence))
    assert MaskRules(min_confidence=0.5).apply(table).tolist() == [0, MASK_REASONS.index("low confidence")]
    assert MaskRules().apply(table).tolist() == [0, 0]


def test_a_wrong_phase_alone_is_enough():
    paired = block("--cccccc--", [0.9])
    wrong = np.eye(4)[np.full((1, WIDTH), 2)].astype(np.float16).view(np.uint16)
    paired = PairedBlock(**{**vars(paired), "phase_bits": wrong})
    assert MaskRules(min_confidence=0.5).apply(models_of(paired)).tolist() == [MASK_REASONS.index("phase disagrees")]


def test_only_coding_bases_in_repeats_count():
    """A transposon in an intron says nothing against the gene around it."""
    repeats = np.zeros((1, WIDTH), np.uint8)
    repeats[0, 6:16] = 1
    in_intron = models_of(block("--cccciiiiiiiiiicccc--", [0.9]), repeats=repeats)
    assert in_intron[:, IN_REPEATS].tolist() == [0]
    assert MaskRules().apply(in_intron).tolist() == [0]
    coding = models_of(block("----cccccccccccc--", [0.9]), repeats=repeats)
    assert MaskRules().apply(coding).tolist() == [MASK_REASONS.index("in a repeat")]


def test_taking_a_model_out_leaves_the_sums_of_the_rest_of_the_row():
    confidence = [0.9] * 12 + [0.2] * 10 + [0.9] * 18
    paired = block("--ccccccc-----ccccccc-----", confidence, row=0)
    table = models_of(paired)
    models = GeneModels(table, MaskRules(min_confidence=0.5).apply(table))
    classes, phases = block_sums(paired, "class", 1), block_sums(paired, "phase", 1)
    scores = RowScores(classes[:, 3:], classes[:, :3], phases[:, :3])
    rest = models.take_out(scores)
    hidden = slice(*table[1, [START, STOP]])
    probs = paired.class_bits.view(np.float16).astype(float)[0]
    distance = np.abs(paired.labels[0] - probs).sum(axis=1)[:26]
    assert rest.class_sums[0, 0] == round((distance.sum() - distance[hidden].sum()) * ONE)
    assert rest.class_sums[0, 1] == 26 - 7
    assert rest.discrepancy[0] < scores.discrepancy[0]
    assert rest.phase_discrepancy[0] < scores.phase_discrepancy[0]
    weights = np.ones((1, WIDTH), np.int8)
    assert models.hide(np.array([0]), weights) == 7
    assert np.flatnonzero(weights[0] == 0).tolist() == list(range(14, 21))
    assert models.counts()["low confidence"] == 1

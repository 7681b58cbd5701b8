"""From chosen transcripts to codes and rows."""

import io
import itertools
from dataclasses import replace

import numpy as np

from helixtune import h5files
from helixtune.annotation import labels
from helixtune.annotation.coding_transcripts import stranded_genes
from helixtune.annotation.gene_spool import BATCH_GENES, GeneSpool
from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.label_encoding import sequence_order, stranded_bases
from helixtune.annotation.masks import chosen_masks
from helixtune.subsequences import cut_sequence

LENGTH = 200


def spliced_gene(name: str = "a", strand: str = "+", shift: int = 0, phase: int | None = 0) -> Gene:
    exons = ((20 + shift, 60 + shift), (90 + shift, 140 + shift))
    cds = ((30 + shift, 60 + shift, phase), (90 + shift, 120 + shift, 0))
    transcript = Transcript(f"{name}.1", "mRNA", strand, 20 + shift, 140 + shift, exons, cds)
    return Gene(name, "c1", strand, 20 + shift, 140 + shift, transcripts=(transcript,))


def codes_of(genes: list[Gene], strand: str = "+", length: int = LENGTH) -> np.ndarray:
    bases = stranded_bases(b"A" * length, strand)
    return labels.strand_codes(chosen_masks(stranded_genes(genes, strand, length), length, bases), strand, length)


def classes(codes: np.ndarray) -> str:
    return "".join("-ucI"[value] for value in labels._CLASS_TABLE[codes])


def test_classes_of_a_spliced_gene():
    expected = "-" * 20 + "u" * 10 + "c" * 30 + "I" * 30 + "c" * 30 + "u" * 20 + "-" * 60
    assert classes(codes_of([spliced_gene()])) == expected
    assert classes(codes_of([spliced_gene(strand="-")], "-")) == expected


def test_intron_beats_cds_beats_utr():
    both = classes(codes_of([spliced_gene(), spliced_gene("b", shift=40)]))
    one, other = classes(codes_of([spliced_gene()])), classes(codes_of([spliced_gene(shift=40)]))
    assert both == "".join(max(pair, key="-ucI".index) for pair in zip(one, other, strict=True))


def test_phases_count_bases_before_the_next_codon_and_skip_introns():
    phases = codes_of([spliced_gene(phase=1)]) >> labels.PHASE_SHIFT
    assert phases[30:36].tolist() == [2, 1, 3, 2, 1, 3]
    assert not phases[60:90].any()
    assert phases[90] == 2 - 30 % 3


def test_a_gene_beyond_the_sequence_is_cut_off():
    whole = codes_of([spliced_gene()])
    np.testing.assert_array_equal(codes_of([spliced_gene()], length=100)[:60], whole[:60])
    minus = spliced_gene(strand="-", shift=70)
    cut = codes_of([minus], "-", length=195)
    np.testing.assert_array_equal(cut, codes_of([minus], "-", length=220)[:195])


def transitions(codes, *cuts: int) -> np.ndarray:
    """Transitions of plus rows cut at the given places, joined again."""
    edges = [0, *cuts, len(codes)]
    pieces = [np.array([[start, end]]) for start, end in itertools.pairwise(edges)]
    return np.concatenate([labels.transition_rows(codes, piece, piece[0, 1] - piece[0, 0])[0] for piece in pieces])


def test_transitions_mark_both_bases_beside_a_step_in_plus_direction():
    marks = transitions(codes_of([spliced_gene(strand="-")], "-"))
    steps = {column: np.flatnonzero(marks[:, column]).tolist() for column in range(6)}
    assert steps == {0: [19, 20], 1: [29, 30], 2: [59, 60], 3: [139, 140], 4: [119, 120], 5: [89, 90]}


def test_transitions_do_not_depend_on_where_rows_are_cut():
    codes = codes_of([spliced_gene(), spliced_gene("b", shift=41)])
    for cut in range(1, LENGTH):
        np.testing.assert_array_equal(transitions(codes, cut), transitions(codes))


def test_a_gap_of_one_base_counts_two_steps():
    marks = transitions(np.array([1, 1, 0, 1, 1], np.uint8))
    assert marks[:, 0].tolist() == [0, 0, 1, 1, 0]
    assert marks[:, 3].tolist() == [0, 1, 1, 0, 0]
    assert transitions(np.array([0, 1, 0, 1], np.uint8))[:, 0].tolist() == [1, 1, 1, 1]
    assert transitions(np.array([1, 0, 0, 1, 0, 1], np.uint8))[:, 0].tolist() == [0, 0, 1, 1, 1, 1]
    assert transitions(np.array([0, 3, 3, 2], np.uint8))[:, 1].tolist() == [1, 1, 0, 0]


def test_gene_length_is_that_of_the_longest_transcript_over_a_base():
    spans = np.array([[10, 50, 40], [40, 60, 20], [45, 46, 1]])
    expected = [40] * 12 + [20] * 10 + [0] * 10
    plus = labels.gene_length_rows(spans, np.array([[38, 54], [54, 70]]), 16)
    minus = labels.gene_length_rows(spans, np.array([[70, 54], [54, 38]]), 16)
    assert plus.reshape(-1).tolist() == expected
    assert minus.reshape(-1).tolist() == expected[::-1]


def test_padding_is_zero_in_every_dataset():
    codes = codes_of([spliced_gene()], length=150)
    rows = labels.label_rows(codes, np.zeros((0, 3), np.int64), cut_sequence(150, 100)[:2], 100)
    for name in (h5files.CLASSES, h5files.PHASES, h5files.WEIGHTS, h5files.GENE_LENGTHS, h5files.TRANSITIONS):
        assert not rows[name][1, 50:].any()
    assert rows[h5files.CLASSES][1, :50].sum() == 50


def test_longest_sequence_first_then_first_labelled_gene_in_the_annotation_then_genome_order():
    lengths = {"c": 10, "a": 300, "b": 300, "d": 300, "e": 300}
    spool = GeneSpool(io.BytesIO())
    spool.add([Gene("n", "a", "+", 0, 9, line=2)], 300)
    spool.add([replace(spliced_gene("y"), seqid="b", line=9), replace(spliced_gene("z", "-"), seqid="b", line=8)], 300)
    spool.add([Gene("m", "e", "+", 0, 9, line=3), replace(spliced_gene("x"), seqid="e", line=5)], 300)
    assert spool.first_labelled == {"b": 8, "e": 5}
    assert sequence_order(lengths, spool.first_labelled) == ["e", "b", "a", "d", "c"]


def test_spooled_genes_come_back_as_they_went_in():
    spool = GeneSpool(io.BytesIO())
    genes = [spliced_gene(str(number), "+-"[number % 2], shift=number % 60) for number in range(2 * BATCH_GENES + 9)]
    spool.add(genes, LENGTH)
    spool.add([replace(spliced_gene("d"), seqid="c2")], LENGTH)
    for strand in "+-":
        assert spool.get("c1", strand) == stranded_genes(genes, strand, LENGTH)
    assert [gene.id for gene in spool.get("c2", "+")] == ["d"]
    assert spool.get("c2", "-") == spool.get("c3", "+") == []

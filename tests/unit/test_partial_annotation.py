"""Partial annotations: weights vanish where no gene is known, on both strands."""

import numpy as np

from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.partial import known_spans, mask_unknown
from helixtune.h5files import SEQIDS, START_ENDS, WEIGHTS

LINE = "c1\tx\t{}\t{}\t{}\t.\t{}\t{}\t{}\n"


def genes_at(tmp_path, *places):
    text = "##gff-version 3\n"
    for number, (start, end) in enumerate(places):
        text += LINE.format("gene", start + 1, end, "+", ".", f"ID=g{number}")
        text += LINE.format("mRNA", start + 1, end, "+", ".", f"ID=t{number};Parent=g{number}")
        text += LINE.format("CDS", start + 1, end, "+", "0", f"Parent=t{number}")
    path = tmp_path / "genes.gff3"
    path.write_text(text)
    return read_genes(path, {"c1": 1000})


def block(length, *rows):
    start_ends = np.array([pair for _, pair in rows])
    weights = np.zeros((len(rows), length), np.int8)
    for row, (first, last) in zip(weights, start_ends, strict=True):
        row[: abs(last - first)] = 1
    return {WEIGHTS: weights, SEQIDS: np.array([seqid for seqid, _ in rows]), START_ENDS: start_ends}


def test_spans_of_neighbours_join_and_end_at_the_sequence(tmp_path):
    spans = known_spans(genes_at(tmp_path, (30, 90), (120, 150), (600, 630)), flank_bp=50)
    assert spans.keys() == {b"c1"}
    assert spans[b"c1"].tolist() == [[0, 200], [550, 680]]


def test_weights_remain_near_genes_alone_on_both_strands(tmp_path):
    spans = known_spans(genes_at(tmp_path, (300, 330)), flank_bp=20)  # known: 280 to 350
    rows = block(200, (b"c1", (200, 400)), (b"c1", (400, 200)), (b"c1", (400, 550)), (b"c2", (200, 400)))
    lost = mask_unknown(rows, spans)
    plus, minus, beside, elsewhere = rows[WEIGHTS]
    np.testing.assert_array_equal(np.flatnonzero(plus), np.arange(80, 150))
    np.testing.assert_array_equal(np.flatnonzero(minus), np.arange(50, 120))
    assert not beside.any()
    assert not elsewhere.any()
    assert lost == 130 + 130 + 150 + 200


def test_a_short_minus_row_keeps_its_padding_last(tmp_path):
    spans = known_spans(genes_at(tmp_path, (400, 420)), flank_bp=0)
    rows = block(200, (b"c1", (450, 400)))
    mask_unknown(rows, spans)
    np.testing.assert_array_equal(np.flatnonzero(rows[WEIGHTS][0]), np.arange(30, 50))

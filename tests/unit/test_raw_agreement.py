"""Calls against raw probabilities: the sums that their definition gives, whatever the number of threads."""

import numpy as np
import pytest

from helixtune.annotation.genes import Gene, Transcript
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_classes import CDS, CalledClasses
from helixtune.evaluation.predictions import Predictions
from helixtune.evaluation.raw_agreement import sum_raw_agreement
from helixtune.h5files import CLASS_PROBS, RowWriter, identity_of
from helixtune.subsequences import Rows, cut_sequence

WIDTH = 50
LENGTHS = {"a": 230, "b": 30}
BLOCK_BP = 70
SEEN = {"a": np.array([[40, 95], [200, 210]])}


@pytest.fixture
def rows() -> Rows:
    parts = [(seqid.encode(), cut_sequence(length, WIDTH)) for seqid, length in LENGTHS.items()]
    seqids = np.concatenate([np.full(len(start_ends), seqid, "S50") for seqid, start_ends in parts])
    return Rows(np.full(len(seqids), b"x", "S25"), seqids, np.concatenate([start_ends for _, start_ends in parts]))


@pytest.fixture
def probs(rows) -> np.ndarray:
    """Probabilities of every row; some are no numbers, and padding is nothing."""
    drawn = np.random.default_rng(4).dirichlet(np.ones(4), (len(rows), WIDTH)).astype(np.float16)
    drawn[1, 3:9] = np.nan
    for row, valid in zip(drawn, rows.valid_lengths, strict=True):
        row[valid:] = 0
    return drawn


@pytest.fixture
def predictions(rows, probs, tmp_path):
    with RowWriter(tmp_path / "p.h5", "helixtune predictions", {}, {"register": "last"}) as writer:
        writer.append({**identity_of(rows), CLASS_PROBS: probs})
    with Predictions(tmp_path / "p.h5", rows, WIDTH, "genome") as opened:
        yield opened


def calls() -> CalledClasses:
    def gene(seqid: str, strand: str, start: int, end: int) -> Gene:
        exons, cds = ((start, start + 20), (end - 20, end)), ((start + 5, start + 20, 0), (end - 20, end, 0))
        return Gene(
            "g", seqid, strand, start, end, transcripts=(Transcript("t", "mRNA", strand, start, end, exons, cds),)
        )

    return CalledClasses([gene("a", "+", 30, 120), gene("a", "-", 80, 190), gene("b", "-", 2, 29)])


def expected_sums(rows: Rows, probs: np.ndarray, called: CalledClasses, blocks: GenomeBlocks) -> np.ndarray:
    """Work the sums out base by base."""
    strands = {}
    for seqid, length in LENGTHS.items():
        both = {sign: np.zeros((length, 4)) for sign in "+-"}
        for row, (first, second), name in zip(probs, rows.start_ends, rows.seqids, strict=True):
            if name.decode() == seqid:
                start, end = sorted((first, second))
                part = row[: end - start]
                both["+" if first < second else "-"][start:end] = part if first < second else part[::-1]
        strands[seqid] = {sign: np.nan_to_num(values) for sign, values in both.items()}
    sums = np.zeros((3, len(blocks)))
    for seqid, both in strands.items():
        classes = {sign: called.on(seqid, sign, 0, LENGTHS[seqid]) for sign in "+-"}
        for i in range(LENGTHS[seqid]):
            if any(start <= i < end for start, end in SEEN.get(seqid, ())):
                continue
            block = int(blocks.index(seqid, i))
            missing = sum(1 - both[sign][i, classes[sign][i]] for sign in "+-")
            sums[:, block] += 2, missing, 2 * min(both["+"][i, CDS], both["-"][i, CDS])
    return sums


@pytest.mark.parametrize("threads", [1, 3])
def test_sums_are_those_of_the_definition(rows, probs, predictions, threads):
    blocks = GenomeBlocks({"a": 0, "b": 230}, LENGTHS, BLOCK_BP)
    found = sum_raw_agreement(rows, {"base": (predictions, calls())}, SEEN, blocks, threads)["base"]
    expected = expected_sums(rows, probs, calls(), blocks)
    assert expected.all(axis=1).any()
    np.testing.assert_array_equal([found.bases, found.disagreement, found.double_coding], expected)

"""The experiment's own parts: transplanted introns, the truth, the cache, the list of cells, the tables."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "experiment"))

import gzip
import itertools

from cache import Cache
from cells import CELLS
from run import RESULTS, read_results
from tables import main_table, mean_and_spread
from targets import Target, write_truth
from transplant_introns import COMPLEMENT, Intron, gff3_lines, inserted, insertions_into

from helixtune.annotation.gff3 import Gene, Transcript

CODING = b"ATG" + b"GCTGAAAAGGTTCTG" * 40 + b"TAA"
INTRON = Intron(b"GTATGTTTTTCTAACAAAATTTAG", b"AAG", b"GT")


@pytest.mark.parametrize("strand", ["+", "-"])
def test_transplanted_introns_leave_the_coding_sequence_as_it_was(strand):
    plus = CODING if strand == "+" else CODING.translate(COMPLEMENT)[::-1]
    bases, start = b"C" * 50 + plus + b"C" * 50, 50
    span = (start, start + len(CODING))
    transcript = Transcript("t", "mRNA", strand, *span, exons=(span,), cds=((*span, 0),))
    gene = Gene("g", "chr", strand, *span, transcripts=(transcript,))
    insertions = insertions_into(gene, bases, [INTRON], 3, np.random.default_rng(1))
    assert len(insertions) == 3
    after = inserted(bases, insertions)
    lines = [line.split("\t") for line in gff3_lines([gene], insertions)]
    parts = [(int(line[3]) - 1, int(line[4])) for line in lines if line[2] == "CDS"]
    spliced = b"".join(after[a:b] for a, b in parts)
    assert (spliced if strand == "+" else spliced.translate(COMPLEMENT)[::-1]) == CODING
    gaps = [after[end:begin] for (_, end), (begin, _) in itertools.pairwise(parts)]
    assert {gap if strand == "+" else gap.translate(COMPLEMENT)[::-1] for gap in gaps} == {INTRON.bases}


def test_cache_builds_once_and_leaves_nothing_of_a_failure(tmp_path):
    cache, built = Cache(tmp_path), []

    def build(folder):
        built.append(folder)
        if len(built) == 1:
            raise OSError("the disk is full")
        (folder / "result").write_text("done")

    with pytest.raises(OSError, match="full"):
        cache.make("kind", ["settings"], build)
    for _ in range(2):
        assert (cache.make("kind", ["settings"], build) / "result").read_text() == "done"
    assert len(built) == 2
    assert cache.make("kind", ["other settings"], build).key != cache.make("kind", ["settings"], build).key


def test_every_result_belongs_to_a_cell():
    assert not set(read_results(RESULTS)) - {cell.name for cell in CELLS}


def test_cells_have_names_of_their_own():
    names = [cell.name for cell in CELLS]
    assert len(set(names)) == len(names)
    assert all(len(name.split("--")) == 4 for name in names)


def test_what_is_tuned_on_is_not_scored_where_a_genome_can_be_cut():
    for cell in CELLS:
        assert not set(cell.target.tune) & set(cell.target.score)


def test_truth_is_without_fragments_and_other_sequences(tmp_path):
    lines = ["##gff-version 3"]
    for seqid, gene, attributes in (("I", "whole", ""), ("I", "part", ";partial=true"), ("II", "elsewhere", "")):
        lines.append(f"{seqid}\t.\tgene\t1\t90\t.\t+\t.\tID={gene}")
        lines.append(f"{seqid}\t.\tmRNA\t1\t90\t.\t+\t.\tID={gene}.1;Parent={gene}{attributes}")
        lines.append(f"{seqid}\t.\tCDS\t1\t90\t.\t+\t0\tParent={gene}.1")
    with gzip.open(tmp_path / "annotation.gff3.gz", "wt") as file:
        file.write("\n".join(lines) + "\n")
    write_truth(tmp_path, Target("x", "brassica_napus", score=("I",)), tmp_path / "truth.gff3")
    assert (tmp_path / "truth.gff3").read_text() == "\n".join([*lines[:4], ""])
    write_truth(tmp_path, Target("x", "another", score=("I",)), tmp_path / "truth.gff3")
    assert (tmp_path / "truth.gff3").read_text() == "\n".join([*lines[:7], ""])


def test_table_shows_both_levels_with_the_spread_and_other_callers():
    ours = {("pombe", "assets/x_small.h5"): {"tuned": [{"exon": 0.5, "gene": 0.4}, {"exon": 0.6, "gene": 0.4}]}}
    lines = main_table(ours, {"pombe": {"geneml": {"exon": 0.25, "gene": 0.125}}}).splitlines()
    assert lines[4] == "| pombe | x small |  |  | 0.550 ± 0.071 / 0.400 ± 0.000 |  |  |  |  |  | 0.250 / 0.125 |"


def test_spread_is_shown_where_there_is_one():
    assert mean_and_spread([0.5]) == "0.500"
    assert mean_and_spread([0.5, 0.6]) == "0.550 ± 0.071"

"""The experiment's own parts: transplanted introns, shuffled decoys, the cache, the list of cells."""

import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "experiment"))

import itertools

import pysam
from cache import Cache
from cells import CELLS
from reads import write_reads
from run import RESULTS
from shared_trunk import has_trunk_of, predict_on_shared_trunk
from tables import contributions, mean_and_spread, rank_agreements
from targets import shuffled
from transplant_introns import COMPLEMENT, Intron, gff3_lines, inserted, insertions_into

from helixtune import h5files
from helixtune.annotation.gff3 import Gene, Transcript
from helixtune.cli import main as helixtune

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


def test_shuffled_sequence_keeps_which_base_follows_which():
    decoy = shuffled(b"ACAT" * 1000, 5000)
    assert len(decoy) == 5000
    assert b"AA" not in decoy
    assert b"CT" not in decoy
    assert b"TC" not in decoy
    assert decoy != (b"ACAT" * 1250)


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
    names = {cell.name for cell in CELLS}
    assert not [path.name for path in RESULTS.glob("*.json") if path.stem not in names]


def test_cells_have_names_of_their_own():
    names = [cell.name for cell in CELLS]
    assert len(set(names)) == len(names)
    assert all(len(name.split("--")) == 3 for name in names)


def test_reads_get_the_names_of_the_target_and_stay_inside_its_sequences(tmp_path):
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": name, "LN": 900} for name in ("I", "II")]}
    with pysam.AlignmentFile(tmp_path / "source.bam", "wb", header=header) as file:
        for name, seqid, start, mate in (
            ("kept", 0, 100, 0),
            ("too_far", 0, 480, 0),
            ("other", 1, 10, 1),
            ("split", 0, 300, 1),
        ):
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.query_sequence, read.cigarstring = name, "ACGT" * 10, "10M20N30M"
            read.flag, read.reference_id, read.reference_start = 99, seqid, start
            read.next_reference_id, read.next_reference_start = mate, 150
            file.write(read)
    write_reads([(tmp_path / "source.bam", "test_")], {"test_I": 500, "dev_II": 900}, tmp_path / "out.bam")
    with pysam.AlignmentFile(tmp_path / "out.bam") as file:
        found = {read.query_name: read for read in file.fetch("test_I")}
        assert file.count() == len(found)
    assert set(found) == {"kept", "split"}
    assert (found["kept"].reference_start, found["kept"].cigarstring) == (100, "10M20N30M")
    assert found["kept"].next_reference_name == "test_I"
    assert found["split"].next_reference_name is None


def runs_of(*gene_f1: float) -> list[dict]:
    return [{"test": {"gene": value, "exon": value}} for value in gene_f1]


def test_contributions_are_points_beside_the_default_with_the_spread_of_both():
    rows = {
        "base": runs_of(0.4),
        "default": runs_of(0.5, 0.52),
        "better": runs_of(0.6, 0.62),
        "rules-ceiling": runs_of(0.9),
    }
    lines = contributions({"pombe": rows, "without the default": {"base": runs_of(0.1)}}).splitlines()
    assert lines[2] == "| gene F1, points | pombe |"
    assert lines[4:] == ["| default | 51.0 ± 1.4 |", "| base | -11.0 |", "| better | **+10.0 ± 2.0** |"]


def test_rank_agreement_is_of_tuned_rows_and_says_of_how_many():
    names = ("default", "a", "b", "c", "d")
    one = {name: runs_of(0.1 * place) for place, name in enumerate(names)}
    other = {name: runs_of(1 - 0.1 * place) for place, name in enumerate(names)}
    for rows in (one, other):
        rows |= {"base": runs_of(0.0), "base-improved": runs_of(0.0), "stopped": runs_of(0.0)}
    assert rank_agreements({"one": one, "other": other}).splitlines()[-1] == "| other | -1.00 (5) |  |"


def test_models_of_one_trunk_are_predicted_from_its_stored_features(tmp_path):
    models = Path(__file__).resolve().parents[2] / "assets" / "models"
    base, other = models / "demo_base.h5", models / "eukaryote_small.h5"
    assert has_trunk_of(base, base)
    assert not has_trunk_of(other, base)
    contigs = [f">s{n}\n" + "ACGTTGCAATTGCCGGA" * 10 * n + "\n" for n in (40, 7, 5, 3)]
    (tmp_path / "genome.fa").write_text("".join(contigs))
    options = (
        "--fasta",
        tmp_path / "genome.fa",
        "--species",
        "x",
        "--subsequence-length",
        "2376",
        "--output",
        tmp_path / "g.h5",
    )
    assert helixtune(["encode-genome", *map(str, options), "--quiet"]) == 0
    options = ("--model", base, "--genome", tmp_path / "g.h5", "--output", tmp_path / "whole.h5")
    assert helixtune(["predict-classes", *map(str, options), "--threads", "1", "--quiet"]) == 0
    times = []
    for name in ("computed.h5", "stored.h5"):
        predict_on_shared_trunk(base, tmp_path / "g.h5", tmp_path / name, tmp_path / "features", 1)
        times.append({path: path.stat().st_mtime_ns for path in (tmp_path / "features").iterdir()})
        for dataset in (h5files.CLASS_PROBS, h5files.PHASE_PROBS):
            with h5py.File(tmp_path / "whole.h5") as whole, h5py.File(tmp_path / name) as shared:
                np.testing.assert_allclose(shared[dataset][:], whole[dataset][:], atol=2e-3)
    assert times[0]
    assert times[0] == times[1]


def test_spread_is_shown_where_there_is_one():
    assert mean_and_spread([0.5]) == "0.500"
    assert mean_and_spread([0.5, 0.6]) == "0.550 ± 0.071"

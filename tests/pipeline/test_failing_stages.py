"""Input that only a stage can find wrong: the run stops with that stage's one sentence, and publishes nothing."""

import pytest

from conftest import random_bases
from pipeline_runs import PROJECT, run_pipeline, write_samplesheet

MODEL = PROJECT / "assets" / "models" / "demo_base.h5"
FOREIGN = "##gff-version 3\nchrX\tx\tgene\t1\t90\t.\t+\t.\tID=g\n"

CASES = {
    "empty FASTA": ("empty.fa", MODEL, "", "encode-genome: ", "empty.fa is empty"),
    "no model": ("genome.fa", "genome.fa", "", "predict-classes: ", "genome.fa is truncated or not an HDF5 file"),
    "genes of another genome": ("genome.fa", MODEL, "foreign.gff3", "score-shard: ", "foreign.gff3"),
}


@pytest.mark.parametrize("case", CASES)
def test_wrong_input_ends_in_one_sentence(case, tmp_path):
    fasta, model, annotation, stage, sentence = CASES[case]
    (tmp_path / "empty.fa").touch()
    (tmp_path / "genome.fa").write_text(f">s1\n{random_bases(30_000, seed=1)}\n")
    (tmp_path / "foreign.gff3").write_text(FOREIGN)
    sheet = write_samplesheet(tmp_path, "id,species,fasta,train_annotation", f"wrong,Species one,{fasta},{annotation}")
    run = run_pipeline(tmp_path, "--input", sheet, "--base_model", tmp_path / model)
    assert run.code == 1
    assert "Traceback" not in run.text
    last = [line for line in run.text.splitlines() if "helixtune: stopped." in line]
    assert len(last) == 1
    assert stage in last[0]
    assert sentence in last[0]
    # trusted genes are looked at beside the base model's predictions, whose own genes are there by then
    assert not any(path.startswith("wrong/") and not path.startswith("wrong/base/") for path in run.tree())


def test_a_failing_genome_is_left_out_and_the_others_go_on(tmp_path):
    (tmp_path / "empty.fa").touch()
    (tmp_path / "silent.fa").write_text(f">s1\n{random_bases(30_000, seed=5).replace('C', 'A').replace('G', 'T')}\n")
    sheet = write_samplesheet(tmp_path, "id,species,fasta", "good,Species one,silent.fa", "bad,Species two,empty.fa")
    run = run_pipeline(tmp_path, "--input", sheet, "--base_model", MODEL, "--on_error", "skip")
    assert run.code == 1
    assert "1 of 2 genomes have no result: bad" in run.text
    assert (run.results / "good" / "genes.gff3").exists()
    assert "good" in (run.results / "report.html").read_text()
    _header, line = (run.results / "pipeline_info" / "failed.tsv").read_text().splitlines()
    task, code, message = line.split("\t")
    assert (task, code) == ("ENCODE_GENOME (bad)", "1")
    assert message.startswith("helixtune encode-genome: ")
    assert "empty.fa is empty" in message
    index = (run.results / "pipeline_info" / "index.tsv").read_text()
    assert "good\tgenes\tgood/genes.gff3" in index
    assert "\tbad/" not in index

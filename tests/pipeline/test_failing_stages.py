"""Input that only a stage can find wrong: the run stops with that stage's one sentence, and publishes nothing."""

import pytest

from conftest import random_bases
from pipeline_runs import PROJECT, run_pipeline, write_samplesheet

MODEL = PROJECT / "assets" / "models" / "demo_base.h5"
FOREIGN = "##gff-version 3\nchrX\tx\tgene\t1\t90\t.\t+\t.\tID=g\n"

CASES = {
    "empty FASTA": ("empty.fa", MODEL, "", "encode-genome: ", "empty.fa is empty"),
    "no model": ("genome.fa", "genome.fa", "", "predict-classes: ", "genome.fa is truncated or not an HDF5 file"),
    "genes of another genome": ("genome.fa", MODEL, "foreign.gff3", "encode-labels: ", "foreign.gff3"),
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
    assert not any(path.startswith("wrong/") for path in run.tree())

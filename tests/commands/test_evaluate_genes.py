import json

import pytest

GENE = """##gff-version 3
{seqid}\tx\tgene\t11\t40\t{score}\t+\t.\tID=g1
{seqid}\tx\tmRNA\t11\t40\t.\t+\t.\tID=g1.1;Parent=g1
{seqid}\tx\texon\t11\t40\t.\t+\t.\tID=g1.1.e1;Parent=g1.1
{seqid}\tx\tCDS\t14\t{end}\t.\t+\t0\tID=g1.1.c1;Parent=g1.1
"""


@pytest.fixture
def write_genes(tmp_path):
    def write(name, seqid="a", end=31, score="."):
        path = tmp_path / name
        path.write_text(GENE.format(seqid=seqid, end=end, score=score))
        return path

    return write


def test_one_set_is_scored_on_cds_and_with_utrs(tmp_path, run_cli, write_genes):
    predicted, reference = write_genes("p.gff3", end=34, score="0.8"), write_genes("r.gff3")
    output = tmp_path / "metrics.json"
    code, _ = run_cli("evaluate-genes", "--predicted", predicted, "--reference", reference, "--output", output)
    assert code == 0
    metrics = json.loads(output.read_text())
    base = metrics["reference"]["cds"]["base"]
    assert (base["predicted"], base["reference"], base["predicted_right"]) == (21, 18, 18)
    assert metrics["reference"]["cds"]["gene"]["f1"] == 0.0
    assert metrics["reference"]["with_utrs"]["gene"]["f1"] == 1.0
    assert metrics["reference"]["per_sequence"]["a"]["base"]["recall"] == 1.0
    assert metrics["reference"]["confidence"][0]["exactly_right"] == 0.0


def test_chosen_sequences_only(tmp_path, run_cli, write_genes, caplog):
    predicted, reference = write_genes("p.gff3"), write_genes("r.gff3")
    reference.write_text(reference.read_text() + GENE.format(seqid="b", end=31, score=".").replace("g1", "g2"))
    output = tmp_path / "metrics.json"
    words = ["evaluate-genes", "--predicted", predicted, "--reference", reference, "--output", output]
    assert run_cli(*words, "--seqid", "a")[0] == 0
    assert json.loads(output.read_text())["reference"]["cds"]["gene"]["recall"] == 1.0
    assert run_cli(*words)[0] == 0
    assert json.loads(output.read_text())["reference"]["cds"]["gene"]["recall"] == 0.5


def test_a_prediction_without_genes_scores_zero(tmp_path, run_cli, write_genes):
    empty, output = tmp_path / "empty.gff3", tmp_path / "metrics.json"
    empty.write_text("##gff-version 3\n")
    reference = write_genes("r.gff3")
    assert run_cli("evaluate-genes", "--predicted", empty, "--reference", reference, "--output", output)[0] == 0
    assert json.loads(output.read_text())["reference"]["cds"]["base"]["f1"] == 0.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--predicted", "missing.gff3", "--reference", "{r}"], "missing.gff3 does not exist"),
        (["--predicted", "{p}", "--reference", "{other}"], "share no sequence"),
        (["--predicted", "{p}", "--reference", "{empty}"], "holds no gene"),
        (["--predicted", "{p}", "--reference", "{r}", "--seqid", "zzz"], "--seqid zzz"),
        (["--predicted", "{p}", "--base-genes", "{r}"], "--predicted judges one set"),
        (["--predicted", "{p}", "--per-sequence", "x.tsv"], "--per-sequence needs --reference"),
        (["--predicted", "{p}", "--repeats", "x.bed"], "--repeats needs --genome"),
    ],
)
def test_errors_are_one_sentence_and_leave_nothing(tmp_path, run_cli, write_genes, options, words):
    empty = tmp_path / "empty.gff3"
    empty.write_text("##gff-version 3\n")
    paths = {
        "p": write_genes("p.gff3"),
        "r": write_genes("r.gff3"),
        "other": write_genes("o.gff3", "z"),
        "empty": empty,
    }
    options = [option.format(**paths) for option in options]
    code, message = run_cli("evaluate-genes", *options, "--output", tmp_path / "metrics.json")
    assert code == 1
    assert words in message
    assert message.strip().count("\n") == 0
    assert not (tmp_path / "metrics.json").exists()

"""The whole loop for real, on a simulated genome and on one without genes, and once more with -resume."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import random_bases
from helixtune.annotation.gff3 import read_genes
from helixtune.cli import main
from pipeline_runs import PROJECT, Run, expected_tree, run_pipeline, write_samplesheet

MODEL = PROJECT / "assets" / "models" / "demo_base.h5"
OPTIONS = ("--subsequence_length", 7128, "--keep_fraction", 0.5, "--epochs", 1, "--base_model", MODEL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("real")
    simulated = folder / "simulated"
    words = f"--preset demo-same --seed 3 --size-mb 0.2 --read-depth 0 --output-dir {simulated}".split()
    assert main(["simulate-species", *words]) == 0
    no_start_codon = random_bases(40_000, seed=5).replace("C", "A").replace("G", "T")
    (folder / "silent.fa").write_text(f">s1\n{no_start_codon}\n")
    return folder


@pytest.fixture(scope="module")
def run(folder) -> Run:
    sheet = write_samplesheet(
        folder,
        "id,species,fasta,reference",
        "same,Simulata same,simulated/genome.fa,simulated/annotation.gff3",
        "silent,Silent species,silent.fa,",
    )
    run = run_pipeline(folder, "--input", sheet, *OPTIONS)
    assert run.code == 0, run.text
    return run


def metrics(run: Run, genome: str) -> dict:
    return json.loads((run.results / genome / "evaluation" / "metrics.json").read_text())


def test_results_are_those_of_the_declaration(run):
    assert run.tree() == expected_tree({"same"}, {"silent"})


def test_recommended_genes_are_a_valid_copy_of_the_verdict(run):
    recommended = run.results / "same" / "genes.gff3"
    winner = metrics(run, "same")["verdict"]["recommended"]
    assert recommended.read_bytes() == (run.results / "same" / winner / "genes.gff3").read_bytes()
    genes = read_genes(recommended)
    assert len(genes) >= 20
    assert all(0 <= gene.confidence <= 1 for gene in genes)
    assert (run.results / "same" / "proteins.fa").read_text().count(">") == sum(len(gene.transcripts) for gene in genes)


@pytest.mark.skipif(not shutil.which("gt"), reason="gt (Debian genometools) is not on PATH")
def test_independent_validator_accepts_every_gff3(run):
    paths = sorted(run.results.rglob("*.gff3"))
    assert len(paths) == 5
    assert subprocess.run(["gt", "gff3validator", *paths], check=False).returncode == 0


def test_reference_scores_both_gene_sets(run):
    reference = metrics(run, "same")["reference"]
    assert reference["base"]["cds"]["base"]["f1"] > 0.5
    assert 0 < reference["tuned"]["cds"]["base"]["f1"] <= 1


def test_genome_without_genes_keeps_the_base_and_says_so(run):
    verdict = metrics(run, "silent")["verdict"]
    assert verdict["recommended"] == "base"
    assert verdict["reason"] == "base: nothing to learn from"
    assert "silent: nothing to learn from" in run.text


def test_report_shows_every_genome_and_version(run):
    report = (run.results / "report.html").read_text()
    assert "same" in report
    assert "silent" in report
    versions = (run.results / "pipeline_info" / "versions.tsv").read_text().splitlines()
    assert all(len(line.split("\t")) == 3 and line.split("\t")[2] for line in versions)


def test_resume_computes_nothing_again(run, folder):
    again = run_pipeline(folder, "--input", folder / "samplesheet.csv", *OPTIONS, "-resume")
    assert again.code == 0, again.text
    assert {task["status"] for task in again.tasks()} == {"CACHED"}
    stages = {task["name"].split(":")[-1].split(" ")[0] for task in again.tasks()}
    assert {"ENCODE_GENOME", "SELECT_CONFIDENT", "TUNE_MODEL", "EVALUATE_GENES", "WRITE_REPORT"} <= stages
    assert len(again.tasks()) >= 17  # ten stages of a tuned genome, six of one without genes, the report

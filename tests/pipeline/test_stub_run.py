"""The graph of stages, run with stubs: which tasks run for which genome, and what is published where."""

import subprocess
from collections import Counter

import pytest

from pipeline_runs import expected_tree, run_pipeline, write_samplesheet

HEADER = "id,species,fasta,lineage,reference,train_annotation,bam,library,repeats"
LINES = (
    "plain,Species one,genome.fa,,,,,,",
    "trusted,Species two,genome.fa,vertebrate,,genes.gff3,,,",
    "full,Species three,genome.fa,fungi,genes.gff3,,a.bam;b.bam,unstranded;fr-firststrand,repeats.bed",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stub")
    for name in ("genome.fa", "genes.gff3", "a.bam", "a.bam.bai", "b.bam", "b.bai", "repeats.bed", "model.h5"):
        (folder / name).write_text("x\n")
    return folder


@pytest.fixture(scope="module")
def run(folder):
    sheet = write_samplesheet(folder, HEADER, *LINES)
    run = run_pipeline(
        folder, "-stub-run", "--input", sheet, "--base_model", folder / "model.h5", "--tune_seqids", "I,II"
    )
    assert run.code == 0, run.text
    return run


def commands(run, stage: str) -> dict[str, str]:
    """Return the script of every task of a stage, by genome."""
    found = {}
    for task in run.tasks():
        if task["name"].split()[0].split(":")[-1] == stage:
            script = next((run.folder / "work").glob(f"{task['hash']}*")) / ".command.run"
            found[task["name"].split("(")[1].rstrip(")").split()[0]] = script.read_text()
    return found


def test_published_files_are_those_of_the_declaration(run):
    assert run.tree() == expected_tree({"plain", "trusted", "full"}, set())


def test_every_stage_runs_once_a_genome(run):
    stages = Counter(task["name"].split()[0].split(":")[-1] for task in run.tasks())
    assert stages.pop("WRITE_REPORT") == 1
    assert set(stages.values()) == {3}
    assert len(stages) == 10  # nine stages without ADD_COVERAGE and WRITE_REPORT, two of them run a second time: 8 + 2


def test_checksums_fit_the_published_files(run):
    checked = subprocess.run(
        ["sha256sum", "--quiet", "-c", "pipeline_info/checksums.sha256"], cwd=run.results, check=False
    )
    assert checked.returncode == 0


def test_staged_inputs_are_those_of_the_samplesheet(run):
    labels = commands(run, "ENCODE_LABELS")
    assert "genes.gff3" in labels["trusted"]
    assert "plain.base.gff3" in labels["plain"]
    evaluations = commands(run, "EVALUATE_GENES")
    assert "a.bam" in evaluations["full"]
    assert "b.bai" in evaluations["full"]
    assert "repeats.bed" in evaluations["full"]
    assert ".bam" not in evaluations["plain"]

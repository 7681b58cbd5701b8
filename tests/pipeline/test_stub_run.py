"""The graph of stages, run with stubs: which tasks run for which genome, and what is published where.

One run holds it all: two rounds; a genome with two BAMs, so two candidates; trusted genes; two genomes that share a model.
"""

import csv
import subprocess
from collections import Counter

import pytest

from pipeline_runs import declared_outputs, run_pipeline, write_samplesheet

HEADER = "id,species,fasta,lineage,reference,train_annotation,bam,library,repeats,proteins,group,teachers"
LINES = (
    "full,Species one,genome.fa,fungi,genes.gff3,,a.bam;b.bam,unstranded;fr-firststrand,repeats.bed,known.fa,,teacher.gff3",
    "first,Species two,genome.fa,vertebrate,,genes.gff3,,,,,pair,",
    "second,Species three,genome.fa,vertebrate,,genes.gff3,,,,,pair,",
)
FILES = (
    "genome.fa",
    "genes.gff3",
    "teacher.gff3",
    "a.bam",
    "a.bam.bai",
    "b.bam",
    "b.bai",
    "repeats.bed",
    "known.fa",
    "model.h5",
    "busco.hmm",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stub")
    for name in FILES:
        (folder / name).write_text("x\n")
    return folder


@pytest.fixture(scope="module")
def run(folder):
    sheet = write_samplesheet(folder, HEADER, *LINES)
    options = ("--rounds", 2, "--hmms", folder / "busco.hmm", "--tune_seqids", "I,II")
    run = run_pipeline(folder, "-stub-run", "--input", sheet, "--base_model", folder / "model.h5", *options)
    assert run.code == 0, run.text
    return run


def commands(run, stage: str) -> dict[str, str]:
    """Return the script of every task of a stage, by "round tag"."""
    found = {}
    for task in run.tasks():
        workflow, _, name = task["name"].partition(" ")
        *above, process = workflow.split(":")
        if process == stage:
            script = next((run.folder / "work").glob(f"{task['hash']}*"))
            part = next((part for part in above if part.startswith("ROUND")), "BASE")
            found[f"{part} {name.strip('()')}"] = (script / ".command.run").read_text()
    return found


def test_stages_run_as_often_as_genomes_candidates_and_rounds_ask(run):
    assert Counter(task["name"].split()[0].split(":")[-1] for task in run.tasks()) == {
        "ENCODE_GENOME": 3,
        "PREDICT_CLASSES": 3 + 3 + 2,  # base; candidates: one each, two with BAMs, one in the second round
        "CALL_GENES": 3 + 3 + 3 + 2,  # of the base by the state model, and all by signals
        "GATHER_SHARDS": 3 + 3 + 3 + 2,
        "LEARN_SIGNALS": 3 + 3 + 2,
        "AGREE_GENES": 1 + 1,  # with teachers, once a round
        "SCORE_SHARD": 3 + 1,
        "ADD_COVERAGE": 1,  # of the genome
        "COVER_KEPT": 2,  # of the rows kept, once a round
        "SELECT_CONFIDENT": 3 + 1,
        "SPLIT_SUBSEQUENCES": 2 + 1,  # the pair shares one
        "TUNE_MODEL": 1 + 2 + 1,
        "EVALUATE_GENES": 4 + 1,
        "EVALUATE_ROUND": 1,
        "CHOOSE_CANDIDATE": 3 + 1,
        "WRITE_REPORT": 1,
    }


def test_published_files_are_those_of_the_declaration(run):
    genome = declared_outputs("always")
    tuned = declared_outputs("always", "signals", "learnt", "tuned", "tuned_learnt")
    expected = {path for path in genome if "<id>" not in path}
    expected |= {path.replace("<id>", name) for name in ("first", "second", "full") for path in tuned if "<id>" in path}
    expected |= {path.replace("<id>", "full") for path in declared_outputs("rounds")}
    for number in ("1", "2"):
        inside = [path for path in tuned if path.startswith("<id>/") and "/base/" not in path]
        expected |= {path.replace("<id>", f"full/rounds/{number}") for path in inside}
    for path in declared_outputs("candidates", "candidates_learnt"):
        expected.add(path.replace("<id>", "full/rounds/1").replace("<candidate>", "whole-network"))
    expected |= {path.replace("<id>", "full/rounds/2") for path in declared_outputs("rounds")}
    assert run.tree() == expected


def test_index_lists_every_result(run):
    with (run.results / "pipeline_info" / "index.tsv").open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    listed = {row["path"] for row in rows}
    still_written = {
        f"pipeline_info/{name}" for name in ("index.tsv", "execution_report.html", "timeline.html", "dag.html")
    }
    assert run.tree() - still_written <= listed <= run.tree()
    kinds = {row["path"]: (row["id"], row["kind"]) for row in rows}
    assert kinds["full/rounds/2/model/tuned.h5"] == ("full", "tuned_model")
    assert kinds["full/rounds/1/candidates/whole-network/genes.gff3"] == ("full", "candidate_genes")
    assert kinds["report.html"] == ("", "report")


def test_every_input_is_recorded_with_its_checksum(run):
    with (run.results / "pipeline_info" / "inputs.tsv").open(newline="") as lines:
        rows = [
            (row["id"], row["role"], row["name"])
            for row in csv.DictReader(lines, delimiter="\t")
            if len(row["sha256"]) == 64
        ]
    of_first = [
        ("first", "fasta", "genome.fa"),
        ("first", "base_model", "model.h5"),
        ("first", "train_annotation", "genes.gff3"),
    ]
    assert {("", "samplesheet", "samplesheet.csv"), ("full", "bams", "b.bam"), *of_first} <= set(rows)
    assert len(rows) == 1 + 9 + 2 * 4  # two genomes with FASTA, model, profiles and genes; one with all that there is


def test_checksums_fit_the_published_files(run):
    checked = subprocess.run(
        ["sha256sum", "--quiet", "-c", "pipeline_info/checksums.sha256"], cwd=run.results, check=False
    )
    assert checked.returncode == 0


def test_tuned_models_learn_on_from_the_signals_of_the_base_and_later_rounds_from_the_last(run):
    learnt = commands(run, "LEARN_SIGNALS")
    assert "full.base.state_model.gff3" in learnt["BASE full base"]
    for name in ("full.base.signals.json", "full.coverage-head.0001.compact.h5"):
        assert name in learnt["ROUND_1 full coverage-head"]
    assert "full.coverage-head.signals.json" in learnt["ROUND_2 full coverage-head-2"]
    called = commands(run, "CALL_GENES")
    assert "full.coverage-head.signals.json" in called["ROUND_1 full coverage-head 1/1"]
    assert "signals.json" not in called["BASE full base.state_model 1/1"]


def test_labels_come_from_trusted_genes_or_the_latest_and_with_teachers_from_what_all_agree_on(run):
    for stage, shard in (("SCORE_SHARD", " 1/1"), ("SELECT_CONFIDENT", "")):
        scripts = commands(run, stage)
        assert "first.base.gff3" not in scripts[f"ROUND_1 first{shard}"]
        assert "genes.gff3" in scripts[f"ROUND_1 first{shard}"]
        assert "full.agreed.gff3" in scripts[f"ROUND_1 full{shard}"]
    agreed = commands(run, "AGREE_GENES")
    assert "full.base.gff3" in agreed["ROUND_1 full"]
    assert "full.coverage-head.gff3" in agreed["ROUND_2 full"]
    assert all("teacher.gff3" in script for script in agreed.values())


def test_a_pair_is_tuned_on_the_subsequences_of_both(run):
    script = commands(run, "SPLIT_SUBSEQUENCES")["ROUND_1 pair"]
    assert "first.filtered.h5" in script
    assert "second.filtered.h5" in script


def test_second_round_starts_from_the_model_of_the_first(run):
    tuned = commands(run, "TUNE_MODEL")
    assert "model.h5" in tuned["ROUND_1 full coverage-head"]
    assert "full.coverage-head.tuned.h5" in tuned["ROUND_2 full coverage-head-2"]


def test_coverage_is_given_to_the_mode_that_reads_it(run):
    predictions = commands(run, "PREDICT_CLASSES")
    assert "full.genome_coverage.h5" in predictions["ROUND_1 full coverage-head 1/1"]
    assert "full.genome.h5" in predictions["ROUND_1 full whole-network 1/1"]
    assert "full.base.0001.engine.json" in predictions["ROUND_1 full whole-network 1/1"]
    covered = commands(run, "ADD_COVERAGE")["BASE full genome"]
    assert "a.bam" in covered
    assert "b.bam" not in covered  # kept for the gate


def test_gate_sees_only_evidence_that_the_candidate_was_not_tuned_on(run):
    judged = commands(run, "EVALUATE_GENES")
    assert "a.bam" not in judged["ROUND_1 full coverage-head"]
    assert "b.bai" in judged["ROUND_1 full coverage-head"]
    assert "a.bam" in judged["ROUND_1 full whole-network"]
    for name in ("repeats.bed", "known.fa", "busco.hmm"):
        assert name in judged["ROUND_1 full whole-network"]
    assert ".bam" not in judged["ROUND_1 first whole-network"]
    assert "busco.hmm" in judged["ROUND_1 first whole-network"]

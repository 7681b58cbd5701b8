"""Genomes in shards: which tasks run, what they are given, what is published, and that nothing runs twice."""

import shutil
from collections import Counter

import pytest

from pipeline_runs import run_pipeline, write_samplesheet

OPTIONS = ("--shards", 3, "--keep_predictions", "true")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    for name in ("genome.fa", "model.h5", "genes.gff3"):
        (folder / name).write_text("x\n")
    lines = ("large,Species one,genome.fa,", "trusted,Species two,genome.fa,genes.gff3")
    write_samplesheet(folder, "id,species,fasta,train_annotation", *lines)
    return folder


def run_stub(folder, *more, options=OPTIONS):
    sheet, model = folder / "samplesheet.csv", folder / "model.h5"
    run = run_pipeline(folder, "-stub-run", "--input", sheet, "--base_model", model, *options, *more, limit_s=1800)
    assert run.code == 0, run.text
    return run


@pytest.fixture(scope="module")
def run(folder):
    return run_stub(folder)


def script(run, name: str) -> str:
    task = next(task for task in run.tasks() if task["name"].endswith(name))
    return (next((run.folder / "work").glob(f"{task['hash']}*")) / ".command.run").read_text()


def test_every_stage_but_tuning_and_the_verdict_works_in_shards(run):
    stages = Counter(task["name"].split()[0].split(":")[-1] for task in run.tasks())
    assert stages["PREDICT_CLASSES"] == 2 * 2 * 3  # two genomes, base and tuned model, three shards
    assert stages["CALL_GENES"] == stages["PREDICT_CLASSES"] + 2 * 3  # by signals, and of the base by the state model
    assert stages["LEARN_SIGNALS"] == 2 * 2
    assert stages["GATHER_SHARDS"] == stages["LEARN_SIGNALS"] + 2
    assert stages["SCORE_SHARD"] == 2 * 3
    assert stages["SELECT_CONFIDENT"] == stages["TUNE_MODEL"] == stages["EVALUATE_GENES"] == 2


def test_stages_get_what_all_shards_give(run):
    for number in ("0001", "0002", "0003"):
        assert f"large.base.{number}.compact.h5" in script(run, "EVALUATE_GENES (large whole-network)")
        assert f"large.base.{number}.compact.h5" in script(
            run, "CALL_GENES (large base 2/3)"
        )  # genes may go on in the next
        assert f"large.base.{number}.compact.h5" in script(run, "LEARN_SIGNALS (large base)")
        assert f"large.{number}.scores.h5" in script(run, "SELECT_CONFIDENT (large)")
    assert "large.base.gff3" in script(run, "SELECT_CONFIDENT (large)")
    assert "large.base.0001.engine.json" in script(run, "PREDICT_CLASSES (large whole-network 2/3)")


def test_a_shard_is_scored_from_its_own_predictions(run):
    staged = script(run, "SCORE_SHARD (large 2/3)")
    assert "large.base.0002.compact.h5" in staged
    assert "large.base.0001.compact.h5" not in staged
    assert "large.base.gff3" in staged


def test_trusted_genes_are_scored_as_called_ones_are(run):
    staged = script(run, "SCORE_SHARD (trusted 1/3)")
    assert "trusted.base.0001.compact.h5" in staged
    assert "trusted.base.gff3" not in staged
    assert "genes.gff3" in staged


def test_full_predictions_are_published_when_asked_for(run):
    found = {path for path in run.tree() if "/predictions/" in path}
    assert found == {
        f"{name}/predictions/{role}.000{n}.h5"
        for name in ("large", "trusted")
        for role in ("base", "whole-network")
        for n in (1, 2, 3)
    }
    assert "large/base/genes.gff3" in run.tree()


def test_full_predictions_of_a_genome_in_one_shard_have_no_number(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "one", ignore=shutil.ignore_patterns("work", "results", ".nextflow*"))
    run = run_stub(tmp_path / "one", options=("--keep_predictions", "true"))
    assert {"large/predictions/base.h5", "large/predictions/whole-network.h5"} <= run.tree()


def test_needs_are_told_before_the_start(run):
    told = next(line for line in run.text.splitlines() if "large: about" in line)
    assert "in 3 shards" in told
    assert "core hours, tuning about" in told


def test_a_resumed_run_repeats_no_shard(run, folder):
    again = run_stub(folder, "-resume")
    tasks = [task["status"] for task in again.tasks() if "WRITE_REPORT" not in task["name"]]
    assert set(tasks) == {"CACHED"}
    assert len(tasks) > 30


def test_coverage_is_counted_on_kept_rows_alone_and_rounds_go_on(folder):
    """Two rounds with a candidate that reads RNA-seq: every round scores the latest genes."""
    covered = folder / "covered"
    covered.mkdir()
    for name in ("a.bam", "a.bam.bai"):
        (covered / name).write_text("x\n")
    shutil.copy(folder / "genome.fa", covered)
    sheet = write_samplesheet(covered, "id,species,fasta,bam", "large,Species one,genome.fa,a.bam")
    options = ("--shards", 3, "--tune_modes", "new-head,coverage-head", "--rounds", 2)
    words = ("-stub-run", "--input", sheet, "--base_model", folder / "model.h5", *options)
    run = run_pipeline(covered, *words, limit_s=1800)
    assert run.code == 0, run.text
    stages = Counter(task["name"].split()[0].split(":")[-1] for task in run.tasks())
    assert stages["SCORE_SHARD"] == 6
    assert stages["COVER_KEPT"] >= 1
    assert stages["ADD_COVERAGE"] == 1  # of genome.h5, which the candidate's model reads
    assert "large.filtered_coverage.h5" in script(run, "SPLIT_SUBSEQUENCES (large)")

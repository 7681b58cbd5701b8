"""Large genomes in shards: which tasks run, what they are given, what is published, and that nothing runs twice."""

import shutil
from collections import Counter

import pytest

from pipeline_runs import run_pipeline, write_samplesheet

OPTIONS = ("--fuse_above", 1000, "--shards", 3, "--keep_predictions", "true")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    (folder / "large.fa").write_text(">s\n" + "ACGT" * 500 + "\n")
    for name in ("small.fa", "model.h5"):
        (folder / name).write_text("x\n")
    write_samplesheet(folder, "id,species,fasta", "large,Species one,large.fa", "small,Species two,small.fa")
    return folder


def run_stub(folder, *more):
    sheet, model = folder / "samplesheet.csv", folder / "model.h5"
    run = run_pipeline(folder, "-stub-run", "--input", sheet, "--base_model", model, *OPTIONS, *more, limit_s=1800)
    assert run.code == 0, run.text
    return run


@pytest.fixture(scope="module")
def run(folder):
    return run_stub(folder)


def script(run, name: str) -> str:
    task = next(task for task in run.tasks() if task["name"].endswith(name))
    return (next((run.folder / "work").glob(f"{task['hash']}*")) / ".command.run").read_text()


def test_only_large_genomes_are_cut(run):
    stages = Counter(task["name"].split()[0].split(":")[-1] for task in run.tasks())
    assert stages["CALL_SHARD"] == 6  # three of the base model, three of the tuned one
    assert stages["GATHER_SHARDS"] == stages["PREDICT_CLASSES"] == stages["CALL_GENES"] == 2
    assert stages["SCORE_SHARD"] == 3
    assert stages["ENCODE_LABELS"] == 1  # of the small genome: rows of the large one are labelled where they are scored
    assert stages["TUNE_MODEL"] == stages["EVALUATE_GENES"] == 2


def test_stages_get_what_all_shards_give(run):
    for number in ("0001", "0002", "0003"):
        assert f"large.base.{number}.coarse.h5" in script(run, "EVALUATE_GENES (large new-head)")
        assert f"large.{number}.scores.h5" in script(run, "SELECT_CONFIDENT (large)")
    assert "large.base.gff3" in script(run, "SELECT_CONFIDENT (large)")
    assert "large.base.0001.engine.json" in script(run, "CALL_SHARD (large new-head 2/3)")


def test_a_shard_is_scored_from_its_own_predictions(run):
    staged = script(run, "SCORE_SHARD (large 2/3)")
    assert "large.base.0002.coarse.h5" in staged
    assert "large.base.0001.coarse.h5" not in staged
    assert "large.base.gff3" in staged


def test_full_predictions_are_published_when_asked_for(run):
    found = {path for path in run.tree() if "/predictions/" in path}
    roles = ("base", "new-head")
    assert found == {f"large/predictions/{role}.000{n}.h5" for role in roles for n in (1, 2, 3)} | {
        f"small/predictions/{role}.h5" for role in roles
    }
    assert "large/base/genes.gff3" in run.tree()


def test_needs_are_told_before_the_start(run):
    told = next(line for line in run.text.splitlines() if "large: about" in line)
    assert "in 3 shards" in told
    assert "core hours, tuning about" in told
    assert "small: about" in run.text


def test_a_resumed_run_repeats_no_shard(run, folder):
    again = run_stub(folder, "-resume")
    shards = [task["status"] for task in again.tasks() if "_SHARD" in task["name"]]
    assert shards == ["CACHED"] * 11  # six called, three scored, two gathered


def test_coverage_is_counted_on_kept_rows_alone_and_rounds_go_on(folder):
    """Two rounds of a large genome with a candidate that reads RNA-seq: every round scores the latest genes."""
    covered = folder / "covered"
    covered.mkdir()
    for name in ("a.bam", "a.bam.bai"):
        (covered / name).write_text("x\n")
    shutil.copy(folder / "large.fa", covered)
    sheet = write_samplesheet(covered, "id,species,fasta,bam", "large,Species one,large.fa,a.bam")
    options = ("--fuse_above", 1000, "--shards", 3, "--tune_modes", "new-head,coverage-head", "--rounds", 2)
    words = ("-stub-run", "--input", sheet, "--base_model", folder / "model.h5", *options)
    run = run_pipeline(covered, *words, limit_s=1800)
    assert run.code == 0, run.text
    stages = Counter(task["name"].split()[0].split(":")[-1] for task in run.tasks())
    assert stages["SCORE_SHARD"] == 6
    assert stages["ENCODE_LABELS"] == 0
    assert stages["COVER_KEPT"] >= 1
    assert stages["ADD_COVERAGE"] == 1  # of genome.h5, which the candidate's model reads
    assert "large.filtered_coverage.h5" in script(run, "SPLIT_SUBSEQUENCES (large)")

"""Real runs: any number of shards gives the same results, byte for byte; and what is left when intermediate files go."""

import json
import shutil
import subprocess
from pathlib import Path

import h5py
import pytest

from helixtune.cli import main
from helixtune.h5files import COVERAGE, SPLICED_COVERAGE
from pipeline_runs import LAUNCHER, PROJECT, Run, run_pipeline, write_samplesheet

pytestmark = pytest.mark.full
MODEL = PROJECT / "assets" / "models" / "demo_base.h5"
OPTIONS = ("--subsequence_length", 7128, "--keep_fraction", 0.5, "--epochs", 1, "--base_model", MODEL)
SHARDS = ("--shards", 3)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """A folder for each run, with the same genome."""
    simulated = tmp_path_factory.mktemp("genome")
    words = f"--preset demo-same --seed 3 --size-mb 0.5 --read-depth 0 --output-dir {simulated}".split()
    assert main(["simulate-species", *words]) == 0
    found = {}
    for name in ("one", "shards"):
        found[name] = tmp_path_factory.mktemp(name)
        write_samplesheet(found[name], "id,species,fasta", f"same,Simulata same,{simulated}/genome.fa")
    return found


def run(folder: Path, *more) -> Run:
    done = run_pipeline(folder, "--input", folder / "samplesheet.csv", *OPTIONS, *more)
    assert done.code == 0, done.text
    return done


@pytest.fixture(scope="module")
def in_shards(folders) -> Run:
    return run(folders["shards"], *SHARDS)


@pytest.fixture(scope="module")
def results(in_shards) -> dict[str, bytes]:
    """What the run in shards published, but for its own reports with their times."""
    return published(in_shards)


def published(run: Run) -> dict[str, bytes]:
    timed = ("training_log.tsv", "model_card.md")
    paths = [path for path in (run.results / "same").rglob("*") if path.is_file() and path.name not in timed]
    return {str(path.relative_to(run.results)): path.read_bytes() for path in paths}


def statuses(run: Run) -> dict[str, str]:
    return {task["name"].split(":")[-1]: task["status"] for task in run.tasks()}


def test_three_shards_give_the_results_of_one(folders, results):
    one = published(run(folders["one"]))
    assert "same/base/signals.json" in results
    assert "same/tuned/signals.json" in results
    assert results["same/base/genes.gff3"].count(b"\tgene\t") > 20
    assert results.keys() == one.keys()
    assert [name for name in one if results[name] != one[name]] == []


def test_no_full_predictions_are_written(in_shards):
    names = {path.name for path in (in_shards.folder / "work").rglob("*.h5")}
    assert not [name for name in names if name.endswith("predictions.h5")]
    assert len([name for name in names if name.endswith("compact.h5")]) == 6


def test_bases_are_packed(in_shards):
    genomes = list((in_shards.folder / "work").rglob("same.genome.summary.json"))
    assert {json.loads(path.read_text())["format"] for path in genomes} == {"helixtune packed genome"}


def test_a_lost_intermediate_file_is_made_again(in_shards, results):
    lost = next((in_shards.folder / "work").rglob("same.base.0002.compact.h5"))
    shutil.rmtree(lost.resolve().parent)
    again = run(in_shards.folder, *SHARDS, "-resume")
    found = statuses(again)
    assert found["PREDICT_CLASSES (same base 2/3)"] == "COMPLETED"
    assert found["PREDICT_CLASSES (same base 1/3)"] == found["ENCODE_GENOME (same)"] == "CACHED"
    assert published(again) == results


def test_results_outlive_clean_up_and_can_be_made_again(in_shards, results):
    cleaned = subprocess.run(
        [LAUNCHER, "clean", "-f"], cwd=in_shards.folder, capture_output=True, text=True, check=False
    )
    assert cleaned.returncode == 0, cleaned.stderr
    assert published(in_shards) == results
    again = run(in_shards.folder, *SHARDS, "-resume")
    assert "COMPLETED" in set(statuses(again).values())
    assert published(again) == results


GROUP = ("--keep_fraction", 1, "--tune_modes", "new-head,coverage-head")
ROLES = ("base", "whole-network", "coverage-head")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> dict[str, Run]:
    """Two genomes of one group, with RNA-seq, in one shard each and in three."""
    simulated, lines = tmp_path_factory.mktemp("genomes"), []
    for seed, name in enumerate(("first", "second")):
        genome = simulated / name
        words = f"--preset demo-same --seed {seed} --size-mb 0.1 --output-dir {genome}".split()
        assert main(["simulate-species", *words]) == 0
        lines.append(f"{name},Simulata {name},pair,{genome}/genome.fa,{genome}/reads.bam")
    found = {}
    for name, more in (("one", ()), ("three", SHARDS)):
        folder = tmp_path_factory.mktemp(f"{name}_pair")
        write_samplesheet(folder, "id,species,group,fasta,bam", *lines)
        found[name] = run(folder, *GROUP, *more)
    return found


def stages(run: Run, stage: str) -> list[str]:
    """Return the tasks of a stage, sorted."""
    return sorted(name for name in statuses(run) if name.startswith(f"{stage} "))


def made(run: Run, name: str) -> bytes:
    """Return the bytes of a file that a task wrote."""
    [path] = [path for path in (run.folder / "work").rglob(name) if not path.is_symlink()]
    return path.read_bytes()


def test_a_group_shares_the_same_models_in_any_number_of_shards(pairs):
    assert stages(pairs["three"], "SCORE_SHARD")[:3] == [f"SCORE_SHARD (first {number}/3)" for number in (1, 2, 3)]
    assert stages(pairs["three"], "TUNE_MODEL") == [
        "TUNE_MODEL (pair coverage-head)",
        "TUNE_MODEL (pair whole-network)",
    ]
    for role in ROLES[1:]:
        assert made(pairs["three"], f"pair.{role}.tuned.h5") == made(pairs["one"], f"pair.{role}.tuned.h5")
        assert made(pairs["three"], f"first.{role}.gff3") != made(pairs["three"], "first.base.gff3")


@pytest.mark.parametrize("genome", ["first", "second"])
@pytest.mark.parametrize("role", ROLES)
def test_a_group_gets_the_same_genes_in_any_number_of_shards(pairs, genome, role):
    """Of the head that reads coverage, too: counted in genome.h5 and in the rows that are learned from."""
    genes = made(pairs["three"], f"{genome}.{role}.gff3")
    assert genes == made(pairs["one"], f"{genome}.{role}.gff3")
    assert genes.count(b"\tgene\t") > 10


def test_coverage_is_counted_on_the_genome_and_on_the_rows_that_were_kept(pairs):
    assert stages(pairs["three"], "ADD_COVERAGE") == ["ADD_COVERAGE (first genome)", "ADD_COVERAGE (second genome)"]
    assert stages(pairs["three"], "COVER_KEPT") == ["COVER_KEPT (first filtered)", "COVER_KEPT (second filtered)"]
    with h5py.File(next((pairs["three"].folder / "work").rglob("first.filtered_coverage.h5"))) as file:
        assert (file[COVERAGE][:] > 0).any()
        assert (file[SPLICED_COVERAGE][:] > 0).any()

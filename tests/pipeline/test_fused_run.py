"""A real run in shards: the base genes of the whole run, byte for byte; and what is left when intermediate files go."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from helixtune.cli import main
from pipeline_runs import LAUNCHER, PROJECT, Run, run_pipeline, write_samplesheet

pytestmark = pytest.mark.full
MODEL = PROJECT / "assets" / "models" / "demo_base.h5"
OPTIONS = ("--subsequence_length", 7128, "--keep_fraction", 0.5, "--epochs", 1, "--base_model", MODEL)
SHARDS = ("--fuse_above", 1000, "--shards", 3)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """A folder for each run, with the same genome."""
    simulated = tmp_path_factory.mktemp("genome")
    words = f"--preset demo-same --seed 3 --size-mb 0.2 --read-depth 0 --output-dir {simulated}".split()
    assert main(["simulate-species", *words]) == 0
    found = {}
    for name in ("whole", "shards"):
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


def test_shards_call_the_genes_of_the_whole_run(folders, results):
    whole = published(run(folders["whole"]))
    assert results["same/base/genes.gff3"] == whole["same/base/genes.gff3"]
    assert results["same/base/genes.gff3"].count(b"\tgene\t") > 20
    assert results.keys() == whole.keys()


def test_no_full_predictions_are_written(in_shards):
    names = {path.name for path in (in_shards.folder / "work").rglob("*.h5")}
    assert not [name for name in names if name.endswith("predictions.h5")]
    assert len([name for name in names if name.endswith("coarse.h5")]) == 6


def test_bases_are_packed(in_shards):
    genomes = list((in_shards.folder / "work").rglob("same.genome.summary.json"))
    assert {json.loads(path.read_text())["format"] for path in genomes} == {"helixtune packed genome"}


def test_a_lost_intermediate_file_is_made_again(in_shards, results):
    lost = next((in_shards.folder / "work").rglob("same.base.0002.coarse.h5"))
    shutil.rmtree(lost.resolve().parent)
    again = run(in_shards.folder, *SHARDS, "-resume")
    found = statuses(again)
    assert found["CALL_SHARD (same base 2/3)"] == "COMPLETED"
    assert found["CALL_SHARD (same base 1/3)"] == found["ENCODE_GENOME (same)"] == "CACHED"
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

"""A small simulated genome, and its genes called in shards by the demo's base model."""

import functools
import itertools
from pathlib import Path

import pytest

from helixtune import engines
from helixtune.cli import main
from helixtune.model.weights import read_model_file

MODEL = Path(__file__).parents[1] / "assets" / "models" / "demo_base.h5"
MODEL_FILE = read_model_file(MODEL)
ENGINE = ("--engine", "openvino", "--precision", "float32", "--threads", "1")
# 7,128 bases a row, a multiple of the model's pool size: about 22 places, so that 17 shards cut through genes.
WIDTH = 7128


def helixtune(*words) -> None:
    assert main([str(word) for word in words]) == 0


@pytest.fixture(scope="module")
def kept_engines():
    """Load an engine once, not once a command: most of the time of seventeen shards of a small genome."""
    load = engines.load_engine

    @functools.cache
    def loaded(name, precision, threads):
        return load(MODEL_FILE, engines.EngineSettings(name, "auto", precision, threads))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            engines, "load_engine", lambda _file, asked, _sample: loaded(asked.name, asked.precision, asked.threads)
        )
        yield


def make_world(folder: Path) -> Path:
    """Write genome.h5: a simulated genome of one sequence of many rows, and short ones which share batches."""
    helixtune("simulate-species", "--seed", 5, "--size-mb", 0.15, "--read-depth", 0, "--output-dir", folder)
    letters = "".join(line for line in (folder / "genome.fa").read_text().splitlines() if line[0] != ">")
    cuts = [0, 100_000, 101_000, 104_000, 106_500, 107_000, 109_200, 110_000, 130_000, len(letters)]
    fasta = folder / "cut.fa"
    fasta.write_text("".join(f">s{i}\n{letters[a:b]}\n" for i, (a, b) in enumerate(itertools.pairwise(cuts))))
    helixtune(
        "encode-genome", "--fasta", fasta, "--species", "Simulata testis", "--subsequence-length", WIDTH, "--output",
        folder / "genome.h5",
    )  # fmt: skip
    return folder


def predict_shards(folder: Path, genome: Path, count: int, *options) -> list[Path]:
    """Predict in so many shards: compact (returned) and full (beside them, `3.h5` beside `3.compact.h5`)."""
    paths = [folder / f"{number}.compact.h5" for number in range(1, count + 1)]
    for number, path in enumerate(paths, start=1):
        helixtune(
            "predict-classes", "--model", MODEL, "--genome", genome, "--shard", f"{number}/{count}", *ENGINE, *options, "--compact",
            path, "--output", folder / f"{number}.h5",
        )  # fmt: skip
    return paths


def call_shards(folder: Path, genome: Path, predictions: list[Path], count: int, *options) -> list[Path]:
    """Call the genes of so many shards from the predictions of any number of shards."""
    parts = [folder / f"{number}.gff3" for number in range(1, count + 1)]
    for number, part in enumerate(parts, start=1):
        helixtune(
            "call-genes", "--genome", genome, "--predictions", *predictions, "--shard", f"{number}/{count}", *options, "--output",
            part,
        )  # fmt: skip
    return parts


def called(folder: Path, genome: Path, count: int, *options) -> list[Path]:
    """Predict and call in so many shards; returns the genes of each."""
    return call_shards(folder, genome, predict_shards(folder, genome, count, *options), count)

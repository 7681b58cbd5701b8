"""`helixtune gather-shards`: any number of shards, predicted and called apart, gives the bytes of the whole genome."""

import gzip
from pathlib import Path

import h5py
import numpy as np
import pytest

from helixtune.gene_calling.places import Shard
from helixtune.prediction import compact
from sharded_genomes import (
    ENGINE,
    MODEL,
    call_shards,
    called,
    helixtune,
    kept_engines,  # noqa: F401
    make_world,
    predict_shards,
)

pytest.importorskip("openvino")
pytestmark = pytest.mark.usefixtures("kept_engines")
WINDOWS = {"overlap": (), "rows": ("--no-overlap",), "fine": ("--overlap-offset", "2376", "--core-length", "4752")}


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """A folder with genome.h5."""
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module", params=WINDOWS)
def whole(world, request) -> tuple[Path, Path, tuple]:
    """Full predictions of the whole genome, genes called from the compact ones, and the options that they were made with."""
    options = WINDOWS[request.param]
    predictions, genes = world / f"{request.param}.h5", world / f"{request.param}.gff3"
    compact_ones = predictions.with_suffix(".compact.h5")
    genome = ("--genome", world / "genome.h5")
    helixtune(
        "predict-classes",
        "--model",
        MODEL,
        *genome,
        *ENGINE,
        *options,
        "--output",
        predictions,
        "--compact",
        compact_ones,
    )
    helixtune(
        "call-genes", *genome, "--predictions", compact_ones, "--output", genes, "--proteins", genes.with_suffix(".faa"),
        "--cds", genes.with_suffix(".ffn"),
    )  # fmt: skip
    return predictions, genes, options


def joined(paths: list[Path], name: str) -> np.ndarray:
    arrays = []
    for path in paths:
        with h5py.File(path) as file:
            arrays.append(file[name][:])
    return np.concatenate(arrays)


def cut_genes(genes: Path, genome: Path, count: int) -> int:
    """How many genes lie on both sides of a cut."""
    with h5py.File(genome) as file:
        seqids, spans = file["data/seqids"][:].astype(str), file["data/start_ends"][:]
    places = [(seqid, start) for seqid, (start, end) in zip(seqids, spans, strict=True) if start < end]
    cuts = [places[Shard(number, count).places(len(places))[0]] for number in range(2, count + 1)]
    lines = [line.split("\t") for line in genes.read_text().splitlines() if "\tgene\t" in line]
    return sum(seqid == line[0] and int(line[3]) <= at < int(line[4]) for seqid, at in cuts for line in lines)


@pytest.mark.parametrize("count", [1, 3, 17])
def test_shards_give_the_bytes_of_the_whole_genome(world, whole, count, tmp_path):
    predictions, genes, options = whole
    predicted = predict_shards(tmp_path, world / "genome.h5", count, *options)
    parts = call_shards(tmp_path, world / "genome.h5", predicted, count)
    found = tmp_path / "genes.gff3"
    helixtune(
        "gather-shards", "--genome", world / "genome.h5", "--genes", *reversed(parts), "--output", found, "--proteins",
        found.with_suffix(".faa"), "--cds", found.with_suffix(".ffn"),
    )  # fmt: skip
    for suffix in (".gff3", ".faa", ".ffn"):
        assert found.with_suffix(suffix).read_bytes() == genes.with_suffix(suffix).read_bytes()
    assert found.read_text().count("\tgene\t") > 5
    if count == 17:
        assert cut_genes(genes, world / "genome.h5", count) > 0
    full = [part.with_suffix(".h5") for part in parts]
    order = row_order(world / "genome.h5", full)
    assert sorted(order) == list(range(len(joined(full, "data/start_ends"))))
    with h5py.File(predictions) as file:
        for name in ("predictions", "predictions_phase"):
            exact = file[name][:][order]
            np.testing.assert_array_equal(joined(full, name), exact)
            np.testing.assert_array_equal(joined(predicted, name), compact.store_rows(exact, name))


@pytest.mark.parametrize(("predicted_in", "called_in"), [(3, 1), (3, 5), (1, 4)])
def test_genes_do_not_depend_on_where_predictions_were_cut(world, whole, predicted_in, called_in, tmp_path):
    _, genes, options = whole
    predicted = predict_shards(tmp_path, world / "genome.h5", predicted_in, *options)
    parts = call_shards(tmp_path, world / "genome.h5", predicted, called_in)
    found, at_once = tmp_path / "genes.gff3", tmp_path / "at_once.gff3"
    helixtune("gather-shards", "--genome", world / "genome.h5", "--genes", *parts, "--output", found)
    helixtune("call-genes", "--genome", world / "genome.h5", "--predictions", *predicted, "--output", at_once)
    assert found.read_bytes() == at_once.read_bytes() == genes.read_bytes()


def test_only_files_that_a_shard_needs_are_opened(world, tmp_path, run_cli):
    """A region that begins in the first of five shards ends in the second at the latest here: the last ones may be anything."""
    predicted = predict_shards(tmp_path, world / "genome.h5", 5, "--no-overlap")
    words = ("--genome", world / "genome.h5", "--shard", "1/5", "--predictions", *predicted)
    helixtune("call-genes", *words, "--output", tmp_path / "before.gff3")
    for path in predicted[3:]:
        path.write_text("nothing")
    helixtune("call-genes", *words, "--output", tmp_path / "after.gff3")
    assert (tmp_path / "before.gff3").read_bytes() == (tmp_path / "after.gff3").read_bytes()
    last = ("--genome", world / "genome.h5", "--shard", "5/5", "--predictions", *predicted)
    code, message = run_cli("call-genes", *last, "--output", tmp_path / "last.gff3")
    assert (code, "is not an HDF5 file" in message) == (1, True)


def test_predictions_of_shards_in_another_order_or_of_two_models_are_refused(world, tmp_path, run_cli):
    first, second = predict_shards(tmp_path, world / "genome.h5", 2, "--no-overlap")
    genes = tmp_path / "genes.gff3"
    words = ("--genome", world / "genome.h5", "--output", genes, "--predictions")
    code, message = run_cli("call-genes", *words, second, first)
    assert (code, "does not hold the rows of shard 1/2" in message) == (1, True)
    with h5py.File(second, "r+") as file:
        file.attrs["model_sha256"] = "0" * 64
    code, message = run_cli("call-genes", *words, first, second)
    assert (code, "were predicted by different models" in message) == (1, True)
    assert not genes.exists()


@pytest.mark.parametrize("words", [("--proteins", "p.fa"), ("--cds", "c.fa"), ("--format", "upstream")])
def test_what_needs_all_genes_is_refused_for_a_shard(world, tmp_path, run_cli, words):
    given = ("--genome", world / "genome.h5", "--predictions", world / "genome.h5", "--shard", "1/2")
    code, message = run_cli("call-genes", *given, "--output", tmp_path / "g.gff3", *words)
    assert (code, "leave it out with --shard" in message) == (1, True)


def test_predictions_have_to_go_somewhere(world, run_cli):
    code, message = run_cli("predict-classes", "--model", MODEL, "--genome", world / "genome.h5")
    assert (code, "Nothing would be written" in message) == (1, True)


@pytest.mark.parametrize("edge", ["0.1", "0"])
def test_long_regions_have_the_same_genes_in_shards(world, tmp_path, monkeypatch, edge):
    monkeypatch.setattr("helixtune.gene_calling.solving.fits", lambda n, cost: False)  # long ones break no ties
    genome = ("--genome", world / "genome.h5")
    predictions, genes = tmp_path / "whole.h5", tmp_path / "whole.gff3"
    helixtune("predict-classes", "--model", MODEL, *genome, *ENGINE, "--no-overlap", "--compact", predictions)
    helixtune("call-genes", *genome, "--predictions", predictions, "--edge-threshold", edge, "--output", genes)
    monkeypatch.setattr("helixtune.gene_calling.tie_search.LARGEST_BP", 900)
    monkeypatch.setattr("helixtune.gene_calling.long_path.BLOCK_BP", 700)
    predicted = predict_shards(tmp_path, world / "genome.h5", 5, "--no-overlap")
    parts = call_shards(tmp_path, world / "genome.h5", predicted, 5, "--edge-threshold", edge)
    found = tmp_path / "found.gff3"
    helixtune("gather-shards", *genome, "--genes", *parts, "--output", found)
    assert found.read_bytes() == genes.read_bytes()
    assert found.read_text().count("\tgene\t") > 5


def row_order(genome: Path, parts: list[Path]) -> list[int]:
    """Where each row of the parts lies in the genome file."""
    keys = []
    for paths in ([genome], parts):
        seqids, spans = joined(paths, "data/seqids").tolist(), joined(paths, "data/start_ends").tolist()
        keys.append([(seqid, *span) for seqid, span in zip(seqids, spans, strict=True)])
    numbers = {key: number for number, key in enumerate(keys[0])}
    return [numbers[key] for key in keys[1]]


@pytest.fixture
def two_parts(world, tmp_path) -> list[Path]:
    return called(tmp_path, world / "genome.h5", 2, "--no-overlap")


def replaced(part: Path, old: str, new: str) -> Path:
    text = part.read_text()
    assert old in text
    part.write_text(text.replace(old, new))
    return part


GATHER_ERRORS = {
    "a shard is missing": (lambda parts: parts[:1], "give the genes of every shard once"),
    "a shard is there twice": (lambda parts: [*parts, parts[0]], "give the genes of every shard once"),
    "other settings": (
        lambda parts: [replaced(parts[0], "--edge-threshold 0.1", "--edge-threshold 0.2"), parts[1]],
        "were made with different models or settings",
    ),
    "another genome": (
        lambda parts: [replaced(parts[0], " places", "9 places"), parts[1]],
        "was made from a genome of",
    ),
    "no shard": (
        lambda parts: [replaced(parts[0], "# shard:", "# part:"), parts[1]],
        "does not say which shard it holds",
    ),
}


def test_what_does_not_belong_together_is_not_joined(world, two_parts, run_cli, tmp_path):
    texts = [part.read_text() for part in two_parts]
    for change, sentence in GATHER_ERRORS.values():
        for part, text in zip(two_parts, texts, strict=True):
            part.write_text(text)
        words = ("--genome", world / "genome.h5", "--output", tmp_path / "all.gff3", "--genes", *change(two_parts))
        code, message = run_cli("gather-shards", *words)
        assert (code, sentence in message) == (1, True), message
        assert not (tmp_path / "all.gff3").exists()


def test_parts_may_be_compressed_and_damage_is_seen(world, two_parts, run_cli, tmp_path):
    packed = []
    for part in two_parts:
        packed.append(part.with_suffix(".gff3.gz"))
        packed[-1].write_bytes(gzip.compress(part.read_bytes()))
    for name, parts in (("plain", two_parts), ("packed", packed)):
        words = ("--genome", world / "genome.h5", "--output", tmp_path / name, "--genes", *parts)
        assert run_cli("gather-shards", *words)[0] == 0
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "packed").read_bytes()
    packed[1].write_bytes(packed[1].read_bytes()[:-20])
    code, message = run_cli("gather-shards", *words)
    assert (code, "is damaged" in message) == (1, True)


def test_other_engines_are_named_and_warned_about(world, two_parts, run_cli, tmp_path):
    replaced(two_parts[1], "OpenVINO", "Other")
    output = tmp_path / "all.gff3"
    code, message = run_cli("gather-shards", "--genome", world / "genome.h5", "--genes", *two_parts, "--output", output)
    assert code == 0
    assert "2 engines took part" in message
    assert " | Other" in output.read_text()


@pytest.mark.parametrize("shard", ["0/3", "4/3", "3", "a/b"])
def test_a_wrong_shard_is_refused(shard, world, run_cli, tmp_path):
    genome, output = ("--genome", world / "genome.h5"), tmp_path / "out"
    for words in (
        ("predict-classes", "--model", MODEL, *genome, *ENGINE, "--compact", output),
        ("call-genes", *genome, "--predictions", world / "genome.h5", "--output", output),
    ):
        code, message = run_cli(*words, "--shard", shard)
        assert (code, f"--shard {shard}" in message) == (1, True)
        assert not output.exists()


@pytest.mark.parametrize("count", [1, 3, 17, 40])
def test_shards_are_nearly_equal_and_cover_all_places(count):
    spans = [Shard(number, count).places(23) for number in range(1, count + 1)]
    assert [span[0] for span in spans] == [0, *(span[1] for span in spans[:-1])]
    assert spans[-1][1] == 23
    sizes = {end - first for first, end in spans}
    assert max(sizes) - min(sizes) <= 1

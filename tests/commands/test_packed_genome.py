"""Packed genomes: a quarter of the bytes, and the same bases to all that read them."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bam_files import write_bam
from conftest import random_bases
from helixtune.encoding import encode_rows
from helixtune.fasta import IUPAC
from helixtune.h5files import BASES, open_file, read_block, read_rows
from helixtune.packed_bases import pack_rows, plus_rows_of, unpack_rows
from helixtune.subsequences import Rows, cut_sequence
from sharded_genomes import ENGINE, MODEL, WIDTH, helixtune, kept_engines, make_world  # noqa: F401


@given(st.text("".join(IUPAC), min_size=1, max_size=60), st.integers(1, 25))
def test_every_letter_comes_back_on_both_strands(letters, width):
    start_ends = cut_sequence(len(letters), width)
    rows = Rows(np.full(len(start_ends), b"x"), np.full(len(start_ends), b"a"), start_ends)
    codes = pack_rows(letters.encode(), start_ends, width)
    assert not codes[rows.strands == "-"].any()
    unpacked = unpack_rows(codes, plus_rows_of(rows, "genome.h5"), start_ends)
    assert unpacked.dtype == np.float16
    np.testing.assert_array_equal(unpacked, encode_rows(letters.encode(), start_ends, width))


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """One genome of many sequences, one-hot (genome.h5) and packed (packed.h5), with its genes and compact predictions."""
    pytest.importorskip("openvino")
    folder = make_world(tmp_path_factory.mktemp("world"))
    helixtune(
        "encode-genome", "--fasta", folder / "cut.fa", "--species", "Simulata testis", "--subsequence-length", WIDTH, "--bases",
        "packed", "--output", folder / "packed.h5",
    )  # fmt: skip
    for name in ("genome", "packed"):
        genome, predictions = ("--genome", folder / f"{name}.h5"), folder / f"{name}.compact.h5"
        helixtune("predict-classes", "--model", MODEL, *genome, *ENGINE, "--compact", predictions)
        helixtune("call-genes", *genome, "--predictions", predictions, "--output", folder / f"{name}.gff3")
    return folder


def test_rows_are_the_same_in_any_order(world):
    with open_file(world / "genome.h5") as one_hot, open_file(world / "packed.h5") as packed:
        n_rows = len(read_rows(one_hot))
        for rows in (slice(None), slice(3, 9), np.random.default_rng(1).permutation(n_rows), np.array([5, 5, 2])):
            np.testing.assert_array_equal(read_block(one_hot, BASES, rows), read_block(packed, BASES, rows))
    assert (world / "packed.h5").stat().st_size < 0.3 * (world / "genome.h5").stat().st_size


@pytest.mark.usefixtures("kept_engines")
def test_genes_are_the_same(world):
    genes = [
        [line for line in (world / f"{name}.gff3").read_text().splitlines() if not line.startswith("# ")]
        for name in ("genome", "packed")
    ]
    assert len(genes[0]) > 100
    assert genes[0] == genes[1]
    assert same(world / "genome.compact.h5", world / "packed.compact.h5")


@pytest.mark.usefixtures("kept_engines")
def test_everything_else_that_reads_bases_writes_the_same(world, tmp_path):
    folders = [tmp_path / name for name in ("genome", "packed")]
    for folder in folders:
        use_bases(world, world / f"{folder.name}.h5", folder)
    made = [sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file()) for folder in folders]
    assert made[0] == made[1]
    assert len(made[0]) > 10
    for path in made[0]:
        assert same(*(folder / path for folder in folders)), path


def use_bases(world: Path, genome: Path, folder: Path) -> None:
    """Run every other command that reads a genome file."""
    folder.mkdir()
    given, compact, genes = ("--genome", genome), world / "genome.compact.h5", world / "genome.gff3"
    helixtune("predict-classes", "--model", MODEL, *given, *ENGINE, "--output", folder / "p.h5")
    helixtune("call-genes", *given, "--predictions", folder / "p.h5", "--output", folder / "p.gff3")
    helixtune(
        "score-shard", *given, "--annotation", genes, "--predictions", compact, "--shard", "1/1", "--subsequence-length", 2376,
        "--gene-models", "--output", folder / "s.h5",
    )  # fmt: skip
    helixtune(
        "select-confident", "--row-scores", folder / "s.h5", *given, "--annotation", genes, "--keep-fraction", 0.3,
        "--output-file", folder / "f.h5",
    )  # fmt: skip
    helixtune(
        "evaluate-genes", *given, "--base-genes", genes, "--base-predictions", compact, "--recommended-proteins",
        folder / "proteins.faa", "--recommended-cds", folder / "cds.fna", "--output", folder / "metrics.json",
    )  # fmt: skip
    helixtune(
        "export-tracks", *given, "--predictions", compact, "--format", "bedgraph", "--output-dir", folder / "tracks"
    )


def same(one: Path, other: Path) -> bool:
    """Compare files by their content; HDF5 and text name the genome file that they were made from."""
    if one.suffix != ".h5":
        return one.read_text() == other.read_text().replace("packed.h5", "genome.h5")
    with h5py.File(one) as first, h5py.File(other) as second:
        names: list[str] = []
        first.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        return all(
            np.array_equal(first[name][()], second[name][()], equal_nan=first[name].dtype.kind == "f") for name in names
        )


def test_coverage_is_added_to_unpacked_bases(tmp_path, write_fasta):
    fasta = write_fasta({"c1": random_bases(250, 3)})
    bam = write_bam(tmp_path / "a.bam", {"c1": 250}, [(99, "c1", 40, "5M10N5M")])
    contents = []
    for bases in ("one-hot", "packed"):
        encoded, covered = tmp_path / f"{bases}.h5", tmp_path / f"{bases}.covered.h5"
        helixtune(
            "encode-genome",
            "--fasta",
            fasta,
            "--species",
            "sp",
            "--subsequence-length",
            100,
            "--bases",
            bases,
            "--output",
            encoded,
        )
        helixtune("add-coverage", "--data", encoded, "--bam", bam, "--library", "unstranded", "--output", covered)
        with h5py.File(covered) as file:
            assert file.attrs["format"] == "helixtune genome"
            contents.append([file[BASES][:], file["evaluation/rnaseq_coverage"][:]])
        helixtune("inspect", encoded)
    for one, other in zip(*contents, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_kind_of_a_packed_file_is_told(tmp_path, write_fasta, run_cli, capsys):
    genome = tmp_path / "g.h5"
    helixtune(
        "encode-genome",
        "--fasta",
        write_fasta({"a": "ACGTN"}),
        "--species",
        "x",
        "--bases",
        "packed",
        "--output",
        genome,
    )
    capsys.readouterr()
    helixtune("inspect", genome, "--json")
    assert json.loads(capsys.readouterr().out)["kind"] == "helixtune packed genome"

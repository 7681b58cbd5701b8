"""The command call-genes: what it writes, what it refuses, and that a failure leaves nothing."""

import h5py
import numpy as np
import pytest

from gene_calling_files import lay_genes, perfect, write_genome, write_predictions
from helixtune.annotation.gff3 import read_genes


@pytest.fixture
def world(tmp_path):
    """Two sequences, the first with three genes, and perfect predictions."""
    genes = lay_genes(np.random.default_rng(3), [2, 0, 3], [False, True, False])
    empty = {"letters": "ACGT" * 50, "classes": {s: [0] * 200 for s in "+-"}, "phases": {s: [0] * 200 for s in "+-"}}
    worlds = {"chr1": genes, "empty": empty}
    write_genome(tmp_path / "g.h5", {name: w["letters"] for name, w in worlds.items()}, 900)
    write_predictions(tmp_path / "p.h5", {name: perfect(w) for name, w in worlds.items()}, 900)
    return tmp_path


@pytest.fixture
def call(world, run_cli):
    def run(*words, output="o.gff3"):
        files = ["--genome", world / "g.h5", "--predictions", world / "p.h5", "--output", world / output]
        return run_cli("call-genes", *files, *words)

    return run


def test_genes_proteins_and_counts(world, call):
    code, message = call("--proteins", world / "p.fa", "--cds", world / "c.fa", "--threads", 2)
    assert code == 0
    assert "3 genes (2 on the plus strand, 8 exons) on 1 of 2 sequences" in message
    lines = (world / "o.gff3").read_text().splitlines()
    assert lines[0] == "##gff-version 3"
    assert [line for line in lines if line.startswith("##sequence-region")][1] == "##sequence-region empty 1 200"
    genes = read_genes(world / "o.gff3")
    assert [gene.id for gene in genes] == [f"Testus_chr1_00000{i}" for i in (1, 2, 3)]
    assert [gene.start for gene in genes] == sorted(gene.start for gene in genes)
    assert all(gene.confidence == 1 for gene in genes)
    proteins = (world / "p.fa").read_text().split(">")[1:]
    assert len(proteins) == 3
    assert all(record.split("\n", 1)[1].startswith("M") and "*" not in record for record in proteins)
    assert (world / "c.fa").read_text().count(">") == 3


def test_rows_are_joined_by_name_not_position(world, call):
    assert call()[0] == 0
    expected = (world / "o.gff3").read_bytes()
    with h5py.File(world / "p.h5", "r+") as file:
        order = np.random.default_rng(0).permutation(len(file["predictions"]))
        for name in ("predictions", "predictions_phase", "data/seqids", "data/species", "data/start_ends"):
            file[name][:] = file[name][:][order]
    assert call()[0] == 0
    assert (world / "o.gff3").read_bytes() == expected


def test_no_gene_is_a_result_with_a_warning(world, call):
    code, message = call("--peak-threshold", 1)
    assert code == 0
    assert "no gene called" in message
    assert read_genes(world / "o.gff3") == []


@pytest.fixture
def returning_name(tmp_path):
    """A genome in which a sequence's name comes back after another sequence."""
    genes = lay_genes(np.random.default_rng(5), [1], [False])
    letters = {"a": genes["letters"], "b": genes["letters"], "c": genes["letters"]}
    write_genome(tmp_path / "g.h5", letters, 4000)
    write_predictions(tmp_path / "p.h5", {name: perfect(genes) for name in letters}, 4000, named=False)
    with h5py.File(tmp_path / "g.h5", "r+") as file:
        file["data/seqids"][:] = np.array([b"a", b"a", b"b", b"b", b"a", b"a"], "S50")
    return ["--genome", tmp_path / "g.h5", "--predictions", tmp_path / "p.h5", "--output", tmp_path / "o.gff3"]


def test_a_shard_of_a_genome_with_two_sequences_of_one_name_is_refused(returning_name, tmp_path, run_cli):
    code, message = run_cli("call-genes", *returning_name, "--shard", "1/2")
    assert (code, "two sequences of one name" in message) == (1, True)
    assert not (tmp_path / "o.gff3").exists()


def test_names_that_return_get_their_own_ids(returning_name, tmp_path, run_cli):
    assert run_cli("call-genes", *returning_name)[0] == 0
    assert [gene.id for gene in read_genes(tmp_path / "o.gff3")] == [
        "Testus_a_000001",
        "Testus_a_000002",
        "Testus_b_000001",
    ]


def drop(path, name):
    with h5py.File(path, "r+") as file:
        del file[name]


def change(path, name, rows, value):
    with h5py.File(path, "r+") as file:
        file[name][rows] = value


def shorten(path, name):
    with h5py.File(path, "r+") as file:
        data = file[name][:, :-1]
        del file[name]
        file[name] = data


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda w: (w / "p.h5").unlink(), "does not exist"),
        (lambda w: (w / "p.h5").write_text("no"), "not an HDF5 file"),
        (lambda w: drop(w / "p.h5", "predictions"), "no dataset 'predictions'"),
        (lambda w: drop(w / "p.h5", "predictions_phase"), "a model that predicts phases"),
        (lambda w: drop(w / "g.h5", "data/X"), "no dataset 'data/X'"),
        (lambda w: shorten(w / "p.h5", "predictions_phase"), "of numbers is expected: make the file again"),
        (lambda w: change(w / "p.h5", "data/seqids", 0, b"other"), "lacks"),
        (lambda w: (drop(w / "p.h5", "data"), change(w / "g.h5", "data/species", 0, b"other")), "2 species"),
        (lambda w: change(w / "g.h5", "data/start_ends", 0, [5, 900]), "lacks"),
        (lambda w: (drop(w / "p.h5", "data"), change(w / "g.h5", "data/start_ends", 0, [5, 900])), "from end to end"),
        (
            lambda w: (drop(w / "p.h5", "data"), change(w / "g.h5", "data/start_ends", 0, [0, 901])),
            "cannot reach from 0 to 901",
        ),
        (lambda w: (drop(w / "p.h5", "data"), change(w / "g.h5", "data/start_ends", 1, [950, 1800])), "are missing"),
    ],
)
def test_bad_files_give_one_sentence_and_leave_nothing(world, call, damage, words):
    damage(world)
    before = sorted(path.name for path in world.iterdir())
    code, message = call("--proteins", world / "p.fa")
    assert code == 1
    assert words in message
    assert sum(not line.startswith("WARNING") for line in message.splitlines()) == 1
    assert sorted(path.name for path in world.iterdir()) == before


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--window-size", 0], 1, "at least 1"),
        (["--min-intron", 30], 1, "--rules improved"),
        (["--threads", 0], 1, "at least one thread"),
        (["--edge-threshold", "x"], 2, "invalid float"),
        (["--format", "gtf"], 2, "invalid choice"),
        (["--rules", "improved", "--min-intron", 30], 0, "3 genes"),
    ],
)
def test_options(world, call, options, code, words):
    found, message = call(*options)
    assert found == code
    assert words in message
    assert (world / "o.gff3").exists() == (code == 0)


def test_output_folder_must_exist(world, call):
    code, message = call(output="missing/o.gff3")
    assert code == 1
    assert "does not exist" in message


@pytest.mark.parametrize(("limit", "warned"), [(3999, True), (4000, False)])
def test_a_model_that_tells_nothing_apart_is_told(tmp_path, run_cli, monkeypatch, limit, warned):
    monkeypatch.setattr("helixtune.gene_calling.calling.LONG_REGION_BP", limit)
    write_genome(tmp_path / "g.h5", {"s": "ACGT" * 1000}, 1000)
    even = np.tile(np.float16([0.1, 0.3, 0.3, 0.3]), (4000, 1))
    write_predictions(tmp_path / "p.h5", {"s": dict.fromkeys("+-", (even, even))}, 1000)
    files = ("--genome", tmp_path / "g.h5", "--predictions", tmp_path / "p.h5", "--output", tmp_path / "o.gff3")
    code, message = run_cli("call-genes", *files, "--rules", "improved")
    assert code == 0
    assert ("One stretch of 4,000 bases has no clear gap between genes" in message) is warned

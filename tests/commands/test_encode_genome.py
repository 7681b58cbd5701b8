import h5py
import numpy as np
import pytest

from conftest import random_bases
from helixtune import h5files
from helixtune.commands import encode_genome


def test_the_documented_example(tmp_path, run_cli, write_fasta):
    fasta = write_fasta({"a": "ACGTACGTACGTACGTACGTA", "b": "TTTTCCCCGG"})
    code, _ = run_cli(
        "encode-genome", "--fasta", fasta, "--species", "x", "--subsequence-length", 9, "--output", tmp_path / "g.h5"
    )
    assert code == 0
    letters = {(1, 0, 0, 0): "C", (0, 1, 0, 0): "A", (0, 0, 1, 0): "T", (0, 0, 0, 1): "G", (0, 0, 0, 0): "."}
    with h5py.File(tmp_path / "g.h5") as file:
        rows = ["".join(letters[tuple(base)] for base in row.astype(int).tolist()) for row in file["data/X"][:]]
        assert rows == [
            "ACGTACGTA", "CGTACGTAC", "GTA......", "TAC......", "GTACGTACG", "TACGTACGT",
            "TTTTCCCCG", "G........", "C........", "CGGGGAAAA",
        ]  # fmt: skip
        assert file["data/start_ends"][3].tolist() == [21, 18]
        assert file["data/seqids"].dtype == "S50"
        assert file["data/species"].dtype == "S25"


def test_block_size_never_matters(tmp_path, run_cli, write_fasta, monkeypatch):
    fasta = write_fasta({f"c{i}": random_bases(40 + 37 * i, i) for i in range(9)})
    outputs = []
    for budget in (1, 10_000, 1 << 30):
        monkeypatch.setattr("helixtune.commands.encode_genome.BLOCK_BYTES", budget)
        outputs.append(tmp_path / f"{budget}.h5")
        assert (
            run_cli(
                "encode-genome", "--fasta", fasta, "--species", "x", "--subsequence-length", 90, "--output", outputs[-1]
            )[0]
            == 0
        )
    first, *others = (h5files.open_file(path) for path in outputs)
    for other in others:
        assert (other["data/X"][:] == first["data/X"][:]).all()
        assert (other["data/start_ends"][:] == first["data/start_ends"][:]).all()


def test_a_large_genome_is_kept_smaller(tmp_path, run_cli, write_fasta, monkeypatch):
    fasta = write_fasta({"a": random_bases(60_000, seed=2)})
    sizes = []
    for limit in (100_000, 1000):
        monkeypatch.setattr(encode_genome, "LARGE_BASES", limit)
        assert (
            run_cli("encode-genome", "--fasta", fasta, "--species", "x", "--output", tmp_path / f"{limit}.h5")[0] == 0
        )
        sizes.append((tmp_path / f"{limit}.h5").stat().st_size)
    assert sizes[1] < 0.9 * sizes[0]
    with h5py.File(tmp_path / "100000.h5") as one, h5py.File(tmp_path / "1000.h5") as other:
        np.testing.assert_array_equal(one["data/X"][:], other["data/X"][:])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--fasta", "missing.fa", "--species", "x"], "does not exist"),
        (["--fasta", "{fasta}", "--species", "x" * 26], "1 to 25 characters"),
        (["--fasta", "{fasta}", "--species", "é"], "plain ASCII"),
        (["--fasta", "{fasta}", "--species", "x", "--subsequence-length", "0"], "at least 1"),
        (["--fasta", "{fasta}", "--species", "x", "--threads", "0"], "at least one thread"),
    ],
)
def test_errors_are_one_sentence_and_leave_nothing(tmp_path, run_cli, write_fasta, options, words):
    fasta = write_fasta({"a": "ACGT"})
    options = [option.format(fasta=fasta) for option in options]
    code, message = run_cli("encode-genome", *options, "--output", tmp_path / "g.h5")
    assert code == 1
    assert words in message
    assert len(message.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["genome.fa"]


def test_wrong_usage_is_exit_code_two(run_cli):
    assert run_cli("encode-genome")[0] == 2


def test_upstreams_genome_file_is_reproduced(tmp_path, run_cli, golden):
    output = tmp_path / "g.h5"
    assert run_cli("encode-genome", "--fasta", golden / "genome.fa", "--species", "pombe", "--output", output)[0] == 0
    with h5py.File(output) as ours, h5py.File(golden / "genome.h5") as theirs:
        for name in ("data/X", "data/seqids", "data/species", "data/start_ends"):
            assert ours[name].dtype == theirs[name].dtype
            assert np.array_equal(ours[name][:], theirs[name][:])

import inspect

import h5py
import numpy as np
import pytest

from helixtune import api
from helixtune.errors import HelixtuneError, ParameterError

GENES = """##gff-version 3
chr1\tx\tgene\t11\t40\t0.8\t+\t.\tID=g1
chr1\tx\tmRNA\t11\t40\t.\t+\t.\tID=g1.1;Parent=g1
chr1\tx\texon\t11\t40\t.\t+\t.\tID=g1.1.e1;Parent=g1.1
chr1\tx\tCDS\t14\t31\t.\t+\t0\tID=g1.1.c1;Parent=g1.1
"""


@pytest.fixture
def genes(tmp_path):
    (tmp_path / "g.gff3").write_text(GENES)
    return api.read_genes(tmp_path / "g.gff3")


def test_genes_are_scored_and_described(genes):
    assert (genes[0].start, genes[0].end, genes[0].transcripts[0].cds) == (10, 40, ((13, 31, 0),))
    assert api.score(genes, genes)["cds"]["gene"]["f1"] == 1.0
    assert api.describe(genes)["cds_bp"] == 18


def test_a_command_returns_what_it_tells_and_raises_what_it_refuses(tmp_path, write_fasta):
    told = api.run(
        "encode-genome", "--fasta", write_fasta({"a": "ACGT" * 9}), "--species", "x",
        "--subsequence-length", 18, "--output", tmp_path / "g.h5",
    )  # fmt: skip
    assert told["subsequences"] == 4
    assert len(api.rows(told["files"]["output"])) == 4
    assert api.rows(tmp_path / "g.h5").strands.tolist() == ["+", "+", "-", "-"]
    with pytest.raises(HelixtuneError, match="does not exist"):
        api.run("inspect", tmp_path / "none.h5")
    with pytest.raises(ParameterError, match="wrong usage"):
        api.run("encode-genome")
    with pytest.raises(ParameterError, match="is no command"):
        api.run("encode-genes")


def test_probabilities_of_a_stretch_stand_in_plus_strand_order(tmp_path, write_fasta):
    api.run(
        "encode-genome", "--fasta", write_fasta({"a": "A" * 50}), "--species", "x", "--subsequence-length", 20,
        "--output", tmp_path / "g.h5",
    )  # fmt: skip
    rows = api.rows(tmp_path / "g.h5")
    probs = np.zeros((len(rows), 20, 4), np.float32)
    for i in range(len(rows)):
        positions = np.arange(rows.starts[i], rows.ends[i]) / 100
        probs[i, : len(positions), 2] = positions if rows.strands[i] == "+" else positions[::-1]
    with h5py.File(tmp_path / "p.h5", "w") as file:
        file.attrs.update(format="helixtune predictions", format_version=1, register="last")
        file["predictions"] = probs
    for strand in "+-":
        found = api.probabilities(tmp_path / "p.h5", tmp_path / "g.h5", "a", 15, 45, strand)
        assert found[:, api.CLASSES.index("CDS")] == pytest.approx(np.arange(15, 45) / 100, abs=1e-3)
    with pytest.raises(ParameterError, match="does not hold a:40-60"):
        api.probabilities(tmp_path / "p.h5", tmp_path / "g.h5", "a", 40, 60)


def test_everything_is_typed_and_told():
    for name in api.__all__:
        thing = getattr(api, name)
        if inspect.isfunction(thing):
            assert thing.__doc__, name
            assert thing.__annotations__["return"] is not None, name
            unnamed = set(inspect.signature(thing).parameters) - set(thing.__annotations__)
            assert not unnamed, name

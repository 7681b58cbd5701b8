import importlib.util
import warnings

import h5py
import numpy as np
import pytest

from helixtune.h5files import CLASS_PROBS, RowWriter, identity_of, open_file, read_rows

LENGTH, WIDTH = 50, 20


@pytest.fixture
def predicted(tmp_path, run_cli, write_fasta):
    """A genome of one sequence of 50 bases, and predictions whose CDS value is the plus-strand position / 100 (- : / 50)."""
    genome = tmp_path / "g.h5"
    fasta = write_fasta({"chr1": "ACGTA" * 10})
    words = ["--species", "x", "--subsequence-length", WIDTH, "--output", genome]
    assert run_cli("encode-genome", "--fasta", fasta, *words)[0] == 0
    with open_file(genome, ()) as file:
        rows = read_rows(file)
    probs = np.zeros((len(rows), WIDTH, 4), np.float32)
    for i in range(len(rows)):
        positions = np.arange(rows.starts[i], rows.ends[i])
        forwards = rows.strands[i] == "+"
        values = positions / 100 if forwards else positions[::-1] / 50
        probs[i, : len(positions), 2] = values
    path = tmp_path / "p.h5"
    with RowWriter(path, "helixtune predictions", {}, {"register": "last"}) as writer:
        writer.append({**identity_of(rows), CLASS_PROBS: probs})
    return genome, path


def tracks(folder, name):
    return [line.split("\t") for line in (folder / name).read_text().splitlines()]


def test_bedgraph_has_the_mean_of_every_bin_in_plus_strand_coordinates(predicted, tmp_path, run_cli):
    genome, path = predicted
    words = [
        "--predictions",
        path,
        "--genome",
        genome,
        "--output-dir",
        tmp_path / "t",
        "--format",
        "bedgraph",
        "--bin",
        7,
    ]
    assert run_cli("export-tracks", *words, "--classes", "CDS", "intron", "--prefix", "base.")[0] == 0
    positions = np.arange(LENGTH)
    for strand, factor in (("plus", 100), ("minus", 50)):
        lines = tracks(tmp_path / "t", f"base.CDS.{strand}.bedgraph")
        assert [(int(line[1]), int(line[2])) for line in lines] == [
            (s, min(s + 7, LENGTH)) for s in range(0, LENGTH, 7)
        ]
        means = [positions[s : s + 7].mean() / factor for s in range(0, LENGTH, 7)]
        assert [float(line[3]) for line in lines] == pytest.approx(means, abs=0.00051)
    assert (tmp_path / "t" / "base.intron.plus.bedgraph").read_text() == ""


def test_bigwig_holds_the_same_values(predicted, tmp_path, run_cli):
    genome, path = predicted
    words = ["--predictions", path, "--genome", genome, "--output-dir", tmp_path / "t", "--bin", 7, "--classes", "CDS"]
    if importlib.util.find_spec("pyBigWig") is None:
        code, message = run_cli("export-tracks", *words)
        assert (code, "needs the package pyBigWig" in message) == (1, True)
        warnings.warn("pyBigWig is not installed: bigWig tracks were not written", stacklevel=1)
        pytest.skip("pyBigWig not installed")
    import pyBigWig

    assert run_cli("export-tracks", *words)[0] == 0
    with pyBigWig.open(str(tmp_path / "t" / "CDS.minus.bw")) as track:
        assert track.chroms() == {"chr1": LENGTH}
        values = [value for _, _, value in track.intervals("chr1")]
    positions = np.arange(LENGTH)
    assert values == pytest.approx([positions[s : s + 7].mean() / 50 for s in range(0, LENGTH, 7)], abs=0.00051)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--bin", "0"], "--bin 0: it must be at least 1"),
        (["--seqid", "chr9"], "--seqid chr9"),
        (["--prefix", "a/b"], "--prefix a/b"),
    ],
)
def test_errors_leave_no_track(predicted, tmp_path, run_cli, options, words):
    genome, path = predicted
    base = ["--predictions", path, "--genome", genome, "--output-dir", tmp_path / "t", "--format", "bedgraph"]
    code, message = run_cli("export-tracks", *base, *options)
    assert code == 1
    assert words in message
    assert not list((tmp_path / "t").glob("*")) if (tmp_path / "t").exists() else True


def test_predictions_of_another_genome_are_refused_and_nothing_stays(predicted, tmp_path, run_cli):
    genome, path = predicted
    with h5py.File(path, "a") as file:
        del file["data/seqids"]
        file["data/seqids"] = np.array([b"other"] * len(file[CLASS_PROBS]), "S50")
    words = ["--predictions", path, "--genome", genome, "--output-dir", tmp_path / "t", "--format", "bedgraph"]
    assert run_cli("export-tracks", *words)[0] == 1
    assert not (tmp_path / "t").exists()

"""`helixtune add-coverage`: the file it writes, and what it says about bad input."""

import json

import h5py
import numpy as np
import pytest

from bam_files import write_bam
from conftest import random_bases

REFERENCES = {"c1": 250, "c2": 60}
READS = [(83, "c1", 110, "20M"), (99, "c1", 40, "5M10N5M"), (0, "c2", 3, "10M")]


@pytest.fixture
def inputs(write_fasta, tmp_path, run_cli):
    fasta = write_fasta({name: random_bases(length, 3) for name, length in REFERENCES.items()})
    genome, bam = tmp_path / "genome.h5", write_bam(tmp_path / "a.bam", REFERENCES, READS)
    code, _ = run_cli(
        "encode-genome", "--fasta", fasta, "--species", "sp", "--subsequence-length", 100, "--output", genome
    )
    assert code == 0
    return genome, bam, tmp_path / "covered.h5"


@pytest.fixture
def cover(run_cli, inputs):
    def run(*words, data=None, bam=None, library="unstranded", output=None):
        return run_cli(
            "add-coverage", "--data", data or inputs[0], "--bam", bam or inputs[1],
            *(["--library", library] if library else []), "--output", output or inputs[2], *words,
        )  # fmt: skip

    return run


def test_the_new_file_holds_all_of_the_old_one(cover, inputs):
    before = inputs[0].read_bytes()
    code, messages = cover()
    assert code == 0, messages
    assert inputs[0].read_bytes() == before
    with h5py.File(inputs[0]) as old, h5py.File(inputs[2]) as new:
        for name, dataset in old["data"].items():
            np.testing.assert_array_equal(new["data"][name][:], dataset[:])
            assert new["data"][name].dtype == dataset.dtype
        assert new.attrs["format"] == old.attrs["format"] == "helixtune genome"
        assert new.attrs["fasta_sha256"] == old.attrs["fasta_sha256"]
        assert json.loads(new.attrs["coverage_libraries"]) == ["unstranded"]
        assert json.loads(new.attrs["settings"])["subsequence_length"] == 100
        assert new["evaluation/rnaseq_coverage"].shape == (8, 100, 1)
        assert new["evaluation/rnaseq_coverage"][:].clip(0).sum() == 20 + 10 + 10
        assert new["evaluation/rnaseq_spliced_coverage"][:].clip(0).sum() == 10
        assert (new["evaluation/rnaseq_coverage"][:] == -1).sum() == 2 * (50 + 40)


def test_layers_are_added_behind_those_that_are_there(cover, inputs, tmp_path):
    other = write_bam(tmp_path / "b.bam", REFERENCES, READS[:1] * 3)
    again = tmp_path / "again.h5"
    cover()
    code, messages = cover(data=inputs[2], bam=other, library="fr-firststrand", output=again)
    assert code == 0, messages
    with h5py.File(again) as file:
        assert file["evaluation/rnaseq_meta/bam_files"][:].tolist() == [str(inputs[1]).encode(), str(other).encode()]
        assert file["evaluation/rnaseq_coverage"][:].clip(0).sum(axis=(0, 1)).tolist() == [40, 60]
        assert json.loads(file.attrs["coverage_libraries"]) == ["unstranded", "fr-firststrand"]
    code, messages = cover(data=again, bam=other, output=tmp_path / "third.h5")
    assert (code, "holds the coverage of" in messages) == (1, True)


def test_a_bam_given_twice_counts_once(cover, inputs):
    code, messages = cover("--bam", inputs[1])
    assert code == 0, messages
    with h5py.File(inputs[2]) as file:
        assert file["evaluation/rnaseq_coverage"].shape[2] == 1


def test_rows_left_by_a_filter_are_covered_too(cover, inputs, tmp_path):
    filtered = tmp_path / "filtered.h5"
    with h5py.File(inputs[0]) as old, h5py.File(filtered, "w") as new:
        for name, dataset in old["data"].items():
            new[f"data/{name}"] = dataset[np.array([0, 4, 5])]
    code, messages = cover(data=filtered)
    assert code == 0, messages
    with h5py.File(inputs[2]) as file:
        assert file["evaluation/rnaseq_coverage"][:].clip(0).sum(axis=(1, 2)).tolist() == [10, 20, 0]


def test_few_rows_are_not_taken_for_the_genome(cover, inputs, tmp_path):
    """Both strands of one full row look like a whole sequence; genes beside the rows tell the library all the same."""
    filtered, genes = tmp_path / "filtered.h5", tmp_path / "genes.gff3"
    with h5py.File(inputs[0]) as old, h5py.File(filtered, "w") as new:
        for name, dataset in old["data"].items():
            new[f"data/{name}"] = dataset[np.array([0, 5])]
        assert new["data/start_ends"][:].tolist() == [[0, 100], [100, 0]]
    lines = [("gene", "ID=g"), ("mRNA", "ID=t;Parent=g"), ("exon", "Parent=t"), ("CDS", "Parent=t")]
    genes.write_text("".join(f"c2\tx\t{kind}\t1\t60\t.\t+\t0\t{text}\n" for kind, text in lines))
    bam = write_bam(tmp_path / "many.bam", REFERENCES, [(83, "c2", 10 + i % 20, "20M") for i in range(200)])
    code, messages = cover("--annotation", genes, data=filtered, bam=bam, library="auto")
    assert code == 0, messages
    assert "library fr-firststrand" in messages
    assert "not in the genome" not in messages


def test_the_library_can_be_told_by_genes(cover, inputs, tmp_path):
    reads = [(83, "c1", 110 + i % 20, "20M") for i in range(200)]
    bam = write_bam(tmp_path / "many.bam", REFERENCES, reads)
    genes = tmp_path / "genes.gff3"
    lines = [("gene", "ID=g"), ("mRNA", "ID=t;Parent=g"), ("exon", "Parent=t"), ("CDS", "Parent=t")]
    genes.write_text("".join(f"c1\tx\t{kind}\t101\t160\t.\t+\t0\t{text}\n" for kind, text in lines))
    code, messages = cover("--annotation", genes, bam=bam, library="auto")
    assert code == 0, messages
    assert "library fr-firststrand" in messages
    with h5py.File(inputs[2]) as file:
        assert file["evaluation/rnaseq_coverage"][:3].clip(0).sum() == 200 * 20  # all on plus
    inputs[2].unlink()
    code, messages = cover("--annotation", genes, bam=bam, library="fr-secondstrand")
    assert (code, "contradicts the reads" in messages) == (1, True)
    assert not inputs[2].exists()


def truncate(path):
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda bam: bam.unlink(), "does not exist"),
        (lambda bam: bam.with_name("a.bam.bai").unlink(), "has no index"),
        (truncate, "is truncated"),
        (lambda bam: bam.write_text("hello, this is text\n"), "is not a BAM file"),
        (lambda bam: bam.write_bytes(b"CRAM" + bytes(100)), "is CRAM"),
        (lambda bam: write_bam(bam, {"c1": 250}, READS[:1]), "has no sequence 'c2'"),
        (lambda bam: write_bam(bam, {"c1": 251, "c2": 60}, READS[:1]), "'c1' has 251 bases there but 250"),
        (lambda bam: write_bam(bam, {"c1": 249, "c2": 60}, READS[:1]), "'c1' has 249 bases there but 250"),
        (lambda bam: write_bam(bam, REFERENCES, READS, order="queryname", index=False), "not sorted by coordinate"),
    ],
)
def test_bad_bams_give_one_sentence_and_no_file(cover, inputs, spoil, sentence):
    spoil(inputs[1])
    code, messages = cover()
    assert code == 1
    assert sentence in messages
    assert "Traceback" not in messages
    assert not inputs[2].exists()
    assert not inputs[2].with_suffix(".summary.json").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"library": "auto"}, "needs --annotation"),
        ({"library": None}, "needs --annotation"),
        ({"data": "none.h5"}, "none.h5 does not exist"),
    ],
)
def test_bad_options_are_named(cover, words, sentence):
    code, messages = cover(**words)
    assert (code, sentence in messages) == (1, True), messages


def test_a_file_of_several_species_is_refused(cover, inputs):
    with h5py.File(inputs[0], "r+") as file:
        file["data/species"][0] = b"other"
    code, messages = cover()
    assert (code, "several species (other, sp)" in messages) == (1, True)


def test_libraries_must_be_one_or_one_for_each(cover, inputs):
    code, messages = cover("--library", "unstranded")
    assert (code, "2 times for 1 BAM" in messages) == (1, True)
    assert cover(library="dUTP")[0] == 2
    assert "is the data file itself" in cover(output=inputs[0])[1]

"""`helixtune encode-labels`: files it writes, and what it says about bad input."""

import re

import h5py
import numpy as np
import pytest

from conftest import random_bases

GENES = """\
##gff-version 3
c1\tx\tgene\t101\t400\t.\t+\t.\tID=g1
c1\tx\tmRNA\t101\t400\t.\t+\t.\tID=t1;Parent=g1
c1\tx\texon\t101\t400\t.\t+\t.\tParent=t1
c1\tx\tCDS\t101\t400\t.\t+\t0\tParent=t1
"""


@pytest.fixture
def inputs(write_fasta, tmp_path):
    bases = random_bases(900, 1)
    fasta = write_fasta({"c2": bases[:300], "c1": bases[:100] + "ATG" + bases[103:397] + "TAA" + bases[400:]})
    annotation = tmp_path / "genes.gff3"
    annotation.write_text(GENES)
    return fasta, annotation, tmp_path / "training.h5"


@pytest.fixture
def encode(run_cli, inputs):
    def run(*more, fasta=None, annotation=None):
        return run_cli(
            "encode-labels", "--fasta", fasta or inputs[0], "--annotation", annotation or inputs[1],
            "--species", "sp", "--subsequence-length", 200, "--output", inputs[2], *more,
        )  # fmt: skip

    return run


def test_the_file_says_what_made_it(encode, inputs):
    code, messages = encode()
    assert code == 0, messages
    with h5py.File(inputs[2]) as file:
        assert file.attrs["format"] == "helixtune training"
        assert len(file.attrs["annotation_sha256"]) == len(file.attrs["fasta_sha256"]) == 64
        assert file["data/seqids"][:].tolist() == [b"c1"] * 10 + [b"c2"] * 4
        assert file["data/is_annotated"][:].tolist() == [True] * 10 + [False] * 4
        assert file["data/y"][:].sum(axis=(0, 1)).tolist() == [2 * 1200 - 300, 0, 300, 0]
    assert inputs[2].with_suffix(".summary.json").exists()


def test_nominal_utrs_keep_intergenic_bases_usable(encode, inputs):
    _, messages = encode()
    assert "75.0 % of the bases can be learned from" in messages
    with h5py.File(inputs[2]) as file:
        without = file["data/sample_weights"][:5].sum()
    code, messages = encode("--nominal-utr", "30,60")
    assert code == 0
    assert "2 nominal UTRs added" in messages
    with h5py.File(inputs[2]) as file:
        assert file["data/sample_weights"][:5].sum() == 900 > without
        assert file["data/y"][:].sum(axis=(0, 1))[1] == 30 + 60


def test_a_mostly_masked_genome_is_told(encode, inputs, write_fasta):
    minus = GENES.removeprefix("##gff-version 3\n").replace("\t+\t", "\t-\t").replace("g1", "g2").replace("t1", "t2")
    inputs[1].write_text(GENES + minus)
    fasta = write_fasta({"c1": random_bases(900, 2)}, "one.fa")
    assert "try --nominal-utr" in encode(fasta=fasta)[1]
    assert "try --nominal-utr" not in encode("--nominal-utr", "30,60", fasta=fasta)[1]


def test_the_same_input_gives_the_same_bytes_whatever_the_threads(encode, inputs):
    encode("--threads", 1)
    first = inputs[2].read_bytes()
    encode("--threads", 3)
    assert inputs[2].read_bytes() == first


def test_an_annotation_without_coding_genes_is_encoded_with_a_warning(encode, inputs):
    inputs[1].write_text("##gff-version 3\n")
    code, messages = encode()
    assert code == 0
    assert "no coding gene" in messages
    with h5py.File(inputs[2]) as file:
        assert not file["data/is_annotated"][:].any()
        assert np.all(file["data/err_samples"][:])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda fasta, genes: genes.unlink(), "genes.gff3 does not exist"),
        (lambda fasta, genes: genes.write_text(GENES.replace("c1", "zz")), "none of its sequences ('zz')"),
        (lambda fasta, genes: genes.write_text(GENES.replace("400", "901")), "line 2: gene 'g1' ends at 901"),
        (lambda fasta, genes: genes.write_text("hello\n"), "line 1: 1 tab-separated columns"),
        (lambda fasta, genes: fasta.write_text(">c1\nACGT!\n"), "not a nucleotide letter"),
        (lambda fasta, genes: fasta.unlink(), "genome.fa does not exist"),
    ],
)
def test_bad_input_gives_one_sentence_and_no_file(encode, inputs, change, sentence):
    change(inputs[0], inputs[1])
    code, messages = encode()
    assert code == 1
    assert sentence in messages
    assert "Traceback" not in messages
    assert sorted(path.name for path in inputs[2].parent.iterdir() if path.suffix not in (".fa", ".gff3")) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--nominal-utr", "50"], "give two lengths"),
        (["--species", "ä"], "plain ASCII"),
        (["--subsequence-length", "0"], "at least 1"),
        (["--threads", "0"], "at least one thread"),
    ],
)
def test_bad_options_are_named(encode, inputs, words, sentence):
    code, messages = encode(*words)
    assert code == 1
    assert sentence in messages
    assert not inputs[2].exists()


def test_a_partial_annotation_teaches_nothing_where_it_has_no_gene(encode, inputs):
    code, messages = encode("--partial-annotation", "--nominal-utr", "30,60")
    assert code == 0, messages
    assert "far from any gene are not learned from" in messages
    with h5py.File(inputs[2]) as file:
        weights, classes = file["data/sample_weights"][:], file["data/y"][:]
        start_ends = file["data/start_ends"][:]
    usable_plus = weights[start_ends[:, 0] < start_ends[:, 1]].sum()
    assert usable_plus == 100 + 300 + 60 + 100  # c1: all before the gene, gene, its nominal UTR, and a flank
    assert classes[weights != 0][:, 2].sum() == 300


def genes_on(seqid: str, *starts: int) -> list[str]:
    """Return the lines of genes of one exon each, one text a gene; they are named by where they lie."""
    gene = "".join(GENES.splitlines(keepends=True)[1:]).replace("c1\t", f"{seqid}\t")
    return [
        re.sub(r"=([gt])1", rf"=\g<1>_{seqid}_{start}", gene.replace("101\t400", f"{start}\t{start + 59}"))
        for start in starts
    ]


def test_the_order_of_lines_does_not_matter(encode, inputs):
    one, two = genes_on("c1", 101, 401), genes_on("c2", 11, 101)
    found = []
    for lines in (one + two, two + one, [one[0], two[0], one[1], two[1]]):
        inputs[1].write_text("##gff-version 3\n" + "".join(lines))
        code, messages = encode("--nominal-utr", "5,5")
        assert code == 0, messages
        assert "4 genes, 4 of them coding" in messages
        assert "8 nominal UTRs added" in messages
        with h5py.File(inputs[2]) as file:
            found.append({name: file["data"][name][:] for name in file["data"]})
    assert found[0]["y"][..., 2].sum() == 4 * 60
    for other in found[1:]:
        for name, array in found[0].items():
            np.testing.assert_array_equal(other[name], array, err_msg=name)


def test_nothing_is_left_when_an_error_shows_at_the_end_of_the_annotation(encode, inputs):
    inputs[1].write_text(
        "##gff-version 3\n" + "".join(genes_on("c1", 101) + genes_on("c2", 11)).replace("_c2_11", "_c1_101")
    )
    code, messages = encode()
    assert code == 1
    assert "was used before, on another sequence in line 2" in messages
    assert sorted(path.suffix for path in inputs[2].parent.iterdir()) == [".fa", ".gff3"]

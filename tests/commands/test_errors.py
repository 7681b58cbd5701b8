"""Errors of all commands, one line each: what is given, and the sentence that comes back. Others stand in the commands' tests."""

import os

import h5py
import numpy as np
import pytest

from small_files import write_small_files

HEAD = "##gff-version 3\n"
GENE = "a\tx\tgene\t1\t30\t.\t+\t.\tID=g\n"
MRNA = "a\tx\tmRNA\t1\t30\t.\t+\t.\tID=t;Parent=g\n"
CDS = "a\tx\tCDS\t1\t30\t.\t+\t0\tParent=t\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A genome of two sequences, genes on it, training rows and predictions of it; {name: path}."""
    return write_small_files(tmp_path_factory.mktemp("made"))


def changed(made, name, tmp_path, **datasets):
    """Return a copy of an HDF5 file with other datasets or attributes."""
    path = tmp_path / f"changed.{name}"
    path.write_bytes(made[name].read_bytes())
    with h5py.File(path, "a") as file:
        for key, value in datasets.items():
            dataset = {"X": "data/X", "seqids": "data/seqids", "probs": "predictions", "start_ends": "data/start_ends",
                       "weights": "data/sample_weights"}.get(key)  # fmt: skip
            if dataset is None:
                file.attrs[key] = value
                continue
            del file[dataset]
            if value is not None:
                file[dataset] = value
    return path


TWO_GENES = GENE + GENE.replace("ID=g", "ID=h") + MRNA.replace("=g", "=g,h")
ANNOTATIONS = {
    "two genes of one ID": (GENE + GENE, "ID 'g' was used before, in line 2"),
    "a start that is no number": (GENE.replace("\t1\t", "\tone\t"), "start 'one' and end '30' must be whole numbers"),
    "an interval that runs backwards": (GENE.replace("\t1\t", "\t31\t"), "31 to 30 is no interval"),
    "a phase of 3": (GENE + MRNA + CDS.replace("\t0\t", "\t3\t"), "phase '3' is none of 0, 1, 2"),
    "a strand that is none": (GENE + MRNA + CDS.replace("+", "x"), "strand 'x' is none of"),
    "a gene without ID": (GENE.replace("ID=g", "Name=g"), "without ID: its parts cannot be found"),
    "coding sequence of two genes alone": (
        TWO_GENES + CDS,
        "the first in line 5 (1 transcripts of several genes were left out",
    ),
    "a gene without strand alone": (
        (GENE + MRNA + CDS).replace("+", "."),
        "the first in line 4 (1 genes cannot be used and will be masked (e.g. 'g', line 2: it has no strand))",
    ),
    "a part of nothing alone": (GENE + CDS, "the first in line 3 (1 Parents are the ID of no line"),
    "a circle": (MRNA.replace("=g", "=u") + MRNA.replace("ID=t;Parent=g", "ID=u;Parent=t"), "lead back to it"),
    "a transcript elsewhere": (GENE + MRNA.replace("a\t", "b\t", 1), "lies on another sequence than its"),
    "a part elsewhere": (GENE + MRNA + CDS.replace("a\t", "b\t", 1), "lies on another sequence than its"),
    "a part twice": (GENE + MRNA + CDS + CDS, "stands in line 4 already: remove one"),
    "eight columns": ("a\tx\tgene\t1\t30\t.\t+\t.\n", "8 tab-separated columns in place of 9"),
    "genes of another genome": (GENE.replace("a\t", "q\t", 1), "none of its sequences ('q') is in the genome"),
    "coding sequences alone, of another genome": (
        CDS.replace("Parent", "ID").replace("a\t", "q\t", 1),
        "none of its sequences ('q') is in the genome",
    ),
    "coding sequences alone, beyond the end": (
        CDS.replace("Parent", "ID").replace("\t30\t", "\t900\t"),
        "ends at 900 but sequence 'a' has 100 bases",
    ),
    "a gene beyond the end": (GENE.replace("\t30\t", "\t900\t"), "ends at 900 but sequence 'a' has 100 bases"),
}


def encode(run_cli, folder, made, name, content):
    """Run encode-labels on an annotation; return exit code and messages, and the output."""
    (folder / name).write_text(content)
    files = ("--fasta", made["g.fa"], "--annotation", folder / name, "--output", folder / "o.h5")
    return run_cli("encode-labels", *files, "--species", "x", "--subsequence-length", 40), folder / "o.h5"


@pytest.mark.parametrize("case", ANNOTATIONS)
def test_an_annotation_that_is_wrong(run_cli, tmp_path, made, case):
    lines, sentence = ANNOTATIONS[case]
    outcome, output = encode(run_cli, tmp_path, made, "x.gff3", HEAD + lines)
    assert_sentence(outcome, sentence, output)


GTF = "a\tx\t{kind}\t1\t30\t.\t{strand}\t0\t{attributes}\n"
NAMED = 'gene_id "g"; transcript_id "t";'
GTF_LINES = {
    "a transcript without id": (
        GTF.format(kind="exon", strand="+", attributes=NAMED) + GTF.format(kind="transcript", strand="+", attributes='n "x";'),
        "line 2: transcript without transcript_id",
    ),
    "a gene without strand alone": (
        GTF.format(kind="gene", strand=".", attributes='gene_id "g";') + GTF.format(kind="CDS", strand=".", attributes=NAMED),
        "the first in line 2 (1 genes cannot be used and will be masked (e.g. 'g', line 1: it has no strand))",
    ),
    "parts without strand alone": (
        GTF.format(kind="exon", strand=".", attributes=NAMED) + GTF.format(kind="CDS", strand=".", attributes=NAMED),
        "the first in line 2 (1 genes cannot be used and will be masked (e.g. 'g', line 1: it has no strand))",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GTF_LINES)
def test_a_gtf_that_is_wrong(run_cli, tmp_path, made, case):
    lines, sentence = GTF_LINES[case]
    outcome, output = encode(run_cli, tmp_path, made, "x.gtf", lines)
    assert_sentence(outcome, sentence, output)


# Beside a gene that can be read: the place from 1 to 30 of sequence a is masked, and told.
ON_B = (GENE + MRNA + CDS).replace("a\t", "b\t").replace("=g", "=other").replace("=t", "=one")
MASKED = {
    "coding sequence of two genes": (HEAD + TWO_GENES + CDS + ON_B, "1 transcripts of several genes were left out"),
    "a gene without strand": (
        HEAD + (GENE + MRNA + CDS).replace("+", ".") + ON_B,
        "1 genes cannot be used and will be masked (e.g. 'g', line 2: it has no strand)",
    ),
    "a part of nothing": (HEAD + GENE + CDS + ON_B, "1 Parents are the ID of no line: their parts were left out, and masked"),
    "parts without strand, GTF": (
        GTF.format(kind="CDS", strand=".", attributes=NAMED)
        + GTF.format(kind="CDS", strand="+", attributes='gene_id "o"; transcript_id "p";').replace("a\t", "b\t", 1),
        "1 genes cannot be used and will be masked (e.g. 'g', line 1: it has no strand)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MASKED)
def test_one_odd_gene_is_masked_and_told(run_cli, tmp_path, made, case):
    content, sentence = MASKED[case]
    (code, message), output = encode(run_cli, tmp_path, made, "x.annotation", content)
    assert code == 0, message
    assert sentence in message
    with h5py.File(output) as file:
        assert not file["data/sample_weights"][0, :30].any()
        assert file["data/sample_weights"][0, 30:].all()


READ = {
    "a gene without strand that codes for nothing": (GENE.replace("+", ".") + ON_B, "1 genes without strand were left out", 1),
    "a parent that is missing": (MRNA + CDS, "taken as genes of their own (e.g. Parent 'g' of transcript 't', line 2)", 1),
    "a coding sequence alone on its sequence": (
        CDS.replace("Parent", "ID") + ON_B, "1 coding sequences without Parent were taken as genes of their own", 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_a_gene_written_otherwise_is_read_and_told(run_cli, tmp_path, made, case):
    lines, sentence, n_coding = READ[case]
    (code, message), _ = encode(run_cli, tmp_path, made, "x.gff3", HEAD + lines)
    assert code == 0, message
    assert sentence in message
    assert f", {n_coding} of them coding" in message


# command line with {names} of files; the sentence
OPTIONS = [
    ("call-genes --genome {g.h5} --predictions {p.h5} --window-size 0", "--window-size 0: it must be at least 1"),
    ("call-genes --genome {g.h5} --predictions {p.h5} --edge-threshold 2", "--edge-threshold 2.0: give a share"),
    ("call-genes --genome {g.h5} --predictions {p.h5} --min-coding-length -1", "--min-coding-length -1"),
    ("call-genes --genome {g.h5} --predictions {p.h5} --min-intron 20", "--min-intron 20: upstream's rules"),
    ("call-genes --genome {g.h5} --predictions {p.h5} --min-intron 2 --rules improved", "--min-intron 2: give"),
    ("encode-labels --fasta {g.fa} --annotation {g.gff3} --species x --output none/x.h5", "Output folder none does not exist"),
    ("select-confident --h5-to-filter {t.h5} --predictions {p.h5} --write-by 0", "--write-by 0: it must be at least 1"),
    ("select-confident --h5-to-filter {t.h5} --predictions {p.h5} --method upstream --seqid a", "upstream knows no sequences"),
    ("select-confident --h5-to-filter {t.h5} --predictions {p.h5} --seqid zzz", "has no such sequence; check the spelling"),
    ("split-subsequences --input {t.h5} --train {folder}/x.h5 --validation {folder}/y.h5 --write-by 0", "--write-by 0"),
    ("select-confident --h5-to-filter {t.h5} --predictions {p.h5} --max-bases 0", "--max-bases 0"),
    ("select-confident --h5-to-filter {t.h5} --predictions {p.h5} --min-gene-confidence 2", "--min-gene-confidence 2"),
    ("evaluate-genes --base-genes {g.gff3}", "evaluate-genes lacks --genome"),
    ("evaluate-genes --genome {g.h5} --base-genes {g.gff3} --base-predictions {p.h5} --tuned-genes {g.gff3}", "belong together"),
    ("evaluate-genes --genome {g.h5} --base-genes {g.gff3} --base-predictions {p.h5} --seed -1", "--seed -1 is negative"),
    ("evaluate-genes --predicted {g.gff3} --reference {g.gff3} --seqid zzz", "--seqid zzz"),
    ("tune-model --mode new-head --base-model {g.h5} --train {t.h5} --validation {t.h5} --learning-rate 3", "--learning-rate 3"),
    ("tune-model --mode new-head --base-model {g.h5} --train {t.h5} --validation {t.h5} --transition-weights 1,1,1,1,1,-1",
     "6 numbers of at least 0"),
    ("tune-model --mode new-head --base-model {g.h5} --train {t.h5} --validation {t.h5} --hidden-units -1", "--hidden-units -1"),
    ("inspect {folder}", "is not a file: give the file itself"),
    ("inspect {g.fa}", "is not an HDF5 file"),
    ("evaluate-genes --predicted {g.gff3} --genome {g.fa} --repeats {g.gff3}", "line 2: expected sequence, start and end"),
    ("simulate-species --seed -1 --size-mb 0.1", "--seed -1 is negative"),
    ("simulate-species --seed 1 --size-mb 9e9", "cannot be simulated"),
    ("add-coverage --data {g.h5} --bam {g.fa}", "is not a BAM file"),
    ("check-model {g.h5}", "it is not a Keras model"),
    ("predict-classes --model {g.h5} --genome {g.h5}", "it is not a Keras model"),
    ("tune-model --mode new-head --base-model {g.h5} --train {t.h5} --validation {t.h5} --class-weights 1,2",
     "--class-weights '1,2': 4 numbers"),
    ("tune-model --mode new-head --base-model {g.h5} --train {t.h5} --validation {t.h5} --epochs 0", "--epochs 0"),
    ("encode-genome --fasta {g.fa} --species x --threads 0", "--threads 0"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "sentence"), OPTIONS, ids=lambda value: value.split("{")[0])
def test_an_option_that_cannot_work(run_cli, tmp_path, made, monkeypatch, line, sentence):
    monkeypatch.chdir(tmp_path)
    for name, path in made.items():
        line = line.replace(f"{{{name}}}", str(path))
    verb, *words = line.split()
    outputs = {
        "select-confident": ["--output-file", "o"], "simulate-species": ["--output-dir", "o"], "inspect": [],
        "split-subsequences": [], "check-model": [],
    }  # fmt: skip
    if "--output" not in words:
        words += outputs.get(verb, ["--output", "o"])
    assert_sentence(run_cli(verb, *words), sentence, tmp_path / "o")


FILES = {
    "probabilities of another width": (
        "p.h5",
        {"probs": np.zeros((10, 7, 4), np.float32)},
        "call-genes",
        "'predictions",
    ),
    "an unknown register": ("p.h5", {"register": "sideways"}, "call-genes", "attribute register is 'sideways'"),
    "a strand that was filtered": ("g.h5", {"start_ends": None}, "call-genes", "has no dataset 'data/start_ends'"),
    "no bases": ("g.h5", {"X": None}, "call-genes", "has no dataset 'data/X'"),
}


@pytest.mark.parametrize("case", FILES)
def test_files_that_do_not_fit(run_cli, tmp_path, made, case):
    name, change, verb, sentence = FILES[case]
    paths = {**made, name: changed(made, name, tmp_path, **change)}
    words = ["--genome", paths["g.h5"], "--predictions", paths["p.h5"], "--output", tmp_path / "o"]
    ended = run_cli(verb, *words)
    assert f"changed.{name}" in ended[1]
    assert_sentence(ended, sentence, tmp_path / "o")


def test_data_that_lie_in_another_file_are_refused(run_cli, tmp_path, made):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        for name in ("X", "seqids", "species", "start_ends"):
            file[f"data/{name}"] = h5py.ExternalLink(str(made["g.h5"]), f"data/{name}")
    words = ["--genome", path, "--predictions", made["p.h5"], "--output", tmp_path / "o"]
    assert_sentence(run_cli("call-genes", *words), "refused", tmp_path / "o")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser can read everything")
def test_a_file_without_permission(run_cli, tmp_path):
    path = tmp_path / "x.h5"
    path.write_text("x")
    path.chmod(0)
    assert_sentence(run_cli("inspect", path), "cannot be read: check its permissions", tmp_path / "o")


def assert_sentence(outcome, sentence, output):
    """One line on standard error with the sentence, exit code 1, nothing written."""
    code, message = outcome
    errors = [line for line in message.splitlines() if line.startswith("helixtune ")]
    assert code == 1, message
    assert len(errors) == 1
    assert sentence in errors[0]
    assert not output.exists()

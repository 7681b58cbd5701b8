"""The gate from the command line, on a simulated genome: sets of genes of known quality, probabilities made from them."""

import json
import os

import numpy as np
import pytest

from helixtune.annotation.genes import Gene
from helixtune.annotation.gff3 import read_genes
from helixtune.cli import main
from helixtune.h5files import CLASS_PROBS, RowWriter
from judged_species import Species, gene_lines, worsened


@pytest.fixture(scope="module")
def species(tmp_path_factory) -> Species:
    folder = tmp_path_factory.mktemp("gate")
    simulated = ["simulate-species", "--seed", "5", "--size-mb", "0.6", "--output-dir", str(folder)]
    assert main(simulated) == 0
    genome = folder / "genome.h5"
    words = ["encode-genome", "--fasta", str(folder / "genome.fa"), "--species", "Simulated x", "--output", str(genome)]
    assert main(words) == 0
    return Species(folder, genome, read_genes(folder / "annotation.gff3"))


@pytest.fixture
def judge(species, tmp_path, run_cli):
    def run(base, tuned=None, *more):
        words = ["evaluate-genes", "--genome", species.genome, "--base-genes", species.gff3("base", base)]
        words += ["--base-predictions", species.predictions("base", base)]
        if tuned is not None:
            words += ["--tuned-genes", species.gff3("tuned", tuned)]
            words += ["--tuned-predictions", species.predictions("tuned", tuned)]
        words += ["--output", tmp_path / "metrics.json", "--comparison", tmp_path / "comparison.tsv"]
        words += ["--recommended", tmp_path / "genes.gff3", "--recommended-proteins", tmp_path / "proteins.fa"]
        code, message = run_cli(*words, "--recommended-cds", tmp_path / "cds.fa", *more)
        assert code == 0, message
        return json.loads((tmp_path / "metrics.json").read_text())

    return run


def test_better_genes_are_recommended_and_handed_over(species, judge, tmp_path):
    base, tuned = worsened(species.truth, 1, 0.25, 0.25), worsened(species.truth, 2, 0.05, 0.05)
    metrics = judge(base, tuned, "--reference", species.folder / "annotation.gff3")
    assert metrics["verdict"]["recommended"] == "tuned", metrics["verdict"]
    assert metrics["reference"]["prefers"] == "tuned"
    assert metrics["reference"]["agrees_with_gate"]
    assert (tmp_path / "genes.gff3").read_bytes() == (species.folder / "tuned.gff3").read_bytes()
    assert (tmp_path / "proteins.fa").read_text().count(">") == len(tuned)
    assert [vote["name"] for vote in metrics["verdict"]["votes"]] == ["sequence"]
    assert metrics["verdict"]["votes"][0]["evidence"] > 100
    assert metrics["simulated"]
    assert 1 <= len(metrics["changed_genes"]) <= 12
    track = metrics["changed_genes"][0]["tracks"]["tuned"]["CDS"]
    assert 0.9 < max(track) <= 0.95
    table = (tmp_path / "comparison.tsv").read_text().splitlines()
    assert table[0] == "level\tmetric\tbase\ttuned\tdifference"
    assert {len(line.split("\t")) for line in table} == {5}


def test_worse_genes_are_not(species, judge, tmp_path):
    metrics = judge(worsened(species.truth, 2, 0.05, 0.05), worsened(species.truth, 1, 0.25, 0.25))
    assert metrics["verdict"]["recommended"] == "base"
    assert metrics["verdict"]["confidence"] > 0.9
    assert (tmp_path / "genes.gff3").read_bytes() == (species.folder / "base.gff3").read_bytes()


@pytest.mark.parametrize("seeds", [(5, 6), (10, 9)])  # by the truth within 0.013 of F1, of sets that differ by a third
def test_of_equally_good_genes_neither_is_recommended_for_sure(species, judge, seeds):
    metrics = judge(*(worsened(species.truth, seed, 0.1, 0.1) for seed in seeds))
    assert metrics["verdict"]["confidence"] < 0.75


def test_the_reference_never_decides(species, judge):
    """A reference that holds exactly the worse genes must not move the verdict."""
    base, tuned = worsened(species.truth, 2, 0.05, 0.05), worsened(species.truth, 1, 0.25, 0.25)
    lying = species.gff3("lying", tuned)
    with_lie, without = judge(base, tuned, "--reference", lying), judge(base, tuned)
    assert with_lie["verdict"] == without["verdict"]
    assert with_lie["reference"]["prefers"] == "tuned"
    assert not with_lie["reference"]["agrees_with_gate"]


def test_splice_junctions_of_reads_vote(species, judge):
    base, tuned = worsened(species.truth, 1, 0.25, 0.25), worsened(species.truth, 2, 0.05, 0.05)
    better = judge(base, tuned, "--bam", species.folder / "reads.bam")
    votes = {vote["name"]: vote for vote in better["verdict"]["votes"]}
    assert votes["junctions"]["favours"] == "tuned"
    assert votes["junctions"]["tuned"] > 0.7
    worse = judge(tuned, base, "--bam", species.folder / "reads.bam")
    assert worse["verdict"]["votes"][1]["favours"] == "base"
    assert better["verdict"]["recommended"] == "tuned"


def test_coding_sequence_in_repeats_is_told(species, judge, tmp_path):
    metrics = judge(species.truth, worsened(species.truth, 1, 0.1, 0.1), "--repeats", species.folder / "repeats.bed")
    assert metrics["coding_in_repeats"]["base"] < metrics["coding_in_repeats"]["tuned"]
    assert "evidence\trepeats\t" in (tmp_path / "comparison.tsv").read_text()


def test_conserved_genes_and_likeness_to_proteins_vote_when_asked_for(species, judge, tmp_path):
    base, tuned = worsened(species.truth, 1, 0.25, 0.25), worsened(species.truth, 2, 0.05, 0.05)
    for name, complete in (("base", 60), ("tuned", 95)):
        text = f"C:{complete}.0%[S:{complete}.0%,D:0.0%],F:0.0%,M:{100 - complete}.0%,n:758"
        (tmp_path / f"{name}.txt").write_text(text)
    metrics = judge(base, tuned, "--busco", tmp_path / "base.txt", tmp_path / "tuned.txt", "--protein-likeness")
    votes = {vote["name"]: vote for vote in metrics["verdict"]["votes"]}
    assert list(votes) == ["sequence", "protein_likeness", "busco"]
    assert (votes["busco"]["base"], votes["busco"]["tuned"], votes["busco"]["evidence"]) == (0.6, 0.95, 758)
    assert votes["busco"]["gain"] > 0


def test_known_proteins_vote(species, judge, run_cli, tmp_path):
    base, tuned = worsened(species.truth, 1, 0.25, 0.25), worsened(species.truth, 2, 0.05, 0.05)
    judge(species.truth)
    known = tmp_path / "known.fa"
    known.write_bytes((tmp_path / "proteins.fa").read_bytes())
    votes = {vote["name"]: vote for vote in judge(base, tuned, "--proteins", known)["verdict"]["votes"]}
    assert votes["proteins"]["gain"] > 0
    assert votes["proteins"]["tuned"] > 0.9


def test_without_a_tuned_set_there_was_nothing_to_learn_from(species, judge):
    metrics = judge(species.truth, None, "--reference", species.folder / "annotation.gff3")
    assert metrics["verdict"]["reason"] == "base: nothing to learn from"
    assert metrics["reference"]["base"]["cds"]["gene"]["f1"] == 1.0
    assert metrics["tuned"] is None


@pytest.mark.parametrize(("n_base", "n_tuned"), [(None, 0), (0, None), (0, 0)])
def test_a_set_without_genes(species, judge, n_base, n_tuned):
    metrics = judge(species.truth[:n_base], species.truth[:n_tuned])
    assert metrics["verdict"]["recommended"] == "base"
    assert "calls no gene" in metrics["verdict"]["reason"]


def test_the_same_inputs_give_the_same_bytes(species, judge, tmp_path):
    base, tuned = worsened(species.truth, 1, 0.25, 0.25), species.truth
    first = judge(base, tuned)
    assert judge(base, tuned, "--threads", 3) == first


def test_no_more_threads_work_than_were_given(species, judge, monkeypatch):
    """Whoever is not told asks how many CPUs there are."""

    def asked(_process):
        raise AssertionError("asked for all CPUs")

    monkeypatch.setattr(os, "sched_getaffinity", asked, raising=False)
    judge(worsened(species.truth, 1, 0.25, 0.25), species.truth, "--threads", 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--tuned-predictions": None}, "belong together"),
        ({"--genome": None}, "lacks --genome"),
        ({"--base-genes": "{empty}"}, "is empty"),
        ({"--base-genes": "{elsewhere}"}, "none of its sequences"),
        ({"--base-predictions": "{other}"}, "(n, 21384, 4)"),
        ({"--busco": ("{base}", "{base}")}, "holds no results of BUSCO"),
        ({"--genome": "{base}"}, "is not an HDF5 file"),
        ({"--repeats": "{base}"}, "line"),
        ({"--bam": "{base}"}, "is not a BAM file"),
    ],
)
def test_errors_are_one_sentence_and_leave_nothing(species, tmp_path, run_cli, change, words):
    files = {
        "empty": tmp_path / "empty.gff3",
        "base": species.gff3("base", species.truth),
        "other": tmp_path / "other.h5",
    }
    files["empty"].write_text("")
    files["elsewhere"] = tmp_path / "elsewhere.gff3"
    files["elsewhere"].write_text("\n".join(gene_lines(Gene("g", "moon", "+", 0, 9))) + "\n")
    fasta = tmp_path / "other.fa"
    fasta.write_text(">zzz\n" + "ACGT" * 900 + "\n")
    with RowWriter(files["other"], "helixtune predictions", {}) as writer:
        writer.append({CLASS_PROBS: np.zeros((2, 900, 4), np.float16)})
    predictions = species.predictions("base", species.truth)
    options = {
        "--genome": species.genome, "--base-genes": files["base"], "--base-predictions": predictions,
        "--tuned-genes": files["base"], "--tuned-predictions": predictions, "--output": tmp_path / "metrics.json",
        "--recommended": tmp_path / "genes.gff3", **change,
    }  # fmt: skip
    words_given = [
        str(word).format(**files)
        for name, value in options.items()
        if value is not None
        for word in (name, *(value if isinstance(value, tuple) else (value,)))
    ]
    code, message = run_cli("evaluate-genes", *words_given)
    assert code == 1
    assert words in message
    assert message.strip().splitlines()[-1].startswith("helixtune evaluate-genes:")
    assert not (tmp_path / "metrics.json").exists()
    assert not (tmp_path / "genes.gff3").exists()

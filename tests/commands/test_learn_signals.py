"""`helixtune learn-signals` and `call-genes --signals`: better genes, whatever the threads and shards; bad input is told."""

import json
from pathlib import Path

import pytest

from helixtune import api
from helixtune.annotation.gff3 import read_genes
from helixtune.signals import iterate
from helixtune.signals.run import LearnFiles, learn_and_write
from sharded_genomes import ENGINE, MODEL, WIDTH, call_shards, helixtune, kept_engines  # noqa: F401

pytest.importorskip("openvino")
pytestmark = pytest.mark.usefixtures("kept_engines")


def encode_and_predict(folder: Path, source: Path, changed) -> None:
    """Write genome.h5 and predictions.h5 of a FASTA file in whose letters something is changed."""
    fasta, genome = folder / "changed.fa", folder / "genome.h5"
    chromosomes = source.read_text().removeprefix(">").split(">")
    named = [chromosome.partition("\n") for chromosome in chromosomes]
    fasta.write_text("".join(f">{name}\n{changed(letters.replace(chr(10), ''))}\n" for name, _, letters in named))
    words = ("--species", "Simulata", "--subsequence-length", WIDTH, "--output", genome)
    helixtune("encode-genome", "--fasta", fasta, *words)
    helixtune("predict-classes", "--model", MODEL, "--genome", genome, *ENGINE, "--compact", folder / "predictions.h5")


@pytest.fixture(scope="module")
def species(tmp_path_factory) -> Path:
    """A folder with genome.h5 and predictions.h5 of a simulated species, and genes.gff3 of the state model."""
    folder = tmp_path_factory.mktemp("species")
    words = ("--preset", "demo-shifted", "--seed", 7, "--size-mb", 0.5, "--read-depth", 0)
    helixtune("simulate-species", *words, "--output-dir", folder)
    encode_and_predict(folder, folder / "genome.fa", str)
    helixtune(*call_words(folder, folder / "genes.gff3"), "--rules", "improved")
    return folder


def learn_words(species: Path, output: Path) -> list:
    files = (
        "--genome",
        species / "genome.h5",
        "--predictions",
        species / "predictions.h5",
        "--genes",
        species / "genes.gff3",
    )
    return ["learn-signals", *files, "--output", output]


def call_words(species: Path, output: Path) -> list:
    files = ("--genome", species / "genome.h5", "--predictions", species / "predictions.h5")
    return ["call-genes", *files, "--output", output]


@pytest.fixture(scope="module")
def learnt(species) -> Path:
    """signals.json and signals.tsv in the species' folder, and by_signals.gff3."""
    signals = species / "signals.json"
    helixtune(*learn_words(species, signals), "--table", species / "signals.tsv", "--threads", 1)
    helixtune(*call_words(species, species / "by_signals.gff3"), "--signals", signals, "--threads", 1)
    return signals


def exact_genes(species: Path, genes: Path) -> float:
    """F1 of genes whose whole coding sequence is right."""
    return api.score(read_genes(genes), read_genes(species / "annotation.gff3"))["cds"]["gene"]["f1"]


def features(genes: Path) -> list[str]:
    return [line for line in genes.read_text().splitlines() if not line.startswith("#")]


def test_signals_find_more_genes_exactly(species, learnt):
    assert exact_genes(species, species / "by_signals.gff3") > exact_genes(species, species / "genes.gff3") + 0.2


def test_what_was_learnt_can_be_read(species, learnt):
    content = json.loads(learnt.read_text())
    observed = content["observed"]
    donor = {observed["donor"]["first"] + i: shares for i, shares in enumerate(observed["donor"]["frequencies"])}
    assert donor[0][3] == 1  # G, of C, A, T, G
    assert donor[1][2] > 0.9  # T
    assert observed["start"]["sites"] > 100
    assert sum(observed["introns"]["counts"]) >= 0.9 * observed["introns"]["number"] > 100
    assert content["learned_from"]["genes"] == "genes.gff3"
    table = [line.split("\t") for line in (species / "signals.tsv").read_text().splitlines()]
    assert table[0] == ["iteration", "introns_are", "network", "genes", "introns", "same_share"]
    assert [line[0] for line in table[1:]] == [str(n) for n in range(1, len(table))]


def test_stability_is_learnt(learnt):
    signals = json.loads(learnt.read_text())
    assert 0.3 < signals["stability"] < 1
    assert 1 < signals["parts_per_gene"] < 10


def learnt_on_a_sample(species: Path, folder: Path, monkeypatch, fewest_genes: int) -> tuple[list[int], dict]:
    """Genes of each iteration, and the signals, where all but the last run on a third of the genome."""
    monkeypatch.setattr(iterate, "EARLY_BP", 200_000)
    monkeypatch.setattr(iterate, "FEWEST_EARLY_GENES", fewest_genes)
    monkeypatch.setattr(iterate, "FEWEST_GENES", 20)
    files = LearnFiles(species / "genome.h5", [species / "predictions.h5"], species / "genes.gff3", folder / "s.json")
    history = learn_and_write(files, 50.0, 1, 1)
    return [iteration.genes for iteration in history], json.loads((folder / "s.json").read_text())


def test_early_iterations_see_a_sample_and_the_last_sees_all(species, learnt, tmp_path, monkeypatch):
    genes, signals = learnt_on_a_sample(species, tmp_path, monkeypatch, 1)
    whole = json.loads(learnt.read_text())["learned_from"]["iterations"][-1]["genes"]
    assert max(genes[:5]) < 0.6 * whole
    assert genes[-1] == pytest.approx(whole, rel=0.1)
    assert signals["donor"] != json.loads(learnt.read_text())["donor"]


def test_a_sample_with_too_few_genes_is_given_up(species, learnt, tmp_path, monkeypatch):
    _, signals = learnt_on_a_sample(species, tmp_path, monkeypatch, 10**6)
    whole = json.loads(learnt.read_text())
    assert {**signals, "learned_from": None} == {**whole, "learned_from": None}
    assert signals["learned_from"]["iterations"] == whole["learned_from"]["iterations"]


def test_threads_change_no_byte(species, learnt, tmp_path):
    helixtune(*learn_words(species, tmp_path / "signals.json"), "--threads", 2)
    assert (tmp_path / "signals.json").read_bytes() == learnt.read_bytes()
    helixtune(*call_words(species, tmp_path / "o.gff3"), "--signals", learnt, "--threads", 2)
    assert (tmp_path / "o.gff3").read_bytes() == (species / "by_signals.gff3").read_bytes()


@pytest.mark.parametrize("count", [1, 3, 7])
def test_shards_change_no_byte(species, learnt, tmp_path, count):
    genome, predictions = species / "genome.h5", [species / "predictions.h5"]
    parts = call_shards(tmp_path, genome, predictions, count, "--signals", learnt)
    helixtune("gather-shards", "--genome", genome, "--genes", *parts, "--output", tmp_path / "all.gff3")
    assert (tmp_path / "all.gff3").read_bytes() == (species / "by_signals.gff3").read_bytes()


def test_small_letters_are_bases_as_well(species, learnt, tmp_path):
    encode_and_predict(tmp_path, species / "genome.fa", str.lower)
    helixtune(*call_words(tmp_path, tmp_path / "o.gff3"), "--signals", learnt)
    assert features(tmp_path / "o.gff3") == features(species / "by_signals.gff3")


def with_runs(letters: str) -> str:
    """300 unknown bases in every 10,000."""
    return "".join(
        letters[at : at + 9_700] + "N" * len(letters[at + 9_700 : at + 10_000]) for at in range(0, len(letters), 10_000)
    )


def test_runs_of_unknown_bases_begin_and_end_no_gene(species, tmp_path):
    encode_and_predict(tmp_path, species / "genome.fa", with_runs)
    helixtune(*call_words(tmp_path, tmp_path / "genes.gff3"), "--rules", "improved")
    helixtune(*learn_words(tmp_path, tmp_path / "signals.json"))
    sequences = ("--proteins", tmp_path / "p.fa", "--cds", tmp_path / "c.fa")
    helixtune(*call_words(tmp_path, tmp_path / "o.gff3"), "--signals", tmp_path / "signals.json", *sequences)
    cds = ["".join(record.split("\n")[1:]) for record in (tmp_path / "c.fa").read_text().split(">")[1:]]
    assert len(cds) > 100
    ends = [(one[:3], one[-3:]) for one in cds]
    assert [one for one in ends if "N" in "".join(one)] == []
    whole = sum(start == "ATG" and stop in ("TAA", "TAG", "TGA") for start, stop in ends)
    assert whole >= len(cds) - 8  # two a chromosome may go on beyond its ends


def refused(run_cli, words: list, told: str) -> None:
    """The command ends with code 1 and one sentence, and leaves no output."""
    output = Path(words[words.index("--output") + 1])
    code, message = run_cli(*words)
    assert code == 1
    assert told in message
    assert sum(line.startswith("helixtune ") for line in message.splitlines()) == 1, message
    assert not output.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--genetic-code", 7), "--genetic-code 7: NCBI's tables are 1, 2, 3"),
        (("--sample-mb", 0), "--sample-mb 0.0: give a number above 0"),
        (("--sample-mb", "nan"), "--sample-mb nan: give a number above 0"),
        (("--genes", "absent.gff3"), "absent.gff3 does not exist"),
    ],
)
def test_bad_options_are_told(species, run_cli, tmp_path, options, told):
    refused(run_cli, [*learn_words(species, tmp_path / "signals.json"), *options], told)


def first_genes(species: Path, folder: Path, n_genes: int) -> Path:
    """The head and the first genes of a file."""
    path, seen, kept = folder / "few.gff3", 0, []
    for line in (species / "genes.gff3").read_text().splitlines():
        seen += "\tgene\t" in line
        kept += [line] if seen <= n_genes else []
    path.write_text("\n".join(kept) + "\n")
    return path


def test_too_few_genes_teach_nothing_and_that_is_told(species, run_cli, tmp_path):
    few = ("--genes", first_genes(species, tmp_path, 30), "--table", tmp_path / "signals.tsv")
    words = [*learn_words(species, tmp_path / "signals.json"), *few]
    refused(run_cli, words, "30 genes to learn from, and fewer than 100")
    code, message = run_cli(*words, "--on-empty", "skip")
    assert code == 0
    assert "nothing is learnt of this genome, and no file is written: 30 genes" in message
    assert [path.name for path in tmp_path.iterdir()] == ["few.gff3"]


def test_no_gene_at_all_teaches_nothing(species, run_cli, tmp_path):
    words = [*learn_words(species, tmp_path / "signals.json"), "--genes", first_genes(species, tmp_path, 0)]
    code, message = run_cli(*words, "--on-empty", "skip")
    assert code == 0
    assert "0 genes to learn from" in message


def change(content: dict, name: str, value) -> str:
    return json.dumps(content | {name: value})


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda content: "no JSON", "is no JSON file"),
        (lambda content: json.dumps(content)[:5000], "is no JSON file"),
        (lambda content: "[1, 2]", "holds no signals"),
        (lambda content: change(content, "format", "other"), "holds no signals"),
        (lambda content: change(content, "format_version", 99), "has version 99 of the format, not 2"),
        (lambda content: change(content, "donor", content["donor"][1:]), "is damaged (donor has shape"),
        (lambda content: change(content, "coding", [[1, 2], [3]]), "is damaged (coding holds what is no number"),
        (lambda content: change(content, "start", "ATG"), "is damaged"),
        (lambda content: change(content, "tail", "long"), "is damaged"),
        (lambda content: change(content, "lengths", None), "is damaged (lengths has shape"),
        (lambda content: change(content, "branch_distance", None), "branch and branch_distance go together"),
        (lambda content: change(content, "genetic_code", 7), "genetic code 7 is unknown"),
        (lambda content: change(content, "genetic_code", 6), "its stop codons are not those of genetic code 6"),
        (lambda content: json.dumps({k: v for k, v in content.items() if k != "stops"}), "is damaged ('stops')"),
    ],
)
def test_signals_that_are_none_are_told(species, learnt, run_cli, tmp_path, damage, told):
    path = tmp_path / "damaged.json"
    path.write_text(damage(json.loads(learnt.read_text())))
    refused(run_cli, [*call_words(species, tmp_path / "o.gff3"), "--signals", path], told)


def test_upstreams_format_has_no_signals(species, learnt, run_cli, tmp_path):
    words = [*call_words(species, tmp_path / "o.gff3"), "--signals", learnt, "--format", "upstream"]
    refused(run_cli, words, "--format upstream writes what HelixerPost would call: leave out --signals.")

"""Rows scored shard by shard: the selection, to the byte, that labels and predictions of the whole genome give."""

import json
import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from bam_files import write_bam
from helixtune.gene_calling.places import Shard, cut_shard
from helixtune.gene_calling.sequences import group_sequences
from helixtune.h5files import COVERAGE, SEQIDS, SPLICED_COVERAGE, START_ENDS, open_file, read_rows
from helixtune.selection.shards import joined_rows
from helixtune.subsequences import match_rows
from sharded_genomes import ENGINE, MODEL, WIDTH, called, helixtune, kept_engines, make_world  # noqa: F401

pytest.importorskip("openvino")
pytestmark = pytest.mark.usefixtures("kept_engines")
# The genome has 27 places: of 30 shards some have none.
COUNTS = (1, 3, 17, 30)
TRAINING_BP = 2376


def make_called(folder: Path, count: int, options: tuple) -> Path:
    """Make a genome called in so many shards, its genes, and some repeats."""
    folder.mkdir(exist_ok=True)
    parts = called(make_world(folder), folder / "genome.h5", count, *options)
    helixtune("gather-shards", "--genome", folder / "genome.h5", "--genes", *parts, "--output", folder / "genes.gff3")
    (folder / "repeats.bed").write_text("s0\t20000\t45000\ns7\t3000\t9000\n")
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    return make_called(tmp_path_factory.mktemp("world"), 3, ())


def compact_parts(world: Path) -> list[Path]:
    return sorted(world.glob("*.compact.h5"))


def own_predictions(world: Path, number: int, count: int, target: Path) -> Path:
    """Write what predict-classes writes for a shard: of the predictions of the world's own shards, the rows of this one."""
    parts = [h5py.File(path) for path in compact_parts(world)]
    with open_file(world / "genome.h5") as genome:
        rows = read_rows(genome)
    _, strands = cut_shard(group_sequences(rows, "genome"), Shard(number, count))
    numbers = np.concatenate([np.zeros(0, np.int64), *(one.own_rows for one in strands)])
    predicted = joined_rows([read_rows(part) for part in parts])
    found = match_rows(rows[numbers], predicted, "genome", "predictions")
    with h5py.File(target, "w") as file:
        file.attrs.update(parts[0].attrs)
        for name in contents(compact_parts(world)[0])[1]:
            file[name] = np.concatenate([part[name][()] for part in parts])[found]
    return target


def score(world: Path, folder: Path, count: int, genes: Path, *words) -> list[Path]:
    """Score every shard from its own predictions; returns the parts."""
    folder.mkdir()
    parts = [folder / f"{number}.scores.h5" for number in range(1, count + 1)]
    for number, part in enumerate(parts, start=1):
        helixtune(
            "score-shard", "--genome", world / "genome.h5", "--annotation", genes, "--predictions",
            own_predictions(world, number, count, folder / f"{number}.own.h5"), "--shard", f"{number}/{count}",
            "--subsequence-length", TRAINING_BP, "--output", part, *words,
        )  # fmt: skip
    return parts


def select(folder: Path, *words) -> Path:
    helixtune(
        "select-confident", *words, "--scores", folder / "scores.tsv", "--summary", folder / "selection.json",
        "--output-file", folder / "filtered.h5", "--keep-fraction", 0.3,
    )  # fmt: skip
    return folder


def select_whole(world: Path, folder: Path, genes: Path, label_words: tuple, choice: tuple) -> Path:
    """Select from labels of the whole genome."""
    folder.mkdir()
    labels = folder / "labels.h5"
    helixtune(
        "encode-labels", "--fasta", world / "cut.fa", "--annotation", genes, "--species", "Simulata testis",
        "--subsequence-length", TRAINING_BP, "--no-bases", "--output", labels, *label_words,
    )  # fmt: skip
    genome = ("--genome", world / "genome.h5")
    return select(folder, "--h5-to-filter", labels, "--predictions", *compact_parts(world), *genome, *choice)


def contents(path: Path) -> tuple[dict, dict]:
    """Return attributes and datasets of a file."""
    with h5py.File(path) as file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        return dict(file.attrs), {name: file[name][()] for name in names}


def assert_same_selection(one: Path, other: Path) -> None:
    for name in ("scores.tsv", "selection.json"):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    (attributes, datasets), (expected_attributes, expected) = (
        contents(one / "filtered.h5"),
        contents(other / "filtered.h5"),
    )
    assert attributes == expected_attributes
    assert list(datasets) == list(expected)
    for name, values in expected.items():
        assert datasets[name].dtype == values.dtype
        np.testing.assert_array_equal(datasets[name], values)


def trusted_genes(world: Path) -> Path:
    """Write genes as a trusted annotation may have them: some lack, two overlap, one is nested, one lies on the other strand."""
    genes = world / "trusted.gff3"
    lines = (world / "genes.gff3").read_text().splitlines(keepends=True)
    text = "".join(line for line in lines if not re.search(r"_0000\d[27]", line))
    more = (
        ("ga", 20_100, 24_000, "+"), ("gb", 23_500, 30_100, "+"), ("gc", 25_000, 25_600, "+"), ("gd", 23_000, 33_100, "-"),
    )  # fmt: skip
    for name, start, end, strand in more:
        for kind, first, last, attributes in (
            ("gene", start, end, f"ID={name}"), ("mRNA", start, end, f"ID={name}.1;Parent={name}"),
            ("exon", start, start + 200, f"Parent={name}.1"), ("exon", end - 200, end, f"Parent={name}.1"),
            ("CDS", start, start + 200, f"Parent={name}.1"), ("CDS", end - 200, end, f"Parent={name}.1"),
        ):  # fmt: skip
            phase = "0" if kind == "CDS" else "."
            text += f"s0\tx\t{kind}\t{first}\t{last}\t.\t{strand}\t{phase}\t{attributes}\n"
    genes.write_text(text)
    return genes


def assert_shards_select_as_the_whole(
    world: Path, folder: Path, genes: Path, count: int, words: tuple = (), choice: tuple = ()
):
    """Select from labels of the whole genome and from scores of its shards; returns the summary of either."""
    whole = folder / "whole"
    if not whole.exists():
        select_whole(world, whole, genes, tuple(word for word in words if word != "--gene-models"), choice)
    parts = score(world, folder / str(count), count, genes, *words)
    kept = ("--annotation", genes, "--genome", world / "genome.h5")
    # in another order than that of the genome
    assert_same_selection(select(folder / str(count), "--row-scores", *reversed(parts), *kept, *choice), whole)
    summary = json.loads((whole / "selection.json").read_text())
    assert 0 < summary["kept_rows"] < summary["rows"]
    return summary


def test_any_number_of_shards_selects_what_the_whole_genome_gives(world, tmp_path):
    for count in COUNTS:
        assert_shards_select_as_the_whole(world, tmp_path, world / "genes.gff3", count)


def test_own_predictions_are_those_that_predict_classes_writes(world, tmp_path):
    """What `own_predictions` makes, for shards as they were called and for one of no place."""
    empty = tmp_path / "empty.compact.h5"
    genome = ("--genome", world / "genome.h5")
    helixtune("predict-classes", "--model", MODEL, *genome, "--shard", "1/30", *ENGINE, "--compact", empty)
    whole = [(path, number, 3) for number, path in enumerate(compact_parts(world), start=1)]
    for path, number, count in (*whole, (empty, 1, 30)):
        _, datasets = contents(own_predictions(world, number, count, tmp_path / f"{number}.{count}.h5"))
        _, expected = contents(path)
        assert list(datasets) == list(expected)
        for name, values in expected.items():
            np.testing.assert_array_equal(datasets[name], values)
    assert len(expected[SEQIDS]) == 0


def test_predictions_without_overlap_are_scored_alike(tmp_path):
    world = make_called(tmp_path / "world", 1, ("--no-overlap",))
    assert_shards_select_as_the_whole(world, tmp_path, world / "genes.gff3", 3)


def test_genes_of_low_confidence_are_masked_alike(world, tmp_path):
    words, choice = ("--gene-models",), ("--min-gene-confidence", "0.6")
    summary = assert_shards_select_as_the_whole(world, tmp_path, world / "genes.gff3", 3, words, choice)
    assert summary["gene_models"]["low confidence"]


@pytest.mark.parametrize("words", [(), ("--partial-annotation",), ("--nominal-utr", "50,110")], ids=" ".join)
def test_trusted_genes_are_labelled_alike(world, tmp_path, words):
    assert_shards_select_as_the_whole(world, tmp_path, trusted_genes(world), 17, words)


def test_genes_in_repeats_are_masked_alike(world, tmp_path):
    genes, repeats = world / "genes.gff3", ("--repeats", world / "repeats.bed")
    whole = select_whole(world, tmp_path / "whole", genes, (), repeats)
    parts = score(world, tmp_path / "3", 3, genes, *repeats)
    found = select(tmp_path / "3", "--row-scores", *parts, "--annotation", genes, "--genome", world / "genome.h5")
    assert_same_selection(found, whole)
    assert json.loads((found / "selection.json").read_text())["gene_models"]["in a repeat"]


def test_cuts_lie_inside_genes_and_both_strands_of_short_contigs_are_there(world, tmp_path):
    """What the other tests rest on: a gene that two shards label, and sequences shorter than a row."""
    parts = score(world, tmp_path / "17", 17, world / "genes.gff3")
    borders: list[int] = []
    places: list[tuple] = []
    for part in parts:
        with h5py.File(part) as file:
            seqids, start_ends = file[SEQIDS][:], file[START_ENDS][:]
        assert (start_ends[:, 0] < start_ends[:, 1]).sum() * 2 == len(start_ends)
        borders.append(int(start_ends[seqids == b"s0"].min(initial=1 << 40)))
        places += [(seqid, *span) for seqid, span in zip(seqids.tolist(), start_ends.tolist(), strict=True)]
    spans = [line.split("\t") for line in (world / "genes.gff3").read_text().splitlines() if "\tgene\t" in line]
    cut = [b for b in borders for cells in spans if cells[0] == "s0" and int(cells[3]) <= b < int(cells[4])]
    assert cut
    assert len(set(places)) == len(places)
    short = {(b"s1", 1000), (b"s4", 500), (b"s5", 2200), (b"s6", 800)}
    for seqid, length in short:
        assert sorted(place[1:] for place in places if place[0] == seqid) == [(0, length), (length, 0)]


def reads_on_genes(genes: Path) -> list[tuple]:
    """Return reads of a dUTP library: first mates opposite to the exons that they lie on, some of them spliced."""
    lines = [line.split("\t") for line in genes.read_text().splitlines() if "\tCDS\t" in line]
    reads = []
    for seqid, _, _, start, end, _, strand, *_ in lines:
        flag = 83 if strand == "+" else 99
        step = range(int(start) - 1, max(int(end) - 60, int(start)), 40)
        reads += [(flag, seqid, at, ("20M10N20M", "40M")[at % 3 > 0]) for at in step]
    return sorted(reads, key=lambda read: (int(read[1][1:]), read[2]))


def test_coverage_of_kept_rows_is_that_counted_before_the_selection(world, tmp_path):
    genes, folder = world / "genes.gff3", tmp_path / "whole"
    with open_file(world / "genome.h5") as file:
        rows = read_rows(file)
    lengths = {f"s{i}": int(rows.ends[rows.seqids == f"s{i}".encode()].max()) for i in range(9)}
    bam = write_bam(tmp_path / "a.bam", lengths, reads_on_genes(genes))
    cover = ("add-coverage", "--bam", bam, "--annotation", genes)
    folder.mkdir()
    helixtune("encode-labels", "--fasta", world / "cut.fa", "--annotation", genes, "--species", "Simulata testis",
              "--subsequence-length", TRAINING_BP, "--output", folder / "labels.h5")  # fmt: skip
    helixtune(*cover, "--data", folder / "labels.h5", "--output", folder / "covered.h5")
    select(folder, "--h5-to-filter", folder / "covered.h5", "--predictions", *compact_parts(world))
    parts = score(world, tmp_path / "3", 3, genes)
    select(tmp_path / "3", "--row-scores", *parts, "--annotation", genes, "--genome", world / "genome.h5")
    helixtune(*cover, "--data", tmp_path / "3" / "filtered.h5", "--output", tmp_path / "3" / "covered.h5")
    attributes, found = contents(tmp_path / "3" / "covered.h5")
    expected_attributes, expected = contents(folder / "filtered.h5")
    assert attributes["coverage_libraries"] == expected_attributes["coverage_libraries"] == '["fr-firststrand"]'
    assert sorted(found) == sorted(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)
    assert (expected[COVERAGE] > 0).any()
    assert (expected[SPLICED_COVERAGE] > 0).any()


@pytest.fixture(scope="module")
def parts(world, tmp_path_factory) -> list[Path]:
    return score(world, tmp_path_factory.mktemp("parts") / "3", 3, world / "genes.gff3")


def refusal(world, run_cli, tmp_path, parts, *more) -> str:
    words = ("--row-scores", *parts, "--genome", world / "genome.h5", "--output-file", tmp_path / "f.h5", *more)
    code, message = run_cli("select-confident", *words)
    assert code == 1
    assert not (tmp_path / "f.h5").exists()
    return message


def test_every_shard_is_needed_once(world, run_cli, tmp_path, parts):
    genes = ("--annotation", world / "genes.gff3")
    assert "give the scores of every shard once" in refusal(world, run_cli, tmp_path, parts[:2], *genes)
    assert "give the scores of every shard once" in refusal(world, run_cli, tmp_path, [*parts, parts[0]], *genes)


def test_shards_scored_differently_are_refused(world, run_cli, tmp_path, parts):
    other = score(world, tmp_path / "other", 3, world / "genes.gff3", "--partial-annotation")
    message = refusal(world, run_cli, tmp_path, [*parts[:2], other[2]], "--annotation", world / "genes.gff3")
    assert "differ in 'settings'" in message


def of_another_model(predictions: Path, target: Path) -> Path:
    shutil.copy(predictions, target)
    with h5py.File(target, "r+") as file:
        file.attrs["model_sha256"] = "0" * 64
    return target


def test_shards_predicted_by_different_models_are_refused(world, run_cli, tmp_path, parts):
    first, second, third = compact_parts(world)
    other = of_another_model(third, tmp_path / "third.h5")
    common = ("score-shard", "--genome", world / "genome.h5", "--annotation", world / "genes.gff3",
              "--subsequence-length", TRAINING_BP, "--shard", "3/3")  # fmt: skip
    helixtune(*common, "--predictions", other, "--output", tmp_path / "3.scores.h5")
    message = refusal(
        world, run_cli, tmp_path, [*parts[:2], tmp_path / "3.scores.h5"], "--annotation", world / "genes.gff3"
    )
    assert "differ in 'model_sha256'" in message
    code, message = run_cli(*common, "--predictions", first, second, other, "--output", tmp_path / "mixed.h5")
    assert (code, "predicted by different models" in message) == (1, True)
    assert not (tmp_path / "mixed.h5").exists()


def turned_genome(world: Path, folder: Path) -> Path:
    """Encode other bases in sequences of the same names and lengths."""
    turned = folder / "turned.fa"
    lines = (world / "cut.fa").read_text().splitlines()
    turned.write_text("".join(f"{line if line[0] == '>' else line[::-1]}\n" for line in lines))
    words = ("--species", "Simulata testis", "--subsequence-length", WIDTH)
    helixtune("encode-genome", "--fasta", turned, *words, "--output", folder / "turned.h5")
    return folder / "turned.h5"


def test_kept_rows_hold_the_bases_of_the_genome_scored_on(world, run_cli, tmp_path, parts):
    """Other bases in sequences of the same names and lengths; then a file that does not say what it was made from."""
    turned = turned_genome(world, tmp_path)
    genes = ("--annotation", world / "genes.gff3")
    for other in (turned, without_checksum(turned, tmp_path / "unknown.h5")):
        message = refusal(world, run_cli, tmp_path, parts, *genes, "--genome", other)
        assert "is not the genome that the rows were scored on" in message


def test_without_checksums_the_sequences_have_to_be_the_same(world, run_cli, tmp_path, parts):
    nameless = [without_checksum(part, tmp_path / part.name) for part in parts]
    short = tmp_path / "short.fa"
    short.write_text((world / "cut.fa").read_text()[:-2] + "\n")
    words = ("--species", "Simulata testis", "--subsequence-length", WIDTH)
    helixtune("encode-genome", "--fasta", short, *words, "--output", tmp_path / "short.h5")
    genes = ("--annotation", world / "genes.gff3")
    other = without_checksum(tmp_path / "short.h5", tmp_path / "nameless.h5")
    assert "is not the genome that" in refusal(world, run_cli, tmp_path, nameless, *genes, "--genome", other)
    same = without_checksum(world / "genome.h5", tmp_path / "same.h5")
    select(tmp_path, "--row-scores", *nameless, *genes, "--genome", same)


def without_checksum(path: Path, target: Path) -> Path:
    shutil.copy(path, target)
    with h5py.File(target, "r+") as file:
        del file.attrs["fasta_sha256"]
    return target


def test_kept_rows_are_labelled_by_the_genes_scored_by(world, run_cli, tmp_path, parts):
    assert "is not the annotation" in refusal(world, run_cli, tmp_path, parts, "--annotation", trusted_genes(world))
    assert "give --genome and --annotation" in refusal(world, run_cli, tmp_path, parts)


def test_what_was_not_measured_is_refused(world, run_cli, tmp_path, parts):
    genes = ("--annotation", world / "genes.gff3")
    message = refusal(world, run_cli, tmp_path, parts, *genes, "--method", "upstream")
    assert "pairs rows by position" in message
    message = refusal(world, run_cli, tmp_path, parts, *genes, "--repeats", world / "repeats.bed")
    assert "given to score-shard" in message
    message = refusal(world, run_cli, tmp_path, parts, *genes, "--min-gene-confidence", "0.5")
    assert "make them with --gene-models" in message


def test_other_files_are_refused(world, run_cli, tmp_path, parts):
    genes = ("--annotation", world / "genes.gff3")
    assert "not the kind of file" in refusal(world, run_cli, tmp_path, compact_parts(world), *genes)
    other = shutil.copy(parts[0], tmp_path / "other.h5")
    with h5py.File(other, "r+") as file:
        file.attrs["format"] = "another"
    assert "holds no row scores" in refusal(world, run_cli, tmp_path, [other, *parts[1:]], *genes)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--row-scores", "s.h5", "--h5-to-filter", "t.h5"), "--h5-to-filter is not looked at beside --row-scores"),
        (("--row-scores", "s.h5", "--predictions", "p.h5"), "--predictions is not looked at beside --row-scores"),
        (("--row-scores", "s.h5", "--register", "upstream"), "--register is not looked at beside --row-scores"),
        (
            ("--h5-to-filter", "t.h5", "--predictions", "p.h5", "--annotation", "g.gff3"),
            "--annotation is looked at with",
        ),
        (("--h5-to-filter", "t.h5"), "or --row-scores in place of both"),
        (("--predictions", "p.h5"), "or --row-scores in place of both"),
        ((), "or --row-scores in place of both"),
    ],
)
def test_options_that_would_not_be_looked_at_are_refused(run_cli, tmp_path, words, sentence):
    code, message = run_cli("select-confident", *words, "--output-file", tmp_path / "f.h5")
    assert (code, sentence in message) == (1, True), message


def test_predictions_of_another_shard_are_refused(world, run_cli, tmp_path):
    code, message = run_cli(
        "score-shard", "--genome", world / "genome.h5", "--annotation", world / "genes.gff3", "--predictions",
        compact_parts(world)[0], "--shard", "2/3", "--subsequence-length", TRAINING_BP, "--output", tmp_path / "s.h5",
    )  # fmt: skip
    assert code == 1
    assert "lacks" in message
    assert not (tmp_path / "s.h5").exists()


def test_predictions_of_another_genome_of_the_same_sequences_are_refused(world, run_cli, tmp_path):
    turned = turned_genome(world, tmp_path)
    words = (
        "score-shard", "--annotation", world / "genes.gff3", "--predictions", *compact_parts(world), "--subsequence-length",
        TRAINING_BP, "--output", tmp_path / "s.h5",
    )  # fmt: skip
    code, message = run_cli(*words, "--genome", turned)
    assert (code, "turned.h5 was made from another FASTA file than " in message) == (1, True)
    assert not (tmp_path / "s.h5").exists()
    assert run_cli(*words, "--genome", without_checksum(turned, tmp_path / "unknown.h5"))[0] == 0


def test_the_output_folder_has_to_exist(world, run_cli, tmp_path):
    code, message = run_cli(
        "score-shard", "--genome", world / "genome.h5", "--annotation", world / "genes.gff3", "--predictions",
        *compact_parts(world), "--output", tmp_path / "no" / "s.h5",
    )  # fmt: skip
    assert (code, "does not exist: create it first" in message) == (1, True)


def messages_of(world: Path, folder: Path, run_cli, genes: Path) -> tuple[list[str], str]:
    """Return what scoring of every shard and choosing from them say of an annotation."""
    said = []
    for number, predictions in enumerate(compact_parts(world), start=1):
        code, message = run_cli(
            "score-shard", "--genome", world / "genome.h5", "--annotation", genes, "--predictions", predictions, "--shard",
            f"{number}/3", "--subsequence-length", TRAINING_BP, "--output", folder / f"{number}.scores.h5",
        )  # fmt: skip
        assert code == 0, message
        said.append(message)
    code, message = run_cli(
        "select-confident", "--row-scores", *folder.glob("*.scores.h5"), "--genome", world / "genome.h5", "--annotation",
        genes, "--on-empty", "skip", "--output-file", folder / "filtered.h5",
    )  # fmt: skip
    assert code == 0, message
    return said, message


def warnings_of_labels(world: Path, folder: Path, run_cli, genes: Path) -> str:
    code, message = run_cli(
        "encode-labels", "--fasta", world / "cut.fa", "--annotation", genes, "--species", "Simulata testis",
        "--subsequence-length", TRAINING_BP, "--no-bases", "--output", folder / "labels.h5",
    )  # fmt: skip
    assert code == 0, message
    return message


@pytest.mark.parametrize("is_grouped", [True, False])
def test_genes_on_sequences_that_the_genome_lacks_are_told_of_once(world, tmp_path, run_cli, is_grouped):
    genes = tmp_path / "more.gff3"
    elsewhere = [
        f"{seqid}\tx\t{kind}\t{start}\t{start + 59}\t.\t+\t0\t{text.format(seqid + str(start))}\n"
        for seqid, start in (("q", 1), ("q", 101), ("r", 1))
        for kind, text in (("gene", "ID=g{0}"), ("mRNA", "ID=t{0};Parent=g{0}"), ("CDS", "Parent=t{0}"))
    ]
    if not is_grouped:
        elsewhere = [*elsewhere[:3], *elsewhere[6:], *elsewhere[3:6]]
    genes.write_text((world / "genes.gff3").read_text() + "".join(elsewhere))
    sentence = "3 genes on 2 sequences that are not in the genome ('q', 'r') were left out"
    said, _ = messages_of(world, tmp_path, run_cli, genes)
    assert sentence in warnings_of_labels(world, tmp_path, run_cli, genes)
    assert [sentence in one for one in said] == [True, False, False]
    assert "not in the genome" not in said[1] + said[2]


def test_masked_genomes_are_told_of_as_whole_ones_are(world, tmp_path, run_cli):
    """Coding sequences alone: what lies around them is not known."""
    genes = tmp_path / "cds.gff3"
    lines = [line.split("\t") for line in (world / "genes.gff3").read_text().splitlines() if line[0] != "#"]
    coding = [cells for cells in lines if cells[2] == "CDS"]
    for cells in [cells for cells in lines if cells[2] in ("gene", "mRNA")]:
        name = cells[8].split(";")[0].removeprefix("ID=").removesuffix(".1")
        spans = [(int(one[3]), int(one[4])) for one in coding if f"Parent={name}.1" in one[8]]
        cells[3:5] = str(min(spans)[0]), str(max(spans)[1])
    lines = [cells for cells in lines if cells[2] in ("gene", "mRNA", "CDS")]
    genes.write_text("".join("\t".join(cells) + "\n" for cells in lines))
    _, said = messages_of(world, tmp_path, run_cli, genes)
    expected = warnings_of_labels(world, tmp_path, run_cli, genes)
    shares = [re.search(r"[0-9.]+ % of the bases can be learned from", text)[0] for text in (said, expected)]
    assert shares[0] == shares[1]
    assert "Most of the genome is masked" in said
    assert "Most of the genome is masked" in expected


def test_an_annotation_without_coding_genes_is_told_of(world, tmp_path, run_cli):
    genes = tmp_path / "none.gff3"
    lines = (world / "genes.gff3").read_text().splitlines(keepends=True)
    genes.write_text("".join(line for line in lines if "\tCDS\t" not in line))
    _, said = messages_of(world, tmp_path, run_cli, genes)
    sentence = "has no coding gene: all rows count as not annotated"
    assert sentence in said
    assert sentence in warnings_of_labels(world, tmp_path, run_cli, genes)

"""`helixtune simulate-species`: the files of a species and what a user sees when an option is wrong."""

import json

import pysam
import pytest

from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.translation import translate

NAMES = ["annotation.gff3", "decoys.bed", "genome.fa", "reads.bam", "reads.bam.bai", "repeats.bed", "species.json"]


def simulate(run_cli, folder, *options, seed=2, size=0.2):
    return run_cli("simulate-species", "--seed", seed, "--size-mb", size, "--output-dir", folder, *options)


def test_all_files_are_written_and_agree(run_cli, tmp_path):
    code, _ = simulate(run_cli, tmp_path / "species")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "species").iterdir()) == NAMES
    facts = json.loads((tmp_path / "species" / "species.json").read_text())
    fasta = pysam.FastaFile(str(tmp_path / "species" / "genome.fa"))
    assert dict(zip(fasta.references, fasta.lengths, strict=True)) == facts["counts"]["sequences"]
    assert sum(fasta.lengths) == 200_000
    genes = read_genes(tmp_path / "species" / "annotation.gff3", known_seqids=fasta.references)
    assert len(genes) == facts["counts"]["genes"] > 10
    bam = pysam.AlignmentFile(str(tmp_path / "species" / "reads.bam"))
    assert bam.count() == facts["counts"]["reads"] > 1000
    assert facts["parameters"]["genes"]["overlap_share"] == 0.06


def test_annotation_translates_through_the_package_s_own_reader(run_cli, tmp_path):
    simulate(run_cli, tmp_path)
    fasta = pysam.FastaFile(str(tmp_path / "genome.fa"))
    complement = str.maketrans("ACGT", "TGCA")
    for gene in read_genes(tmp_path / "annotation.gff3"):
        (transcript,) = gene.transcripts
        coding = "".join(fasta.fetch(gene.seqid, start, end) for start, end, _ in transcript.cds)
        protein = translate(coding if gene.strand == "+" else coding.translate(complement)[::-1])
        assert protein.startswith("M")
        assert protein.rstrip("*").count("*") == 0


def test_reads_match_the_genome_and_are_antisense_to_their_transcript(run_cli, tmp_path):
    simulate(run_cli, tmp_path)
    fasta = pysam.FastaFile(str(tmp_path / "genome.fa"))
    spliced = 0
    for read in pysam.AlignmentFile(str(tmp_path / "reads.bam")):
        assert read.query_sequence == "".join(fasta.fetch(read.reference_name, *block) for block in read.get_blocks())
        if read.has_tag("XS"):
            spliced += 1
            assert read.is_reverse == (read.get_tag("XS") == "+")
    assert spliced > 100


def test_read_depth_zero_writes_no_reads(run_cli, tmp_path):
    assert simulate(run_cli, tmp_path, "--read-depth", 0)[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [name for name in NAMES if not name.startswith("reads")]


def test_same_seed_writes_the_same_bytes(run_cli, tmp_path):
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        simulate(run_cli, tmp_path / name, seed=seed, size=0.05)
    for name in NAMES:
        one, two, three = ((tmp_path / run / name).read_bytes() for run in ("one", "two", "three"))
        assert one == two
        assert name == "decoys.bed" or one != three


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--size-mb", "0"), "A genome of 0 Mb cannot be simulated: choose a size from 0.01 to 2000 Mb."),
        (("--size-mb", "nan"), "--size-mb nan is not a number of megabases: choose a size from 0.01 to 2000 Mb."),
        (("--size-mb", "-3"), "A genome of -3 Mb cannot be simulated"),
        (("--preset", "yeti"), 'There is no preset "yeti": choose one of demo-base, '),
        (("--seed", "-1"), "--seed -1 is negative: give 0 or more."),
        (("--read-depth", "-2"), "--read-depth -2 is not a coverage: give 0 (no reads) or more."),
    ],
)
def test_wrong_options_are_named_in_one_sentence(run_cli, tmp_path, options, sentence):
    code, error = run_cli(
        "simulate-species", "--seed", "1", "--size-mb", "0.1", "--output-dir", tmp_path / "out", *options
    )
    assert code == 1
    assert sentence in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_folder_that_is_a_file_is_refused(run_cli, tmp_path):
    (tmp_path / "taken").write_text("mine")
    code, error = simulate(run_cli, tmp_path / "taken")
    assert code == 1
    assert f"Output folder {tmp_path / 'taken'} cannot be written to" in error
    assert (tmp_path / "taken").read_text() == "mine"

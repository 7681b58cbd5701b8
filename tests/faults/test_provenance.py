"""What a file says of its making: versions, checksums and settings; no times and no places, which would change its bytes."""

import h5py

from fault_commands import MODEL
from helixtune import __version__
from helixtune.files import sha256_of


def header(path) -> list[str]:
    """Return the comments at the head of a GFF3 file."""
    lines = path.read_text().splitlines()
    return [line for line in lines if line.startswith("# ")]


def test_called_genes_name_program_genome_model_and_settings(undisturbed):
    lines = header(undisturbed / "genes.gff3")
    assert lines[0] == f"# made by helixtune {__version__} call-genes; species: Tiny"
    assert f"# SHA-256 of the genome's FASTA: {sha256_of(undisturbed / 'species' / 'genome.fa')}" in lines
    assert f"# SHA-256 of the model: {sha256_of(MODEL)}" in lines
    assert [line for line in lines if line.startswith("# settings: --rules upstream --min-intron 50")]


def test_shards_say_the_same(undisturbed, tmp_path, run_cli):
    parts = (undisturbed / "part1.h5", undisturbed / "part2.h5")
    words = ("--genome", undisturbed / "genome.h5", "--predictions", *parts, "--output", tmp_path / "whole.gff3")
    assert run_cli("call-genes", *words)[0] == 0
    assert (undisturbed / "gathered.gff3").read_bytes() == (tmp_path / "whole.gff3").read_bytes()


def test_no_output_names_the_folder_that_it_was_made_in(undisturbed):
    told = [
        path for path in undisturbed.rglob("*") if path.is_file() and str(undisturbed).encode() in path.read_bytes()
    ]
    assert told == []


def test_checksums_of_genome_and_annotation_reach_the_training_rows(undisturbed):
    with h5py.File(undisturbed / "train.h5") as file:
        assert file.attrs["fasta_sha256"] == sha256_of(undisturbed / "species" / "genome.fa")
        assert file.attrs["annotation_sha256"] == sha256_of(undisturbed / "genes.gff3")


def test_what_is_no_checksum_is_left_out_of_the_header(undisturbed, tmp_path, run_cli):
    for name in ("genome.h5", "predictions.h5"):
        (tmp_path / name).write_bytes((undisturbed / name).read_bytes())
    with h5py.File(tmp_path / "genome.h5", "r+") as file:
        file.attrs["fasta_sha256"] = "one\nchr1\tx\tgene\t1\t9\t.\t+\t.\tID=smuggled"
    words = (
        "--genome",
        tmp_path / "genome.h5",
        "--predictions",
        tmp_path / "predictions.h5",
        "--output",
        tmp_path / "g.gff3",
    )
    assert run_cli("call-genes", *words)[0] == 0
    assert "smuggled" not in (tmp_path / "g.gff3").read_text()
    assert len(header(tmp_path / "g.gff3")) == len(header(undisturbed / "genes.gff3")) - 1

"""Hostile protein files, score tables, profiles and genes of shards: each refused in one sentence by the part that reads it."""

import gzip
from pathlib import Path

import pytest

from helixtune.annotation.gff3 import read_genes
from helixtune.errors import HelixtuneError
from helixtune.evaluation.homologues import read_proteins
from helixtune.evaluation.profiles import Profiles
from helixtune.evaluation.soundness import soundness
from helixtune.results_tree import sorted_rounds
from helixtune.sharding.gather import read_part

GENE = "a\tx\t{}\t1\t30\t.\t+\t0\t{}\n"
GENES = "".join(
    GENE.format(kind, text) for kind, text in (("gene", "ID=g"), ("mRNA", "ID=t;Parent=g"), ("CDS", "Parent=t"))
)


def sound_on(genome: str):
    """Return a reader of genes that are held against a genome."""

    def read(path: Path) -> None:
        fasta = path.with_name("genome.fa")
        fasta.write_text(genome)
        soundness(read_genes(path), fasta)

    return read


def in_folder(path: Path) -> None:
    """Read a folder of profiles that holds none."""
    path.with_name("empty").mkdir()
    Profiles(path.with_name("empty"))


# what: (content, reader, sentence)
CASES = {
    "proteins: random bytes": (b"\xff\xfe\x00" * 99, read_proteins, "is not a text file"),
    "proteins: letters that are none": (b">p\nMK1V\n", read_proteins, "record 'p' has letters that are no amino acids"),
    "proteins: an alignment": (b">p\nMK-V\n", read_proteins, "letters that are no amino acids ('-')"),
    "proteins: headers alone": (b">p\n>q\n", read_proteins, "holds no protein"),
    "proteins: stops alone": (b">p\n***\n", read_proteins, "holds no protein"),
    "proteins: no FASTA": (b"hello\n", read_proteins, "holds no protein"),
    "proteins: nucleotides": (b">p\n" + b"ACGT" * 99, read_proteins, "looks like nucleotides"),
    "proteins: empty file": (b"", read_proteins, "is empty"),
    "profiles: text": (b"hello\n", Profiles, "cannot be read as profiles"),
    "profiles: random bytes": (b"\xff\x00\x80" * 99, Profiles, "cannot be read as profiles"),
    "profiles: a folder without any": (b"", in_folder, "holds no *.hmm file"),
    "profiles: a name of nothing": (None, Profiles, "do not exist"),
    "genes of a shard: packed, cut short": (gzip.compress(b"##x\n" * 99)[:-9], read_part, "is damaged: call the shard again"),
    "genes of a shard: other genes": (gzip.compress(b"##gff-version 3\n"), read_part, "does not say which shard it holds"),
    "earlier rounds: no folder of a round": (b"x", lambda path: sorted_rounds([path]), "is no folder round_<n>"),
    "genes of a longer sequence": (GENES.encode(), sound_on(">a\nACGT\n"), "ends at base 30 of 'a', which has only 4"),
    "genes of another genome": (GENES.encode(), sound_on(">b\nACGT\n"), "lies on sequence 'a', which"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_table(reliability, tmp_path, name):
    content, read, sentence = CASES[name]
    if read in (Profiles, in_folder):
        pytest.importorskip("pyhmmer")
    path = tmp_path / "given.gff3.gz" if read is read_part else tmp_path / "given"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HelixtuneError) as caught:
        read(path)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    reliability("tables", name, f"exit 1: … {sentence} …", "so")

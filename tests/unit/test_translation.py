import numpy as np
import pytest
from Bio.Seq import Seq

from conftest import random_bases
from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.sequence_files import write_sequences
from helixtune.annotation.translation import coding_sequence, decode_bases, iter_genome, translate
from helixtune.encoding import encode_rows
from helixtune.errors import FormatError, InputFileError


def gene(name: str, strand: str, cds, seqid: str = "a") -> Gene:
    start, end = cds[0][0], cds[-1][1]
    exons = tuple((s, e) for s, e, _ in cds)
    transcript = Transcript(f"{name}.1", "mRNA", strand, start, end, exons, tuple(cds))
    return Gene(name, seqid, strand, start, end, transcripts=(transcript,))


def records(path) -> dict[str, str]:
    parts = path.read_text().split(">")[1:]
    return {part.split(None, 1)[0]: "".join(part.splitlines()[1:]) for part in parts}


@pytest.fixture
def genome_h5(tmp_path, run_cli):
    def encode(fasta, length=100):
        output = tmp_path / "genome.h5"
        code, message = run_cli(
            "encode-genome", "--fasta", fasta, "--species", "x", "--subsequence-length", length, "--output", output
        )
        assert code == 0, message
        return output

    return encode


def test_every_iupac_letter_survives_the_encoding():
    letters = b"ACGTYRWSKMDVHBN"
    rows = encode_rows(letters, np.array([[0, len(letters)]]), len(letters) + 3)
    assert decode_bases(rows)[0].tobytes() == letters + b"NNN"


def test_spliced_genes_of_both_strands_by_hand(tmp_path, write_fasta):
    #        0         1         2
    #        0123456789012345678901234567
    fasta = write_fasta({"a": "CCATGGCAGTTTTAGCATAACCTTACATCC"})
    genes = [
        gene("plus", "+", [(2, 8, 0), (14, 20, 0)]),  # ATG GCA | GCA TAA
        gene("minus", "-", [(22, 25, 0), (25, 28, 0)]),  # reverse complement of TTA CAT
    ]
    assert write_sequences(genes, fasta, tmp_path / "p.fa", tmp_path / "c.fa") == 2
    assert records(tmp_path / "c.fa") == {"plus.1": "ATGGCAGCATAA", "minus.1": "ATGTAA"}
    assert records(tmp_path / "p.fa") == {"plus.1": "MAA", "minus.1": "M"}
    assert (tmp_path / "p.fa").read_text().startswith(">plus.1 gene=plus a:3-20(+)\n")


@pytest.mark.parametrize(("strand", "phases"), [("+", (1, 0)), ("-", (0, 1))])
def test_the_first_phase_is_counted_from_the_reading_end(strand, phases):
    incomplete = gene("g", strand, [(0, 4, phases[0]), (6, 9, phases[1])])
    coding = coding_sequence(incomplete.transcripts[0], strand, b"AATGCCGAT" if strand == "+" else b"ATCCCCATT")
    assert coding == "ATGGAT"


def test_translation_of_unclear_codons_inner_stops_and_other_codes():
    assert translate("ATGNNNTGAGCNTA") == "MX*A"
    assert translate("ATGTGATAA", table=4) == "MW"


def test_genome_h5_and_fasta_give_the_same_sequences(tmp_path, write_fasta, genome_h5):
    fasta = write_fasta({"a": random_bases(731, 1), "b": random_bases(90, 2) + "RYN", "c": random_bases(100, 3)})
    genome = genome_h5(fasta)
    assert [(s.seqid, s.bases) for s in iter_genome(genome)] == [(s.seqid, s.bases) for s in iter_genome(fasta)]
    genes = [gene("g1", "-", [(95, 110, 0), (300, 501, 0)]), gene("g2", "+", [(3, 93, 0)], "b")]
    for source, name in ((fasta, "from_fasta.fa"), (genome, "from_h5.fa")):
        write_sequences(genes, source, tmp_path / name, None)
    assert (tmp_path / "from_fasta.fa").read_bytes() == (tmp_path / "from_h5.fa").read_bytes()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [(gene("g", "+", [(0, 9, 0)], "chr7"), "'chr7', which the genome"), (gene("g", "+", [(0, 99, 0)]), "only 30")],
)
def test_genes_of_another_genome_leave_no_file(tmp_path, write_fasta, wrong, words):
    fasta = write_fasta({"a": "ACG" * 10})
    with pytest.raises(FormatError, match=words):
        write_sequences([wrong], fasta, tmp_path / "p.fa", tmp_path / "c.fa")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["genome.fa"]


def test_a_missing_genome_is_named(tmp_path):
    with pytest.raises(InputFileError, match="does not exist"):
        write_sequences([], tmp_path / "none.fa", tmp_path / "p.fa", None)


@pytest.mark.shared
def test_upstream_called_genes_are_open_reading_frames(golden, tmp_path):
    """The state model allows no stop inside a gene, so one here would show a wrong splice, strand or phase."""
    genes = read_genes(golden / "called.gff3")
    assert write_sequences(genes, golden / "genome.h5", tmp_path / "p.fa", None) == 282
    proteins = records(tmp_path / "p.fa").values()
    assert not any("*" in protein for protein in proteins)
    assert sum(protein.startswith("M") for protein in proteins) > 275


@pytest.mark.parametrize("table", [1, 6])
def test_codons_are_translated_as_biopython_does(table):
    """Clear codons are looked up; unclear ones (GCN is Ala, TAR a stop, NNN unknown), lower case and a rest of bases are not."""
    letters = np.random.default_rng(2).choice(list("ACGTACGTACGTNRYacgt"), 3001)
    coding = "GCNTARNNN" + "".join(letters)
    expected = str(Seq(coding[: len(coding) // 3 * 3]).translate(table=table)).removesuffix("*")
    assert translate(coding, table) == expected
    assert translate("ATGTAA", 1) == "M"
    assert translate("", 1) == ""

"""Votes by known proteins and profiles: which codons match, and what that says about two gene sets."""

from pathlib import Path

import numpy as np
import pytest
from Bio.Seq import Seq

from helixtune.annotation.genes import Gene, Transcript
from helixtune.errors import FormatError, InputFileError, ParameterError
from helixtune.evaluation.blocks import GenomeBlocks, block_weights
from helixtune.evaluation.coded_proteins import AMINO_ACIDS, CodedProteins, alike_genes, sample_alike
from helixtune.evaluation.gathering import Evidence
from helixtune.evaluation.homologues import PIECE, KnownProteins, read_proteins, word_numbers
from helixtune.evaluation.profiles import Profiles
from helixtune.evaluation.protein_likeness import likeness
from helixtune.evaluation.strands import GeneSets
from helixtune.evaluation.votes.protein_likeness import protein_likeness_figure
from helixtune.evaluation.votes.proteins import protein_vote
from helixtune.fasta import Sequence
from whole_strands import iter_strands

# Robinson & Robinson's background frequencies, rounded; order as in LETTERS.
LETTERS = np.frombuffer(b"ACDEFGHIKLMNPQRSTVWY", np.uint8)
SHARES = np.array([78, 19, 54, 63, 39, 74, 22, 51, 57, 90, 22, 45, 52, 43, 51, 71, 58, 64, 13, 32]) / 998
CODON_OF = {
    chr(letter): "ACGT"[i // 16] + "ACGT"[i // 4 % 4] + "ACGT"[i % 4] for i, letter in enumerate(AMINO_ACIDS[:64])
}


def random_protein(rng, n: int) -> bytes:
    return b"M" + rng.choice(LETTERS, n - 1, p=SHARES).tobytes()


def diverged(protein: bytes, rng, share: float) -> bytes:
    letters = np.frombuffer(protein, np.uint8).copy()
    hit = rng.random(len(letters)) < share
    letters[hit] = rng.choice(LETTERS, hit.sum(), p=SHARES)
    return letters.tobytes()


def test_the_table_of_codons_is_the_standard_code():
    assert all(str(Seq(codon).translate()) == letter for letter, codon in CODON_OF.items())


@pytest.mark.parametrize(("divergence", "least"), [(0.0, 1.0), (0.3, 0.9), (0.5, 0.6)])
def test_homologues_are_found_also_when_they_diverged(divergence, least):
    rng = np.random.default_rng(1)
    known = [random_protein(rng, 300) for _ in range(100)]
    masks = KnownProteins(known).match([diverged(one, rng, divergence) for one in known])
    assert np.mean([mask.mean() > 0.8 for mask in masks]) >= least


def test_random_and_reversed_proteins_match_nothing():
    rng = np.random.default_rng(2)
    known = [random_protein(rng, 300) for _ in range(100)]
    masks = KnownProteins(known).match([random_protein(rng, 300) for _ in range(100)] + [one[::-1] for one in known])
    assert sum(mask.any() for mask in masks) <= 2


def test_an_intron_called_as_coding_sequence_does_not_match():
    rng = np.random.default_rng(3)
    real = random_protein(rng, 400)
    wrong = real[:200] + random_protein(rng, 60) + real[200:]
    mask = KnownProteins([real]).match([wrong])[0]
    assert mask[:195].all()
    assert mask[265:].all()
    assert mask[205:255].mean() < 0.1


@pytest.mark.parametrize("n", [0, 1, 5, 6])
def test_short_and_odd_proteins_do_no_harm(n):
    known = KnownProteins([b"M" * n or b"MK", b"MUOJBZX*" * 5])
    assert [len(mask) for mask in known.match([b"", b"M" * n, b"MUOJBZX*" * 5, b"*"])] == [0, n, 40, 1]
    assert len(word_numbers(b"M" * n)) == max(0, n - 5)


def test_a_protein_longer_than_one_alignment_takes_is_covered_whole():
    rng = np.random.default_rng(4)
    giant = random_protein(rng, 3 * PIECE + 100)
    assert KnownProteins([random_protein(rng, 100), giant]).match([giant])[0].mean() > 0.99


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (">a\nMK1\n", "no amino acids"),
        (">a\n*\n", "holds no protein"),
        (">a\nACGTACGTNN\n", "nucleotides"),
    ],
)
def test_what_is_no_protein_file_is_refused(tmp_path, text, words):
    path = tmp_path / "p.fa"
    path.write_text(text)
    with pytest.raises((FormatError, InputFileError), match=words):
        read_proteins(path)


class Toy:
    """A sequence with 60 genes of 120 codons on both strands, 900 bp apart, and the proteins of all of them."""

    def __init__(self):
        rng = np.random.default_rng(5)
        bases = bytearray(rng.choice(np.frombuffer(b"ACGT", np.uint8), 60 * 900).tobytes())
        self.proteins = [random_protein(rng, 120) for _ in range(60)]
        self.genes = []
        for i, protein in enumerate(self.proteins):
            coding = "".join(CODON_OF[chr(letter)] for letter in protein) + "TAA"
            start, strand = 900 * i + 200, "+-"[i % 2]
            bases[start : start + 363] = (coding if strand == "+" else str(Seq(coding).reverse_complement())).encode()
            self.genes.append(single_exon_gene(f"g{i}", strand, start, start + 363))
        self.genome = [Sequence("a", bytes(bases))]
        self.false_genes = [single_exon_gene(f"f{i}", "+", 900 * i + 600, 900 * i + 840) for i in range(60)]

    def vote(self, base, tuned, known):
        blocks, evidence = self.evidence(base, tuned)
        match = KnownProteins(known).match
        return protein_vote("proteins", evidence.proteins, match, block_weights(len(blocks), 1))

    def evidence(self, base, tuned):
        blocks = GenomeBlocks.of({"a": 60 * 900})
        strands = list(iter_strands(self.genome, GeneSets(base, tuned)))
        evidence = Evidence.empty(blocks, alike_of(blocks, strands, len(base)))
        for strand in strands:
            evidence.add_strand(strand)
        return blocks, evidence


def alike_of(blocks, strands, n_genes):
    return sample_alike([one for strand in strands for one in alike_genes(blocks, strand)], n_genes)


def single_exon_gene(name, strand, start, end):
    one = Transcript(name + ".1", "mRNA", strand, start, end, ((start, end),), ((start, end, 0),))
    return Gene(name, "a", strand, start, end, transcripts=(one,))


def test_proteins_tell_real_genes_from_made_up_ones():
    toy = Toy()
    rng = np.random.default_rng(6)
    known = [diverged(one, rng, 0.3) for one in toy.proteins]
    more = toy.vote(toy.genes[:40], toy.genes, known)  # the tuned set found 20 more real genes
    assert more.tuned - more.base == pytest.approx(0.2, abs=0.03)
    assert more.gain > 0
    assert more.tuned == pytest.approx(1.0, abs=0.02)
    assert more.evidence == 20 * 120
    false = toy.vote(toy.genes, toy.genes + toy.false_genes[:30], known)
    assert false.tuned - false.base < -0.1
    assert false.gain < 0
    assert false.base == pytest.approx(1.0, abs=0.01)


def test_proteins_of_something_else_have_no_vote(caplog):
    toy = Toy()
    rng = np.random.default_rng(7)
    assert toy.vote(toy.genes[:40], toy.genes, [random_protein(rng, 200) for _ in range(50)]) is None
    assert "Too few called genes match the proteins" in caplog.text


def test_genes_called_alike_are_sampled_but_counted_in_full(monkeypatch):
    toy = Toy()
    counts = []
    for limit in (1000, 10):
        monkeypatch.setattr("helixtune.evaluation.coded_proteins.MAX_IDENTICAL", limit)
        blocks, strands = (
            GenomeBlocks.of({"a": 60 * 900}),
            list(iter_strands(toy.genome, GeneSets(toy.genes, toy.genes[:50]))),
        )
        collected = CodedProteins(blocks, alike_of(blocks, strands, 60))
        for strand in strands:
            collected.add_strand(strand)
        mixture = collected.mixture(lambda proteins: [np.ones(len(one), bool) for one in proteins])
        counts.append({kind: items.sum() for kind, items in mixture.items.items()})
    assert counts[0] == {"shared": 50 * 120, "base_only": 10 * 120, "tuned_only": 0}
    assert counts[1]["shared"] == pytest.approx(50 * 120, rel=0.15)
    assert counts[1]["base_only"] == 10 * 120


@pytest.fixture
def profile_folder(tmp_path):
    """One profile of each of ten families, made by pyhmmer from single proteins."""
    pyhmmer = pytest.importorskip("pyhmmer", reason="the extra `hmm` is not installed")
    alphabet = pyhmmer.easel.Alphabet.amino()
    builder, background = pyhmmer.plan7.Builder(alphabet), pyhmmer.plan7.Background(alphabet)
    rng = np.random.default_rng(8)
    proteins = [random_protein(rng, 150) for _ in range(10)]
    for i, protein in enumerate(proteins):
        sequence = pyhmmer.easel.TextSequence(name=f"family{i}".encode(), sequence=protein.decode()).digitize(alphabet)
        with (tmp_path / f"family{i}.hmm").open("wb") as file:
            builder.build(sequence, background)[0].write(file)
    return tmp_path, proteins


def test_profiles_match_their_families_only(profile_folder):
    folder, proteins = profile_folder
    rng = np.random.default_rng(9)
    for path in (folder, folder / "family0.hmm"):
        profiles = Profiles(path)
        masks = profiles.match([diverged(proteins[0], rng, 0.3), random_protein(rng, 150), b"", proteins[1][::-1]])
        assert masks[0].mean() > 0.8
        assert [bool(mask.any()) for mask in masks[1:]] == [False] * 3
    assert len(Profiles(folder)) == 10


def test_what_is_no_profile_is_refused(tmp_path):
    pytest.importorskip("pyhmmer", reason="the extra `hmm` is not installed")
    (tmp_path / "x.hmm").write_text("no profile\n")
    (tmp_path / "empty").mkdir()
    for path, error in (
        (tmp_path / "x.hmm", FormatError),
        (tmp_path / "none.hmm", InputFileError),
        (tmp_path / "empty", InputFileError),
    ):
        with pytest.raises(error):
            Profiles(path)


def test_without_pyhmmer_the_option_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyhmmer", None)
    with pytest.raises(ParameterError, match="helixtune\\[hmm\\]"):
        Profiles(Path("x.hmm"))


# Actin 1 of baker's yeast (UniProt P60010), the first 120 residues, and the reading of its gene one base on.
ACTIN = b"MDSEVAALVIDNGSGMCKAGFAGDDAPRAVFPSIVGRPRHQGIMVGMGQKDSYVGDEAQSKRGILTLRYPIEHGIVTNWDDMEKIWHHTFYNELRVAPEEHPVLLTEAPMNPKSNREKMT"


def test_a_protein_looks_more_like_one_than_its_other_frames():
    coding = "".join(CODON_OF[chr(letter)] for letter in ACTIN)
    assert likeness(ACTIN) > 2
    for shift in (1, 2):
        reading = coding[shift:][: (len(coding) - shift) // 3 * 3]
        assert likeness(str(Seq(reading).translate()).encode()) < likeness(ACTIN) - 2
    assert likeness(b"") == 0.0
    assert likeness(b"MXU*") == likeness(b"MLLL")  # whatever is unclear counts as leucine, as in PSAURON


def test_likeness_of_proteins_tells_real_genes_from_made_up_ones():
    """Made-up genes are real ones read in another frame."""
    toy = Toy()
    rng = np.random.default_rng(5)
    for one in toy.genes:
        protein = diverged(ACTIN, rng, 0.1)
        coding = "".join(CODON_OF[chr(letter)] for letter in protein) + "TAA"
        bases = bytearray(toy.genome[0].bases)
        bases[one.start : one.end] = (coding if one.strand == "+" else str(Seq(coding).reverse_complement())).encode()
        toy.genome = [Sequence("a", bytes(bases))]
    blocks, evidence = toy.evidence(toy.genes[:40], toy.genes)
    found = protein_likeness_figure(evidence.proteins.proteins, block_weights(len(blocks), 1))
    assert found.tuned > found.base + 0.1
    misread = [single_exon_gene(one.id, one.strand, one.start + 1, one.end - 2) for one in toy.genes[40:]]
    blocks, evidence = toy.evidence(toy.genes, [*toy.genes[:40], *misread])
    found = protein_likeness_figure(evidence.proteins.proteins, block_weights(len(blocks), 1))
    assert found.tuned < found.base - 0.05

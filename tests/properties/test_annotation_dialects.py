"""Random annotations in the dialects of programs and data bases give the labels of the plain GFF3 of the same genes."""

from dataclasses import replace

import numpy as np
import pytest
from annotation_dialects import DIALECTS, LENGTH_BP, SEQIDS, WITHOUT_GENES, RandomGene, gff3, random_genes

from helixtune.annotation.coding_transcripts import stranded_genes
from helixtune.annotation.gff3 import iter_gene_groups
from helixtune.annotation.label_encoding import stranded_bases
from helixtune.annotation.labels import IN_CODING, IN_INTRON, MASKED, strand_codes
from helixtune.annotation.masks import chosen_masks

LENGTHS = dict.fromkeys(SEQIDS, LENGTH_BP)
FEW, MANY = 40, 1000


def labels_of(path, bases: bytes) -> dict[tuple[str, str], np.ndarray]:
    """Return the codes (class, phase, mask) of every base."""
    genes = {group[0].seqid: group for group in iter_gene_groups(path, LENGTHS)}
    found = {}
    for seqid in SEQIDS:
        for strand in "+-":
            stranded = stranded_genes(genes.get(seqid, []), strand, LENGTH_BP)
            applied = chosen_masks(stranded, LENGTH_BP, stranded_bases(bases, strand))
            found[seqid, strand] = strand_codes(applied, strand, LENGTH_BP)
    return found


def bases_of(genes: list[RandomGene], rng: np.random.Generator) -> bytes:
    """Return one sequence for all: what labels look at are start and stop codons, which half of the genes have."""
    letters = rng.choice(np.frombuffer(b"ACGT", np.uint8), LENGTH_BP)
    for gene in genes:
        for model in gene.models[: int(rng.random() < 0.5)]:
            start, end = model.coding[0][0], model.coding[-1][1]
            first, last = (b"ATG", b"TAA") if gene.strand == "+" else (b"TTA", b"CAT")
            letters[start : start + 3], letters[end - 3 : end] = (
                np.frombuffer(first, np.uint8),
                np.frombuffer(last, np.uint8),
            )
    return letters.tobytes()


def without_genes(genes: list[RandomGene]) -> list[RandomGene]:
    """Return each transcript as a gene of its own; of overlapping ones which is chosen is a matter of taste: one is left."""
    return [replace(gene, models=gene.models[:1]) for gene in genes]


def compare(dialect: str, seed: int, folder) -> None:
    rng = np.random.default_rng(seed)
    genes = random_genes(rng)
    if dialect in WITHOUT_GENES:
        genes = without_genes(genes)
    bases = bases_of(genes, rng)
    plain, other = folder / "plain.gff3", folder / "other.gff"
    plain.write_text("\n".join(gff3(genes)) + "\n")
    other.write_text("\n".join(DIALECTS[dialect](genes)) + "\n")
    expected, found = labels_of(plain, bases), labels_of(other, bases)
    for place, codes in expected.items():
        np.testing.assert_array_equal(found[place], codes, err_msg=f"{dialect}, seed {seed}, {place}")
    coding = {place: np.zeros(LENGTH_BP, bool) for place in expected}
    for gene in genes:
        for start, end in gene.models[0].coding:
            coding[gene.seqid, gene.strand][start:end] = True
    for place, is_coding in coding.items():
        learned_otherwise = is_coding & (found[place] & MASKED == 0) & (found[place] & IN_CODING == 0)
        assert not learned_otherwise.any(), f"{dialect}, seed {seed}, {place}: coding bases learned as not coding"
        assert not (is_coding & (found[place] & (MASKED | IN_INTRON) == IN_INTRON)).any()


def test_there_are_twelve_dialects_and_more():
    assert len(DIALECTS) >= 12


@pytest.mark.parametrize("dialect", DIALECTS)
def test_labels_are_those_of_plain_gff3(dialect, tmp_path):
    for seed in range(FEW):
        compare(dialect, seed, tmp_path)


@pytest.mark.full
@pytest.mark.parametrize("dialect", DIALECTS)
def test_labels_of_a_thousand_annotations_are_those_of_plain_gff3(dialect, tmp_path):
    for seed in range(FEW, FEW + MANY):
        compare(dialect, seed, tmp_path)

"""Masks around gene models with errors: what the label cases do not single out."""

import pytest

from helixtune.annotation import masks
from helixtune.annotation.coding_transcripts import stranded_genes
from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.masks import Mask, border_offset, chosen_masks

LENGTH = 1000


def gene(name: str, start: int, end: int, cds: tuple[int, int], strand: str = "+", **options) -> Gene:
    transcript = Transcript(f"{name}.1", "mRNA", strand, start, end, ((start, end),), ((*cds, 0),))
    return Gene(name, "c1", strand, start, end, transcripts=(transcript,), **options)


def sequence(*codings: tuple[int, int]) -> bytes:
    """A plus strand whose given coding parts begin with ATG and end with TAA."""
    letters = bytearray(b"C" * LENGTH)
    for start, end in codings:
        letters[start : start + 3], letters[end - 3 : end] = b"ATG", b"TAA"
    return bytes(letters)


def masks_of(genes: list[Gene], bases: bytes) -> dict[str, list[Mask]]:
    applied = chosen_masks(stranded_genes(genes, "+", LENGTH), LENGTH, lambda start, end: bases[start:end])
    return {gene.id: found for gene, found in applied}


@pytest.mark.parametrize(("gap", "offset"), [(-5, 0), (0, 0), (1, 0), (100, 50), (399, 190), (400, 200), (1200, 340)])
def test_the_border_lies_half_way_or_nearer_in_long_gaps(gap, offset):
    assert border_offset(gap) == offset


def test_a_clean_gene_has_no_mask():
    assert masks_of([gene("a", 100, 400, (130, 340))], sequence((130, 340))) == {"a": []}


def test_a_gene_that_reaches_both_ends_of_the_sequence():
    found = masks_of([gene("a", 0, LENGTH, (0, LENGTH))], sequence((0, LENGTH)))["a"]
    assert found == [Mask(masks.MISSING_UTR_5, 0, 0)]


def test_non_coding_neighbours_move_the_border():
    neighbour = Gene("n", "c1", "+", 500, 600)
    bases = sequence((130, 400))
    alone = masks_of([gene("a", 100, 400, (130, 400))], bases)["a"]
    beside = masks_of([gene("a", 100, 400, (130, 400)), neighbour], bases)["a"]
    assert alone == [Mask(masks.MISSING_UTR_3, 400, LENGTH)]
    assert beside == [Mask(masks.MISSING_UTR_3, 400, 450)]


def test_a_chain_of_overlapping_genes_is_masked_to_its_end():
    genes = [
        gene("a", 100, 300, (130, 300)),
        gene("b", 280, 500, (310, 470)),
        gene("c", 490, 700, (520, 670)),
        gene("d", 800, 900, (820, 880)),
    ]
    found = masks_of(genes, sequence((130, 300), (310, 470), (520, 670), (820, 880)))
    assert Mask(masks.OVERLAP, 300, 750) in found["b"]  # half the gap between c and d
    assert found["c"] == found["d"] == []


def test_a_nested_gene_needs_no_utrs():
    genes = [gene("a", 100, 900, (130, 870)), gene("b", 300, 400, (300, 400))]
    assert masks_of(genes, sequence((130, 870), (300, 400)))["b"] == []


def test_an_unusable_gene_is_masked_as_a_whole():
    broken = Gene("x", "c1", "+", 200, 500, problem="it is written in several parts")
    assert masks_of([broken], sequence()) == {"x": [Mask(masks.UNUSABLE_GENE, 200, 500)]}


def test_introns_below_20_bases_are_masked_exactly():
    exons = ((100, 200), (219, 300), (320, 400))
    transcript = Transcript("a.1", "mRNA", "+", 100, 400, exons, ((130, 200, 0), (219, 300, 2), (320, 360, 2)))
    found = masks_of([Gene("a", "c1", "+", 100, 400, transcripts=(transcript,))], sequence((130, 360)))["a"]
    assert [mask for mask in found if mask.kind == masks.SHORT_INTRON] == [Mask(masks.SHORT_INTRON, 200, 219)]


def test_equal_starts_keep_the_file_order_on_plus_and_reverse_it_on_minus():
    genes = [gene(name, 100, 200, (110, 190), strand) for strand in "+-" for name in (f"a{strand}", f"b{strand}")]
    assert [one.id for one in stranded_genes(genes, "+", LENGTH)] == ["a+", "b+"]
    assert [one.id for one in stranded_genes(genes, "-", LENGTH)] == ["b-", "a-"]

"""Finding out a library's protocol from reads on genes."""

import pytest

from bam_files import write_bam
from helixtune.annotation.genes import Gene, Transcript
from helixtune.errors import ParameterError
from helixtune.rnaseq.alignments import open_bam
from helixtune.rnaseq.strandedness import StrandCounts, count_strands, settle_library

NAMES = {"c1": "c1"}


def gene(name: str, start: int, end: int, strand: str, *, coding: bool = True) -> Gene:
    cds = ((start, end, 0),) if coding else ()
    return Gene(name, "c1", strand, start, end, transcripts=(Transcript(name, "mRNA", strand, start, end, (), cds),))


def count(tmp_path, reads: list[tuple], genes: list[Gene]) -> StrandCounts:
    with open_bam(write_bam(tmp_path / "a.bam", {"c1": 1000}, reads)) as bam:
        return count_strands(bam, NAMES, genes)


def test_first_mates_opposite_to_the_gene_speak_for_fr_firststrand(tmp_path):
    reads = [(83, "c1", 110, "20M"), (163, "c1", 120, "20M"), (99, "c1", 510, "20M"), (0, "c1", 300, "20M")]
    counts = count(tmp_path, reads, [gene("a", 100, 200, "+"), gene("b", 500, 600, "-")])
    assert counts == StrandCounts(3, 0)


def test_genes_that_overlap_the_other_strand_or_code_nothing_do_not_vote(tmp_path):
    reads = [(83, "c1", 110, "20M"), (83, "c1", 310, "20M"), (83, "c1", 710, "20M")]
    genes = [
        gene("a", 100, 200, "+"),
        gene("b", 190, 290, "-"),
        gene("c", 300, 400, "+", coding=False),
        gene("d", 700, 800, "+"),
    ]
    assert count(tmp_path, reads, genes) == StrandCounts(1, 0)
    assert count(tmp_path, reads, [*genes, gene("long", 50, 900, "-")]) == StrandCounts(0, 0)


@pytest.mark.parametrize(
    ("first", "second", "library"),
    [
        (80, 20, "fr-firststrand"),
        (20, 80, "fr-secondstrand"),
        (55, 45, "unstranded"),
        (70, 30, None),
        (99, 0, None),
        (0, 0, None),
    ],
)
def test_what_counts_mean(first, second, library):
    assert StrandCounts(first, second).library == library


def test_what_is_stated_is_taken_unless_the_reads_contradict_it():
    stranded, unclear = StrandCounts(95, 5), StrandCounts(70, 30)
    assert settle_library("auto", stranded, "a.bam") == "fr-firststrand"
    assert settle_library("fr-firststrand", stranded, "a.bam") == "fr-firststrand"
    assert settle_library("unstranded", unclear, "a.bam") == "unstranded"
    assert settle_library("unstranded", None, "a.bam") == "unstranded"
    with pytest.raises(ParameterError, match="contradicts the reads, 95 % of 100"):
        settle_library("fr-secondstrand", stranded, "a.bam")
    with pytest.raises(ParameterError, match="cannot be told, 70 % of 100"):
        settle_library("auto", unclear, "a.bam")
    with pytest.raises(ParameterError, match="needs --annotation"):
        settle_library("auto", None, "a.bam")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("genome", "bam_name", "library"),
    [
        ("schizosaccharomyces_pombe", "rnaseq_mix.bam", "fr-firststrand"),
        ("drosophila_melanogaster_demo1mb", "sample2.bam", "unstranded"),
    ],
)
def test_real_libraries_are_told_apart(shared_dir, genome, bam_name, library):
    from helixtune.annotation.gff3 import read_genes

    folder = shared_dir / "data" / genome
    with open_bam(folder / bam_name) as bam:
        genes = read_genes(folder / "annotation.gff3.gz", bam.references)
        assert count_strands(bam, {name: name for name in bam.references}, genes).library == library

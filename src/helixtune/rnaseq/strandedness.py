"""Finding out (or checking) the protocol of an RNA-seq library from reads on known genes."""

from dataclasses import dataclass

import numpy as np
import pysam

from helixtune.annotation.genes import Gene
from helixtune.errors import ParameterError
from helixtune.log import logger
from helixtune.rnaseq.alignments import FIRST_STRAND, SECOND_STRAND, UNSTRANDED, comes_from_minus, fetch_reads

AUTO = "auto"
# A stranded library has at least this share of its reads on one strand (the usual threshold of RNA-seq pipelines), an
# unstranded one about half on each; in between, something is wrong with the library or the genes.
STRANDED_SHARE = 0.8
UNSTRANDED_SHARES = (0.4, 0.6)
MIN_READS = 100
MAX_READS = 200_000
# A few genes make most of all reads: each may vote this often only.
MAX_READS_PER_GENE = 1000


@dataclass(frozen=True)
class StrandCounts:
    """Reads on genes: those that lie as in a fr-firststrand library, and those that lie the other way."""

    first_strand: int
    second_strand: int

    @property
    def total(self) -> int:
        """Number of reads."""
        return self.first_strand + self.second_strand

    @property
    def library(self) -> str | None:
        """The protocol that fits the counts, None when none does."""
        if self.total < MIN_READS:
            return None
        share = self.first_strand / self.total
        if share >= STRANDED_SHARE:
            return FIRST_STRAND
        if self.second_strand / self.total >= STRANDED_SHARE:
            return SECOND_STRAND
        return UNSTRANDED if UNSTRANDED_SHARES[0] <= share <= UNSTRANDED_SHARES[1] else None

    def describe(self) -> str:
        """Say in words what was seen."""
        if not self.total:
            return "no reads on the given genes"
        percent = 100 * self.first_strand / self.total
        return f"{percent:.0f} % of {self.total} reads on the given genes lie as in a fr-firststrand library"


def count_strands(bam: pysam.AlignmentFile, names: dict[str, str], genes: list[Gene]) -> StrandCounts:
    """Count reads that start in coding parts of genes which no gene of the other strand overlaps.

    Args:
        bam: an open, indexed file.
        names: the file's name of every sequence id.
        genes: genes on these sequences.
    """
    first_strand = second_strand = 0
    for gene in _clear_genes(genes):
        fits = reads = 0
        for start, end, _ in max(gene.transcripts, key=lambda transcript: transcript.cds_length_bp).cds:
            for read in fetch_reads(bam, names[gene.seqid], start, end):
                if start <= read.reference_start < end and reads < MAX_READS_PER_GENE:
                    reads += 1
                    fits += comes_from_minus(read.flag, FIRST_STRAND) == (gene.strand == "-")
        first_strand += fits
        second_strand += reads - fits
        if first_strand + second_strand >= MAX_READS:
            break
    return StrandCounts(first_strand, second_strand)


def _clear_genes(genes: list[Gene]) -> list[Gene]:
    """Return coding genes that overlap no gene of the other strand, in a fixed random order (all of the genome votes)."""
    ordered = sorted(genes, key=lambda gene: (gene.seqid, gene.start))
    blocked: set[int] = set()
    reach: dict[tuple[str, str], int] = {}
    for i, gene in enumerate(ordered):
        if reach.get((gene.seqid, _opposite(gene.strand)), 0) > gene.start:
            blocked.add(i)
        reach[gene.seqid, gene.strand] = max(gene.end, reach.get((gene.seqid, gene.strand), 0))
    following: dict[tuple[str, str], int] = {}
    for i in reversed(range(len(ordered))):
        gene = ordered[i]
        if following.get((gene.seqid, _opposite(gene.strand)), gene.end) < gene.end:
            blocked.add(i)
        following[gene.seqid, gene.strand] = gene.start
    clear = [gene for i, gene in enumerate(ordered) if gene.is_coding and i not in blocked]
    return [clear[i] for i in np.random.default_rng(0).permutation(len(clear))]


def _opposite(strand: str) -> str:
    return "-" if strand == "+" else "+"


def settle_library(stated: str, counts: StrandCounts | None, bam_name: str) -> str:
    """Return the protocol to use: what the user states, unless the reads say otherwise, or what the reads say.

    Args:
        stated: one of the protocols, or `auto`.
        counts: reads on genes, None when there are no genes to look at.
        bam_name: for messages.

    Raises:
        ParameterError: the reads contradict the statement, or `auto` cannot tell.
    """
    if counts is None:
        if stated == AUTO:
            raise ParameterError(
                "--library auto needs --annotation (genes to lay the reads on): give one or state the library."
            )
        return stated
    if stated == AUTO:
        if counts.library is None:
            raise ParameterError(f"{bam_name}: the library cannot be told, {counts.describe()}: state it by --library.")
        logger.info("%s: library %s (%s)", bam_name, counts.library, counts.describe())
        return counts.library
    if counts.library is None:
        logger.warning("%s: taken as %s, but it could not be checked (%s).", bam_name, stated, counts.describe())
    elif counts.library != stated:
        raise ParameterError(
            f"{bam_name}: --library {stated} contradicts the reads, {counts.describe()}: it looks {counts.library}."
        )
    return stated

"""Text of small annotations on a genome of two sequences (a: 300 bases, b: 200), and a check of the labels made of them."""

from pathlib import Path

import h5py

GENOME = ">a\n" + "ACGTA" * 60 + "\n>b\n" + "TTGCA" * 40 + "\n"
# Both strands together.
ALL_BASES = 1000


def line(kind: str, start, end, attributes: str, strand: str = "+", phase: str = ".", seqid: str = "a") -> str:
    """Return one line."""
    return f"{seqid}\tx\t{kind}\t{start}\t{end}\t.\t{strand}\t{phase}\t{attributes}\n"


GENE = line("gene", 61, 150, "ID=g")
MRNA = line("mRNA", 61, 150, "ID=t;Parent=g")
EXON = line("exon", 61, 150, "Parent=t")
CDS = line("CDS", 61, 150, "Parent=t", phase="0")
WHOLE = GENE + MRNA + EXON + CDS
SECOND = WHOLE.replace("=g", "=h").replace("=t", "=u")


def gtf(kind: str, start: int, end: int, attributes: str = 'gene_id "g"; transcript_id "t";', **columns: str) -> str:
    """Return one line of a GTF file."""
    return line(kind, start, end, attributes, **columns)


def labels(coding: int = 0, utr: int = 0, intron: int = 0, learned: int | None = None):
    """Return a check of a training file: bases of each class, and (if given) bases that are learned from."""

    def check(path: Path) -> None:
        with h5py.File(path) as file:
            found = file["data/y"][:].sum((0, 1)).tolist()
            weight = int(file["data/sample_weights"][:].sum())
        assert found == [ALL_BASES - coding - utr - intron, utr, coding, intron]
        assert learned in (None, weight)

    return check

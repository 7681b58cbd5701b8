"""Gene models: what every part of the package means by a gene, a transcript, an exon and a CDS.

All coordinates are 0-based, half-open, on the plus strand.
"""

from dataclasses import dataclass

Interval = tuple[int, int]
CdsPart = tuple[int, int, int | None]


@dataclass(frozen=True, slots=True)
class Transcript:
    """One transcript.

    Attributes:
        id: identifier, unique in its file.
        type: feature type as written, e.g. `mRNA`.
        strand: '+' or '-'.
        start: plus-strand start of the transcript line.
        end: its end.
        exons: (start, end) each, sorted by start.
        cds: (start, end, phase) each, sorted by start; phase None where the file has none. Empty = not coding.
        exon_strands: one character an exon when some lie on the other strand (trans-splicing), else empty.
        doubts: stretches whose labels cannot be trusted, e.g. behind a frame shift.
    """

    id: str
    type: str
    strand: str
    start: int
    end: int
    exons: tuple[Interval, ...] = ()
    cds: tuple[CdsPart, ...] = ()
    exon_strands: str = ""
    doubts: tuple[Interval, ...] = ()

    @property
    def cds_length_bp(self) -> int:
        """Number of coding bases."""
        return sum(end - start for start, end, _ in self.cds)


@dataclass(frozen=True, slots=True)
class Gene:
    """One gene with its transcripts in file order.

    Attributes:
        id: identifier, unique in its file.
        seqid: sequence it lies on.
        strand: '+' or '-'.
        start: plus-strand start of the gene line.
        end: its end.
        type: feature type as written, e.g. `gene`, `ncRNA_gene`.
        transcripts: in file order.
        confidence: attribute `confidence`, else the score column as it stands (any scale), else None.
        biotype: attribute `gene_biotype`, `gene_type` or `biotype`, else empty.
        line: line number of the gene in its file, for messages; 0 = not from a file.
        problem: why the gene's structure cannot be used, e.g. its parts lie on both strands; empty = none. Such a gene
            has no transcripts, but its place is known: labels mask it.
    """

    id: str
    seqid: str
    strand: str
    start: int
    end: int
    type: str = "gene"
    transcripts: tuple[Transcript, ...] = ()
    confidence: float | None = None
    biotype: str = ""
    line: int = 0
    problem: str = ""

    @property
    def is_coding(self) -> bool:
        """Whether any transcript has a CDS."""
        return any(transcript.cds for transcript in self.transcripts)

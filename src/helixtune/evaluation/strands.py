"""One strand of a stretch of the genome with the genes of both sets on it: what every vote on the sequence walks along."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.codes import base_codes, reverse_complement_codes
from helixtune.evaluation.intervals import as_intervals, complement, merge
from helixtune.fasta import Sequence as FastaSequence


@dataclass(frozen=True)
class GeneSets:
    """The two sets of genes that are compared."""

    base: Sequence[Gene]
    tuned: Sequence[Gene]


@dataclass(frozen=True)
class Strand:
    """One strand of a sequence, or of a stretch of it, in its reading direction.

    Attributes:
        seqid: its sequence.
        sign: "+" or "-".
        codes: (length,) uint8 base codes (codes.base_codes) in reading direction.
        base, tuned: the genes of either set on this strand, on plus-strand coordinates.
        outside: (k, 2) what no gene of either set and strand covers, on plus-strand coordinates.
        first_bp: where on the plus strand of its sequence the stretch begins.
        opposite_base, opposite_tuned: the genes of either set on the other strand.
    """

    seqid: str
    sign: str
    codes: np.ndarray
    base: list[Gene]
    tuned: list[Gene]
    outside: np.ndarray
    first_bp: int = 0
    opposite_base: Sequence[Gene] = ()
    opposite_tuned: Sequence[Gene] = ()

    def __len__(self) -> int:
        return len(self.codes)

    def read(self, start: int, end: int) -> tuple[int, int]:
        """Turn a plus-strand interval into reading direction, counted from the stretch's end where reading begins."""
        start, end = start - self.first_bp, end - self.first_bp
        return (start, end) if self.sign == "+" else (len(self) - end, len(self) - start)

    def plus(self, positions: np.ndarray) -> np.ndarray:
        """Turn positions in reading direction into plus-strand ones of the sequence."""
        return self.first_bp + (positions if self.sign == "+" else len(self) - 1 - positions)

    def place(self, offset_bp: int) -> tuple[int, bool, int]:
        """Return what sorts the strands of a genome as reading whole sequences, plus before minus strand, would meet them.

        Args:
            offset_bp: of the sequence in the genome.
        """
        return offset_bp, self.sign == "-", self.first_bp if self.sign == "+" else -self.first_bp


def strands_of(letters: FastaSequence, genes: GeneSets, owned: tuple[int, int], first_bp: int) -> Iterator[Strand]:
    """Yield both strands of a stretch.

    Args:
        letters: its bases, and some beside it.
        genes: the genes on it.
        owned: its start and end on the plus strand.
        first_bp: where on the plus strand the letters begin.
    """
    codes, (start, end) = base_codes(letters.bases), owned
    called = merge(as_intervals((gene.start, gene.end) for some in (genes.base, genes.tuned) for gene in some))
    outside = start + complement(called - start, end - start)
    for sign, reading in (("+", codes), ("-", reverse_complement_codes(codes))):
        on_strand, opposite = (
            [[gene for gene in some if (gene.strand == sign) is here] for some in (genes.base, genes.tuned)]
            for here in (True, False)
        )
        yield Strand(letters.seqid, sign, reading, *on_strand, outside, first_bp, *opposite)


def coding_positions(gene: Gene, length_bp: int, first_bp: int = 0) -> Iterator[np.ndarray]:
    """Yield for each coding transcript the positions of its coding bases, in reading direction on the gene's strand.

    They are counted within a stretch of so many bases that begins at `first_bp`.
    """
    for transcript in gene.transcripts:
        if not transcript.cds:
            continue
        plus = np.concatenate([np.arange(start - first_bp, end - first_bp) for start, end, _ in transcript.cds])
        positions = plus if gene.strand == "+" else length_bp - 1 - plus[::-1]
        first = transcript.cds[0] if gene.strand == "+" else transcript.cds[-1]
        yield positions[first[2] or 0 :]

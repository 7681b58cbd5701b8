"""One strand of one sequence with the genes of both sets on it: what every vote on the sequence walks along."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.codes import base_codes, reverse_complement_codes
from helixtune.evaluation.intervals import as_intervals, merge
from helixtune.fasta import Sequence as FastaSequence


@dataclass(frozen=True)
class GeneSets:
    """The two sets of genes that are compared."""

    base: Sequence[Gene]
    tuned: Sequence[Gene]


@dataclass(frozen=True)
class Strand:
    """One strand, in its reading direction.

    Attributes:
        seqid: its sequence.
        sign: "+" or "-".
        codes: (length,) uint8 base codes (codes.base_codes) in reading direction.
        base, tuned: the genes of either set on this strand, on plus-strand coordinates.
        called: (k, 2) what any gene of either set and strand covers, on plus-strand coordinates.
    """

    seqid: str
    sign: str
    codes: np.ndarray
    base: list[Gene]
    tuned: list[Gene]
    called: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)

    def read(self, start: int, end: int) -> tuple[int, int]:
        """Turn a plus-strand interval into reading direction (or back)."""
        return (start, end) if self.sign == "+" else (len(self) - end, len(self) - start)

    def plus(self, positions: np.ndarray) -> np.ndarray:
        """Turn positions in reading direction into plus-strand ones (or back)."""
        return positions if self.sign == "+" else len(self) - 1 - positions


def iter_strands(genome: Iterable[FastaSequence], sets: GeneSets) -> Iterator[Strand]:
    """Yield both strands of every sequence."""
    groups = [_by_seqid(genes) for genes in (sets.base, sets.tuned)]
    for sequence in genome:
        codes = base_codes(sequence.bases)
        here = [group[sequence.seqid] for group in groups]
        called = merge(as_intervals((gene.start, gene.end) for genes in here for gene in genes))
        for sign, reading in (("+", codes), ("-", reverse_complement_codes(codes))):
            on_strand = ([gene for gene in genes if gene.strand == sign] for genes in here)
            yield Strand(sequence.seqid, sign, reading, *on_strand, called)


def _by_seqid(genes: Iterable[Gene]) -> dict[str, list[Gene]]:
    groups = defaultdict(list)
    for gene in genes:
        groups[gene.seqid].append(gene)
    return groups


def coding_positions(gene: Gene, sequence_length_bp: int) -> Iterator[np.ndarray]:
    """Yield for each coding transcript the positions of its coding bases, in reading direction on the gene's strand."""
    for transcript in gene.transcripts:
        if not transcript.cds:
            continue
        plus = np.concatenate([np.arange(start, end) for start, end, _ in transcript.cds])
        positions = plus if gene.strand == "+" else sequence_length_bp - 1 - plus[::-1]
        first = transcript.cds[0] if gene.strand == "+" else transcript.cds[-1]
        yield positions[first[2] or 0 :]

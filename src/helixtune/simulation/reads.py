"""Stranded, spliced RNA-seq reads of a simulated genome, aligned without error; writes a sorted BAM.

Single-end reads of a dUTP library (fr-firststrand): a read lies on the strand opposite to its gene, spliced reads carry XS.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pysam

from helixtune.simulation.assembly import Assembly
from helixtune.simulation.composition import LETTERS
from helixtune.simulation.placement import PlacedGene

READ_BP = 75
SHORTEST_ANCHOR_BP = 6  # aligners leave shorter overhangs unspliced or soft-clipped
# Expression is log-normal over three orders of magnitude; a fifth of the genes is silent in one tissue
# (Schmid et al. 2005 Nat Genet 37:501, A. thaliana).
EXPRESSION_SIGMA = 1.3
SILENT_SHARE = 0.2
# Reads of unspliced precursors and from outside genes (Mortazavi et al. 2008 Nat Methods 5:621; poly-A selected).
PRECURSOR_SHARE = 0.03
BACKGROUND_SHARE = 0.02
MATCH, SKIP = 0, 3  # CIGAR operations M and N


@dataclass(frozen=True)
class AlignedRead:
    """One aligned read: plus-strand start, CIGAR as (operation, length) pairs, and the strand of its transcript."""

    sequence: int
    start: int
    cigar: tuple[tuple[int, int], ...]
    transcript_strand: str


def simulate_reads(assembly: Assembly, rng: np.random.Generator, depth: float) -> list[AlignedRead]:
    """Draw reads so that the mean coverage of all exons is `depth`; sorted by sequence and start."""
    expression = rng.lognormal(0, EXPRESSION_SIGMA, len(assembly.genes))
    expression[rng.random(len(expression)) < SILENT_SHARE] = 0
    lengths = np.array([(gene.exons[:, 1] - gene.exons[:, 0]).sum() for gene in assembly.genes])
    wanted = expression * lengths
    total = depth * lengths.sum() / READ_BP
    counts = rng.poisson(wanted / max(wanted.sum(), 1e-9) * total)
    reads = []
    for gene, count in zip(assembly.genes, counts, strict=True):
        precursors = int(rng.binomial(count, PRECURSOR_SHARE))
        reads += _reads_of(gene, gene.exons, count - precursors, rng)
        reads += _reads_of(gene, np.array([[gene.start, gene.end]]), precursors, rng)
    reads += _background(assembly, int(BACKGROUND_SHARE * total), rng)
    return sorted(reads, key=lambda read: (read.sequence, read.start, read.cigar, read.transcript_strand))


def _reads_of(gene: PlacedGene, exons: np.ndarray, count: int, rng) -> list[AlignedRead]:
    """Draw reads uniformly along a transcript given by its exons (k, 2), ascending on plus."""
    ends = np.cumsum(exons[:, 1] - exons[:, 0])
    if ends[-1] < READ_BP or count == 0:
        return []
    firsts = rng.integers(0, ends[-1] - READ_BP + 1, count)
    reads = []
    for first in firsts:
        cigar, start = _cigar(exons, ends, int(first))
        if len(cigar) == 1 or min(cigar[0][1], cigar[-1][1]) >= SHORTEST_ANCHOR_BP:
            reads.append(AlignedRead(gene.sequence, start, cigar, gene.strand))
    return reads


def _cigar(exons: np.ndarray, ends: np.ndarray, first: int) -> tuple[tuple[tuple[int, int], ...], int]:
    """Return the CIGAR and the start of a read at transcript position `first` (counted along plus)."""
    exon = int(np.searchsorted(ends, first, side="right"))
    start = position = int(exons[exon, 1] - (ends[exon] - first))
    cigar, left = [], READ_BP
    while True:
        length = min(left, int(exons[exon, 1]) - position)
        cigar.append((MATCH, length))
        left -= length
        if left == 0:
            return tuple(cigar), start
        exon += 1
        position = int(exons[exon, 0])
        cigar.append((SKIP, position - int(exons[exon - 1, 1])))


def _background(assembly: Assembly, count: int, rng) -> list[AlignedRead]:
    lengths = np.array([len(bases) for bases in assembly.sequences])
    usable = np.maximum(lengths - READ_BP, 0)
    sequences = rng.choice(len(lengths), size=count, p=usable / usable.sum())
    starts = (rng.random(count) * usable[sequences]).astype(np.int64)
    strands = rng.choice(["+", "-"], size=count)
    places = zip(sequences.tolist(), starts.tolist(), strands.tolist(), strict=True)
    return [AlignedRead(sequence, start, ((MATCH, READ_BP),), strand) for sequence, start, strand in places]


def write_bam(path: Path, index: Path, assembly: Assembly, reads: list[AlignedRead]) -> None:
    """Write sorted reads as a BAM file and its index."""
    header = {
        "HD": {"VN": "1.6", "SO": "coordinate"},
        "SQ": [{"SN": name, "LN": len(bases)} for name, bases in zip(assembly.seqids, assembly.sequences, strict=True)],
    }
    letters = [LETTERS[bases].tobytes().decode() for bases in assembly.sequences]
    with pysam.AlignmentFile(str(path), "wb", header=header) as bam:
        for number, read in enumerate(reads, start=1):
            bam.write(_segment(bam.header, f"read{number:08d}", read, letters[read.sequence]))
    pysam.index(str(path), str(index))


def _segment(header, name: str, read: AlignedRead, letters: str) -> pysam.AlignedSegment:
    segment = pysam.AlignedSegment(header)
    segment.query_name = name
    # dUTP: the sequenced strand is the complement of the transcript, so reads of plus-strand genes are reverse.
    segment.flag = 16 if read.transcript_strand == "+" else 0
    segment.reference_id, segment.reference_start = read.sequence, read.start
    segment.mapping_quality = 60
    segment.cigartuples = read.cigar
    segment.query_sequence = _read_bases(read, letters)
    if len(read.cigar) > 1:
        segment.set_tag("XS", read.transcript_strand, "A")
    return segment


def _read_bases(read: AlignedRead, letters: str) -> str:
    pieces, position = [], read.start
    for operation, length in read.cigar:
        if operation == MATCH:
            pieces.append(letters[position : position + length])
        position += length
    return "".join(pieces)

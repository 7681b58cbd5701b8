"""Genes of one strand read 5'->3': coding borders, introns, and the transcript chosen for the labels.

Both strands are treated alike: on minus, positions are counted from the sequence's end ("stranded" coordinates), so that
`start` is always 5' and `end` always 3'. Rules are upstream's (the import program's), because the published models
were trained on what it makes.
"""

from collections.abc import Iterable
from typing import NamedTuple

from helixtune.annotation.genes import Gene, Interval, Transcript


class CodingTranscript(NamedTuple):
    """A transcript with a CDS, in stranded coordinates.

    Attributes:
        id: as in the annotation.
        start: 5' border of the transcript; `end` its 3' border.
        cds_start: 5' border of the coding part (introns included); `cds_end` its 3' border.
        first_phase: phase of the 5'-most CDS line, None when not given; `last_phase` that of the 3'-most.
        introns: parts without exon, sorted; where exons overlap, the overlap stands among them with start > end.
        doubts: stretches whose labels cannot be trusted.
    """

    id: str
    start: int
    end: int
    cds_start: int
    cds_end: int
    first_phase: int | None
    last_phase: int | None
    introns: tuple[Interval, ...]
    doubts: tuple[Interval, ...] = ()

    @property
    def true_introns(self) -> list[Interval]:
        """Introns without the overlaps of exons."""
        return [intron for intron in self.introns if intron[0] < intron[1]]

    @property
    def coding_length_bp(self) -> int:
        """Length of the coding part less all introns that touch it; negative in models that hang together badly."""
        touching = (sorted(intron) for intron in self.introns)
        inside = sum(end - start for start, end in touching if start < self.cds_end and end > self.cds_start)
        return self.cds_end - self.cds_start - inside


class StrandedGene(NamedTuple):
    """A gene in stranded coordinates.

    Attributes:
        id: as in the annotation.
        start: 5' border; `end` the 3' border.
        transcripts: coding ones in file order.
        chosen: position of the transcript that makes the labels, None when there is none.
        mixed_strands: some coding transcript has exons on both strands.
        first_is_coding: whether the first transcript in the file is coding.
        problem: why the gene is unusable; empty when it is not.
        rank: place among the sequence's genes in the file.
    """

    id: str
    start: int
    end: int
    transcripts: tuple[CodingTranscript, ...]
    chosen: int | None
    mixed_strands: bool = False
    first_is_coding: bool = True
    problem: str = ""
    rank: int = 0


def stranded_genes(genes: Iterable[Gene], strand: str, length_bp: int) -> list[StrandedGene]:
    """Return the genes of one strand of one sequence, sorted 5'->3' by their start.

    Args:
        genes: genes of one sequence in file order.
        strand: '+' or '-'.
        length_bp: length of the sequence.
    """
    turned = [_turn_gene(gene, rank, length_bp) for rank, gene in enumerate(genes) if gene.strand == strand]
    if strand == "-":
        turned.reverse()  # genes with equal starts: upstream sorts minus genes from the end of the file
    return sorted(turned, key=lambda gene: gene.start)


def _turn_gene(gene: Gene, rank: int, length_bp: int) -> StrandedGene:
    coding = [transcript for transcript in gene.transcripts if transcript.cds]
    turned = tuple(_turn_transcript(transcript, gene.strand, length_bp) for transcript in coding)
    start, end = turn(gene.start, gene.end, gene.strand, length_bp)
    return StrandedGene(
        gene.id,
        start,
        end,
        turned,
        _choose(turned),
        mixed_strands=any(transcript.exon_strands for transcript in coding),
        first_is_coding=bool(gene.transcripts and gene.transcripts[0].cds),
        problem=gene.problem,
        rank=rank,
    )


def turn(start: int, end: int, strand: str, length_bp: int) -> Interval:
    """Turn a plus-strand interval into stranded coordinates, or back."""
    return (start, end) if strand == "+" else (length_bp - end, length_bp - start)


def _choose(transcripts: tuple[CodingTranscript, ...]) -> int | None:
    """Return the position of the longest spliced coding part (the first of equals), if any is possible at all."""
    lengths = [transcript.coding_length_bp for transcript in transcripts]
    longest = max(lengths, default=-1)
    return lengths.index(longest) if longest >= 0 else None


def _turn_transcript(transcript: Transcript, strand: str, length_bp: int) -> CodingTranscript:
    ends = (transcript.cds[0], transcript.cds[-1])
    first, last = ends if strand == "+" else reversed(ends)
    start, end = turn(transcript.start, transcript.end, strand, length_bp)
    cds_start, cds_end = turn(*coding_borders(transcript), strand, length_bp)
    gaps = [turn(*gap, strand, length_bp) for gap in _gaps(transcript)]
    overlaps = [turn(*overlap, strand, length_bp)[::-1] for overlap in _exon_overlaps(transcript)]
    introns = tuple(sorted(gaps + overlaps, key=lambda intron: intron[0]))
    doubts = tuple(turn(*doubt, strand, length_bp) for doubt in transcript.doubts)
    return CodingTranscript(transcript.id, start, end, cds_start, cds_end, first[2], last[2], introns, doubts)


def coding_borders(transcript: Transcript) -> Interval:
    """Return start of the first and end of the last CDS line (plus strand).

    Where the outermost exon is coding to its end but the transcript goes on (it ends in an intron), the coding part goes
    on to the transcript's border, too.
    """
    start, end = transcript.cds[0][0], transcript.cds[-1][1]
    if transcript.exons:
        if transcript.exons[0][0] == start:
            start = transcript.start
        if transcript.exons[-1][1] == end:
            end = transcript.end
    return start, end


def _own_exons(transcript: Transcript) -> tuple[Interval, ...]:
    """Return the exons before the first one on another strand: what comes after it is not looked at."""
    for i, exon_strand in enumerate(transcript.exon_strands):
        if exon_strand != transcript.strand:
            return transcript.exons[:i]
    return transcript.exons


def _gaps(transcript: Transcript) -> list[Interval]:
    """Return the parts of a transcript without exon (plus strand), also before its first and after its last one."""
    gaps, covered_to = [], transcript.start
    for start, end in _own_exons(transcript):
        if start > covered_to:
            gaps.append((covered_to, min(start, transcript.end)))
        covered_to = max(covered_to, end)
    gaps.append((covered_to, transcript.end))
    return [(start, end) for start, end in gaps if start < end]


def _exon_overlaps(transcript: Transcript) -> list[Interval]:
    """Return what each exon shares with the exons before it (plus strand)."""
    overlaps, covered_to = [], transcript.start
    for i, (start, end) in enumerate(_own_exons(transcript)):
        if i and start < covered_to:
            overlaps.append((start, min(covered_to, end)))
        covered_to = max(covered_to, end) if i else end
    return overlaps

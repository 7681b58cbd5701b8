"""UTRs of nominal length for annotations that have none.

Labels mask the whole flank of a gene without UTRs, because its true border is unknown. An annotation of coding
sequences alone would so leave hardly any intergenic base to learn from; UTRs of a typical length keep it usable.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from helixtune.annotation.genes import Gene, Interval, Transcript
from helixtune.errors import ParameterError

# A UTR takes at most this share of the gap to the next coding sequence, so that two UTRs leave a third between them.
SHARE_OF_GAP = 3


@dataclass(frozen=True)
class UtrLengths:
    """Lengths of nominal UTRs in bases."""

    five_prime_bp: int
    three_prime_bp: int

    @classmethod
    def parse(cls, text: str) -> "UtrLengths":
        """Read `50,110` (5', 3').

        Raises:
            ParameterError: not two whole numbers of at least 0.
        """
        words = text.split(",")
        if len(words) != 2 or not all(word.strip().isdecimal() for word in words):
            raise ParameterError(f"--nominal-utr {text}: give two lengths in bases, 5' and 3', such as 50,110.")
        return cls(int(words[0]), int(words[1]))


def add_nominal_utrs(genes: list[Gene], lengths_bp: dict[str, int], utrs: UtrLengths) -> tuple[list[Gene], int]:
    """Extend coding transcripts that end with their CDS, on each side where they do.

    Args:
        genes: genes in file order.
        lengths_bp: length of every sequence.
        utrs: wanted lengths; a third of the gap to the next coding sequence of the same strand (or to the end of the
            sequence) at most.

    Returns:
        The genes in the same order, and the number of UTRs added.
    """
    rooms = _rooms(genes, lengths_bp)
    extended, added = list(genes), 0
    for number, room in rooms.items():
        extended[number], count = _extend_gene(genes[number], room, utrs)
        added += count
    return extended, added


def _rooms(genes: list[Gene], lengths_bp: dict[str, int]) -> dict[int, Interval]:
    """Return for each coding gene (by its number) where the coding sequences before and behind it end and start."""
    strands: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    for number, gene in enumerate(genes):
        parts = [part for transcript in gene.transcripts for part in transcript.cds]
        if parts:
            span = min(part[0] for part in parts), max(part[1] for part in parts)
            strands[gene.seqid, gene.strand].append((*span, number))
    rooms = {}
    for (seqid, _), spans in strands.items():
        length_bp = max(lengths_bp[seqid], *(end for _, end, _ in spans))
        before, behind, furthest, nearest = {}, {}, 0, length_bp
        for _, end, number in sorted(spans):  # of those that start earlier, the one that reaches furthest
            before[number], furthest = furthest, max(furthest, end)
        for start, _, number in sorted(spans, key=lambda span: -span[1]):  # of those that end later, the first to start
            behind[number], nearest = nearest, min(nearest, start)
        rooms |= {number: (before[number], behind[number]) for number in before}
    return rooms


def _extend_gene(gene: Gene, room: Interval, utrs: UtrLengths) -> tuple[Gene, int]:
    left_bp, right_bp = utrs.five_prime_bp, utrs.three_prime_bp
    if gene.strand == "-":
        left_bp, right_bp = right_bp, left_bp
    transcripts, added = [], 0
    for transcript in gene.transcripts:
        if transcript.cds and transcript.exons:
            longer = _extend(transcript, room, left_bp, right_bp)
            added += (longer.start < transcript.start) + (longer.end > transcript.end)
            transcripts.append(longer)
        else:
            transcripts.append(transcript)
    start = min([gene.start, *(transcript.start for transcript in transcripts)])
    end = max([gene.end, *(transcript.end for transcript in transcripts)])
    return replace(gene, start=start, end=end, transcripts=tuple(transcripts)), added


def _extend(transcript: Transcript, room: Interval, left_bp: int, right_bp: int) -> Transcript:
    """Move the borders of a transcript whose outermost exon is coding to its end."""
    start, end = transcript.start, transcript.end
    exons = list(transcript.exons)
    if start == exons[0][0] == transcript.cds[0][0]:
        start -= max(0, min(left_bp, (start - room[0]) // SHARE_OF_GAP))
        exons[0] = (start, exons[0][1])
    if end == exons[-1][1] == transcript.cds[-1][1]:
        end += max(0, min(right_bp, (room[1] - end) // SHARE_OF_GAP))
        exons[-1] = (exons[-1][0], end)
    return replace(transcript, start=start, end=end, exons=tuple(exons))

"""Files whose coding sequences end before their stop codons, without saying where these are: recognised on the genome.

GTF leaves stop codons outside the CDS and tells of them in lines of their own; where such lines were lost on the way (or never
written, as by some aligners of proteins) no coding sequence equals one that has its stop codon.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from helixtune.annotation.genes import CdsPart, Gene, Interval, Transcript
from helixtune.annotation.masks import STOP_CODONS
from helixtune.annotation.translation import iter_genome
from helixtune.log import logger

CODON_BP = 3
# By chance one codon in 21 is a stop codon: so many coding sequences with one right behind them, and none in them, are no chance.
SHARE_WITHOUT = 0.9
MIN_TRANSCRIPTS = 2
ENOUGH_TRANSCRIPTS = 500
_COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")


def with_stop_codons(genes: Sequence[Gene], genome: str, name: str, threads: int | None = None) -> list[Gene]:
    """Return genes with their stop codons, which are taken in where (almost) all coding sequences end right before one.

    Args:
        genes: on sequences of the genome.
        genome: genome.h5 or FASTA file.
        name: of the genes' file, for the warning.
        threads: for reading.
    """
    n_coding = n_without = 0
    for _, gene, transcript, bases in _coding(genes, genome, threads):
        n_coding += 1
        n_without += _codon_behind(gene, transcript, bases) is not None
        if n_coding == ENOUGH_TRANSCRIPTS:
            break
    if not is_convention(n_without, n_coding):
        return list(genes)
    completed = list(genes)
    for number, gene, transcript, bases in _coding(genes, genome, threads):
        codon = _codon_behind(gene, transcript, bases)
        if codon is not None:
            completed[number] = _with_codon(completed[number], transcript, codon)
    warn_of_stop_codons(name, "they were taken in")
    return completed


def is_convention(n_without: int, n_coding: int) -> bool:
    """Tell by how many of so many coding sequences end right before a stop codon whether the file leaves all of them out."""
    return n_coding >= MIN_TRANSCRIPTS and n_without >= SHARE_WITHOUT * n_coding


def warn_of_stop_codons(name: str, what: str) -> None:
    """Say that a file's coding sequences lack their stop codons, and what is done about it."""
    logger.warning("%s: its coding sequences end before their stop codons: %s.", name, what)


def _coding(genes: Sequence[Gene], genome: str, threads: int | None) -> Iterator[tuple[int, Gene, Transcript, bytes]]:
    """Yield number, gene, transcript and the sequence's bases of every coding transcript."""
    by_seqid: dict[str, list[int]] = defaultdict(list)
    for number, gene in enumerate(genes):
        if gene.is_coding:
            by_seqid[gene.seqid].append(number)
    for sequence in iter_genome(genome, threads) if by_seqid else ():
        for number in by_seqid.pop(sequence.seqid, ()):
            for transcript in genes[number].transcripts:
                if transcript.cds:
                    yield number, genes[number], transcript, sequence.bases


def _codon_behind(gene: Gene, transcript: Transcript, bases: bytes) -> list[Interval] | None:
    """Return where the stop codon behind a coding sequence lies; None if it has one in it, or none behind it."""
    cds = [part[:2] for part in transcript.cds]
    last = _last(cds, gene.strand)
    if _letters(last, gene.strand, bases) in STOP_CODONS:
        return None
    behind = _next(transcript, gene.strand, len(bases))
    return behind if _letters(behind, gene.strand, bases) in STOP_CODONS else None


def _last(cds: list[Interval], strand: str) -> list[Interval]:
    """Return the places of the last three coding bases, in reading direction."""
    found: list[Interval] = []
    missing = CODON_BP
    for start, end in cds[::-1] if strand == "+" else cds:
        size = min(missing, end - start)
        found.insert(0, (end - size, end) if strand == "+" else (start, start + size))
        missing -= size
        if not missing:
            break
    return found


def _next(transcript: Transcript, strand: str, length_bp: int) -> list[Interval]:
    """Return the places of the three bases behind the coding sequence, over an intron if need be, in reading direction."""
    found: list[Interval] = []
    missing = CODON_BP
    if strand == "+":
        border = transcript.cds[-1][1]
        rest = [(max(start, border), end) for start, end in transcript.exons if end > border]
        rest.append((max(border, transcript.exons[-1][1] if transcript.exons else border), length_bp))
    else:
        border = transcript.cds[0][0]
        rest = [(start, min(end, border)) for start, end in transcript.exons[::-1] if start < border]
        rest.append((0, min(border, transcript.exons[0][0] if transcript.exons else border)))
    for start, end in rest:
        size = min(missing, max(end - start, 0))
        if size:
            found.append((start, start + size) if strand == "+" else (end - size, end))
        missing -= size
    return found


def _letters(places: Iterable[Interval], strand: str, bases: bytes) -> bytes:
    pieces = (bases[start:end] for start, end in places)
    if strand == "+":
        return b"".join(pieces)
    return b"".join(piece.translate(_COMPLEMENT)[::-1] for piece in pieces)


def _with_codon(gene: Gene, transcript: Transcript, codon: list[Interval]) -> Gene:
    """Return a gene of which one transcript has its stop codon."""
    cds: list[CdsPart] = sorted(transcript.cds)
    exons = list(transcript.exons)
    shift = -1 if gene.strand == "+" else 0  # the part at the 3' end
    for start, end in codon:
        first, last, phase = cds[shift]
        if gene.strand == "+" and start == last:
            cds[shift] = (first, end, phase)
        elif gene.strand == "-" and end == first:
            cds[shift] = (start, last, phase)
        else:
            rest = -(sum(part[1] - part[0] for part in cds) - (cds[0 if gene.strand == "+" else -1][2] or 0)) % 3
            cds.insert(len(cds) if gene.strand == "+" else 0, (start, end, rest))
    if exons:
        exons[0] = (min(exons[0][0], cds[0][0]), exons[0][1])
        exons[-1] = (exons[-1][0], max(exons[-1][1], cds[-1][1]))
    start, end = min(transcript.start, cds[0][0]), max(transcript.end, cds[-1][1])
    longer = replace(transcript, start=start, end=end, exons=tuple(exons), cds=tuple(cds))
    transcripts = tuple(longer if one is transcript else one for one in gene.transcripts)
    return replace(gene, start=min(gene.start, start), end=max(gene.end, end), transcripts=transcripts)

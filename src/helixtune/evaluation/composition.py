"""Does a called coding sequence look like the coding sequence of this genome?

A gene caller's state model enforces start, stop and frame, but not which codons follow each other. Pairs of codons
(in-frame hexamers) of the coding sequence that both gene sets share teach what is coding here; bases that neither set
calls, and the other five readings of the shared coding sequence, teach what is not. The mean log-likelihood ratio of the
coding sequence that only one set calls then says which share of it is coding (hexamer usage: Fickett and Tung 1992,
doi:10.1093/nar/20.24.6441; as a score: Wang et al. 2013, doi:10.1093/nar/gkt006).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.intervals import as_intervals, complement, merge

SHARED, BASE_ONLY, TUNED_ONLY, OUTSIDE, MISREAD = range(5)
N_CATEGORIES = 5
N_CODONS, N_HEXAMERS = 64, 4096
INVALID = 4
# Bases outside genes that are looked at; more do not make 4,096 frequencies better.
MAX_OUTSIDE_BP = 4_000_000
STRETCH_BP = 3_000

_CODES = np.full(256, INVALID, np.uint8)
_CODES[np.frombuffer(b"ACGT", np.uint8)] = range(4)
_COMPLEMENT = np.array([3, 2, 1, 0, INVALID], np.uint8)
# TAA, TAG, TGA with A, C, G, T = 0 to 3.
STOP_CODONS = np.array([48, 50, 56])


def _number_codons() -> np.ndarray:
    """Return (5, 5, 5) int16: the number of a codon by its three base codes, -1 for stop codons and unclear bases."""
    numbers = np.full((5, 5, 5), -1, np.int16)
    numbers[:4, :4, :4] = np.where(np.isin(np.arange(N_CODONS), STOP_CODONS), -1, np.arange(N_CODONS)).reshape(4, 4, 4)
    return numbers


_CODON_NUMBERS = _number_codons()


def base_codes(bases: bytes) -> np.ndarray:
    """Return A, C, G, T as 0 to 3 and everything else as 4, (length,) uint8."""
    return _CODES[np.frombuffer(bases, np.uint8)]


def reverse_complement_codes(codes: np.ndarray) -> np.ndarray:
    """Return the other strand in its reading direction."""
    return _COMPLEMENT[codes[::-1]]


def codon_codes(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray:
    """Return codon numbers (0 to 63), or -1 for stop codons and unclear bases."""
    return _CODON_NUMBERS[first, second, third]


@dataclass(frozen=True)
class Hexamers:
    """In-frame pairs of codons of one gene set on one strand of one sequence, each place once.

    Attributes:
        places: (n,) int64, one number for first and last base.
        starts: (n,) first bases in reading direction.
        codes: (n,) 0 to 4095, or -1 where a base is unclear or a codon is a stop.
    """

    places: np.ndarray
    starts: np.ndarray
    codes: np.ndarray


def read_hexamers(readings: Iterable[np.ndarray], codes: np.ndarray) -> Hexamers:
    """Read codon pairs along spliced coding sequences.

    Args:
        readings: for each transcript the positions of its coding bases in reading direction, from a whole codon on.
        codes: base codes of the strand in reading direction.
    """
    starts, ends, pairs = [], [], []
    for positions in readings:
        whole = positions[: len(positions) // 3 * 3].reshape(-1, 3)
        if len(whole) < 2:
            continue
        codons = codon_codes(*codes[whole].T)
        pair = codons[:-1].astype(np.int32) * N_CODONS + codons[1:]
        pair[(codons[:-1] < 0) | (codons[1:] < 0)] = -1
        starts.append(whole[:-1, 0])
        ends.append(whole[1:, 2])
        pairs.append(pair)
    if not starts:
        empty = np.zeros(0, np.int64)
        return Hexamers(empty, empty, empty)
    first, last = np.concatenate(starts), np.concatenate(ends)
    places, chosen = np.unique(first << 32 | last, return_index=True)
    return Hexamers(places, first[chosen], np.concatenate(pairs)[chosen])


def coding_positions(gene: Gene, sequence_length_bp: int) -> Iterator[np.ndarray]:
    """Yield for each coding transcript the positions of its coding bases, in reading direction on the gene's strand."""
    for transcript in gene.transcripts:
        if not transcript.cds:
            continue
        plus = np.concatenate([np.arange(start, end) for start, end, _ in transcript.cds])
        positions = plus if gene.strand == "+" else sequence_length_bp - 1 - plus[::-1]
        first = transcript.cds[0] if gene.strand == "+" else transcript.cds[-1]
        yield positions[first[2] or 0 :]


class HexamerCounts:
    """Hexamer counts by block of the genome and by category, filled sequence by sequence.

    Attributes:
        counts: (category, block, hexamer) int32.
    """

    def __init__(self, blocks: GenomeBlocks):
        self._blocks = blocks
        self.counts = np.zeros((N_CATEGORIES, len(blocks), N_HEXAMERS), np.int32)
        self._every_nth_stretch = max(1, blocks.total_bp // MAX_OUTSIDE_BP)

    def add_sequence(self, seqid: str, codes: np.ndarray, base: list[Gene], tuned: list[Gene]) -> None:
        """Count one sequence.

        Args:
            seqid: its id.
            codes: its plus strand as base codes.
            base, tuned: the two sets' genes on it.
        """
        for strand in "+-":
            strand_codes = codes if strand == "+" else reverse_complement_codes(codes)
            self._add_strand(
                seqid,
                strand_codes,
                strand,
                [
                    read_hexamers(
                        (
                            positions
                            for gene in genes
                            if gene.strand == strand
                            for positions in coding_positions(gene, len(codes))
                        ),
                        strand_codes,
                    )
                    for genes in (base, tuned)
                ],
            )
        called = merge(as_intervals((gene.start, gene.end) for gene in (*base, *tuned)))
        self._add_outside(seqid, codes, complement(called, len(codes)))

    def _add_strand(self, seqid: str, codes: np.ndarray, strand: str, sets: list[Hexamers]) -> None:
        base, tuned = sets
        in_tuned = np.isin(base.places, tuned.places)
        in_base = np.isin(tuned.places, base.places)
        length = len(codes)
        for category, hexamers, chosen in (
            (SHARED, base, in_tuned),
            (BASE_ONLY, base, ~in_tuned),
            (TUNED_ONLY, tuned, ~in_base),
        ):
            self._count(category, seqid, _plus(hexamers.starts[chosen], strand, length), hexamers.codes[chosen])
        shared_starts = base.starts[in_tuned & (base.places & 0xFFFFFFFF == base.starts + 5)]
        for starts, misread in _misreadings(shared_starts, codes):
            self._count(MISREAD, seqid, _plus(starts, strand, length), misread)

    def _add_outside(self, seqid: str, codes: np.ndarray, outside: np.ndarray) -> None:
        for start, end in outside.tolist():
            for first in range(start, end, STRETCH_BP):
                if (first // STRETCH_BP) % self._every_nth_stretch == 0:
                    self._add_stretch(seqid, codes[first : min(first + STRETCH_BP, end)], first)

    def _add_stretch(self, seqid: str, codes: np.ndarray, first: int) -> None:
        if len(codes) < 6:
            return
        starts = np.arange(len(codes) - 5)
        for strand_codes in (codes, reverse_complement_codes(codes)):
            # The stretch is far shorter than a block: one block number for all its hexamers.
            self._count(OUTSIDE, seqid, np.full(len(starts), first), hexamers_at(starts, strand_codes))

    def _count(self, category: int, seqid: str, plus_starts: np.ndarray, codes: np.ndarray) -> None:
        clear = codes >= 0
        np.add.at(self.counts[category], (self._blocks.index(seqid, plus_starts[clear]), codes[clear]), 1)


def hexamers_at(starts: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the hexamer numbers of six consecutive bases from each start on; -1 if unclear or with a stop codon."""
    first = codon_codes(codes[starts], codes[starts + 1], codes[starts + 2])
    second = codon_codes(codes[starts + 3], codes[starts + 4], codes[starts + 5])
    pair = first.astype(np.int32) * N_CODONS + second
    pair[(first < 0) | (second < 0)] = -1
    return pair


def _misreadings(starts: np.ndarray, codes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the two other frames and the three of the other strand at places that are read in frame."""
    inside = starts[(starts >= 2) & (starts + 8 <= len(codes))]
    other_strand = reverse_complement_codes(codes)
    for shift in range(3):
        if shift:
            yield inside, hexamers_at(inside + shift, codes)
        yield inside, hexamers_at(len(codes) - 6 - inside - shift, other_strand)


def _plus(starts: np.ndarray, strand: str, length: int) -> np.ndarray:
    return starts if strand == "+" else length - 1 - starts

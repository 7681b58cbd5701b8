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

from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.codes import N_CODONS, codon_codes, reverse_complement_codes
from helixtune.evaluation.mixture import BASE_ONLY, SHARED, TUNED_ONLY, hexamer_frequencies
from helixtune.evaluation.strands import Strand, coding_positions

OUTSIDE, MISREAD = 3, 4  # beside SHARED, BASE_ONLY and TUNED_ONLY
N_CATEGORIES = 5
N_HEXAMERS = N_CODONS**2
# Bases outside genes that are looked at; more do not make 4,096 frequencies better.
MAX_OUTSIDE_BP = 4_000_000
STRETCH_BP = 3_000


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


class HexamerCounts:
    """Hexamer counts by block of the genome and by category, filled strand by strand.

    Attributes:
        counts: (category, block, hexamer) int32.

    Args:
        blocks: blocks of the genome.
        counted: which of them are counted: none of the others may be met.
    """

    def __init__(self, blocks: GenomeBlocks, counted: range | None = None):
        self._blocks = blocks
        self._counted = range(len(blocks)) if counted is None else counted
        self.counts = np.zeros((N_CATEGORIES, len(self._counted), N_HEXAMERS), np.int32)
        self._every_nth_stretch = max(1, blocks.total_bp // MAX_OUTSIDE_BP)

    def add_strand(self, strand: Strand) -> None:
        """Count one strand; with the plus strand, what no gene covers of either."""
        base, tuned = (
            read_hexamers(
                (p for gene in genes for p in coding_positions(gene, len(strand), strand.first_bp)), strand.codes
            )
            for genes in (strand.base, strand.tuned)
        )
        in_tuned, in_base = _is_among(base.places, tuned.places), _is_among(tuned.places, base.places)
        for category, hexamers, chosen in (
            (SHARED, base, in_tuned),
            (BASE_ONLY, base, ~in_tuned),
            (TUNED_ONLY, tuned, ~in_base),
        ):
            self._count(category, strand.seqid, strand.plus(hexamers.starts[chosen]), hexamers.codes[chosen])
        shared_starts = base.starts[in_tuned & (base.places & 0xFFFFFFFF == base.starts + 5)]
        for starts, misread in _misreadings(shared_starts, strand.codes):
            self._count(MISREAD, strand.seqid, strand.plus(starts), misread)
        if strand.sign == "+":
            self._add_outside(strand)

    def gathered(self) -> tuple[range, np.ndarray]:
        """Return what `add` takes, small enough to be sent."""
        return self._counted, self.counts

    def add(self, gathered: tuple[range, np.ndarray]) -> None:
        """Add what was counted elsewhere."""
        counted, counts = gathered
        first = counted.start - self._counted.start
        self.counts[:, first : first + len(counted)] += counts

    def _add_outside(self, strand: Strand) -> None:
        for start, end in strand.outside.tolist():
            for first in range(start, end, STRETCH_BP):
                if (first // STRETCH_BP) % self._every_nth_stretch == 0:
                    left, right = strand.read(first, min(first + STRETCH_BP, end))
                    self._add_stretch(strand.seqid, strand.codes[left:right], first)

    def _add_stretch(self, seqid: str, codes: np.ndarray, first: int) -> None:
        if len(codes) < 6:
            return
        starts = np.arange(len(codes) - 5)
        for strand_codes in (codes, reverse_complement_codes(codes)):
            # The stretch is far shorter than a block: one block number for all its hexamers.
            self._count(OUTSIDE, seqid, np.full(len(starts), first), hexamers_at(starts, strand_codes))

    def _count(self, category: int, seqid: str, plus_starts: np.ndarray, codes: np.ndarray) -> None:
        clear = codes >= 0
        cells = (self._blocks.index(seqid, plus_starts[clear]) - self._counted.start) * N_HEXAMERS + codes[clear]
        if len(cells):
            first = int(cells.min())
            found = np.bincount(cells - first)
            self.counts[category].reshape(-1)[first : first + len(found)] += found.astype(np.int32)


def _is_among(values: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Return (n,) whether a value is one of the ordered ones."""
    if not len(ordered):
        return np.zeros(len(values), bool)
    return ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values


def hexamers_at(starts: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the hexamer numbers of six consecutive bases from each start on; -1 if unclear or with a stop codon."""
    return hexamers_of(codes[starts[:, None] + np.arange(6)].reshape(-1, 2, 3))[:, 0]


def hexamers_of(codons: np.ndarray) -> np.ndarray:
    """Return (n, k - 1) hexamer numbers (int16) of (n, k, 3) base codes of codons; -1 if unclear or with a stop codon."""
    numbers = codon_codes(*np.moveaxis(codons, 2, 0))
    pairs = numbers[:, :-1] * np.int16(N_CODONS) + numbers[:, 1:]
    pairs[(numbers[:, :-1] < 0) | (numbers[:, 1:] < 0)] = -1
    return pairs


def coding_scores(counts: np.ndarray) -> np.ndarray:
    """Return (4096,) log ratios of codon pairs in shared coding sequence against what neither set calls, from `HexamerCounts`."""
    totals = counts[[SHARED, OUTSIDE]].sum(axis=1)
    return np.log(hexamer_frequencies(totals[0]) / hexamer_frequencies(totals[1]))


def _misreadings(starts: np.ndarray, codes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the two other frames and the three of the other strand at places that are read in frame."""
    inside = starts[(starts >= 2) & (starts + 8 <= len(codes))]
    other_strand = reverse_complement_codes(codes)
    for shift in range(3):
        if shift:
            yield inside, hexamers_at(inside + shift, codes)
        yield inside, hexamers_at(len(codes) - 6 - inside - shift, other_strand)

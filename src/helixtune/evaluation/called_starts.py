"""Gathers the starts that two gene sets call: the bases around ATG, and the codon pairs before and after it.

The state model enforces ATG, but not the bases around it (Kozak 1987, doi:10.1093/nar/15.20.8125), nor that coding sequence
begins there: before a start that is called too late lies coding sequence, after one called too early there is some that is not.
Decoys are the next ATGs in frame of genes whose start both sets share.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.composition import hexamers_of
from helixtune.evaluation.mixture import BASE_ONLY, SHARED, TUNED_ONLY
from helixtune.evaluation.strands import Strand, coding_positions

DECOY = 3  # beside SHARED, BASE_ONLY and TUNED_ONLY
# Twelve bases before ATG hold what is known of start contexts (fungi, plants, animals: the last nine); three after it.
CONTEXT_OFFSETS = np.array([*range(-12, 0), 3, 4, 5])
# Codons looked at on either side: so many tell coding sequence from other well enough, and first exons are rarely shorter.
N_CODONS_ASIDE = 20
MAX_DECOYS_PER_GENE = 2
_ATG = (0, 3, 2)


@dataclass(frozen=True)
class CalledStarts:
    """Starts of two gene sets, each place once, and decoys.

    Attributes:
        context: (n, 15) uint8 base codes at CONTEXT_OFFSETS; 4 = unclear.
        before, after: (n, 19) int16 codon pairs (composition.hexamers_of) before the start and after it, along the spliced
            reading; -1 = with a stop codon or an unclear base, -2 = the coding sequence ends before.
        category: (n,) SHARED, BASE_ONLY, TUNED_ONLY or DECOY.
        block: (n,) block of the genome.
    """

    context: np.ndarray
    before: np.ndarray
    after: np.ndarray
    category: np.ndarray
    block: np.ndarray


class StartCollector:
    """Fills `CalledStarts` strand by strand: 96 bytes a start."""

    def __init__(self, blocks: GenomeBlocks):
        self._blocks = blocks
        self._parts: list[tuple[tuple[int, ...], CalledStarts]] = []  # what sorts them (see `Strand.place`), and they

    def add_strand(self, strand: Strand) -> None:
        """Gather from one strand."""
        is_start = find_atg(strand.codes)
        ours, theirs = (_readings(genes, is_start, strand.first_bp) for genes in (strand.base, strand.tuned))
        shared = ours.keys() & theirs.keys()
        for category, readings in (
            (SHARED, {start: ours[start] for start in shared}),
            (BASE_ONLY, {start: ours[start] for start in ours.keys() - shared}),
            (TUNED_ONLY, {start: theirs[start] for start in theirs.keys() - shared}),
            (DECOY, _decoys([ours[start] for start in sorted(shared)], is_start, ours.keys() | theirs.keys())),
        ):
            self._add(category, strand, readings)

    def gathered(self) -> list[tuple[tuple[int, ...], CalledStarts]]:
        """Return what `add` takes."""
        return self._parts

    def add(self, gathered: list[tuple[tuple[int, ...], CalledStarts]]) -> None:
        """Add what was gathered elsewhere."""
        self._parts += gathered

    def _add(self, category: int, strand: Strand, readings: Mapping[int, np.ndarray]) -> None:
        aside = 3 * N_CODONS_ASIDE
        starts = np.array(sorted(s for s in readings if s >= aside and s + CONTEXT_OFFSETS[-1] < len(strand)), np.int64)
        if not len(starts):
            return
        before = starts[:, None] + np.arange(-aside, 0)
        after = np.full((len(starts), aside), -1, np.int64)
        for row, start in zip(after, starts.tolist(), strict=True):
            following = readings[start][3 : 3 + aside]
            row[: len(following)] = following
        pairs = hexamers_of(strand.codes[after].reshape(len(starts), -1, 3))
        pairs[after[:, 5::3] < 0] = -2
        sequence, is_minus, position = strand.place(self._blocks.offsets[strand.seqid])
        found = CalledStarts(
            strand.codes[starts[:, None] + CONTEXT_OFFSETS],
            hexamers_of(strand.codes[before].reshape(len(starts), -1, 3)),
            pairs,
            np.full(len(starts), category, np.uint8),
            self._blocks.index(strand.seqid, strand.plus(starts)).astype(np.int32),
        )
        self._parts.append(((sequence, is_minus, category, position), found))

    def starts(self) -> CalledStarts | None:
        """Return all that was gathered; None if that is nothing."""
        if not self._parts:
            return None
        parts = [part for _, part in sorted(self._parts, key=lambda part: part[0])]
        names = CalledStarts.__dataclass_fields__
        return CalledStarts(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def find_atg(codes: np.ndarray) -> np.ndarray:
    """Return (length,) bool, True where ATG begins in reading direction."""
    found = np.zeros(len(codes), bool)
    if len(codes) >= 3:
        found[:-2] = (codes[:-2] == _ATG[0]) & (codes[1:-1] == _ATG[1]) & (codes[2:] == _ATG[2])
    return found


def _readings(genes: Iterable[Gene], is_start: np.ndarray, first_bp: int) -> dict[int, np.ndarray]:
    """Return {start: positions of the coding bases from there on} of coding sequences that begin with ATG."""
    readings = (positions for gene in genes for positions in coding_positions(gene, len(is_start), first_bp))
    return {int(positions[0]): positions for positions in readings if len(positions) and is_start[positions[0]]}


def _decoys(readings: Iterable[np.ndarray], is_start: np.ndarray, called: Iterable[int]) -> dict[int, np.ndarray]:
    found: dict[int, np.ndarray] = {}
    called = set(called)
    for positions in readings:
        later = np.flatnonzero(is_start[positions[3::3]])[:MAX_DECOYS_PER_GENE]
        found.update((int(positions[3 + 3 * i]), positions[3 + 3 * i :]) for i in later.tolist())
    return {start: positions for start, positions in found.items() if start not in called}

"""Do called genes begin where this genome's genes begin?

The state model enforces ATG, but not the bases around it (Kozak 1987, doi:10.1093/nar/15.20.8125). The starts that both
gene sets share teach them; other ATGs in frame inside the same genes, and ATGs where neither set calls anything, teach what
a wrong start looks like.
"""

from collections.abc import Iterable

import numpy as np

from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.codes import INVALID
from helixtune.evaluation.strands import Strand, coding_positions

SHARED, BASE_ONLY, TUNED_ONLY, INSIDE, OUTSIDE = range(5)
N_CATEGORIES = 5
# Twelve bases before ATG hold what is known of start contexts (fungi, plants, animals: the last nine); three after it.
OFFSETS = np.array([*range(-12, 0), 3, 4, 5])
WIDTH = len(OFFSETS)
MAX_DECOYS_PER_GENE = 5
MAX_OUTSIDE_PER_STRAND = 20_000
_ATG = (0, 3, 2)


class StartCounts:
    """Base counts around starts by block and category.

    Attributes:
        counts: (category, block, WIDTH * 4) int32, position-major.
        starts: (category, block) int32.
    """

    def __init__(self, blocks: GenomeBlocks):
        self._blocks = blocks
        self.counts = np.zeros((N_CATEGORIES, len(blocks), WIDTH * 4), np.int32)
        self.starts = np.zeros((N_CATEGORIES, len(blocks)), np.int32)

    def add_strand(self, strand: Strand) -> None:
        """Count one strand."""
        is_start = find_atg(strand.codes)
        ours, theirs = (
            [p for gene in genes for p in coding_positions(gene, len(strand))] for genes in (strand.base, strand.tuned)
        )
        sets = [{int(p[0]) for p in some if len(p) and is_start[p[0]]} for some in (ours, theirs)]
        shared = sets[0] & sets[1]
        for category, chosen in (
            (SHARED, shared),
            (BASE_ONLY, sets[0] - sets[1]),
            (TUNED_ONLY, sets[1] - sets[0]),
            (INSIDE, _inside(ours, shared, is_start) - sets[1]),
            (OUTSIDE, _outside(strand, is_start)),
        ):
            self._count(category, strand, np.array(sorted(chosen), np.int64))

    def _count(self, category: int, strand: Strand, starts: np.ndarray) -> None:
        starts = starts[(starts >= -OFFSETS[0]) & (starts + OFFSETS[-1] < len(strand))]
        if not len(starts):
            return
        bases = strand.codes[starts[:, None] + OFFSETS]
        block = self._blocks.index(strand.seqid, strand.plus(starts))
        row, column = np.nonzero(bases != INVALID)
        np.add.at(self.counts[category], (block[row], column * 4 + bases[row, column]), 1)
        np.add.at(self.starts[category], block, 1)


def find_atg(codes: np.ndarray) -> np.ndarray:
    """Return (length,) bool, True where ATG begins in reading direction."""
    found = np.zeros(len(codes), bool)
    if len(codes) >= 3:
        found[:-2] = (codes[:-2] == _ATG[0]) & (codes[1:-1] == _ATG[1]) & (codes[2:] == _ATG[2])
    return found


def _inside(readings: Iterable[np.ndarray], shared: set[int], is_start: np.ndarray) -> set[int]:
    """Return the first few in-frame ATGs after the start of genes whose start both sets share."""
    found: set[int] = set()
    for positions in readings:
        if len(positions) > 3 and int(positions[0]) in shared:
            later = positions[3::3]
            found.update(later[is_start[later]][:MAX_DECOYS_PER_GENE].tolist())
    return found


def _outside(strand: Strand, is_start: np.ndarray) -> set[int]:
    """Return ATGs outside all genes of either strand, thinned out."""
    free = np.ones(len(strand), bool)
    for start, end in strand.called.tolist():
        free[slice(*strand.read(start, min(end, len(strand))))] = False
    places = np.flatnonzero(is_start & free)
    return set(places[:: max(1, len(places) // MAX_OUTSIDE_PER_STRAND)].tolist())

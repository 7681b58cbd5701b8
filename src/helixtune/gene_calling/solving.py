"""Label the bases of one candidate region."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helixtune.compiled import compiled
from helixtune.gene_calling.emissions import base_costs, donor_entries, emission_costs, fill_donor_steps
from helixtune.gene_calling.search import BackPointers, Frontier, advance, empty_back_pointers, first_frontier
from helixtune.gene_calling.states import UPSTREAM, Rules, build_tables
from helixtune.gene_calling.tie_search import build_search_tables, first_found_labels, fits
from helixtune.gene_calling.tracing import cheapest_end, trace_labels
from helixtune.log import logger

# Bases whose costs exist at one time: about 200 bytes each, so a stretch stays in the second-level cache's reach.
STRETCH_BP = 8192
# Acceptors and GC donors look two bases back.
LOOK_BACK_BP = 2


@dataclass(frozen=True)
class Region:
    """One candidate region of a strand, 5'->3'.

    Attributes:
        start: first base on its strand.
        class_probs, phase_probs, bases: (n, 4) floating point numbers.
    """

    start: int
    class_probs: np.ndarray
    phase_probs: np.ndarray
    bases: np.ndarray


class Path(NamedTuple):
    """A path through the state model: (n,) labels, whether a tie decided it, and its cost in millionths of a bit."""

    labels: np.ndarray
    ambiguous: bool
    cost: int


class RegionSolver:
    """The state model under one set of rules, ready for any number of threads."""

    def __init__(self, rules: Rules):
        self._rules = rules
        self.tables = build_tables(rules)
        self._search_tables = build_search_tables(rules)

    def label(self, region: Region) -> np.ndarray:
        """Return the (n,) uint8 label of every base of a region, as the reference would with upstream's rules."""
        path = self.cheapest(region)
        if not path.ambiguous or self._rules != UPSTREAM:
            return path.labels
        if not fits(len(path.labels), path.cost):
            self.warn_of_ties(len(path.labels))
            return path.labels
        return self.first_found(region)

    def cheapest(self, region: Region) -> Path:
        """Return a cheapest path, and whether a tie decided it."""
        n = len(region.bases)
        front = first_frontier(self.tables)
        back = self.search(region, 0, 0, n, front)
        item, cost, tied_end = cheapest_end(n, self.tables, front)
        labels = np.empty(n, np.uint8)
        _, tied = trace_labels(item, self.tables, back, labels)
        return Path(labels, tied or tied_end, cost)

    def search(self, region: Region, origin: int, begin: int, end: int, front: Frontier) -> BackPointers:
        """Carry the costs from border `begin` on to border `end`, and return how every state between them was reached.

        Args:
            region: its bases from border `origin` on: at least `LOOK_BACK_BP` before `begin` and `reach_bp` behind `end`, or
                all that there are.
            origin, begin, end: borders of the whole region.
            front: costs at `begin`, changed to those at `end`.
        """
        back = empty_back_pointers(begin, end, self.tables)
        for border in range(begin, end, STRETCH_BP):
            self._advance(region, origin, border, min(border + STRETCH_BP, end), front, back)
        return back

    @property
    def reach_bp(self) -> int:
        """Bases behind a stretch that donors in it reach into."""
        return int(self.tables.donor_bp.max()) - 1

    def warn_of_ties(self, length_bp: int) -> None:
        """Say that a region's path is one of several that are equally good, if the reference's choice matters."""
        if self._rules == UPSTREAM:
            logger.warning(
                "A candidate region of %d bases has equally good paths and is too large for the reference's search:"
                " HelixerPost might choose another.", length_bp,
            )  # fmt: skip

    def first_found(self, region: Region) -> np.ndarray:
        """Return the labels of the path that the reference's search finds first."""
        emissions, bases, entries = self._costs(region, slice(None))
        donors = np.empty((len(bases), len(entries)), np.int64)
        lengths = (self._rules.donor_u2_bp, self._rules.donor_u2_bp, self._rules.donor_u12_bp)
        for kind, length_bp in enumerate(lengths):
            fill_donor_steps(entries[kind], emissions, length_bp, donors[:, kind])
        return first_found_labels(emissions, bases, donors, self._search_tables)

    def _advance(self, region: Region, origin: int, begin: int, end: int, front, back) -> None:
        skip = min(begin, LOOK_BACK_BP)
        reach = slice(begin - skip - origin, end + self.reach_bp - origin)
        emissions, bases, entries = self._costs(region, reach)
        entries = entries[:, skip : skip + end - begin]
        donors = np.empty((end - begin, 2), np.int64)
        fill_donor_steps(np.minimum(entries[0], entries[1]), emissions[skip:], self._rules.donor_u2_bp, donors[:, 0])
        fill_donor_steps(entries[2], emissions[skip:], self._rules.donor_u12_bp, donors[:, 1])
        advance(begin, emissions, bases, donors, skip, self.tables, front, back)

    def _costs(self, region: Region, part: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (n, 7) emissions, (n, 4) base costs and (3, n) donor entries of a part of the region."""
        rules = self._rules
        emissions = emission_costs(
            _single(region.class_probs[part]), _single(region.phase_probs[part]), rules.absolute_middle
        )
        bases = base_costs(_single(region.bases[part]))
        return emissions, bases, donor_entries(bases, rules.splice_weight, rules.gcag_penalty, rules.atac_penalty)


# Every half float as a single one: a table is three times as fast as numpy's conversion.
_SINGLES = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)


@compiled
def _widen(halves, singles, out):
    for i in range(len(halves)):
        for j in range(4):
            out[i, j] = singles[halves[i, j]]


def _single(array: np.ndarray) -> np.ndarray:
    if array.dtype != np.float16:
        return np.ascontiguousarray(array, np.float32)
    out = np.empty(array.shape, np.float32)
    _widen(np.ascontiguousarray(array).view(np.uint16), _SINGLES, out)
    return out

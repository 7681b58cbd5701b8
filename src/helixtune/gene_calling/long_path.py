"""The cheapest path of a region of any length, which passes by piece by piece.

Which path is cheapest is known only at the region's end, but few paths through its bases so far remain possible. A block of
bases is solved and its back-pointers are kept until the next block is solved too and tells which items at the border between
them any path goes on from. Paths to those are traced through the block and kept as runs of equal labels, a tree in which they
share what they have in common; back-pointers and bases are then forgotten. So memory is that of two blocks and of the path's runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helixtune.gene_calling.confidence import CLASS_OF_LABEL, certainty_parts, confidence_of_parts
from helixtune.gene_calling.genes import Segment, run_starts, split_runs
from helixtune.gene_calling.search import BackPointers, first_frontier
from helixtune.gene_calling.solving import LOOK_BACK_BP, Region, RegionSolver
from helixtune.gene_calling.states import INTERGENIC
from helixtune.gene_calling.tracing import cheapest_end, needed_items, trace_labels

# Bases of a block: 7 MB of back-pointers and probabilities.
BLOCK_BP = 131_072
# Column of the class probabilities for each label; no confidence asks for intergenic runs.
_COLUMNS = np.array([{INTERGENIC: 0, **CLASS_OF_LABEL}[label] for label in range(1 + len(CLASS_OF_LABEL))])


class Runs(NamedTuple):
    """Runs of equal labels, one after another.

    Attributes:
        labels: (r,) uint8.
        lengths_bp: (r,) int64.
        sums: (r,) float64, of the label's class probabilities; exact for stored half floats, in whatever order.
    """

    labels: np.ndarray
    lengths_bp: np.ndarray
    sums: np.ndarray


@dataclass(frozen=True)
class _PathPart:
    """A path through one block, and the part before it."""

    before: "_PathPart | None"
    runs: Runs
    tied: bool


class _Block(NamedTuple):
    """A block that is solved but not traced: its back-pointers and (n, 4) class probabilities."""

    back: BackPointers
    class_probs: np.ndarray


class LongPath:
    """The cheapest path of one region under way."""

    def __init__(self, solver: RegionSolver):
        self._solver = solver
        self._front = first_frontier(solver.tables)
        # Bases that are still needed, from border `origin` of the region on; all before border `solved` are in `front`.
        self._pieces: list[Region] = []
        self._origin = self._solved = self._seen = 0
        # Paths to the items at the begin of `block`. A region begins intergenic, which is item 0.
        self._parts: dict[int, _PathPart | None] = {0: None}
        self._block: _Block | None = None

    @property
    def length_bp(self) -> int:
        """Bases taken so far."""
        return self._seen

    def add(self, piece: Region) -> None:
        """Take the region's next bases."""
        self._pieces.append(piece)
        self._seen += len(piece.bases)
        if self._seen - self._solved >= BLOCK_BP + self._solver.reach_bp:
            self._solve_until(self._seen - self._solver.reach_bp)

    def finish(self) -> Iterator[tuple[list[Segment], float]]:
        """Solve what is left; yield segments in region coordinates, introns included, and confidence of each gene, 5'->3'."""
        self._solve_until(self._seen - 1)
        self._solve_block(_joined(self._pieces), self._seen)
        item, _, tied = cheapest_end(self._seen, self._solver.tables, self._front)
        last = self._trace([item])[item]
        parts = _from_the_first(last)
        if tied or any(part.tied for part in parts):
            self._solver.warn_of_ties(self._seen)
        return _genes_of(_merged([part.runs for part in parts]))

    def _solve_until(self, border: int) -> None:
        """Solve whole blocks up to a border and forget bases that no later one needs."""
        window = _joined(self._pieces)
        while self._solved + BLOCK_BP <= border:
            self._solve_block(window, self._solved + BLOCK_BP)
        needed_from = max(0, self._solved - LOOK_BACK_BP)
        self._pieces = [_cut(window, needed_from - self._origin, None)]
        self._origin = needed_from

    def _solve_block(self, window: Region, end: int) -> None:
        begin = self._solved
        back = self._solver.search(window, self._origin, begin, end, self._front)
        if self._block:
            self._parts = self._trace(np.flatnonzero(needed_items(self._solver.tables, back)).tolist())
        self._block = _Block(back, window.class_probs[begin - self._origin : end - self._origin].copy())
        self._solved = end

    def _trace(self, items: list[int]) -> dict[int, _PathPart]:
        """Return the paths to some items at the block's end, as far as there is one."""
        labels = np.empty(len(self._block.class_probs), np.uint8)
        parts = {}
        for item in items:
            before, tied = trace_labels(item, self._solver.tables, self._block.back, labels)
            if before in self._parts:
                parts[item] = _PathPart(self._parts[before], _runs_of(labels, self._block.class_probs), tied)
        return parts


def _cut(region: Region, begin: int, end: int | None) -> Region:
    probs, phases, bases = (a[begin:end].copy() for a in (region.class_probs, region.phase_probs, region.bases))
    return Region(region.start, probs, phases, bases)


def _joined(pieces: list[Region]) -> Region:
    if len(pieces) == 1:
        return pieces[0]
    arrays = zip(*((piece.class_probs, piece.phase_probs, piece.bases) for piece in pieces), strict=True)
    return Region(pieces[0].start, *map(np.concatenate, arrays))


def _from_the_first(last: _PathPart) -> list[_PathPart]:
    parts = []
    part: _PathPart | None = last
    while part:
        parts.append(part)
        part = part.before
    return parts[::-1]


def _runs_of(labels: np.ndarray, class_probs: np.ndarray) -> Runs:
    starts = run_starts(labels)
    called = np.take_along_axis(class_probs, _COLUMNS[labels][:, None], axis=1)[:, 0]
    return Runs(labels[starts], np.diff(starts, append=len(labels)), np.add.reduceat(called, starts, dtype=np.float64))


def _merged(pieces: list[Runs]) -> Runs:
    """Join runs of neighbouring blocks that carry the same label."""
    labels, lengths_bp, sums = map(np.concatenate, zip(*pieces, strict=True))
    starts = run_starts(labels)
    return Runs(labels[starts], np.add.reduceat(lengths_bp, starts), np.add.reduceat(sums, starts))


def _genes_of(runs: Runs) -> Iterator[tuple[list[Segment], float]]:
    edges = np.concatenate([[0], np.cumsum(runs.lengths_bp)])
    means = runs.sums / runs.lengths_bp
    for segments in split_runs(runs.labels, edges):
        parts = certainty_parts(segments)
        first = int(np.searchsorted(edges, parts[0][1]))
        yield segments, confidence_of_parts(means[first : first + len(parts)])

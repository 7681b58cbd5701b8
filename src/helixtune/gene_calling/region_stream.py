"""Candidate regions with their data, read block by block: no more of a genome in memory than a block and open candidates.

A candidate that grows beyond what the search for ties can hold is handed out in pieces while it is still open, so that a model
which tells genes from nothing, and makes one candidate of a chromosome, takes no more memory. Some are found at their end to
be no region, since no window exceeded the peak threshold.

All strands are one stream of rows, so that a hundred thousand short sequences are read in as large blocks as a chromosome.
Bases and phases are read only for rows that a region touches.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helixtune.gene_calling import tie_search
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.gene_calling.regions import RegionScan, Thresholds
from helixtune.gene_calling.solving import Region
from helixtune.h5files import BASES, CLASS_PROBS, PHASE_PROBS
from helixtune.progress import Progress


@dataclass(frozen=True)
class StrandRegion:
    """Bases of a region and where it lies.

    Attributes:
        sequence, strand: its place; with `region.start` they tell regions apart.
        region: the whole region, or the bases behind those that an earlier piece held.
        is_closed: the region ends with these bases. Else another piece follows, or none if it turns out to be no region.
    """

    sequence: int
    strand: str
    region: Region
    is_closed: bool


class _Piece(NamedTuple):
    """Bases begin … end of the region that starts at `start`, and whether it ends with them."""

    start: int
    begin: int
    end: int
    is_closed: bool


class Strand:
    """One strand while its rows pass by.

    `parts[dataset][k]` holds the valid positions of row k as long as a region may need them. The rows may begin at
    `first_row`; regions that begin beyond its first base are then the same as if all rows had passed by. Only regions that
    begin in `own_rows` are handed out.
    """

    def __init__(
        self,
        place: tuple[int, str],
        rows: np.ndarray,
        lengths: np.ndarray,
        thresholds: Thresholds,
        first_row: int = 0,
        own_rows: range | None = None,
    ):
        self.place = place
        self.rows = rows
        self.borders = np.concatenate([[0], np.cumsum(lengths)])
        self.parts: dict[str, dict[int, np.ndarray]] = {name: {} for name in (CLASS_PROBS, PHASE_PROBS, BASES)}
        self._closed: list[tuple[int, int]] = []
        # Start of the region that is handed out in pieces, and the end of the last piece.
        self._handed_out = (-1, -1)
        own_rows = range(len(rows)) if own_rows is None else own_rows
        # Rows that are looked at in any case; behind them, as long as an own region is open.
        self.first_rows = range(first_row, own_rows.stop)
        self._own = int(self.borders[own_rows.start]), int(self.borders[own_rows.stop])
        self._origin = int(self.borders[first_row])
        self._scan = RegionScan(thresholds)

    @property
    def next_start(self) -> int:
        """Where at the earliest an own region begins that has not ended."""
        start = self._own_open_start()
        return self._origin + self._scan.next_start if start is None else start

    @property
    def may_hold_open_region(self) -> bool:
        """Whether an own region may go on in the rows to come."""
        return self.next_start < self._own[1]

    def _is_own(self, start: int) -> bool:
        return self._own[0] <= start < self._own[1]

    def _own_open_start(self) -> int | None:
        start = self._scan.open_start
        return start + self._origin if start is not None and self._is_own(start + self._origin) else None

    def _needed_from(self) -> int:
        """First base that a piece still to come may hold."""
        next_start = self._origin + self._scan.next_start
        start = self._own_open_start()
        return next_start if start is None else min(next_start, self._first_missing(start))

    def _first_missing(self, start: int) -> int:
        """First base of the region from `start` on that was not handed out."""
        region, end = self._handed_out
        return end if region == start else start

    def keep(self, name: str, k: int, row: np.ndarray) -> None:
        """Remember the positions of row k as long as a region may need them."""
        self.parts[name][k] = row[: self.borders[k + 1] - self.borders[k]]

    def scan(self, k: int) -> None:
        """Look for regions in row k, whose class probabilities are kept."""
        closed = self._scan.push(self.parts[CLASS_PROBS][k][:, 0].astype(np.float32))
        if k == len(self.rows) - 1:
            closed += self._scan.finish()
        spans = [(start + self._origin, end + self._origin) for start, end in closed]
        self._closed += [span for span in spans if self._is_own(span[0])]

    def _due(self) -> list[_Piece]:
        """List what can be handed out: what is left of closed regions, and all but the last base seen of one grown too long.

        That base belongs to the region too, so its last piece is never empty.
        """
        pieces = [_Piece(start, self._first_missing(start), end, True) for start, end in self._closed]
        start, seen = self._own_open_start(), self._scan.seen + self._origin
        if start is not None and seen - start > tie_search.LARGEST_BP:
            pieces.append(_Piece(start, self._first_missing(start), seen - 1, False))
        return [piece for piece in pieces if piece.begin < piece.end]

    def missing_rows(self, name: str) -> list[int]:
        """List the rows of a dataset that have to be kept before regions can be taken."""
        rows = dict.fromkeys(k for piece in self._due() for k in self.touched(piece.begin, piece.end))
        return [k for k in rows if k not in self.parts[name]]

    def touched(self, start: int, end: int) -> range:
        """Return the rows that bases start … end lie in."""
        first, last = np.searchsorted(self.borders, [start, end - 1], side="right") - 1
        return range(int(first), int(last) + 1)

    def cut(self, name: str, start: int, end: int) -> np.ndarray:
        """Return what is kept of bases start … end."""
        rows = self.touched(start, end)
        joined = np.concatenate([self.parts[name][k] for k in rows])
        origin = self.borders[rows[0]]
        return joined[start - origin : end - origin].copy() if len(rows) == 1 else joined[start - origin : end - origin]

    def take_regions(self) -> Iterator[StrandRegion]:
        """Yield the closed regions and pieces of a long one, and forget what no later one can need."""
        for start, begin, end, is_closed in self._due():
            probs, phases, bases = (self.cut(name, begin, end) for name in (CLASS_PROBS, PHASE_PROBS, BASES))
            self._handed_out = start, end
            yield StrandRegion(*self.place, Region(start, probs, phases, bases), is_closed)
        self._closed = []
        needed_from = self._needed_from()
        for kept in self.parts.values():
            for k in [k for k in kept if self.borders[k + 1] <= needed_from]:
                del kept[k]


def iter_regions(
    source: PredictionSource, strands: Iterable[Strand], block_rows: int, progress: Progress
) -> Iterator[StrandRegion]:
    """Yield every candidate region that begins in a strand's own rows (a long one in pieces), by strand and start on it.

    `progress` advances by the bases of `Strand.first_rows`.
    """
    block: list[tuple[Strand, int]] = []
    for strand in strands:
        for k in strand.first_rows:
            block.append((strand, k))
            if len(block) == block_rows:
                yield from _regions_of_block(source, block)
                progress.advance(sum(int(strand.borders[k + 1] - strand.borders[k]) for strand, k in block))
                block = []
        if strand.first_rows.stop < len(strand.rows):
            yield from _regions_of_block(source, block)
            block = []
            yield from _regions_beyond(source, strand, block_rows)
    yield from _regions_of_block(source, block)


def _regions_beyond(source: PredictionSource, strand: Strand, block_rows: int) -> Iterator[StrandRegion]:
    """Go on behind a strand's own rows, in growing steps, until no region that began in them is open."""
    k, step = strand.first_rows.stop, 1
    while k < len(strand.rows) and strand.may_hold_open_region:
        end = min(k + step, len(strand.rows))
        yield from _regions_of_block(source, [(strand, row) for row in range(k, end)])
        k, step = end, min(2 * step, block_rows)


def _regions_of_block(source: PredictionSource, block: list[tuple[Strand, int]]) -> Iterator[StrandRegion]:
    _load(source, CLASS_PROBS, block)
    for strand, k in block:
        strand.scan(k)
    strands = list(dict.fromkeys(strand for strand, _ in block))
    for name in (PHASE_PROBS, BASES):
        _load(source, name, [(strand, k) for strand in strands for k in strand.missing_rows(name)])
    for strand in strands:
        yield from strand.take_regions()


def _load(source: PredictionSource, name: str, wanted: list[tuple[Strand, int]]) -> None:
    if not wanted:
        return
    data = source.read(name, np.array([strand.rows[k] for strand, k in wanted]))
    for (strand, k), row in zip(wanted, data, strict=True):
        strand.keep(name, k, row)

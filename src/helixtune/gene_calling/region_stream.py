"""Candidate regions with their data, read block by block: no more of a genome in memory than a block and open candidates.

All strands are one stream of rows, so that a hundred thousand short sequences are read in as large blocks as a chromosome.
Bases and phases are read only for rows that a region touches.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.gene_calling.regions import RegionScan, Thresholds
from helixtune.gene_calling.sequences import Sequence
from helixtune.gene_calling.solving import Region
from helixtune.h5files import BASES, CLASS_PROBS, PHASE_PROBS
from helixtune.progress import Progress


@dataclass(frozen=True)
class StrandRegion:
    """A region and where it lies."""

    sequence: int
    strand: str
    region: Region


class Strand:
    """One strand while its rows pass by.

    `parts[dataset][k]` holds the valid positions of row k as long as a region may need them. The rows may begin at
    `first_row`; regions that begin beyond its first base are then the same as if all rows had passed by.
    """

    def __init__(
        self, place: tuple[int, str], rows: np.ndarray, lengths: np.ndarray, thresholds: Thresholds, first_row: int = 0
    ):
        self.place = place
        self.rows = rows
        self.borders = np.concatenate([[0], np.cumsum(lengths)])
        self.parts: dict[str, dict[int, np.ndarray]] = {name: {} for name in (CLASS_PROBS, PHASE_PROBS, BASES)}
        self.closed: list[tuple[int, int]] = []
        self._origin = int(self.borders[first_row])
        self._scan = RegionScan(thresholds)

    @property
    def open_from(self) -> int:
        """First base that a region still to come may hold."""
        return self._scan.open_from + self._origin

    def keep(self, name: str, k: int, row: np.ndarray) -> None:
        """Remember the positions of row k as long as a region may need them."""
        self.parts[name][k] = row[: self.borders[k + 1] - self.borders[k]]

    def scan(self, k: int) -> None:
        """Look for regions in row k, whose class probabilities are kept."""
        closed = self._scan.push(self.parts[CLASS_PROBS][k][:, 0].astype(np.float32))
        if k == len(self.rows) - 1:
            closed += self._scan.finish()
        self.closed += [(start + self._origin, end + self._origin) for start, end in closed]

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
        """Yield the closed regions and forget what no later one can need."""
        for start, end in self.closed:
            probs, phases, bases = (self.cut(name, start, end) for name in (CLASS_PROBS, PHASE_PROBS, BASES))
            yield StrandRegion(*self.place, Region(start, probs, phases, bases))
        self.closed = []
        needed_from = self.open_from
        for kept in self.parts.values():
            for k in [k for k in kept if self.borders[k + 1] <= needed_from]:
                del kept[k]


def iter_regions(
    source: PredictionSource, sequences: Iterable[Sequence], thresholds: Thresholds, block_rows: int
) -> Iterator[StrandRegion]:
    """Yield every candidate region, by sequence, strand (plus first) and start on its strand."""
    lengths = source.rows.valid_lengths
    strands = (
        Strand((number, strand), rows, lengths[rows], thresholds)
        for number, sequence in enumerate(sequences)
        for strand, rows in sequence.strands.items()
    )
    block: list[tuple[Strand, int]] = []
    with Progress(int(lengths.sum()), "bases", "call-genes") as progress:
        for strand in strands:
            for k in range(len(strand.rows)):
                block.append((strand, k))
                if len(block) == block_rows:
                    yield from _regions_of_block(source, block)
                    progress.advance(int(sum(lengths[strand.rows[k]] for strand, k in block)))
                    block = []
        yield from _regions_of_block(source, block)


def _regions_of_block(source: PredictionSource, block: list[tuple[Strand, int]]) -> Iterator[StrandRegion]:
    _load(source, CLASS_PROBS, block)
    for strand, k in block:
        strand.scan(k)
    strands = list(dict.fromkeys(strand for strand, _ in block))
    wanted = dict.fromkeys((strand, k) for strand in strands for a, b in strand.closed for k in strand.touched(a, b))
    for name in (PHASE_PROBS, BASES):
        _load(source, name, [(strand, k) for strand, k in wanted if k not in strand.parts[name]])
    for strand in strands:
        yield from strand.take_regions()


def _load(source: PredictionSource, name: str, wanted: list[tuple[Strand, int]]) -> None:
    if not wanted:
        return
    data = source.read(name, np.array([strand.rows[k] for strand, k in wanted]))
    for (strand, k), row in zip(wanted, data, strict=True):
        strand.keep(name, k, row)

"""Candidate regions that begin in a shard, straight from the network: predictions pass by row by row and are not stored.

A region belongs to the shard in which it begins. One row before the shard is enough to know which regions begin in it; behind
the shard, prediction goes on until the last of them has ended.
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from helixtune.gene_calling.region_stream import Strand, StrandRegion
from helixtune.gene_calling.regions import Thresholds
from helixtune.h5files import BASES, CLASS_PROBS, PHASE_PROBS
from helixtune.prediction.layout import Stretch
from helixtune.prediction.predict import Predictor
from helixtune.sharding.places import StrandPart


def iter_owned_regions(
    predictor: Predictor,
    parts: list[StrandPart],
    thresholds: Thresholds,
    read_bases: Callable[[np.ndarray], np.ndarray],
    take_row: Callable[[int, np.ndarray], None],
) -> Iterator[StrandRegion]:
    """Yield every region that begins in a shard (a long one in pieces), by sequence, strand (plus first) and start on its strand.

    Args:
        predictor: the genome's.
        parts: the shard's rows.
        thresholds: of the region scan.
        read_bases: numbers of the file's rows -> (b, L, 4).
        take_row: called with each row of the shard, once and in file order: its number and its (2, L, 4) probabilities.
    """
    valid_lengths = predictor.valid_lengths
    for stream in _streams(parts):
        rows = predictor.rows([part.stretch for part in stream])
        for part in stream:
            place, own_rows = (part.sequence, part.strand), range(part.first_row, part.end_row)
            strand = Strand(place, part.rows, valid_lengths[part.rows], thresholds, part.begin, own_rows)
            walk = _Walk(strand, part, read_bases)
            for number, probs in itertools.islice(rows, part.end_row - part.begin):
                if walk.next_row >= part.first_row:
                    take_row(number, probs)
                yield from walk.add(probs)
        # Only the last part of a stream can end inside a strand.
        yield from _beyond(predictor, walk, part)


def _streams(parts: list[StrandPart]) -> Iterator[list[StrandPart]]:
    """Join parts up to one that ends inside its strand: an engine must not be asked for more while it is at work."""
    stream: list[StrandPart] = []
    for part in parts:
        stream.append(part)
        if part.ends_inside:
            yield stream
            stream = []
    if stream:
        yield stream


def _beyond(predictor: Predictor, walk: "_Walk", part: StrandPart) -> Iterator[StrandRegion]:
    """Go on behind the shard, in growing steps, until no region that began in it is open."""
    step = 1
    while walk.next_row < len(part.rows) and walk.may_hold_open_region():
        end = min(walk.next_row + step, len(part.rows))
        for _, probs in predictor.rows([Stretch(part.run, walk.next_row, end)]):
            yield from walk.add(probs)
        step *= 2


class _Walk:
    """One strand of a shard, row after row."""

    def __init__(self, strand: Strand, part: StrandPart, read_bases: Callable[[np.ndarray], np.ndarray]):
        self.next_row = part.begin
        self._strand, self._rows, self._read_bases = strand, part.rows, read_bases
        self._end = int(strand.borders[part.end_row])

    def may_hold_open_region(self) -> bool:
        return self._strand.next_start < self._end

    def add(self, probs: np.ndarray) -> Iterator[StrandRegion]:
        """Take the next row's (2, L, 4) probabilities; yield the shard's regions that end in it."""
        strand, k = self._strand, self.next_row
        self.next_row += 1
        for name, head in zip((CLASS_PROBS, PHASE_PROBS), probs, strict=True):
            strand.keep(name, k, head)
        strand.scan(k)
        wanted = strand.missing_rows(BASES)
        if wanted:
            for row, bases in zip(wanted, self._read_bases(self._rows[wanted]), strict=True):
                strand.keep(BASES, row, bases)
        yield from strand.take_regions()

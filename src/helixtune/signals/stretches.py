"""Stretches of a genome with the predictions of both strands: what signals are learnt on and genes are called in.

A sequence is cut into tiles of equal length, which depend on nothing but the sequence. A tile is solved with some sequence
beside it, so that a gene which crosses its border is seen whole; a gene belongs to the tile in which it begins on the plus
strand.
"""

from dataclasses import dataclass

import numpy as np

from helixtune.gene_calling.places import Shard, count_places
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.gene_calling.sequences import Sequence
from helixtune.h5files import BASES, CLASS_PROBS, PHASE_PROBS
from helixtune.signals.automaton import NO_BASE

TILE_BP = 1_000_000
# Bases beside a tile that are solved with it: more than nearly all genes of genomes of up to some Gb span.
BESIDE_BP = 100_000
# Letters beside what is solved, for patterns and contexts at its ends.
CONTEXT_BP = 100


@dataclass(frozen=True)
class Tile:
    """Part of a sequence, plus strand.

    Attributes:
        sequence: number of the sequence in the genome.
        begin, end: genes that begin here belong to the tile.
        first, last: what is solved.
        sequence_bp: length of the sequence.
    """

    sequence: int
    begin: int
    end: int
    first: int
    last: int
    sequence_bp: int


@dataclass(frozen=True)
class Stretch:
    """What is known of a tile.

    Attributes:
        tile: which.
        codes: (left + n + right,) uint8 columns of LETTERS, of bases first - left to last + right; NO_BASE where none is known.
        flank: (left, right).
        class_probs, phase_probs: (n, 4) float16 of the plus strand, and of the minus strand 5'->3'.
    """

    tile: Tile
    codes: np.ndarray
    flank: tuple[int, int]
    class_probs: tuple[np.ndarray, np.ndarray]
    phase_probs: tuple[np.ndarray, np.ndarray]

    @property
    def own_codes(self) -> np.ndarray:
        """Bases of what is solved."""
        return self.codes[self.flank[0] : len(self.codes) - self.flank[1]]


def cut_tiles(sequences: list[Sequence], row_bp: int, shard: Shard, tile_bp: int = TILE_BP) -> list[Tile]:
    """Return the tiles that begin in a shard, in the genome's order.

    Args:
        sequences: of the whole genome.
        row_bp: bases a place.
        shard: which part.
        tile_bp: length of a tile.
    """
    first_place, end_place = shard.places(count_places(sequences))
    tiles = []
    origin = 0
    for number, sequence in enumerate(sequences):
        for begin in range(0, sequence.length_bp, tile_bp):
            if first_place <= origin + begin // row_bp < end_place:
                end = min(begin + tile_bp, sequence.length_bp)
                first, last = max(begin - BESIDE_BP, 0), min(end + BESIDE_BP, sequence.length_bp)
                tiles.append(Tile(number, begin, end, first, last, sequence.length_bp))
        origin += len(sequence.strands["+"])
    return tiles


def sample_tiles(tiles: list[Tile], most_bp: int) -> list[Tile]:
    """Return tiles spread evenly over the genome, some `most_bp` bases of them."""
    share = most_bp / max(sum(tile.end - tile.begin for tile in tiles), 1)
    if share >= 1:
        return tiles
    sample, passed_bp, kept_bp = [], 0, 0
    for tile in tiles:
        length_bp = tile.end - tile.begin
        passed_bp += length_bp
        if kept_bp + length_bp / 2 <= share * passed_bp:
            sample.append(tile)
            kept_bp += length_bp
    return sample


def read_stretch(source: PredictionSource, tile: Tile) -> Stretch:
    """Read a tile's bases and predictions."""
    sequence = source.sequences[tile.sequence]
    left, right = min(CONTEXT_BP, tile.first), min(CONTEXT_BP, tile.sequence_bp - tile.last)
    bases = _read(source, BASES, sequence, "+", tile.first - left, tile.last + right)
    known = (bases == 1).any(axis=1)
    codes = np.where(known, bases.argmax(axis=1), NO_BASE).astype(np.uint8)
    probs = [
        tuple(_read(source, name, sequence, strand, tile.first, tile.last) for strand in "+-")
        for name in (CLASS_PROBS, PHASE_PROBS)
    ]
    return Stretch(tile, codes, (left, right), *probs)


def _read(source: PredictionSource, name: str, sequence: Sequence, strand: str, begin: int, end: int) -> np.ndarray:
    """Return (n, 4) of bases begin ... end of the plus strand, 5'->3' on their strand."""
    if strand == "-":
        begin, end = sequence.length_bp - end, sequence.length_bp - begin
    rows = sequence.strands[strand]
    borders = np.concatenate([[0], np.cumsum(source.rows.valid_lengths[rows])])
    first, last = np.searchsorted(borders, [begin, end - 1], side="right") - 1
    block = source.read(name, rows[first : last + 1])
    joined = np.concatenate([row[: borders[k + 1] - borders[k]] for k, row in enumerate(block, start=first)])
    return joined[begin - borders[first] : end - borders[first]]

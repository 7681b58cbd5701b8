"""Blocks of the genome: the units that the bootstrap draws, because neighbouring bases are not independent."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

# Enough blocks for a stable spread; more would only cost memory (composition counts are kept by block).
TARGET_BLOCKS = 200
# A block holds a few genes even in compact genomes, so that a gene rarely lies on a border.
MIN_BLOCK_BP = 20_000
BOOTSTRAP_DRAWS = 1000
FOLDS = 5


@dataclass(frozen=True)
class GenomeBlocks:
    """Equal blocks of the sequences laid end to end, in the genome's order; short sequences share a block.

    Attributes:
        offsets: first position of every sequence in the laid-out genome.
        lengths: bases of every sequence.
        block_bp: bases a block.
    """

    offsets: Mapping[str, int]
    lengths: Mapping[str, int]
    block_bp: int

    @classmethod
    def of(cls, lengths: Mapping[str, int], target: int = TARGET_BLOCKS) -> "GenomeBlocks":
        """Lay out a genome given as {seqid: length}."""
        offsets, total = {}, 0
        for seqid, length in lengths.items():
            offsets[seqid] = total
            total += length
        return cls(offsets, dict(lengths), max(MIN_BLOCK_BP, -(-total // target)))

    @cached_property
    def total_bp(self) -> int:
        """Length of the genome."""
        return sum(self.lengths.values())

    def __len__(self) -> int:
        return max(1, -(-self.total_bp // self.block_bp))

    def index(self, seqid: str, positions) -> np.ndarray:
        """Return the block numbers of plus-strand positions of one sequence."""
        return (self.offsets[seqid] + np.asarray(positions, np.int64)) // self.block_bp


def folds_of(n_blocks: int) -> np.ndarray:
    """Return the cross-validation fold of each block."""
    return np.arange(n_blocks) % FOLDS


def block_weights(n_blocks: int, seed: int, draws: int = BOOTSTRAP_DRAWS) -> np.ndarray:
    """Return (draws, n_blocks): how often each block was drawn with replacement, for a paired bootstrap."""
    return np.random.default_rng(seed).multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), size=draws)

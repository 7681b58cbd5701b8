"""Where coding sequence is called that hardly can be: on both strands of one place, or in repeats."""

from collections.abc import Mapping

import numpy as np

from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.evaluation.intervals import intersect, split_at


def bp_by_block(blocks: GenomeBlocks, seqid: str, merged: np.ndarray) -> np.ndarray:
    """Return (blocks,) bases of a merged set of one sequence in each block."""
    pieces = split_at(merged + blocks.offsets[seqid], blocks.block_bp)
    return np.bincount(pieces[:, 0] // blocks.block_bp, weights=pieces[:, 1] - pieces[:, 0], minlength=len(blocks))


def coding_bp(calls: CalledClasses, blocks: GenomeBlocks) -> np.ndarray:
    """Return (blocks,) coding bases, both strands added."""
    return sum(
        (bp_by_block(blocks, seqid, calls.coding(seqid, strand)) for seqid in blocks.lengths for strand in "+-"),
        start=np.zeros(len(blocks)),
    )


def double_coding_bp(calls: CalledClasses, blocks: GenomeBlocks) -> np.ndarray:
    """Return (blocks,) coding bases (both strands added) that are coding on the other strand too."""
    return sum(
        (
            2 * bp_by_block(blocks, seqid, intersect(calls.coding(seqid, "+"), calls.coding(seqid, "-")))
            for seqid in blocks.lengths
        ),
        start=np.zeros(len(blocks)),
    )


def coding_in_bp(calls: CalledClasses, regions: Mapping[str, np.ndarray], blocks: GenomeBlocks) -> np.ndarray:
    """Return (blocks,) coding bases, both strands added, inside merged regions {seqid: (k, 2)} such as repeats."""
    return sum(
        (
            bp_by_block(blocks, seqid, intersect(calls.coding(seqid, strand), merged))
            for seqid, merged in regions.items()
            for strand in "+-"
        ),
        start=np.zeros(len(blocks)),
    )

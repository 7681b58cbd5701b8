"""Where coding sequence is called that hardly can be: on both strands of one place, or in repeats."""

from collections.abc import Iterable, Mapping

import numpy as np

from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.evaluation.intervals import EMPTY, intersect, split_at


def bp_by_block(blocks: GenomeBlocks, parts: Iterable[tuple[str, np.ndarray]]) -> np.ndarray:
    """Return (blocks,) bases in each block of merged sets, each given with its sequence; all at once: there may be 500,000."""
    placed = [merged + blocks.offsets[seqid] for seqid, merged in parts if len(merged)]
    pieces = split_at(np.concatenate([EMPTY, *placed]), blocks.block_bp)
    return np.bincount(pieces[:, 0] // blocks.block_bp, weights=pieces[:, 1] - pieces[:, 0], minlength=len(blocks))


def coding_bp(calls: CalledClasses, blocks: GenomeBlocks) -> np.ndarray:
    """Return (blocks,) coding bases, both strands added."""
    return bp_by_block(blocks, ((seqid, calls.coding(seqid, strand)) for seqid in blocks.lengths for strand in "+-"))


def double_coding_bp(calls: CalledClasses, blocks: GenomeBlocks) -> np.ndarray:
    """Return (blocks,) coding bases (both strands added) that are coding on the other strand too."""
    both = ((seqid, intersect(calls.coding(seqid, "+"), calls.coding(seqid, "-"))) for seqid in blocks.lengths)
    return 2 * bp_by_block(blocks, both)


def coding_in_bp(calls: CalledClasses, regions: Mapping[str, np.ndarray], blocks: GenomeBlocks) -> np.ndarray:
    """Return (blocks,) coding bases, both strands added, inside merged regions {seqid: (k, 2)} such as repeats."""
    return bp_by_block(
        blocks,
        (
            (seqid, intersect(calls.coding(seqid, strand), merged))
            for seqid, merged in regions.items()
            for strand in "+-"
        ),
    )

"""How far the calls are from the raw probabilities, on places that tuning never saw.

Two figures for each gene set, both per base: *disagreement*, 1 minus the probability of the called class; and *double
coding*, the probability of CDS on both strands at once (the smaller of the two): the strands are predicted apart, so a
network that knows the genome rarely claims both.

A network that was tuned on its own calls agrees with itself more, right or wrong. So these figures may speak against a
tuned model, never for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_classes import CDS, CalledClasses
from helixtune.evaluation.intervals import EMPTY, mask
from helixtune.evaluation.predictions import Predictions
from helixtune.h5files import rows_per_block
from helixtune.progress import Progress
from helixtune.subsequences import Rows

# Two sets, two strands, probabilities as float16 (8 bytes) and their work copies as float32.
BYTES_PER_BASE = 80
BLOCK_BUDGET_BYTES = 128 * 1024**2


@dataclass
class RawSums:
    """Sums by block of the genome over bases that were looked at (both strands): (blocks,) each."""

    bases: np.ndarray
    disagreement: np.ndarray
    double_coding: np.ndarray


def place_partners(rows: Rows) -> np.ndarray:
    """Return (k, 2): row numbers of the plus and the minus row of every place that has both."""
    minus = {
        (seqid, start): i
        for i, (seqid, start, strand) in enumerate(
            zip(rows.seqids.tolist(), rows.starts.tolist(), rows.strands.tolist(), strict=True)
        )
        if strand == "-"
    }
    pairs = [
        (i, minus[seqid, start])
        for i, (seqid, start, strand) in enumerate(
            zip(rows.seqids.tolist(), rows.starts.tolist(), rows.strands.tolist(), strict=True)
        )
        if strand == "+" and (seqid, start) in minus
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def sum_raw_agreement(
    rows: Rows,
    sets: Mapping[str, tuple[Predictions, CalledClasses]],
    seen: Mapping[str, np.ndarray],
    blocks: GenomeBlocks,
) -> dict[str, RawSums]:
    """Read all predictions once and sum both figures by block.

    Args:
        rows: the genome's rows.
        sets: name -> (raw probabilities, calls) of each gene set.
        seen: seqid -> merged intervals (k, 2) that are left out because tuning saw them.
        blocks: blocks of the genome.
    """
    pairs = place_partners(rows)
    sums = {name: RawSums(*np.zeros((3, len(blocks)))) for name in sets}
    width = int(rows.valid_lengths.max(initial=1))
    step = rows_per_block(width, BYTES_PER_BASE, BLOCK_BUDGET_BYTES)
    with Progress(len(pairs), "places", "evaluate-genes") as progress:
        for first in range(0, len(pairs), step):
            chosen = pairs[first : first + step]
            for name, (predictions, calls) in sets.items():
                probs = predictions.read(chosen[:, 0]), predictions.read(chosen[:, 1])
                for i, row in enumerate(chosen[:, 0]):
                    _add_place(sums[name], rows[row : row + 1], (probs[0][i], probs[1][i]), calls, (seen, blocks))
            progress.advance(len(chosen))
    return sums


def _add_place(sums: RawSums, place: Rows, probs: tuple, calls: CalledClasses, context: tuple) -> None:
    """Add one place: its plus row and its minus row, the latter turned round."""
    seen, blocks = context
    seqid, start, end = place.seqids[0].decode(), int(place.starts[0]), int(place.ends[0])
    length = end - start
    plus, minus = probs[0][:length].astype(np.float32), probs[1][:length][::-1].astype(np.float32)
    positions = np.flatnonzero(~mask(seen.get(seqid, EMPTY), start, end))
    if not len(positions):
        return
    block = blocks.index(seqid, positions + start)
    lowest, size = block[0], block[-1] - block[0] + 1
    target = slice(lowest, lowest + size)
    sums.bases[target] += 2 * np.bincount(block - lowest, minlength=size)
    for strand, strand_probs in (("+", plus), ("-", minus)):
        called = calls.on(seqid, strand, start, end)[positions]
        missing = 1 - strand_probs[positions, called]
        sums.disagreement[target] += np.bincount(block - lowest, weights=missing, minlength=size)
    both = np.minimum(plus[positions, CDS], minus[positions, CDS])
    sums.double_coding[target] += 2 * np.bincount(block - lowest, weights=both, minlength=size)

"""How far the calls are from the raw probabilities, on places that tuning never saw.

Two figures for each gene set, both per base: *disagreement*, 1 minus the probability of the called class; and *double
coding*, the probability of CDS on both strands at once (the smaller of the two): the strands are predicted apart, so a
network that knows the genome rarely claims both.

A network that was tuned on its own calls agrees with itself more, right or wrong. So these figures may speak against a
tuned model, never for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from helixtune.compiled import compiled
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_classes import CDS, CalledClasses
from helixtune.evaluation.intervals import EMPTY, mask
from helixtune.evaluation.predictions import Predictions
from helixtune.h5files import HALF_VALUES, rows_per_block
from helixtune.processes import in_processes
from helixtune.progress import Progress
from helixtune.subsequences import Rows

# One set's two strands: compact levels (2 bytes) become float16 (8 bytes), and the called classes.
BYTES_PER_BASE = 40
BLOCK_BUDGET_BYTES = 128 * 1024**2  # of all processes together
# A process opens the files anew for so many bases.
ITEM_BP = 4_000_000


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
    processes: int,
) -> dict[str, RawSums]:
    """Read all predictions once and sum both figures by block.

    Args:
        rows: the genome's rows.
        sets: name -> (raw probabilities, calls) of each gene set.
        seen: seqid -> merged intervals (k, 2) that are left out because tuning saw them.
        blocks: blocks of the genome.
        processes: for reading and summing.
    """
    pairs = place_partners(rows)
    sums = {name: np.zeros((3, len(blocks)), np.float64) for name in sets}
    width = int(rows.valid_lengths.max(initial=1))
    step = rows_per_block(width, BYTES_PER_BASE, BLOCK_BUDGET_BYTES // processes)
    per_item = max(step, ITEM_BP // width)
    items = [pairs[first : first + per_item] for first in range(0, len(pairs), per_item)]
    work = partial(_sum_item, (rows, sets, (seen, blocks), step))
    if min(processes, len(items)) > 1:
        work(pairs[:1])  # the kernels are loaded once, not in every process
    with Progress(len(pairs), "places", "evaluate-genes") as progress:
        for item, found in zip(items, in_processes(work, items, processes), strict=True):
            for name in sets:
                sums[name] += found[name]
            progress.advance(len(item))
    return {name: RawSums(*one) for name, one in sums.items()}


def _sum_item(context: tuple, pairs: np.ndarray) -> dict[str, np.ndarray]:
    """Return the (3, blocks) sums over some places, given as (k, 2) rows of both strands, for each set."""
    rows, sets, (seen, blocks), step = context
    sums = {name: np.zeros((3, len(blocks))) for name in sets}
    for name, (opened, calls) in sets.items():
        with opened.reopened() as predictions:
            for first in range(0, len(pairs), step):
                chosen = pairs[first : first + step]
                probs = predictions.read(chosen[:, 0]), predictions.read(chosen[:, 1])
                _add_places(rows[chosen[:, 0]], probs, calls, (seen, blocks), sums[name])
    return sums


def _add_places(
    places: Rows, probs: tuple[np.ndarray, np.ndarray], calls: CalledClasses, context: tuple, sums: np.ndarray
) -> None:
    """Add some places, given as their plus rows and the (k, L, 4) of both strands, to the (3, blocks) of `RawSums`.

    All terms are whole multiples of 2**-24, so float64 adds up half a billion of them exactly: any order gives the same sums.
    """
    seen, blocks = context
    bits = [np.ascontiguousarray(one).view(np.uint16) for one in probs]
    for i, (name, start, end) in enumerate(
        zip(places.seqids.tolist(), places.starts.tolist(), places.ends.tolist(), strict=True)
    ):
        seqid = name.decode()
        plus, minus = (calls.on(seqid, strand, start, end) for strand in "+-")
        hidden = mask(seen.get(seqid, EMPTY), start, end)
        add_place(bits[0][i], bits[1][i], plus, minus, hidden, HALF_VALUES,
                  blocks.offsets[seqid] + start, blocks.block_bp, sums)  # fmt: skip


@compiled
def add_place(plus_bits, minus_bits, plus_called, minus_called, hidden, values, first, block_bp, sums):
    """Add one place to `sums` (3, blocks): bases, disagreement, double coding.

    Args:
        plus_bits, minus_bits: (L, 4) uint16 half floats of either row, in its own direction.
        plus_called, minus_called: (length,) called classes, in plus-strand order.
        hidden: (length,) True for bases that do not count.
        values: (65536,) the value of every half float.
        first: position of the first base in the laid-out genome.
        block_bp: bases a block.
        sums: added to.
    """
    length = len(hidden)
    for j in range(length):
        if hidden[j]:
            continue
        block = (first + j) // block_bp
        plus, minus = plus_bits[j], minus_bits[length - 1 - j]
        sums[0, block] += 2
        sums[1, block] += (1 - values[plus[plus_called[j]]]) + (1 - values[minus[minus_called[j]]])
        sums[2, block] += 2 * min(values[plus[CDS]], values[minus[CDS]])

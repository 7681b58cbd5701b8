"""Gene models as the rows show them: how sure the network is of each, how long it is, and whether it lies in a repeat.

A model that the network itself does not believe in, or that lies in a repeat, is taken out of tuning by weights of zero
on its own bases; its neighbourhood stays.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from helixtune.h5files import GENE_LENGTHS
from helixtune.repeats import RepeatIntervals
from helixtune.selection.blocks import PairedBlock
from helixtune.selection.kernels import ONE, position_distance
from helixtune.selection.scores import RowScores
from helixtune.subsequences import Rows

# Columns of the table of gene models.
N_COLUMNS = 11
ROW, START, STOP, CODING, IN_REPEATS = range(5)
# Sums of |labels - probabilities| (units of 2**-24) and bases compared: classes, phases, phases of coding bases.
UNITS, COMPARED, PHASE_UNITS, PHASE_COMPARED, CODING_PHASE_UNITS, CODING_PHASE_COMPARED = range(5, N_COLUMNS)
# The part of a model's coding bases from which on the whole of it counts as a repeat.
REPEAT_SHARE = 0.5
# Why a model is masked; the position is the code.
MASK_REASONS = ("", "low confidence", "phase disagrees", "in a repeat")


@dataclass(frozen=True)
class GeneModels:
    """One line for every stretch of genic bases of one row (a gene that crosses rows counts once in each).

    Attributes:
        table: (g, 11) int64, see the column numbers above; START and STOP are positions in the row.
        masked: (g,) int64, 0 or the position in `MASK_REASONS` of why its weights become zero.
    """

    table: np.ndarray
    masked: np.ndarray

    def take_out(self, scores: RowScores) -> RowScores:
        """Return the scores of the rows without their masked models: one bad gene does not spoil its neighbourhood."""
        table = self.table[self.masked > 0]
        sums = tuple(table[:, column] for column in (UNITS, COMPARED, PHASE_UNITS, PHASE_COMPARED))
        return scores.without(table[:, ROW], sums)

    def hidden_bp(self, n_rows: int) -> np.ndarray:
        """Return (n,) bases of masked models in every row."""
        table = self.table[self.masked > 0]
        return np.bincount(table[:, ROW], table[:, STOP] - table[:, START], minlength=n_rows).astype(np.int64)

    def hide(self, numbers: np.ndarray, weights: np.ndarray) -> int:
        """Set the weights of the masked models of some rows to zero, in place; return how many bases that changed.

        Args:
            numbers: (b,) row numbers.
            weights: (b, L) sample weights of these rows.
        """
        before = np.count_nonzero(weights)
        place = {int(number): i for i, number in enumerate(numbers)}
        chosen = (self.masked > 0) & np.isin(self.table[:, ROW], numbers)
        for row, start, stop in self.table[chosen][:, [ROW, START, STOP]]:
            weights[place[int(row)], start:stop] = 0
        return before - np.count_nonzero(weights)

    def counts(self) -> dict[str, int]:
        """Return how many models were masked for which reason, and all of them."""
        by_reason = np.bincount(self.masked, minlength=len(MASK_REASONS))
        return {"models": len(self.table)} | {
            reason: int(n) for reason, n in zip(MASK_REASONS[1:], by_reason[1:], strict=True)
        }


@dataclass(frozen=True)
class MaskRules:
    """When a gene model weighs nothing; None = do not ask.

    Attributes:
        min_confidence: mean probability of the labelled class over the model, and of the labelled phase over its CDS.
    """

    min_confidence: float | None = None

    def apply(self, table: np.ndarray) -> np.ndarray:
        """Return the (g,) mask codes of a table of gene models."""
        masked = np.zeros(len(table), np.int64)
        if self.min_confidence is not None:
            # |y - p| summed over classes is 2 (1 - p of the labelled class), because probabilities add up to 1.
            limit = 2 * (1 - self.min_confidence) * ONE
            off_phase = table[:, CODING_PHASE_UNITS] > limit * table[:, CODING_PHASE_COMPARED]
            masked[off_phase] = MASK_REASONS.index("phase disagrees")
            masked[table[:, UNITS] > limit * table[:, COMPARED]] = MASK_REASONS.index("low confidence")
        # Coding bases only: a transposon inside an intron says nothing against the gene around it.
        inside = (table[:, CODING] > 0) & (table[:, IN_REPEATS] >= REPEAT_SHARE * table[:, CODING])
        masked[inside] = MASK_REASONS.index("in a repeat")
        return masked


class GeneModelTable:
    """Collect the gene models of all blocks of a scan, in a table of the columns above."""

    def __init__(self, rows: Rows, repeats: RepeatIntervals | None):
        self._rows, self._repeats = rows, repeats
        self._tables: list[np.ndarray] = []

    def add(self, block: PairedBlock) -> None:
        """Assess the models of one block."""
        none = np.zeros(block.labels.shape[:2], np.uint8)
        repeats = none if self._repeats is None else self._repeats.track(self._rows[block.numbers], none.shape[1])
        self._tables.append(find_gene_models(block, block.extra.get(GENE_LENGTHS), repeats))

    def table(self) -> np.ndarray:
        """Return (g, 11) all models, in the order of rows and positions."""
        table = np.concatenate([*self._tables, np.zeros((0, N_COLUMNS), np.int64)])
        return table[np.lexsort((table[:, START], table[:, ROW]))]


def find_gene_models(block: PairedBlock, gene_lengths: np.ndarray | None, repeats: np.ndarray) -> np.ndarray:
    """Return the (g, 11) int64 table of the gene models of a block.

    Args:
        block: labels and probabilities.
        gene_lengths: (b, L) length of the gene over each base, which tells genes apart that touch; None = not known.
        repeats: (b, L) uint8, 1 in a repeat.
    """
    lengths = np.zeros(block.labels.shape[:2], np.uint32) if gene_lengths is None else gene_lengths
    table = np.zeros((_count_models(block.labels, lengths, block.valid_bp), N_COLUMNS), np.int64)
    nothing = np.zeros((0, 0, 4))
    phases = nothing.astype(np.int8) if block.phases is None else block.phases
    phase_bits = nothing.astype(np.uint16) if block.phase_bits is None else block.phase_bits
    places = (block.prediction_rows, block.offsets, block.valid_bp)
    _fill_models(block.labels, phases, lengths, block.class_bits, phase_bits, places, repeats, table)
    table[:, ROW] = block.numbers[table[:, ROW]]
    return table


@njit(nogil=True)
def _count_models(labels, lengths, valid_bp):
    n = 0
    for i in range(labels.shape[0]):
        inside = False
        for j in range(valid_bp[i]):
            genic = (labels[i, j, 1] | labels[i, j, 2] | labels[i, j, 3]) != 0
            if genic and not (inside and lengths[i, j] == lengths[i, j - 1]):
                n += 1
            inside = genic
    return n


@njit(nogil=True)
def _fill_models(labels, phases, lengths, class_bits, phase_bits, places, repeats, table):
    prediction_rows, offsets, valid_bp = places
    g = -1
    for i in range(labels.shape[0]):
        row = prediction_rows[i]
        inside = False
        for j in range(valid_bp[i]):
            genic = (labels[i, j, 1] | labels[i, j, 2] | labels[i, j, 3]) != 0
            if not genic:
                inside = False
                continue
            if not (inside and lengths[i, j] == lengths[i, j - 1]):
                g += 1
                table[g, ROW] = i
                table[g, START] = j
            inside = True
            table[g, STOP] = j + 1
            distance = position_distance(labels[i, j], class_bits[row, offsets[i] + j])
            if distance >= 0:
                table[g, UNITS] += distance
                table[g, COMPARED] += 1
            coding = labels[i, j, 2] != 0
            if coding:
                table[g, CODING] += 1
                table[g, IN_REPEATS] += repeats[i, j]
            if phases.shape[0] > 0:
                distance = position_distance(phases[i, j], phase_bits[row, offsets[i] + j])
                if distance >= 0:
                    table[g, PHASE_UNITS] += distance
                    table[g, PHASE_COMPARED] += 1
                    if coding:
                        table[g, CODING_PHASE_UNITS] += distance
                        table[g, CODING_PHASE_COMPARED] += 1

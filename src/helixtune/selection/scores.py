"""How far the network's raw probabilities and the labels lie apart in every row, and which rows may be learnt from."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from helixtune.h5files import HAS_VALID_BASES, IS_ANNOTATED
from helixtune.progress import Progress
from helixtune.selection.blocks import PairedBlock, PairedFiles
from helixtune.selection.kernels import ONE, discrepancy_sums
from helixtune.selection.shards import RowShards

UNITS, COMPARED, INVALID, COUNTS = 0, 1, 2, slice(3, 7)


@dataclass(frozen=True)
class RowScores:
    """Sums over the bases of every row, exact whatever the block size.

    Attributes:
        class_counts: (n, 4) int64 labelled bases of each class.
        class_sums: (n, 3) int64 columns: |labels - probabilities| in units of 2**-24; bases compared; bases whose
            probabilities are not numbers from 0 to 1.
        phase_sums: (n, 3) the same for the coding phase, or None.
    """

    class_counts: np.ndarray
    class_sums: np.ndarray
    phase_sums: np.ndarray | None

    @property
    def labelled_bp(self) -> np.ndarray:
        """(n,) bases that have a label."""
        return self.class_counts.sum(axis=1)

    @property
    def intergenic_fraction(self) -> np.ndarray:
        """(n,) share of intergenic among labelled bases; NaN without labels."""
        return _ratio(self.class_counts[:, 0], self.labelled_bp)

    @property
    def discrepancy(self) -> np.ndarray:
        """(n,) mean over bases of the absolute difference summed over the four classes, 0 (agree) to 2; NaN if unknown."""
        return _known_mean(self.class_sums)

    @property
    def phase_discrepancy(self) -> np.ndarray:
        """(n,) the same for the four phase classes; NaN without phases."""
        if self.phase_sums is None:
            return np.full(len(self.class_counts), np.nan)
        return _known_mean(self.phase_sums)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _known_mean(sums: np.ndarray) -> np.ndarray:
    mean = _ratio(sums[:, UNITS], sums[:, COMPARED]) / ONE
    return np.where(sums[:, INVALID] > 0, np.nan, mean)


def score_rows(files: PairedFiles) -> RowScores:
    """Measure every training row, reading both files once, a block at a time."""
    n_rows = files.training.n_rows
    class_table = np.zeros((n_rows, 7), np.int64)
    phase_table = np.zeros((n_rows, 7), np.int64) if files.has_phases else None
    with Progress(n_rows, "subsequences", "scoring") as progress:
        for block in files.iter_blocks():
            class_table[block.numbers] = block_sums(block, "class", files.threads)
            if phase_table is not None:
                phase_table[block.numbers] = block_sums(block, "phase", files.threads)
            progress.advance(len(block.numbers))
    return RowScores(class_table[:, COUNTS], class_table[:, :3], None if phase_table is None else phase_table[:, :3])


def block_sums(block: PairedBlock, head: str, threads: int) -> np.ndarray:
    """Return the (b, 7) sums of `kernels.discrepancy_sums` for the "class" or "phase" head of a block."""
    labels, bits = (block.labels, block.class_bits) if head == "class" else (block.phases, block.phase_bits)
    out = np.zeros((len(labels), 7), np.int64)

    def work(part: slice) -> None:
        discrepancy_sums(
            labels[part], bits, block.prediction_rows[part], block.offsets[part], block.valid_bp[part], out[part]
        )

    parts = [slice(i, len(labels), threads) for i in range(min(threads, len(labels)))]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, parts))
    return out


# Why a row cannot be chosen, in the order in which it is asked. The position in this tuple is the code.
INELIGIBLE = (
    "",
    "no labels",
    "sequence not annotated",
    "every base masked",
    "not predicted",
    "probabilities are not numbers",
)


def eligibility(training: RowShards, scores: RowScores) -> np.ndarray:
    """Return, per row, 0 if it may be chosen, else the position in `INELIGIBLE` of the first thing that forbids it."""
    sums = scores.class_sums if scores.phase_sums is None else np.maximum(scores.class_sums, scores.phase_sums)
    everything = np.ones(training.n_rows, bool)
    annotated = training.read_all(IS_ANNOTATED).astype(bool) if training.has(IS_ANNOTATED) else everything
    usable = training.read_all(HAS_VALID_BASES).astype(bool) if training.has(HAS_VALID_BASES) else everything
    questions = [
        scores.labelled_bp == 0,
        ~annotated,
        ~usable,
        (scores.class_sums[:, COMPARED] == 0) & (sums[:, INVALID] == 0),
        sums[:, INVALID] > 0,
    ]
    return np.select(questions, range(1, len(INELIGIBLE)), default=0)

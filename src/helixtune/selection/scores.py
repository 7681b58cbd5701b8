"""How far the network's raw probabilities and the labels lie apart in every row, and which rows may be learnt from."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from helixtune.progress import Progress
from helixtune.selection.blocks import PairedBlock, PairedFiles
from helixtune.selection.kernels import ONE, discrepancy_sums

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

    def without(self, numbers: np.ndarray, units: tuple[np.ndarray, ...]) -> "RowScores":
        """Return the scores with some bases taken out.

        Args:
            numbers: (g,) rows, each any number of times.
            units: (g,) class sum, bases compared, phase sum and bases compared to take out of that row.
        """
        class_sums = self.class_sums.copy()
        phase_sums = None if self.phase_sums is None else self.phase_sums.copy()
        for column, values in zip((UNITS, COMPARED), units[:2], strict=True):
            np.subtract.at(class_sums[:, column], numbers, values)
        if phase_sums is not None:
            for column, values in zip((UNITS, COMPARED), units[2:], strict=True):
                np.subtract.at(phase_sums[:, column], numbers, values)
        return RowScores(self.class_counts, class_sums, phase_sums)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _known_mean(sums: np.ndarray) -> np.ndarray:
    mean = _ratio(sums[:, UNITS], sums[:, COMPARED]) / ONE
    return np.where(sums[:, INVALID] > 0, np.nan, mean)


class ScoreTable:
    """Collect the sums of all blocks of a scan."""

    def __init__(self, files: PairedFiles):
        self._threads = files.threads
        self._classes = np.zeros((files.training.n_rows, 7), np.int64)
        self._phases = np.zeros((files.training.n_rows, 7), np.int64) if files.has_phases else None

    def add(self, block: PairedBlock) -> None:
        """Measure the rows of one block."""
        self._classes[block.numbers] = block_sums(block, "class", self._threads)
        if self._phases is not None:
            self._phases[block.numbers] = block_sums(block, "phase", self._threads)

    def scores(self) -> RowScores:
        """Return the sums of all rows."""
        phase_sums = None if self._phases is None else self._phases[:, :3]
        return RowScores(self._classes[:, COUNTS], self._classes[:, :3], phase_sums)


def scan(files: PairedFiles, visitors: list, extra: tuple[str, ...] = ()) -> None:
    """Read both files once, block by block, and show every block to every visitor (anything with `add(block)`)."""
    with Progress(files.training.n_rows, "subsequences", "select-confident") as progress:
        for block in files.iter_blocks(extra):
            for visitor in visitors:
                visitor.add(block)
            progress.advance(len(block.numbers))


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
    "most bases in masked gene models",
    "sequence not asked for",
)
MOSTLY_HIDDEN, NOT_ASKED_FOR = len(INELIGIBLE) - 2, len(INELIGIBLE) - 1


def eligibility(scores: RowScores, is_annotated: np.ndarray, is_usable: np.ndarray) -> np.ndarray:
    """Return, per row, 0 if it may be chosen, else the position in `INELIGIBLE` of the first thing that forbids it."""
    sums = scores.class_sums if scores.phase_sums is None else np.maximum(scores.class_sums, scores.phase_sums)
    questions = [
        scores.labelled_bp == 0,
        ~is_annotated,
        ~is_usable,
        (scores.class_sums[:, COMPARED] == 0) & (sums[:, INVALID] == 0),
        sums[:, INVALID] > 0,
    ]
    return np.select(questions, range(1, len(questions) + 1), default=0)

"""Whether the columns of classes are in the order of `labels.CLASSES`.

No file names its columns. But where it has phases, their column "none" is all that is not CDS, so it tells which column CDS is;
the order of the other three cannot be told.
"""

import h5py
import numpy as np

from helixtune.annotation.labels import CDS, CLASSES
from helixtune.h5files import read_any_block
from helixtune.log import logger
from helixtune.prediction.compact import read_rows_of

# Rows that are looked at, evenly spread, and the least share of coding bases in them that says anything.
ROWS_SEEN = 16
LEAST_CODING = 0.005
# Another column must follow the phases so many times closer than that of CDS: files of chance and poor networks do not.
CLEARLY_CLOSER = 4.0


class ClassOrder:
    """Classes beside phases, summed up row by row."""

    def __init__(self):
        self._bases = 0
        self._coding = 0.0
        self._distances = np.zeros(len(CLASSES))

    def add(self, classes: np.ndarray, phases: np.ndarray) -> None:
        """Look at one row: (L, 4) one-hot labels or probabilities of classes, and of phases."""
        found = classes.astype(np.float32)
        real = found.sum(axis=-1) > 0.5  # padding is zero everywhere; what is no number counts as no prediction
        coding = 1 - phases[real, 0].astype(np.float32)
        self._bases += len(coding)
        self._coding += float(coding.sum(dtype=np.float64))
        self._distances += np.abs(found[real] - coding[:, None]).sum(axis=0, dtype=np.float64)

    def misplaced_cds(self) -> str:
        """Return the name of the class in whose column CDS seems to be; empty if in its own, or if nothing can be told."""
        if not self._bases or not self._coding / self._bases >= LEAST_CODING:
            return ""
        closest = int(np.nan_to_num(self._distances, nan=np.inf).argmin())
        is_clear = closest != CDS and CLEARLY_CLOSER * self._distances[closest] < self._distances[CDS]
        return CLASSES[closest] if is_clear else ""

    def warn(self, name: str) -> None:
        """Warn if CDS seems to be misplaced in what `name` predicted."""
        column = self.misplaced_cds()
        if column:
            logger.warning(
                "%s: its phases belong to the column of %s, not to that of CDS: genes will make no sense unless the model's classes"
                " are in the order %s.",
                name, column, ", ".join(CLASSES),
            )  # fmt: skip


def spread_rows(n_rows: int) -> np.ndarray:
    """Return the numbers of the rows that are looked at, of so many."""
    return np.unique(np.linspace(0, n_rows - 1, min(n_rows, ROWS_SEEN)).astype(int)) if n_rows else np.zeros(0, int)


def class_order_of(file: h5py.File, classes: str, phases: str) -> ClassOrder:
    """Look at a file.

    Args:
        file: an open file with rows.
        classes: its dataset of classes, (n, L, 4) one-hot labels or probabilities.
        phases: its dataset of phases, alike.
    """
    order = ClassOrder()
    for row in spread_rows(len(file[classes]))[:, None]:  # a row of a large genome is megabytes
        order.add(*(read_rows_of(file, name, row, read=read_any_block)[0] for name in (classes, phases)))
    return order

"""Whether the columns of a file's classes are in the order of `labels.CLASSES`.

No file names its columns. But where it has phases, their column "none" is all that is not CDS, so it tells which column CDS is;
the order of the other three cannot be told from a file.
"""

import h5py
import numpy as np

from helixtune.annotation.labels import CDS, CLASSES
from helixtune.h5files import read_any_block

# Rows that are looked at, evenly spread over the file, and the least share of coding bases in them that says anything.
ROWS_SEEN = 16
LEAST_CODING = 0.005
# Another column must follow the phases so many times closer than that of CDS: files of chance and poor networks do not.
CLEARLY_CLOSER = 4.0


def misplaced_cds(file: h5py.File, classes: str, phases: str) -> str:
    """Return the name of the class in whose column CDS seems to be; empty if it is in its own, or if nothing can be told.

    Args:
        file: an open file with rows.
        classes: its dataset of classes, (n, L, 4) one-hot labels or probabilities.
        phases: its dataset of phases, alike.
    """
    n_rows = len(file[classes])
    rows = np.unique(np.linspace(0, n_rows - 1, min(n_rows, ROWS_SEEN)).astype(int)) if n_rows else np.zeros(0, int)
    found = read_any_block(file, classes, rows).astype(np.float32)
    real = found.sum(axis=-1) > 0.5  # padding is zero everywhere; what is no number counts as no prediction
    coding = 1 - read_any_block(file, phases, rows).astype(np.float32)[real][:, 0]
    if not len(coding) or not coding.mean() >= LEAST_CODING:
        return ""
    distances = np.abs(found[real] - coding[:, None]).mean(axis=0)
    closest = int(np.nan_to_num(distances, nan=np.inf).argmin())
    is_clear = closest != CDS and CLEARLY_CLOSER * distances[closest] < distances[CDS]
    return CLASSES[closest] if is_clear else ""

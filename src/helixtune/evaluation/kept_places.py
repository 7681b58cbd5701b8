"""Places that tuning saw, from the selection's scores.tsv: either strand of a kept subsequence counts for both."""

from collections import defaultdict
from pathlib import Path

import numpy as np

from helixtune.errors import FormatError
from helixtune.evaluation.intervals import as_intervals, merge
from helixtune.files import require_file

COLUMNS = ("seqid", "start", "end", "decision")
KEPT = "kept"


def read_kept_places(path: str | Path) -> dict[str, np.ndarray]:
    """Return {seqid: merged intervals (k, 2)} of the subsequences that were selected.

    Raises:
        InputFileError: missing or empty.
        FormatError: not a table of scores.
    """
    path = require_file(path, "Scores")
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline().rstrip("\n").split("\t")
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise FormatError(f"{path} line 1: no column '{missing[0]}': give the scores.tsv that the selection wrote.")
        places = [header.index(name) for name in COLUMNS]
        for number, line in enumerate(file, start=2):
            cells = line.rstrip("\n").split("\t")
            try:
                seqid, start, end, decision = (cells[place] for place in places)
                if decision == KEPT:
                    found[seqid].append((int(start), int(end)))
            except (IndexError, ValueError) as error:
                raise FormatError(
                    f"{path} line {number}: start and end are not whole numbers, or cells are missing: select again."
                ) from error
    return {seqid: merge(as_intervals(pairs)) for seqid, pairs in found.items()}

"""The vote of conserved genes: how many of those that every relative has did BUSCO, compleasm or OMArk find in either set?

Their results are read, not made: one file a set, as the program wrote it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.errors import FormatError
from helixtune.evaluation.votes.vote import Figure, Vote, cast_vote
from helixtune.files import require_file

QUESTION = "How many of the genes that every relative has are complete? (share, by BUSCO, compleasm or OMArk)"


@dataclass(frozen=True)
class BuscoResults:
    """What one program said of one gene set.

    Attributes:
        complete: share of the conserved genes that are there whole, once or more often.
        n: conserved genes that were looked for.
    """

    complete: float
    n: int


def read_busco(path: str | Path) -> BuscoResults:
    """Read short_summary.txt or .json of BUSCO, summary.txt of compleasm, or the .sum file of OMArk.

    Raises:
        InputFileError, FormatError: missing, or none of these.
    """
    text = require_file(path, "results of BUSCO").read_text(encoding="utf-8", errors="replace")
    for read in (_of_busco, _of_compleasm, _of_omark):
        found = read(text)
        if found and found.n > 0 and 0 <= found.complete <= 1:
            return found
    raise FormatError(
        f"{path} holds no results of BUSCO, compleasm or OMArk: give short_summary.txt, summary.txt or the .sum file."
    )


def _of_busco(text: str) -> BuscoResults | None:
    found = re.search(r"C:(\d+(?:\.\d+)?)%\[S:.*?n:(\d+)", text)
    return found and BuscoResults(float(found[1]) / 100, int(found[2]))


def _of_compleasm(text: str) -> BuscoResults | None:
    counts = dict(re.findall(r"^([SD]):\s*\d+(?:\.\d+)?%,\s*(\d+)\s*$", text, re.MULTILINE))
    total = re.search(r"^N:\s*(\d+)\s*$", text, re.MULTILINE)
    if len(counts) < 2 or not total or not int(total[1]):
        return None
    return BuscoResults(sum(map(int, counts.values())) / int(total[1]), int(total[1]))


def _of_omark(text: str) -> BuscoResults | None:
    found = re.search(r"^S:(\d+),D:(\d+)\[.*?\],M:(\d+)\s*$", text, re.MULTILINE)
    if not found:
        return None
    single, duplicated, missing = map(int, found.groups())
    total = single + duplicated + missing
    return BuscoResults((single + duplicated) / total, total) if total else None


def busco_vote(base: BuscoResults, tuned: BuscoResults) -> Vote | None:
    """Vote by the share of complete genes. The same genes were looked for in both sets, so half of chance cancels out."""
    n = min(base.n, tuned.n)
    spread = sum(one.complete * (1 - one.complete) for one in (base, tuned)) / n
    figure = Figure(base.complete, tuned.complete, float(np.sqrt(spread / 2)), abs(tuned.complete - base.complete), n)
    return cast_vote("busco", QUESTION, figure, "conserved genes")

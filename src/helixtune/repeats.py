"""Where repeats lie: from a BED file, or from lower-case letters.

A network that was trained elsewhere calls transposable elements as genes; a model tuned on such calls learns to make more
of them. Soft-masking does not survive in HDF5 files, so repeats are given as a BED file or as soft-masked FASTA.
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.errors import FormatError
from helixtune.files import is_gzip, require_file
from helixtune.log import logger
from helixtune.subsequences import Rows, cut_seqid

BED_HEADERS = ("#", "track", "browser")
LOWER_CASE = re.compile("[a-z]+")
# Even wheat is less than nine tenths repeats; FASTA files in lower case throughout exist.
MAX_MASKED_SHARE = 0.95


@dataclass(frozen=True)
class RepeatIntervals:
    """Merged repeats by sequence: {seqid: (starts, ends)}, 0-based half-open, sorted."""

    by_seqid: dict[str, tuple[np.ndarray, np.ndarray]]

    def track(self, rows: Rows, width_bp: int) -> np.ndarray:
        """Return (b, L) uint8, 1 where a base of a row lies in a repeat; rows run 5'->3', padding is 0."""
        track = np.zeros((len(rows), width_bp), np.uint8)
        for i, (seqid, start, end) in enumerate(zip(rows.seqids.tolist(), rows.starts, rows.ends, strict=True)):
            starts, ends = self.by_seqid.get(seqid.decode(), (None, None))
            if starts is None:
                continue
            for j in range(np.searchsorted(ends, start, side="right"), np.searchsorted(starts, end)):
                track[i, max(starts[j], start) - start : min(ends[j], end) - start] = 1
        for i in np.flatnonzero(rows.strands == "-"):
            valid = rows.valid_lengths[i]
            track[i, :valid] = track[i, :valid][::-1].copy()
        return track


def read_bed(path: str | Path, known_seqids: set[str]) -> RepeatIntervals:
    """Read repeats from the first three columns of a BED file, or from the lower-case letters of a FASTA file (plain or gzip).

    Raises:
        FormatError: a line is neither, no line is about a known sequence, or the FASTA file is not soft-masked.
    """
    path = require_file(path, "repeats file")
    found: dict[str, list[tuple[int, int]]] = {}
    unknown: set[str] = set()
    for seqid, start, end in _soft_masked(path) if _is_fasta(path) else _bed_intervals(path):
        seqid = cut_seqid(seqid, known_seqids)
        if seqid in known_seqids:
            found.setdefault(seqid, []).append((start, end))
        else:
            unknown.add(seqid)
    if not found and unknown:
        raise FormatError(
            f"{path}: none of its sequences ({_some(unknown)}) is in the genome ({_some(known_seqids)}): use the"
            " repeats of this very assembly."
        )
    if unknown:
        logger.warning("%s: %d sequences are not in the genome, e.g. %s.", path, len(unknown), _some(unknown))
    if not found:
        logger.warning("%s holds no repeats.", path)
    return RepeatIntervals({seqid: _merged(np.array(intervals)) for seqid, intervals in found.items()})


def read_repeats(path: str | Path, known_seqids: Iterable[str]) -> dict[str, np.ndarray]:
    """Return merged repeats as {seqid: (k, 2) int64 of starts and ends}; raises what `read_bed` raises."""
    found = read_bed(path, set(known_seqids)).by_seqid
    return {seqid: np.stack(borders, axis=1) for seqid, borders in found.items()}


def _bed_intervals(path: Path) -> Iterator[tuple[str, int, int]]:
    for number, line in enumerate(_lines(path), start=1):
        if line.strip() and not line.startswith(BED_HEADERS):
            yield _parse(line, path, number)


def _is_fasta(path: Path) -> bool:
    return next((line for line in _lines(path) if line.strip()), "").startswith(">")


def _soft_masked(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield runs of lower-case letters (runs that go on in the next line come in pieces: they are merged later)."""
    seqid, position, masked, total = "", 0, 0, 0
    for line in map(str.strip, _lines(path)):
        if line.startswith(">"):
            seqid, position = line[1:].split(maxsplit=1)[0] if line[1:].strip() else "", 0
            continue
        for run in LOWER_CASE.finditer(line):
            yield seqid, position + run.start(), position + run.end()
            masked += run.end() - run.start()
        position += len(line)
        total += len(line)
    if masked > MAX_MASKED_SHARE * total:
        raise FormatError(
            f"{path}: {masked / total:.0%} of its letters are lower case, so they do not tell repeats: give a soft-masked FASTA"
            " file or a BED file."
        )


def _lines(path: Path):
    try:
        with (gzip.open if is_gzip(path) else open)(path, "rt", encoding="utf-8") as file:
            yield from file
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
        raise FormatError(f"{path} is not a text file or is damaged: give a BED file, plain or gzip.") from error


def _parse(line: str, path: Path, number: int) -> tuple[str, int, int]:
    columns = line.split("\t") if "\t" in line else line.split()
    try:
        seqid, start, end = columns[0], int(columns[1]), int(columns[2])
    except (IndexError, ValueError) as error:
        raise FormatError(f"{path} line {number}: expected sequence, start and end in BED's columns 1 to 3.") from error
    if not 0 <= start <= end:
        raise FormatError(
            f"{path} line {number}: start {start} and end {end} are no interval (BED is 0-based, half-open)."
        )
    return seqid, start, end


def _merged(intervals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    intervals = intervals[np.lexsort((intervals[:, 1], intervals[:, 0]))]
    reach = np.maximum.accumulate(intervals[:, 1])
    first = np.concatenate([[True], intervals[1:, 0] > reach[:-1]])
    last = np.concatenate([first[1:], [True]])
    return intervals[first, 0], reach[last]


def _some(names: set[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (", …" if len(names) > 3 else "")

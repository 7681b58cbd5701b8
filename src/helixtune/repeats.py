"""Where repeats lie: from a BED file, or from k-mers that occur many times in the genome.

A network that was trained elsewhere calls transposable elements as genes; a model tuned on such calls learns to make more
of them. Soft-masking does not survive in HDF5 files, so repeats are given as a BED file, as soft-masked FASTA, or found by
their k-mers.
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit

from helixtune.errors import FormatError, ParameterError
from helixtune.files import is_gzip, require_file
from helixtune.log import logger
from helixtune.subsequences import Rows, cut_seqid

BED_HEADERS = ("#", "track", "browser")
LOWER_CASE = re.compile("[a-z]+")
# Even wheat is less than nine tenths repeats; FASTA files in lower case throughout exist.
MAX_MASKED_SHARE = 0.95

# 4**17 = 1.7e10: in a genome of 1 Gb a random 17-mer is met 0.06 times by chance, while copies of a transposon that
# differ in 5 % of their bases still share 40 % of theirs.
KMER_LENGTH = 17
# 2**27 one-byte counters = 128 MiB; one k-mer in `sampling` is counted, so that at most a quarter of them is in use.
MAX_COUNTERS = 1 << 27
COUNTERS_PER_KMER = 4
BASE_ONE = 0x3C00  # the bits of float16 1.0: an unambiguous base


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


class KmerCopies:
    """How often the k-mers of a genome occur in it, in bounded memory: one-byte counters, one k-mer in `sampling`."""

    def __init__(self, genome_bp: int):
        if genome_bp < 1:
            raise ParameterError("No base to count k-mers in: the training file has no plus-strand rows.")
        self.sampling = 1 << max(0, (genome_bp * COUNTERS_PER_KMER - 1) // MAX_COUNTERS).bit_length()
        wanted = max(1024, COUNTERS_PER_KMER * genome_bp // self.sampling)
        self.counters = np.zeros(1 << (wanted - 1).bit_length(), np.uint8)

    def count(self, bases: np.ndarray) -> None:
        """Count the k-mers of rows of one strand: (b, L, 4) float16 shares of C, A, T, G."""
        _increment(self._cells(bases), self.counters)

    def track(self, bases: np.ndarray) -> np.ndarray:
        """Return (b, L) uint8: copies of the k-mer that begins at a base (255 = that or more), 0 = not sampled."""
        cells = self._cells(bases)
        return np.where(cells >= 0, self.counters[cells], 0).astype(np.uint8)

    def _cells(self, bases: np.ndarray) -> np.ndarray:
        cells = np.full(bases.shape[:2], -1, np.int64)
        bits = np.ascontiguousarray(bases, dtype=np.float16).view(np.uint16)
        _kmer_cells(bits, len(self.counters), np.uint64(self.sampling - 1), cells)
        return cells


@njit(nogil=True, inline="always")
def _slot(forward, backward):
    """Return a well-mixed number for a k-mer that is the same for its reverse complement (the finaliser of splitmix64)."""
    z = min(forward, backward)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(nogil=True, inline="always")
def _base_code(bits):
    """Return 0 C, 1 A, 2 T, 3 G (so that 3 - code is the complement), or -1 for anything else."""
    for code in range(4):
        if bits[code] == BASE_ONE:
            return code
    return -1


@njit(nogil=True)
def _kmer_cells(bits, n_cells, sample_mask, cells):
    """Write, for each base, the counter of the k-mer that begins there; -1 where there is none or it is not sampled."""
    mask = np.uint64((1 << (2 * KMER_LENGTH)) - 1)
    top = np.uint64(2 * (KMER_LENGTH - 1))
    for i in range(bits.shape[0]):
        forward = np.uint64(0)
        backward = np.uint64(0)
        known = 0
        for j in range(bits.shape[1]):
            code = _base_code(bits[i, j])
            known = known + 1 if code >= 0 else 0
            forward = ((forward << np.uint64(2)) | np.uint64(max(code, 0))) & mask
            backward = (backward >> np.uint64(2)) | (np.uint64(3 - max(code, 0)) << top)
            if known >= KMER_LENGTH:
                slot = _slot(forward, backward)
                if slot & sample_mask == 0:
                    cells[i, j - KMER_LENGTH + 1] = np.int64((slot >> np.uint64(32)) & np.uint64(n_cells - 1))


@njit(nogil=True)
def _increment(cells, counters):
    for cell in cells.flat:
        if cell >= 0 and counters[cell] < 255:
            counters[cell] += 1

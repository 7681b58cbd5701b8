"""How a sequence is cut into subsequences, padded and reverse-complemented: the only place that knows.

A sequence of `n` bases gives `k = ceil(n / L)` subsequences a strand. Minus-strand subsequences use the same cuts as
the plus strand in reverse order and are the reverse complement of their plus partners. A subsequence with fewer than
`L` bases is padded at the end of the row, on both strands. Stored intervals of minus rows run backwards
(`start_ends = (end, start)`); everything outside this module uses plus-strand, 0-based, half-open coordinates.
"""

import itertools
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

import numpy as np

from helixtune.errors import FormatError, ParameterError

SEQID_BYTES = 50  # of `data/seqids`, as upstream's files have it; longer names are kept beside it
FULL_SEQID_BYTES = 255
SPECIES_BYTES = 25


def cut_sequence(length_bp: int, subsequence_length_bp: int) -> np.ndarray:
    """Return the (2k, 2) int64 `start_ends` of one sequence in file order: plus rows ascending, then minus rows descending."""
    if subsequence_length_bp < 1:
        raise ParameterError(f"--subsequence-length {subsequence_length_bp}: it must be at least 1.")
    starts = np.arange(0, length_bp, subsequence_length_bp, dtype=np.int64)
    plus = np.stack([starts, np.minimum(starts + subsequence_length_bp, length_bp)], axis=1)
    return np.concatenate([plus, plus[::-1, ::-1]])


def valid_lengths(start_ends: np.ndarray) -> np.ndarray:
    """Return the number of real bases of each row: (n,) from `start_ends` (n, 2)."""
    return np.abs(start_ends[:, 0] - start_ends[:, 1])


def take_rows(track: np.ndarray, start_ends: np.ndarray, subsequence_length_bp: int, fill=0) -> np.ndarray:
    """Cut rows out of one strand's per-base track.

    Args:
        track: (length, ...) values of one strand in plus-strand coordinate order.
        start_ends: (b, 2) rows to cut; minus rows (first > second) come out reversed, i.e. 5'->3'.
        subsequence_length_bp: L, the width of every row.
        fill: value of the padding.

    Returns:
        (b, L, ...) array of the track's dtype, padded at the end.
    """
    rows = np.full((len(start_ends), subsequence_length_bp, *track.shape[1:]), fill, dtype=track.dtype)
    for row, (first, second) in zip(rows, start_ends, strict=True):
        piece = track[first:second] if first < second else track[second:first][::-1]
        row[: len(piece)] = piece
    return rows


def reverse_complement(bases: np.ndarray) -> np.ndarray:
    """Reverse-complement (..., L, 4) base rows: in the column order C, A, T, G the complement is the reversed row."""
    return bases[..., ::-1, ::-1]


def _shift_minus_rows(rows: np.ndarray, start_ends: np.ndarray, to_front: bool) -> np.ndarray:  # noqa: FBT001
    width = rows.shape[1]
    valid = valid_lengths(start_ends)
    shifted = rows.copy()
    for i in np.flatnonzero((start_ends[:, 0] > start_ends[:, 1]) & (valid < width)):
        cut = valid[i] if to_front else width - valid[i]
        shifted[i] = np.concatenate([rows[i, cut:], rows[i, :cut]])
    return shifted


def to_contiguous_register(rows: np.ndarray, start_ends: np.ndarray) -> np.ndarray:
    """Move the padding of partial minus rows to the front, so that neighbouring minus rows join without a gap.

    Args:
        rows: (b, L, ...) with padding last.
        start_ends: (b, 2) as stored.
    """
    return _shift_minus_rows(rows, start_ends, to_front=True)


def to_padding_last(rows: np.ndarray, start_ends: np.ndarray) -> np.ndarray:
    """Undo `to_contiguous_register`."""
    return _shift_minus_rows(rows, start_ends, to_front=False)


def seqid_array(names: Iterable[bytes]) -> np.ndarray:
    """Return (n,) names of sequences at their full length, of a type of at least 50 bytes."""
    found = list(names)
    return np.array(found, f"S{max(SEQID_BYTES, *map(len, found), 1)}")


def cut_seqid(name: str, known: Container[str]) -> str:
    """Return a sequence's name as `known` has it: files that others made hold 50 characters of a longer one."""
    return name if name in known or name[:SEQID_BYTES] not in known else name[:SEQID_BYTES]


@dataclass(frozen=True)
class Rows:
    """Which bases the rows of a file hold.

    Attributes:
        species: (n,) bytes, at most 25.
        seqids: (n,) bytes, at full length.
        start_ends: (n, 2) int64 as stored: start > end on the minus strand.
    """

    species: np.ndarray
    seqids: np.ndarray
    start_ends: np.ndarray

    def __len__(self) -> int:
        return len(self.seqids)

    def __getitem__(self, index) -> "Rows":
        return Rows(self.species[index], self.seqids[index], self.start_ends[index])

    @property
    def strands(self) -> np.ndarray:
        """(n,) '+' or '-'."""
        return np.where(self.start_ends[:, 0] <= self.start_ends[:, 1], "+", "-")

    @property
    def starts(self) -> np.ndarray:
        """(n,) plus-strand starts."""
        return self.start_ends.min(axis=1)

    @property
    def ends(self) -> np.ndarray:
        """(n,) plus-strand ends."""
        return self.start_ends.max(axis=1)

    @property
    def valid_lengths(self) -> np.ndarray:
        """(n,) number of bases that are not padding."""
        return valid_lengths(self.start_ends)

    def keys(self) -> list[tuple[bytes, bytes, int, int]]:
        """One hashable key a row: species, seqid and the stored interval, which tells the strand too."""
        return list(
            zip(
                self.species.tolist(),
                self.seqids.tolist(),
                *(column.tolist() for column in self.start_ends.T),
                strict=True,
            )
        )

    def describe(self, index: int) -> str:
        """Name one row for an error message."""
        return f"{self.seqids[index].decode()}:{self.starts[index]}-{self.ends[index]}({self.strands[index]})"


def match_rows(wanted: Rows, available: Rows, wanted_name: str, available_name: str) -> np.ndarray:
    """Find every row of `wanted` in `available` by species, sequence, strand and coordinates; never by position.

    Returns:
        (len(wanted),) int64 positions in `available`.

    Raises:
        FormatError: a row of `wanted` has no partner, or `available` holds a row twice.
    """
    wanted, available = names_of_one_length(wanted, available)
    positions: dict[tuple, int] = {}
    for position, key in enumerate(available.keys()):
        if positions.setdefault(key, position) != position:
            raise FormatError(
                f"{available_name} holds {available.describe(position)} twice: make it again from one FASTA file."
            )
    found = np.empty(len(wanted), dtype=np.int64)
    for i, key in enumerate(wanted.keys()):
        position = positions.get(key)
        if position is None:
            raise FormatError(
                f"{wanted_name} has a subsequence {wanted.describe(i)} of {wanted.species[i].decode()!r} that {available_name}"
                " lacks: make both from the same FASTA file with the same species name and subsequence length."
            )
        found[i] = position
    return found


def names_of_one_length(first: Rows, second: Rows) -> tuple[Rows, Rows]:
    """Return rows of two files so that names can be compared: where one file has them cut, those of the other are cut, too."""
    longest = [int(np.char.str_len(rows.seqids).max(initial=0)) for rows in (first, second)]
    if SEQID_BYTES not in longest or max(longest) == SEQID_BYTES:
        return first, second
    return tuple(replace(rows, seqids=rows.seqids.astype(f"S{SEQID_BYTES}")) for rows in (first, second))


@dataclass(frozen=True)
class StrandRun:
    """All rows of one strand of one sequence, 5'->3'."""

    species: str
    seqid: str
    strand: str
    row_indices: np.ndarray
    length_bp: int


def strand_runs(rows: Rows) -> list[StrandRun]:
    """Group rows into whole strands, in the order of their sequences' first rows (plus before minus).

    Raises:
        FormatError: a strand does not run from one end of the sequence to the other without gap or overlap.
    """
    runs = []
    for first, last in _sequence_bounds(rows):
        block = np.arange(first, last)
        start_ends = rows.start_ends[first:last]  # of this sequence alone: there may be 100,000
        backwards = start_ends[:, 0] > start_ends[:, 1]
        lengths = []
        for strand, chosen in (("+", block[~backwards]), ("-", block[backwards])):
            order = np.argsort(rows.start_ends[chosen].min(axis=1), kind="stable")
            chosen = chosen[order]
            length_bp = _checked_length(rows, chosen, strand)
            lengths.append(length_bp)
            indices = chosen if strand == "+" else chosen[::-1]
            runs.append(
                StrandRun(rows.species[first].decode(), rows.seqids[first].decode(), strand, indices, length_bp)
            )
        if lengths[0] != lengths[1]:
            raise FormatError(
                f"Sequence {rows.seqids[first].decode()} has {lengths[0]} bases on its plus and {lengths[1]} on its minus strand:"
                " the file was filtered or cut; use the whole genome's file."
            )
    return runs


def _sequence_bounds(rows: Rows) -> list[tuple[int, int]]:
    """Return the half-open row ranges in which species and sequence id stay the same."""
    if not len(rows):
        return []
    changes = np.flatnonzero((rows.seqids[1:] != rows.seqids[:-1]) | (rows.species[1:] != rows.species[:-1])) + 1
    edges = [0, *changes.tolist(), len(rows)]
    return list(itertools.pairwise(edges))


def _checked_length(rows: Rows, ascending: np.ndarray, strand: str) -> int:
    """Return the end of a strand whose rows (sorted by start) join from 0 without gap or overlap."""
    if not len(ascending):
        return 0
    here = rows[ascending]
    starts, ends = here.starts, here.ends
    joins = np.concatenate([[0], ends[:-1]])
    wrong = np.flatnonzero((starts != joins) | (starts == ends))
    if len(wrong):
        raise FormatError(
            f"The {strand} strand's subsequences do not join at {rows.describe(ascending[wrong[0]])} (expected start"
            f" {joins[wrong[0]]}): the file was filtered, or two sequences share their first {SEQID_BYTES} characters."
        )
    return int(ends[-1])

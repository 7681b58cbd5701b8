"""Which rows belong to which shard.

A place is a stretch of a sequence: its row on the plus strand and its row on the minus strand. Places are numbered over the
whole genome file; a shard is a range of them, so a cut may lie inside a sequence and inside a gene.
"""

import re
from dataclasses import dataclass

import numpy as np

from helixtune.errors import FormatError, ParameterError
from helixtune.gene_calling.sequences import Sequence
from helixtune.prediction.layout import Run, Stretch


@dataclass(frozen=True)
class Shard:
    """One of `count` nearly equal ranges of places; `number` counts from 1."""

    number: int
    count: int

    def __post_init__(self):
        if not 1 <= self.number <= self.count:
            raise ParameterError(f"--shard {self}: the first number must be 1 to the second, as in 3/17.")

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read `3/17`.

        Raises:
            ParameterError: it is something else.
        """
        match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        if not match:
            raise ParameterError(f"--shard {text}: give the shard's number and how many there are, as in 3/17.")
        return cls(int(match[1]), int(match[2]))

    def places(self, total: int) -> tuple[int, int]:
        """Return the half-open range of this shard's places."""
        return total * (self.number - 1) // self.count, total * self.number // self.count


@dataclass(frozen=True)
class StrandPart:
    """The rows of one strand that belong to a shard, counted 5'->3' from the strand's first.

    Attributes:
        sequence: position of its sequence in the shard's list.
        strand: '+' or '-'.
        run: number of the strand among all of the genome.
        rows: (n,) the file's numbers of all rows of the strand.
        first_row: first row that belongs to the shard.
        end_row: the one after the last.
    """

    sequence: int
    strand: str
    run: int
    rows: np.ndarray
    first_row: int
    end_row: int

    @property
    def begin(self) -> int:
        """First row to look at: a region that is open at the last base before the shard does not begin in it."""
        return max(self.first_row - 1, 0)

    @property
    def own_rows(self) -> np.ndarray:
        """The file's numbers of the rows that belong to the shard."""
        return self.rows[self.first_row : self.end_row]

    @property
    def stretch(self) -> Stretch:
        """The shard's rows of the strand."""
        return Stretch(self.run, self.first_row, self.end_row)


def count_places(sequences: list[Sequence]) -> int:
    """Return how many places a genome has."""
    return sum(len(sequence.strands["+"]) for sequence in sequences)


def place_numbers(sequences: list[Sequence], n_rows: int) -> np.ndarray:
    """Return (n_rows,) the number of each row's place."""
    numbers = np.zeros(n_rows, np.int64)
    origin = 0
    for sequence in sequences:
        own = origin + np.arange(len(sequence.strands["+"]))
        numbers[sequence.strands["+"]], numbers[sequence.strands["-"]] = own, own[::-1]
        origin += len(own)
    return numbers


def cut_shard(sequences: list[Sequence], shard: Shard) -> tuple[list[Sequence], list[StrandPart]]:
    """Return the sequences that a shard touches and its rows on both strands of each, in file order."""
    first, end = shard.places(count_places(sequences))
    touched: list[Sequence] = []
    parts: list[StrandPart] = []
    origin = 0
    for number, sequence in enumerate(sequences):
        n_rows = len(sequence.strands["+"])
        low, high = max(first - origin, 0), min(end - origin, n_rows)
        origin += n_rows
        if low >= high:
            continue
        for side, (strand, span) in enumerate({"+": (low, high), "-": (n_rows - high, n_rows - low)}.items()):
            parts.append(StrandPart(len(touched), strand, 2 * number + side, sequence.strands[strand], *span))
        touched.append(sequence)
    return touched, parts


def require_whole_strands(sequences: list[Sequence], runs: list[Run], name: str) -> None:
    """Check that runs are the two strands of each sequence, plus before minus, and that no name returns.

    Raises:
        FormatError: rows are missing or in another order, or a sequence id occurs twice.
    """
    expected = [
        (int(rows[0]), len(rows)) for sequence in sequences for rows in (sequence.strands["+"], sequence.strands["-"])
    ]
    if [(run.first_row, run.n_rows) for run in runs] != expected:
        raise FormatError(f"{name} was filtered or sorted anew: give the file that encode-genome wrote.")
    if len({sequence.seqid for sequence in sequences}) < len(sequences):
        raise FormatError(f"{name} holds two sequences of one name: rename them and encode again.")

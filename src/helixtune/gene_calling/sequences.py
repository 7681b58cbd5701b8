"""Which rows make up which sequence, as the reference sees it: runs of rows with one name, each strand sorted."""

import itertools
from dataclasses import dataclass

import numpy as np

from helixtune.errors import FormatError
from helixtune.subsequences import SEQID_BYTES, Rows


@dataclass(frozen=True)
class Sequence:
    """One sequence: the rows of each strand in 5'->3' order, and its length.

    `gaps` counts neighbouring rows that do not join: the reference shifts everything behind such a place.
    """

    seqid: str
    strands: dict[str, np.ndarray]
    length_bp: int
    gaps: int


def group_sequences(rows: Rows, name: str) -> list[Sequence]:
    """Group a genome file's rows into sequences; a name that returns later opens another sequence.

    Raises:
        FormatError: no rows, two species, or a strand that is incomplete or holds rows twice; `name` is the file.
    """
    if not len(rows):
        raise FormatError(f"{name} holds no subsequences: encode the genome again.")
    species = np.unique(rows.species)
    if len(species) > 1:
        raise FormatError(
            f"{name} holds {len(species)} species ({_text(species[0])}, {_text(species[1])}, …): call genes species by species."
        )
    changes = np.flatnonzero(rows.seqids[1:] != rows.seqids[:-1]) + 1
    return [
        _read_sequence(rows, np.arange(first, last), name)
        for first, last in itertools.pairwise([0, *changes.tolist(), len(rows)])
    ]


def _text(name: bytes) -> str:
    return name.decode(errors="replace")


def _read_sequence(rows: Rows, block: np.ndarray, name: str) -> Sequence:
    seqid = _text(rows.seqids[block[0]])
    first, second = rows.start_ends[block].T
    if (first == second).any():
        raise FormatError(
            f"{name}: sequence {seqid} has an empty subsequence at {first[first == second][0]}: encode again."
        )
    plus, minus = block[first < second], block[first > second]
    plus = plus[np.argsort(rows.starts[plus], kind="stable")]
    minus = minus[np.argsort(-rows.starts[minus], kind="stable")]
    for strand in (plus, minus):
        _refuse_repeats(rows, strand, name)
    length_bp = _checked_length(rows, plus, minus, name, seqid)
    gaps = sum(
        int((rows.ends[lower] != rows.starts[upper]).sum())
        for lower, upper in ((plus[:-1], plus[1:]), (minus[1:], minus[:-1]))
    )
    return Sequence(seqid, {"+": plus, "-": minus}, length_bp, gaps)


def _refuse_repeats(rows: Rows, strand: np.ndarray, name: str) -> None:
    starts = rows.starts[strand]
    repeated = np.flatnonzero(starts[1:] == starts[:-1])
    if len(repeated):
        raise FormatError(
            f"{name} holds {rows.describe(strand[repeated[0]])} twice: two sequences agree in their first {SEQID_BYTES}"
            " characters, or the file was joined from two; rename the sequences and encode again."
        )


def _checked_length(rows: Rows, plus: np.ndarray, minus: np.ndarray, name: str, seqid: str) -> int:
    complete = (
        len(plus) == len(minus) > 0
        and rows.starts[plus[0]] == 0
        and rows.starts[minus[-1]] == 0
        and rows.ends[plus[-1]] == rows.ends[minus[0]]
    )
    if not complete:
        raise FormatError(
            f"{name}: sequence {seqid} is not there from end to end on both strands: genes are called on whole genomes;"
            " give the file that encode-genome wrote, not a filtered one."
        )
    return int(rows.ends[plus[-1]])

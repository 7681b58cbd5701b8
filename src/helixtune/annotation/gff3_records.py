"""Annotation lines to records: checks lines, keeps only what gene models are made of.

Everything here still speaks of lines and identifiers; `gff3_assembly` joins the records to genes. Coordinates leave this
module 0-based and half-open.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from helixtune.annotation.gff3_lines import CDS, EXON, GENE, KINDS, TRANSCRIPT, UTR, Line, decode, split_lines
from helixtune.errors import FormatError
from helixtune.log import logger

PHASES = {"0": 0, "1": 1, "2": 2, ".": None}
STRANDS = frozenset("+-.?")
_ID = re.compile(r"(?:^|;)\s*ID=([^;]+)")
_PARENT = re.compile(r"(?:^|;)\s*Parent=([^;]+)")
_ONE_OF_PARTS = re.compile(r"(?:^|;)\s*part=")
SEVERAL_PARTS = "it is written in several parts"
# 2**40: far beyond any sequence, and sums of such numbers still fit into 64 bits.
LARGEST_COORDINATE = 1 << 40


@dataclass(slots=True)
class Head:
    """A gene or transcript line."""

    line: int
    id: str
    parent: str
    seqid: str
    type: str
    start: int
    end: int
    strand: str
    score: str
    attributes: str
    problem: str = ""


# The seqid, strand, kind and phase of a part are shared by many lines: one tuple serves all of them.
Place = tuple[str, str, str, int | None]
Part = tuple[Place, int, int, int]  # place, start, end, line


class Notes:
    """Things left out or made up, counted; each is told once, with an example."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def add(self, text: str, example: str) -> None:
        """Count one more case of `text`."""
        self.counts[text] += 1
        self.examples.setdefault(text, example)

    def add_all(self, later: "Notes") -> None:
        """Count all cases of a later part of the file."""
        self.counts.update(later.counts)
        for text, example in later.examples.items():
            self.examples.setdefault(text, example)

    def log(self, path: Path) -> None:
        """Warn about everything counted."""
        for text, count in self.counts.items():
            logger.warning("%s: %d %s (e.g. %s).", path, count, text, self.examples[text])


@dataclass
class Records:
    """What an annotation file holds, by identifier, in file order.

    A file is read sequence by sequence: `genes`, `transcripts` and `parts` hold the lines at hand and are emptied when they
    have become genes; everything else is gathered over the whole file, for what can be told at its end alone.
    """

    path: Path
    genes: dict[str, Head] = field(default_factory=dict)
    transcripts: dict[str, Head] = field(default_factory=dict)
    parts: dict[str, list[Part]] = field(default_factory=dict)  # by the transcript's identifier
    places: dict[tuple[str, str, str, str], Place] = field(default_factory=dict)
    seqids: dict[str, str] = field(default_factory=dict)
    circular: set[str] = field(default_factory=set)
    unknown_types: Counter = field(default_factory=Counter)
    parts_without_parent: int = 0
    notes: Notes = field(default_factory=Notes)
    # Parents without a line on the same sequence: (kind of child, Parent) -> line and name of the first such child.
    orphans: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    # Hash and line of every head: the identifiers themselves would take ten times the memory.
    heads: dict[str, array] = field(default_factory=lambda: {GENE: array("q"), TRANSCRIPT: array("q")})

    def add_left(self, other: "Records") -> None:
        """Add what another part of the file left for its end."""
        self.circular |= other.circular
        self.unknown_types.update(other.unknown_types)
        self.parts_without_parent += other.parts_without_parent
        self.notes.add_all(other.notes)
        for key, first in other.orphans.items():
            self.orphans.setdefault(key, first)
        for kind, heads in self.heads.items():
            heads.extend(other.heads[kind])

    def forget_lines(self) -> None:
        """Empty what belongs to the lines at hand."""
        for held in (self.genes, self.transcripts, self.parts, self.places, self.seqids):
            held.clear()

    def fail(self, line: int, sentence: str) -> NoReturn:
        """Refuse the file because of one line."""
        raise FormatError(f"{self.path} line {line}: {sentence}")

    def add_head(self, heads: dict[str, Head], head: Head) -> None:
        """Add a gene or transcript; one in several parts (trans-spliced) is kept once and marked as unusable."""
        first = heads.setdefault(head.id, head)
        if first is head:
            if "part=" in head.attributes and _ONE_OF_PARTS.search(head.attributes):
                head.problem = SEVERAL_PARTS  # the others may lie on another sequence
            return
        if "part=" not in head.attributes and "trans-splicing" not in head.attributes:
            self.fail(
                head.line, f"ID '{head.id}' was used before, in line {first.line}: give every feature its own ID."
            )
        first.problem = SEVERAL_PARTS
        if first.seqid == head.seqid:
            first.start, first.end = min(first.start, head.start), max(first.end, head.end)

    def interval(self, number: int, columns: list[str]) -> tuple[int, int]:
        """Return the 0-based half-open interval of a line."""
        try:
            start, end = whole_number(columns[3]) - 1, whole_number(columns[4])
        except ValueError:
            self.fail(number, f"start '{columns[3]}' and end '{columns[4]}' must be whole numbers: correct the line.")
        if start < 0 or end <= start or end > LARGEST_COORDINATE:
            self.fail(number, f"{start + 1} to {end} is no interval (1-based, start <= end): correct the line.")
        return start, end

    def place(self, number: int, columns: list[str], kind: str) -> Place:
        """Return seqid, strand, kind and phase of an exon, CDS or UTR line; lines that agree share one tuple."""
        key = (columns[0], columns[6], columns[7], kind)
        place = self.places.get(key)
        if place is None:
            phase = columns[7].strip()
            if phase not in PHASES:
                self.fail(number, f"phase '{phase}' is none of 0, 1, 2 and '.': correct the line.")
            coding_phase = PHASES[phase] if kind == CDS else None
            place = self.places[key] = (self.seqid(columns[0]), self.strand(number, columns), kind, coding_phase)
        return place

    def strand(self, number: int, columns: list[str]) -> str:
        """Return the strand column; '?' (unknown) counts as '.'."""
        strand = columns[6].strip()
        if strand not in STRANDS:
            self.fail(number, f"strand '{strand}' is none of '+', '-' and '.': correct the line.")
        return "." if strand == "?" else strand

    def seqid(self, text: str) -> str:
        """Return the decoded sequence id, one string object for all lines that share it."""
        known = self.seqids.get(text)
        if known is None:
            known = self.seqids[text] = decode(text.strip())
        return known


def whole_number(text: str) -> int:
    """Return a number; raise ValueError also for what Python alone takes for one (`6_1`, digits of other scripts)."""
    if "_" in text or not text.isascii():
        raise ValueError(text)
    return int(text)


def add_gff3_records(records: Records, lines: Iterable[Line]) -> None:
    """Collect the records of lines of a GFF3 file."""
    for number, columns in lines:
        kind = KINDS.get(columns[2]) or KINDS.get(columns[2].strip())
        if kind in (EXON, CDS, UTR):
            _add_part(records, number, columns, kind)
        elif kind in (GENE, TRANSCRIPT):
            _add_head(records, number, columns, kind)
        elif kind is None:
            records.unknown_types[columns[2].strip()] += 1
        elif "Is_circular=true" in columns[8]:
            records.circular.add(records.seqid(columns[0]))


def _add_part(records: Records, number: int, columns: list[str], kind: str) -> None:
    found = _PARENT.search(columns[8])
    if not found:
        records.parts_without_parent += 1
        return
    start, end = records.interval(number, columns)
    part = (records.place(number, columns, kind), start, end, number)
    for parent in found[1].split(","):
        records.parts.setdefault(parent.strip(), []).append(part)


def _add_head(records: Records, number: int, columns: list[str], kind: str) -> None:
    attributes = columns[8]
    identifier, parent = _ID.search(attributes), _PARENT.search(attributes)
    if not identifier:
        records.fail(number, f"{columns[2]} without ID: its parts cannot be found; give it an ID.")
    if parent and "," in parent[1] and kind == TRANSCRIPT:
        records.fail(number, f"transcript '{identifier[1]}' has two parents: write one line for each gene.")
    start, end = records.interval(number, columns)
    strand = records.strand(number, columns)
    if strand == ".":
        records.fail(number, f"{columns[2]} '{identifier[1]}' has no strand: write '+' or '-' or remove it.")
    head = Head(
        number, identifier[1].strip(), parent[1].strip() if parent else "", records.seqid(columns[0]),
        columns[2].strip(), start, end, strand, columns[5], attributes,
    )  # fmt: skip
    records.add_head(records.genes if kind == GENE else records.transcripts, head)


def types_of_ids(path: Path, wanted: set[str]) -> dict[str, str]:
    """Return the feature types of those of the `wanted` identifiers that any line of a GFF3 file carries."""
    types = {}
    for _, columns in split_lines(path):
        identifier = _ID.search(columns[8])
        if identifier and identifier[1].strip() in wanted:
            types[identifier[1].strip()] = columns[2].strip()
    return types

"""Annotation lines to records: checks lines, keeps only what gene models are made of.

Everything here still speaks of lines and identifiers; `gff3_assembly` joins the records to genes. Coordinates leave this
module 0-based and half-open.
"""

import re
from array import array
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from helixtune.annotation.gff3_lines import (
    CDS,
    GENE,
    KINDS,
    PART_KINDS,
    STOP_CODON,
    TRANSCRIPT,
    Line,
    decode,
    split_lines,
)
from helixtune.errors import FormatError
from helixtune.log import logger

PHASES = {"0": 0, "1": 1, "2": 2, ".": None}
STRANDS = frozenset("+-.?")
UNKNOWN_STRAND = "."
PHASED_KINDS = (CDS, STOP_CODON)
_ID = re.compile(r"(?:^|;)\s*ID=([^;]+)")
_PARENT = re.compile(r"(?:^|;)\s*Parent=([^;]+)")
# Names of attributes are to be written in these letters; some writers do not.
_ID_IN_ANY_LETTERS = re.compile(_ID.pattern, re.IGNORECASE)
_PARENT_IN_ANY_LETTERS = re.compile(_PARENT.pattern, re.IGNORECASE)
_ONE_OF_PARTS = re.compile(r"(?:^|;)\s*part=")
_TRANS_SPLICED = re.compile(r"trans[-_ ]splic", re.IGNORECASE)
_CIRCULAR = re.compile(r"(?:^|;)\s*is_circular[ =]\"?(?:true|yes|1)\b", re.IGNORECASE)
SEVERAL_PARTS = "it is written in several parts"
# 2**40: far beyond any sequence, and sums of such numbers still fit into 64 bits.
LARGEST_COORDINATE = 1 << 40

# How records name a gene or transcript: GFF3 by its ID, GTF by sequence and names.
Key = Hashable
# Seqid, strand, start, end.
Span = tuple[str, str, int, int]


@dataclass(slots=True)
class Head:
    """A gene or transcript line; `more` are the places of further lines of the same name."""

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
    more: tuple[Span, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where it lies."""
        return ((self.seqid, self.strand, self.start, self.end), *self.more)


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

    def sentences(self) -> list[str]:
        """Return what was counted, the first first."""
        return [f"{count} {text} (e.g. {self.examples[text]})" for text, count in self.counts.items()]

    def log(self, path: Path) -> None:
        """Warn about everything counted."""
        for sentence in self.sentences():
            logger.warning("%s: %s.", path, sentence)


@dataclass
class Records:
    """What an annotation file holds, by identifier, in file order.

    A file is read sequence by sequence: `genes`, `transcripts`, `parts`, `cds_ids` and `lost` hold the lines at hand and are
    emptied when they have become genes; everything else is gathered over the whole file, for what can be told at its end alone.
    """

    path: Path
    genes: dict[Key, Head] = field(default_factory=dict)
    transcripts: dict[Key, Head] = field(default_factory=dict)
    parts: dict[Key, list[Part]] = field(default_factory=dict)  # by the transcript's identifier
    # ID of each CDS line whose Parent was no transcript above it: those of one coding sequence share it.
    cds_ids: dict[int, str] = field(default_factory=dict)
    # Coding places that belong to nothing, with a line of each.
    lost: list[tuple[Span, int]] = field(default_factory=list)
    places: dict[tuple[str, str, str, str], Place] = field(default_factory=dict)
    seqids: dict[str, str] = field(default_factory=dict)
    circular: set[str] = field(default_factory=set)
    unknown_types: Counter = field(default_factory=Counter)
    notes: Notes = field(default_factory=Notes)
    first_cds_line: int = 0  # 0 = none
    n_coding_genes: int = 0
    # Parents without a line on the same sequence: (kind of child, Parent) -> line and name of the first such child.
    orphans: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    # Hash and line of every head: the identifiers themselves would take ten times the memory.
    heads: dict[str, array] = field(default_factory=lambda: {GENE: array("q"), TRANSCRIPT: array("q")})

    def add_left(self, other: "Records") -> None:
        """Add what another part of the file left for its end."""
        self.circular |= other.circular
        self.unknown_types.update(other.unknown_types)
        self.notes.add_all(other.notes)
        self.first_cds_line = self.first_cds_line or other.first_cds_line
        self.n_coding_genes += other.n_coding_genes
        for key, first in other.orphans.items():
            self.orphans.setdefault(key, first)
        for kind, heads in self.heads.items():
            heads.extend(other.heads[kind])

    def forget_lines(self) -> None:
        """Empty what belongs to the lines at hand."""
        for held in (self.genes, self.transcripts, self.parts, self.cds_ids, self.lost, self.places, self.seqids):
            held.clear()

    def fail(self, line: int, sentence: str) -> NoReturn:
        """Refuse the file because of one line."""
        raise FormatError(f"{self.path} line {line}: {sentence}")

    def add_head(self, heads: dict[Key, Head], head: Head) -> None:
        """Add a gene or transcript; one in several parts (trans-spliced) is kept once and marked as unusable."""
        first = heads.setdefault(head.id, head)
        if first is head:
            if "part=" in head.attributes and _ONE_OF_PARTS.search(head.attributes):
                head.problem = SEVERAL_PARTS  # the others may lie on another sequence
            return
        if "part=" not in head.attributes and not _TRANS_SPLICED.search(head.attributes):
            self.fail(
                head.line, f"ID '{head.id}' was used before, in line {first.line}: give every feature its own ID."
            )
        add_lines(first, head, SEVERAL_PARTS)

    def interval(self, number: int, columns: list[str]) -> tuple[int, int]:
        """Return the 0-based half-open interval of a line."""
        try:
            start, end = whole_number(columns[3]) - 1, whole_number(columns[4])
        except ValueError:
            self.fail(number, f"start '{columns[3]}' and end '{columns[4]}' must be whole numbers: correct the line.")
        if start < 0 or end <= start or end > LARGEST_COORDINATE:
            self.fail(number, f"{start + 1} to {end} is no interval (1-based, start <= end): correct the line.")
        return start, end

    def part(self, number: int, columns: list[str], kind: str) -> Part:
        """Return an exon, CDS, UTR or stop codon line."""
        if kind == CDS and not self.first_cds_line:
            self.first_cds_line = number
        start, end = self.interval(number, columns)
        return self.place(number, columns, kind), start, end, number

    def place(self, number: int, columns: list[str], kind: str) -> Place:
        """Return seqid, strand, kind and phase of an exon, CDS, UTR or stop codon line; lines that agree share one tuple."""
        key = (columns[0], columns[6], columns[7], kind)
        place = self.places.get(key)
        if place is None:
            phase = columns[7].strip()
            if phase not in PHASES:
                self.fail(number, f"phase '{phase}' is none of 0, 1, 2 and '.': correct the line.")
            coding_phase = PHASES[phase] if kind in PHASED_KINDS else None
            place = self.places[key] = (self.seqid(columns[0]), self.strand(number, columns), kind, coding_phase)
        return place

    def strand(self, number: int, columns: list[str]) -> str:
        """Return the strand column; '?' (unknown) counts as '.'."""
        strand = columns[6].strip()
        if strand not in STRANDS:
            self.fail(number, f"strand '{strand}' is none of '+', '-' and '.': correct the line.")
        return UNKNOWN_STRAND if strand == "?" else strand

    def seqid(self, text: str) -> str:
        """Return the decoded sequence id, one string object for all lines that share it."""
        known = self.seqids.get(text)
        if known is None:
            known = self.seqids[text] = decode(text.strip())
        return known

    def add_other(self, columns: list[str], kind: str | None) -> None:
        """Look at a line that is no part of a gene model: it may tell that its sequence is a circle."""
        if kind is None:
            self.unknown_types[columns[2].strip()] += 1
        if ("ircular" in columns[8] or "IRCULAR" in columns[8]) and _CIRCULAR.search(columns[8]):
            self.circular.add(self.seqid(columns[0]))

    def lose(self, part: Part, text: str) -> None:
        """Leave out a line that belongs to nothing; its place is masked if it is coding."""
        (seqid, strand, kind, _), start, end, line = part
        self.notes.add(text, f"line {line}")
        if kind == CDS:
            self.lost.append(((seqid, strand, start, end), line))


def add_lines(first: Head, head: Head, problem: str) -> None:
    """Make a further line of the same name part of a gene or transcript, which so becomes unusable."""
    first.problem = first.problem or problem
    first.more += head.spans


def whole_number(text: str) -> int:
    """Return a number; raise ValueError also for what Python alone takes for one (`6_1`, digits of other scripts)."""
    if "_" in text or not text.isascii():
        raise ValueError(text)
    return int(text)


def add_gff3_records(records: Records, lines: Iterable[Line]) -> None:
    """Collect the records of lines of a GFF3 file."""
    for number, columns in lines:
        kind = KINDS[columns[2]]
        if kind in PART_KINDS:
            _add_part(records, number, columns, kind)
        elif kind in (GENE, TRANSCRIPT):
            _add_head(records, number, columns, kind)
        else:
            records.add_other(columns, kind)


def _add_part(records: Records, number: int, columns: list[str], kind: str) -> None:
    part = records.part(number, columns, kind)
    found = _PARENT.search(columns[8]) or _in_other_letters(records, _PARENT_IN_ANY_LETTERS, number, columns)
    if not found:
        _add_part_without_parent(records, part, columns)
        return
    is_known = kind != CDS
    for parent in found[1].split(","):
        name = parent.strip()
        if name:
            records.parts.setdefault(name, []).append(part)
            is_known = is_known or name in records.transcripts
    if not is_known:
        identifier = _ID.search(columns[8])
        records.cds_ids[number] = identifier[1].strip() if identifier else ""


def _add_part_without_parent(records: Records, part: Part, columns: list[str]) -> None:
    identifier = _ID.search(columns[8])
    if identifier and part[0][2] == CDS:  # a genome of coding sequences alone: each is a gene
        name = identifier[1].strip()
        records.parts.setdefault(name, []).append(part)
        records.cds_ids[part[3]] = name
    else:
        records.lose(part, "exons or CDS without Parent were left out")


def _in_other_letters(records: Records, pattern: re.Pattern, number: int, columns: list[str]) -> re.Match | None:
    found = pattern.search(columns[8])
    if found:
        written = found[0].partition("=")[0].strip("; ")
        records.notes.add(
            "lines have the attribute ID or Parent in other letters, which was read", f"{written}, line {number}"
        )
    return found


def _add_head(records: Records, number: int, columns: list[str], kind: str) -> None:
    attributes = columns[8]
    identifier = _ID.search(attributes) or _in_other_letters(records, _ID_IN_ANY_LETTERS, number, columns)
    if not identifier:
        records.fail(number, f"{columns[2]} without ID: its parts cannot be found; give it an ID.")
    parent = _PARENT.search(attributes)
    if not parent and kind == TRANSCRIPT:
        parent = _in_other_letters(records, _PARENT_IN_ANY_LETTERS, number, columns)
    start, end = records.interval(number, columns)
    head = Head(
        number, identifier[1].strip(), parent[1].strip() if parent else "", records.seqid(columns[0]),
        columns[2].strip(), start, end, records.strand(number, columns), columns[5], attributes,
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

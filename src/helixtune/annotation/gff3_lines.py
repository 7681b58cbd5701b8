"""The lines of an annotation file: split, told apart by what they mean for gene models, and looked through once beforehand."""

import zlib
from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from isal import igzip

from helixtune.annotation import sequence_ontology as so
from helixtune.errors import FormatError, InputFileError
from helixtune.files import is_gzip

GENE, TRANSCRIPT, EXON, CDS, UTR, SILENT = "gene", "transcript", "exon", "CDS", "UTR", "silent"
START_CODON, STOP_CODON = "start_codon", "stop_codon"
PART_KINDS = frozenset((EXON, CDS, UTR, STOP_CODON))  # what a transcript is made of
MOST_NAMES_AT_HAND = 10_000


class _Kinds(dict):
    """Kind of a line by its type; letters may be of either case, and UTRs go by many names. None = unknown."""

    def __missing__(self, name: str) -> str | None:
        kind = self._by_letters.get(name.strip().casefold())
        if kind is None and so.UTR_NAME.fullmatch(so.NO_LETTER.sub("", name).casefold()):
            kind = UTR
        if len(self) < MOST_NAMES_AT_HAND:
            self[name] = kind
        return kind

    def __init__(self, kinds: dict[str, str]):
        super().__init__(kinds)
        self._by_letters = {name.casefold(): kind for name, kind in kinds.items()}


KINDS = _Kinds(
    {
        **dict.fromkeys(so.SILENT_TYPES, SILENT),
        **dict.fromkeys(so.START_CODON_TYPES, START_CODON),
        **dict.fromkeys(so.STOP_CODON_TYPES, STOP_CODON),
        **dict.fromkeys(so.CDS_TYPES, CDS),
        **dict.fromkeys(so.EXON_TYPES, EXON),
        **dict.fromkeys(so.TRANSCRIPT_TYPES, TRANSCRIPT),
        **dict.fromkeys(so.GENE_TYPES, GENE),
    }
)

# AUGUSTUS writes bare names on its first lines: a quoted gene_id comes with the first exon or CDS, well within these.
LINES_TO_JUDGE = 200

Line = tuple[int, list[str]]  # number, columns
# A small gzip file may unpack to one line of any length; attributes of real lines are a few kilobytes.
LONGEST_LINE = 4 * 1024**2


def decode(text: str) -> str:
    """Undo GFF3's percent-encoding."""
    return unquote(text) if "%" in text else text


@dataclass(frozen=True)
class LinePart:
    """Some lines of a plain text file.

    Attributes:
        offset: byte at which a line begins.
        skipped: lines from there on that are passed over.
        count: lines after them; None = all.
        number: number of the first of those in the file.
    """

    offset: int = 0
    skipped: int = 0
    count: int | None = None
    number: int = 1


WHOLE = LinePart()


def split_lines(path: Path, part: LinePart | None = None) -> Iterator[Line]:
    """Yield line number and nine columns of every feature line (of a part), also behind embedded FASTA parts.

    Raises:
        InputFileError: a gzip file is damaged.
        FormatError: a line has not nine tab-separated columns.
    """
    with igzip.open(path, "rb") if part is None and is_gzip(path) else path.open("rb") as file:
        if part is None:
            yield from columns_of(path, file)
        else:
            file.seek(part.offset)
            yield from columns_of(path, file, part)


def columns_of(path: Path, file: BinaryIO, part: LinePart = WHOLE) -> Generator[Line, None, bool]:
    """Yield what `split_lines` does from an open file that stands where the part begins; `path` is its name in messages.

    The generator returns whether the lines end within sequence.
    """
    # Text beyond identifiers is never used: a byte that is not UTF-8 in a note must not stop the work.
    text = TextIOWrapper(file, encoding="utf-8" if part.offset else "utf-8-sig", errors="replace")
    last = None if part.count is None else part.skipped + part.count
    number, in_sequence = part.number - 1, False
    try:
        for line in islice(iter(partial(text.readline, LONGEST_LINE), ""), part.skipped, last):
            number += 1
            if len(line) >= LONGEST_LINE and not in_sequence:
                raise FormatError(
                    f"{path} line {number} has more than {LONGEST_LINE} characters: this is not a GFF3 line."
                )
            columns = line.rstrip("\r\n").split("\t")
            if len(columns) == 9 and line[0] != "#":
                in_sequence = False
                yield number, columns
            elif in_sequence:
                _check_sequence_line(path, number, line, columns)
                number -= len(line) == LONGEST_LINE and line[-1] != "\n"  # its next piece is of the same line
            elif _begins_sequence(line):
                in_sequence = True
            elif line[0] != "#" and line.strip():
                raise FormatError(_not_nine(path, number, columns))
    except (EOFError, zlib.error, OSError) as error:
        raise InputFileError(f"{path} cannot be read after line {number} ({error}): copy it again.") from error
    return in_sequence


def _begins_sequence(line: str) -> bool:
    """Tell whether FASTA begins: `##FASTA` alone on its line (comments may begin so, too), or a header, which implies it."""
    return line[0] == ">" or (line[0] == "#" and line.rstrip().upper() == "##FASTA")


def _check_sequence_line(path: Path, number: int, line: str, columns: list[str]) -> None:
    """Refuse a line within sequence that is neither sequence nor header nor comment: a damaged feature line."""
    if len(columns) > 1 and line[0] not in ">#":
        raise FormatError(_not_nine(path, number, columns))


def _not_nine(path: Path, number: int, columns: list[str]) -> str:
    return f"{path} line {number}: {len(columns)} tab-separated columns in place of 9: this is not a GFF3 line."


def is_quoted(path: Path) -> bool:
    """Tell whether a spreadsheet has put quotes around the attributes of an annotation."""
    return any(columns[8].startswith('"') for _, columns in islice(split_lines(path), LINES_TO_JUDGE))


def unquoted(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines without the quotes that a spreadsheet puts around a column that holds quotes or commas."""
    for number, columns in lines:
        text = columns[8].strip()
        if len(text) > 1 and text[0] == text[-1] == '"':
            columns[8] = text[1:-1].replace('""', '"')
        yield number, columns


def has_coding_lines(path: Path) -> bool:
    """Tell whether any line of an annotation is a CDS."""
    return any(KINDS[columns[2]] == CDS for _, columns in split_lines(path))


@dataclass(frozen=True)
class Outline:
    """How a file is laid out.

    Attributes:
        seqids: sequences with lines of genes, in file order.
        is_grouped: whether the lines of each sequence stand together.
    """

    seqids: tuple[str, ...]
    is_grouped: bool


def outline_of(path: Path, kinds: Collection[str]) -> Outline:
    """Look through a file once; `kinds` are those of the lines that gene models are made of."""
    seen: set[str] = set()
    with_genes: dict[str, None] = {}
    is_grouped, seqid, text = True, "", None
    for _, columns in split_lines(path):
        if columns[0] != text:
            text = columns[0]
            seqid = decode(text.strip())
            is_grouped &= seqid not in seen
            seen.add(seqid)
        if seqid not in with_genes and KINDS[columns[2]] in kinds:
            with_genes[seqid] = None
    return Outline(tuple(with_genes), is_grouped)

"""The lines of an annotation file: split, told apart by what they mean for gene models, and looked through once beforehand."""

import zlib
from collections.abc import Collection, Generator, Iterator
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
from helixtune.fasta import GZIP_MAGIC

GENE, TRANSCRIPT, EXON, CDS, UTR, SILENT = "gene", "transcript", "exon", "CDS", "UTR", "silent"
KINDS = {
    **dict.fromkeys(so.SILENT_TYPES, SILENT),
    **dict.fromkeys(so.UTR_TYPES, UTR),
    **dict.fromkeys(so.CDS_TYPES, CDS),
    **dict.fromkeys(so.EXON_TYPES, EXON),
    **dict.fromkeys(so.TRANSCRIPT_TYPES, TRANSCRIPT),
    **dict.fromkeys(so.GENE_TYPES, GENE),
}

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


def is_gzip(path: Path) -> bool:
    """Tell whether a file is packed."""
    with path.open("rb") as probe:
        return probe.read(2) == GZIP_MAGIC


def split_lines(path: Path, part: LinePart | None = None) -> Iterator[Line]:
    """Yield line number and nine columns of every feature line (of a part) up to an embedded FASTA part.

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

    The generator returns whether a FASTA part begins there, so that no feature follows in the whole file.
    """
    # Text beyond identifiers is never used: a byte that is not UTF-8 in a note must not stop the work.
    text = TextIOWrapper(file, encoding="utf-8" if part.offset else "utf-8-sig", errors="replace")
    last = None if part.count is None else part.skipped + part.count
    number = part.number - 1
    try:
        lines = islice(iter(partial(text.readline, LONGEST_LINE), ""), part.skipped, last)
        for number, line in enumerate(lines, start=part.number):
            if len(line) >= LONGEST_LINE:
                raise FormatError(
                    f"{path} line {number} has more than {LONGEST_LINE} characters: this is not a GFF3 line."
                )
            columns = line.rstrip("\r\n").split("\t")
            if len(columns) == 9 and line[0] != "#":
                yield number, columns
            elif line.startswith(("##FASTA", ">")):
                return True
            elif line[0] != "#" and line.strip():
                raise FormatError(
                    f"{path} line {number}: {len(columns)} tab-separated columns in place of 9: this is not a GFF3 line."
                )
    except (EOFError, zlib.error, OSError) as error:
        raise InputFileError(f"{path} cannot be read after line {number} ({error}): copy it again.") from error
    return False


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
        if seqid not in with_genes and KINDS.get(columns[2].strip()) in kinds:
            with_genes[seqid] = None
    return Outline(tuple(with_genes), is_grouped)

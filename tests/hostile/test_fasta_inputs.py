"""Hostile FASTA files through `helixtune encode-genome`: read rightly, or refused in one sentence."""

import bz2
import gzip
import lzma
from pathlib import Path

import pytest

from attempts import Case
from helixtune.h5files import BASES, open_file, read_rows

LENGTH = 30
LETTERS = "CATG"  # the columns' order


def text(content: str | bytes):
    """Return a maker of a file with this content."""
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content)


def packed(content: bytes, cut: int | None = None, tail: bytes = b""):
    """Return a maker of a gzip file, cut short or with something behind it."""
    return lambda path: path.write_bytes(gzip.compress(content, mtime=0)[:cut] + tail)


def gives(**sequences: str):
    """Return a check that a genome file holds exactly these sequences, both strands."""
    return lambda path: require_sequences(path, sequences)


def require_sequences(path: Path, expected: dict[str, str]) -> None:
    """Read the letters of both strands back from the rows."""
    found: dict[str, dict[str, str]] = {}
    with open_file(path) as file:
        rows = read_rows(file)
        for seqid, strand, length, bases in zip(
            rows.seqids, rows.strands, rows.valid_lengths, file[BASES][:], strict=True
        ):
            letters = "".join("N" if row.max() < 1 else LETTERS[row.argmax()] for row in bases[:length])
            strands = found.setdefault(seqid.decode(), {"+": "", "-": ""})
            strands[strand] += letters
    assert {seqid: strands["+"] for seqid, strands in found.items()} == expected
    swapped = {seqid: strands["-"].translate(str.maketrans("ACGT", "TGCA"))[::-1] for seqid, strands in found.items()}
    assert swapped == expected


def one(seqid: str, letters: str = "ACGT", result: str = ""):
    """Return a case of one sequence whose id must be kept as it is."""
    return Case(text(f">{seqid}\n{letters}\n"), right=gives(**{seqid: letters}), result=result or "id and letters kept")


def many(path: Path) -> None:
    """Write 100,000 contigs."""
    path.write_text("".join(f">c{i}\nACGTN\n" for i in range(100_000)))


def bomb(path: Path) -> None:
    """Write 1 GiB of zero bytes, packed to 1 MB: one line without end."""
    path.write_bytes(gzip.compress(bytes(16 * 1024**2), 1, mtime=0) * 64)


def shouting(path: Path) -> None:
    """Write a header line of 300 MB."""
    with path.open("wb") as file:
        file.write(b">")
        for _ in range(300):
            file.write(b"x" * 10**6)
        file.write(b"\nACGT\n")


RANDOM_BYTES = bytes((i * 37 + 11) % 256 for i in range(4096))
GENOME = b">a\n" + b"ACGTTGCA" * 500 + b"\n"

CASES = {
    "empty file": Case(text(""), "is empty: check how it was made"),
    "blank lines alone": Case(text("\n\n  \n"), "holds no FASTA record"),
    "random bytes": Case(text(RANDOM_BYTES), "text before the first '>' header"),
    "zero bytes": Case(text(bytes(1000)), "text before the first '>' header"),
    "ELF program": Case(text(b"\x7fELF\x02\x01\x01" + bytes(200)), "text before the first '>' header"),
    "HDF5 file": Case(text(b"\x89HDF\r\n\x1a\n" + bytes(200)), "text before the first '>' header"),
    "zip archive": Case(text(b"PK\x03\x04" + bytes(200)), "text before the first '>' header"),
    "FASTQ": Case(text("@r1\nACGT\n+\nIIII\n"), "text before the first '>' header"),
    "GenBank": Case(text("LOCUS       X 4 bp DNA\nORIGIN\n 1 acgt\n//\n"), "text before the first '>' header"),
    "GFF3": Case(text("##gff-version 3\na\tx\tgene\t1\t9\t.\t+\t.\tID=g\n"), "text before the first '>' header"),
    "UTF-16 text": Case(text(">a\nACGT\n".encode("utf-16")), "text before the first '>' header"),
    "HTML of an error page": Case(text("<!DOCTYPE html><html>404</html>\n"), "text before the first '>' header"),
    "protein": Case(text(">p\nMKLVEEFQ*\n"), "is not a nucleotide letter"),
    "X for what is masked": Case(text(">a\nACXxGT\n"), right=gives(a="ACNNGT"), result="read as N"),
    "RNA": Case(text(">r\nACGU\n"), "'U' in sequence 'r' is not a nucleotide letter"),
    "gap marks": Case(text(">a\nAC--GT\n"), "'-' in sequence 'a' is not a nucleotide letter"),
    "digits among letters": Case(text(">a\n1 ACGT 60\n"), "'1' in sequence 'a' is not a nucleotide letter"),
    "zero byte among letters": Case(text(b">a\nAC\0GT\n"), "is not a nucleotide letter"),
    "letters of another alphabet": Case(text(">a\nACГT\n"), "is not a nucleotide letter"),
    "header without id": Case(text(">\nACGT\n"), "a header without a sequence id"),
    "space before the id": Case(text("> a\nACGT\n"), "a header without a sequence id"),
    "id not ASCII": Case(text(">хромосома\nACGT\n"), "the sequence id is not plain ASCII"),
    "zero byte in an id": Case(text(b">a\0\nACGT\n"), "has a control character"),
    "terminal escape in an id": Case(text(b">a\x1b[2J\nACGT\n"), "has a control character"),
    "ids twice": Case(text(">a\nAC\n>a\nGT\n"), "line 3: sequence id 'a' occurs twice"),
    "ids twice, told apart behind a space": Case(text(">a 1\nAC\n>a 2\nGT\n"), "sequence id 'a' occurs twice"),
    "id of 256 characters": Case(text(f">{'x' * 256}\nAC\n"), "has more than 255 characters"),
    "header inside a line": Case(text(">a\nACGT\nAC>b\nACGT\n"), "line 3: '>' inside the line"),
    "bzip2": Case(lambda path: path.write_bytes(bz2.compress(GENOME)), "is packed by bzip2, which is not read"),
    "xz": Case(lambda path: path.write_bytes(lzma.compress(GENOME)), "is packed by xz, which is not read"),
    "record without letters": Case(text(">a\n>b\nACGT\n"), "record 'a' has no sequence"),
    "last record without letters": Case(text(">a\nACGT\n>b\n"), "record 'b' has no sequence"),
    "line ends of old Macs": Case(text(">a\rACGT\rACGT\r"), "record 'a' has no sequence"),
    "gzip cut short": Case(packed(GENOME, cut=-9), "truncated or damaged gzip file"),
    "gzip cut in its head": Case(packed(GENOME, cut=6), "truncated or damaged gzip file"),
    "gzip with rubbish behind": Case(packed(GENOME, tail=b"rubbish"), "truncated or damaged gzip file"),
    "gzip with a wrong checksum": Case(
        lambda path: path.write_bytes(gzip.compress(GENOME, mtime=0)[:-8] + bytes(8)), "truncated or damaged gzip file"
    ),
    "gzip of nothing": Case(packed(b""), "holds no FASTA record"),
    "gzip within gzip": Case(packed(gzip.compress(GENOME)), "text before the first '>' header"),
    "a gigabyte of zero bytes in a gzip of 1 MB": Case(bomb, "text before the first '>' header"),
    "a header of 300 MB": Case(shouting, "a header of more than"),
    "one base": one("a", "G"),
    "all N": one("a", "N" * 70),
    "more N than a row, then bases": one("a", "N" * 45 + "ACGT"),
    "lower case": Case(text(">a\nacgtnacgt\n"), right=gives(a="ACGTNACGT"), result="read as upper case"),
    "CRLF line ends": Case(text(">a x\r\nACGT\r\nAC\r\n"), right=gives(a="ACGTAC"), result="line ends are no letters"),
    "no line end at the end": Case(text(">a\nACGT"), right=gives(a="ACGT"), result="the last letter counts"),
    "white space behind lines": Case(text(">a \nACGT  \nAC\t\n"), right=gives(a="ACGTAC"), result="it is left out"),
    "blank lines between": Case(text("\n>a\n\nAC\n\nGT\n\n"), right=gives(a="ACGT"), result="they are left out"),
    "lines of unequal width": Case(text(">a\nA\nCGT\nAC\n"), right=gives(a="ACGTAC"), result="letters joined"),
    "exactly one row": one("a", "ACGTA" * 6, "one row a strand, no padding"),
    "one base more than a row": one("a", "ACGTA" * 6 + "C", "two rows a strand"),
    "id with slash and dots": one("../../etc/passwd"),
    "id with semicolon, equals and percent": one("a;b=c%3Bd"),
    "id with quotes and shell words": one("a';rm${IFS}-rf${IFS}~;'`id`$(id)"),
    "id with bar and comma": one("gi|123|ref|NC_1.1|,x"),
    "id that looks like an option": one("--output=/tmp/x"),
    "id of 50 characters": one("x" * 50),
    "id of 60 characters": one("x" * 60, result="kept whole, beside the 50 characters that Helixer reads"),
    "id of 60 characters behind shorter ones": Case(
        text(">a\nACGTA\n" + f">{'x' * 60}\nACGT\n>b\nA\n"), right=gives(a="ACGTA", b="A", **{"x" * 60: "ACGT"}),
        result="all are kept whole",
    ),
    "ids that agree in 50 characters": Case(
        text(f">{'x' * 50}1\nAC\n>{'x' * 50}2\nGT\n"), right=gives(**{"x" * 50 + "1": "AC", "x" * 50 + "2": "GT"}),
        result="told apart by their full names",
    ),
    "long description": Case(text(f">a {'y' * 10**6}\nACGT\n"), right=gives(a="ACGT"), result="left out"),
    "gzip in two members": Case(
        lambda path: path.write_bytes(gzip.compress(GENOME[:99]) + gzip.compress(GENOME[99:])),
        right=gives(a="ACGTTGCA" * 500), result="both are read",
    ),
    "gzip named .fa": Case(packed(GENOME), right=gives(a="ACGTTGCA" * 500), result="known by content"),
}  # fmt: skip


def encode(given: Path, made: Path) -> list:
    return ["encode-genome", "--fasta", given, "--species", "x", "--subsequence-length", LENGTH, "--output", made]


@pytest.mark.parametrize("name", CASES)
def test_fasta(table, reliability, name):
    case = CASES[name]
    outcome = table.check(case, "genome.fa", encode, "o.h5")
    reliability("fasta", name, case.promised, outcome)


@pytest.mark.full
def test_a_hundred_thousand_contigs(table, reliability):
    case = Case(many, right=count_rows, result="two rows a contig, in bounded memory")
    reliability("fasta", "100,000 contigs", case.promised, table.check(case, "genome.fa", encode, "o.h5"))


def count_rows(path: Path) -> None:
    with open_file(path) as file:
        rows = read_rows(file)
    assert len(rows) == 200_000
    assert len(set(rows.seqids.tolist())) == 100_000

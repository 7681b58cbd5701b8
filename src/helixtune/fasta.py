"""Genome FASTA files: plain, gzip or bgzip; one sequence at a time; bases as the network's numbers."""

import gzip
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from isal import igzip, isal_zlib

from helixtune.errors import FormatError, InputFileError
from helixtune.files import is_gzip, require_file
from helixtune.subsequences import FULL_SEQID_BYTES, SEQID_BYTES

# Shares of C, A, T, G for every IUPAC letter. Three-base codes use 0.33, not 1/3, as the published models were trained.
IUPAC = {
    "C": (1, 0, 0, 0), "A": (0, 1, 0, 0), "T": (0, 0, 1, 0), "G": (0, 0, 0, 1),
    "Y": (0.5, 0, 0.5, 0), "R": (0, 0.5, 0, 0.5), "W": (0, 0.5, 0.5, 0), "S": (0.5, 0, 0, 0.5),
    "K": (0, 0, 0.5, 0.5), "M": (0.5, 0.5, 0, 0), "D": (0, 0.33, 0.33, 0.33), "V": (0.33, 0.33, 0, 0.33),
    "H": (0.33, 0.33, 0.33, 0), "B": (0.33, 0, 0.33, 0.33), "N": (0.25, 0.25, 0.25, 0.25),
}  # fmt: skip

# A line is read in pieces of this size: a small gzip file may unpack to one line of any length.
PIECE_BYTES = 16 * 1024**2


def _lookup_table() -> np.ndarray:
    table = np.zeros((256, 4), np.float16)
    for letter, shares in IUPAC.items():
        table[ord(letter)] = table[ord(letter.lower())] = shares
    return table


BASE_TABLE = _lookup_table()
# One base is four half floats = eight bytes, so one 64-bit gather encodes it (four times faster than gathering rows).
# In the column order C, A, T, G a base's complement is its reversed row.
_PACKED = {
    "+": BASE_TABLE.view(np.uint64).reshape(256),
    "-": np.ascontiguousarray(BASE_TABLE[:, ::-1]).view(np.uint64).reshape(256),
}
# Programs that mask repeats or vectors write X for N.
_KNOWN_LETTERS = ("".join(IUPAC) + "".join(IUPAC).lower() + "Xx").encode()


@dataclass(frozen=True)
class Sequence:
    """One FASTA record: `bases` are upper-case ASCII letters of the IUPAC alphabet."""

    seqid: str
    bases: bytes

    def __len__(self) -> int:
        return len(self.bases)


def base_set(shares: Collection[float]) -> int:
    """Return the bases that have a share as a number: bit i stands for column i of C, A, T, G."""
    return sum(1 << column for column, share in enumerate(shares) if share > 0)


def encode_bases(bases: bytes, strand: str = "+", out: np.ndarray | None = None) -> np.ndarray:
    """Return (len, 4) float16 shares of C, A, T, G; of the reverse complement for strand '-'.

    Args:
        bases: letters of the plus strand.
        strand: which strand to write, 5'->3'.
        out: (len, 4) float16 array to fill, C-contiguous; a new one by default.
    """
    codes = np.frombuffer(bases, np.uint8)
    if out is None:
        out = np.empty((len(codes), 4), np.float16)
    # mode="clip" writes straight into `out`; the default checks indices through a buffer (bytes are always in range).
    np.take(_PACKED[strand], codes if strand == "+" else codes[::-1], out=out.view(np.uint64).reshape(-1), mode="clip")
    return out


def iter_sequences(path: str | Path) -> Iterator[Sequence]:
    """Read a FASTA file record by record.

    The sequence id ends at the first white space. Letters become upper case; soft-masking is not kept.

    Raises:
        InputFileError: missing, empty, binary or truncated file.
        FormatError: text before the first header, an empty or repeated id or one of more than 255 characters, an empty
            record, or a letter that is not a base.
    """
    path = require_file(path, "Genome FASTA")
    seen: set[str] = set()
    for seqid, bases, line_number in _iter_records(path):
        _check_seqid(seqid, seen, path, line_number)
        if not bases:
            raise FormatError(
                f"{path} line {line_number}: record '{seqid}' has no sequence: remove it or complete the file."
            )
        yield Sequence(seqid, bytes(bases.upper()).replace(b"X", b"N"))
    if not seen:
        raise FormatError(f"{path} holds no FASTA record: give a genome in FASTA format.")


def sequence_lengths(path: str | Path) -> dict[str, int]:
    """Return the length of every sequence, in file order."""
    return {sequence.seqid: len(sequence) for sequence in iter_sequences(path)}


def likely_bases(path: str | Path) -> int | None:
    """Guess the number of bases from the size of a file (a little too many: line ends, headers); None if compressed."""
    path = Path(path)
    return None if is_gzip(path) else path.stat().st_size


def _iter_records(path: Path) -> Iterator[tuple[str, bytearray, int]]:
    seqid, bases, header_line = None, bytearray(), 0
    for number, line, is_start in _iter_lines(path):
        if is_start and line.startswith(b">"):
            if seqid is not None:
                yield seqid, bases, header_line
            seqid, bases, header_line = _parse_header(line, path, number), bytearray(), number
        elif line:
            if seqid is None:
                raise FormatError(f"{path} line {number}: text before the first '>' header: this is not a FASTA file.")
            if line.translate(None, _KNOWN_LETTERS):
                _refuse_letter(line, path, number, seqid)
            bases += line
    if seqid is not None:
        yield seqid, bases, header_line


def _iter_lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Yield line number, text without white space at its end, and whether the line starts there (long ones come in pieces)."""
    try:
        with (igzip.open if is_gzip(path) else open)(path, "rb") as file:
            number, is_start = 1, True
            for line in iter(partial(file.readline, PIECE_BYTES), b""):
                yield number, line.rstrip(), is_start
                is_start = line.endswith(b"\n")
                number += is_start
    except (EOFError, zlib.error, isal_zlib.IsalError, gzip.BadGzipFile) as error:
        raise InputFileError(f"{path} is a truncated or damaged gzip file: copy it again.") from error


def _parse_header(line: bytes, path: Path, number: int) -> str:
    if len(line) >= PIECE_BYTES:
        raise FormatError(
            f"{path} line {number}: a header of more than {PIECE_BYTES} characters: this is not a FASTA file."
        )
    words = line[1:].split(None, 1)
    if not words or line[1:2].isspace():
        raise FormatError(f"{path} line {number}: a header without a sequence id: write the id directly after '>'.")
    try:
        seqid = words[0].decode("ascii")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} line {number}: the sequence id is not plain ASCII: rename the sequence.") from error
    if not seqid.isprintable():  # HDF5 cuts text at a zero byte, and terminals obey escapes
        raise FormatError(
            f"{path} line {number}: the sequence id {seqid!r} has a control character: rename the sequence."
        )
    return seqid


def _refuse_letter(line: bytes, path: Path, number: int, seqid: str) -> None:
    letter = chr(line.translate(None, _KNOWN_LETTERS)[0])
    if letter == ">":
        raise FormatError(
            f"{path} line {number}: '>' inside the line: a header has to begin a line of its own (were files joined of which one"
            " lacks its last line end?)."
        )
    raise FormatError(
        f"{path} line {number}: {letter!r} in sequence '{seqid}' is not a nucleotide letter: replace it by N or give a"
        " nucleotide FASTA."
    )


def _check_seqid(seqid: str, seen: set[str], path: Path, line_number: int) -> None:
    if seqid in seen:
        raise FormatError(f"{path} line {line_number}: sequence id '{seqid}' occurs twice: rename one.")
    if len(seqid) > FULL_SEQID_BYTES:
        raise FormatError(
            f"{path} line {line_number}: the sequence id '{seqid[:SEQID_BYTES]}…' has more than {FULL_SEQID_BYTES} characters:"
            " rename the sequence."
        )
    seen.add(seqid)

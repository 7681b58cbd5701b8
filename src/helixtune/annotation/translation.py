"""Coding sequences and proteins of called genes; reads a genome (FASTA or genome.h5) one sequence at a time."""

import functools
import itertools
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
from Bio.Seq import Seq

from helixtune.annotation.genes import Transcript
from helixtune.compiled import compiled
from helixtune.fasta import IUPAC, Sequence, base_set, iter_sequences
from helixtune.files import require_file
from helixtune.h5files import (
    BASES,
    INFINITE_BITS,
    SEQIDS,
    SPECIES,
    START_ENDS,
    open_file,
    read_block,
    read_rows,
    rows_per_block,
)
from helixtune.subsequences import strand_runs

STANDARD_CODE = 1  # NCBI translation table
DECODING_BYTES = 16  # of a base: its half floats and its letter, while decoding


def _letters_by_bits() -> np.ndarray:
    """Letter of each set of possible bases (`fasta.base_set`)."""
    letters = np.full(16, ord("N"), np.uint8)
    for letter, shares in IUPAC.items():
        letters[base_set(shares)] = ord(letter)
    return letters


_LETTERS = _letters_by_bits()


def decode_bases(rows: np.ndarray) -> np.ndarray:
    """Turn (..., 4) shares of C, A, T, G into upper-case IUPAC letters (...) uint8; no share at all gives N."""
    bits = np.ascontiguousarray(rows, np.float16).view(np.uint16).reshape(-1, 4)
    letters = np.empty(len(bits), np.uint8)
    _decode(bits, _LETTERS, letters)
    return letters.reshape(rows.shape[:-1])


@compiled
def _decode(bits, letters_by_bits, out):
    for i in range(len(bits)):
        present = 0
        for column in range(4):
            present |= (0 < bits[i, column] <= INFINITE_BITS) << column  # beyond: negative or no number
        out[i] = letters_by_bits[present]


def iter_genome(path: str | Path, threads: int | None = None) -> Iterator[Sequence]:
    """Yield every sequence of a genome, from a genome.h5 (its plus-strand rows, by so many threads) or a FASTA file.

    Raises:
        InputFileError, FormatError: see `h5files.open_file` and `fasta.iter_sequences`.
    """
    if not h5py.is_hdf5(require_file(path, "Genome file")):
        yield from iter_sequences(path)
        return
    with open_file(path, (BASES, SEQIDS, SPECIES, START_ENDS)) as file:
        rows = read_rows(file)
        block_rows = rows_per_block(file[BASES].shape[1], DECODING_BYTES)
        for run in strand_runs(rows):
            if run.strand == "+":
                yield Sequence(run.seqid, decode_strand(file, run.row_indices, rows.valid_lengths, block_rows, threads))


def decode_strand(
    file: h5py.File, indices: np.ndarray, valid_lengths: np.ndarray, block_rows: int, threads: int | None
) -> bytes:
    """Return the letters of some rows of an open genome.h5 one after the other, without padding."""
    pieces = []
    for first in range(0, len(indices), block_rows):
        block = indices[first : first + block_rows]
        letters = decode_bases(read_block(file, BASES, block, threads))
        pieces += [row[:valid].tobytes() for row, valid in zip(letters, valid_lengths[block], strict=True)]
    return b"".join(pieces)


def coding_sequence(transcript: Transcript, strand: str, bases: bytes, first_bp: int = 0) -> str:
    """Join a transcript's CDS in reading direction, from the first whole codon on.

    Args:
        transcript: CDS as (start, end, phase) on the plus strand, ascending.
        strand: '+' or '-'.
        bases: the plus strand's letters.
        first_bp: where on the plus strand they begin.
    """
    plus = b"".join(bases[start - first_bp : end - first_bp] for start, end, _ in transcript.cds).decode("ascii")
    first = transcript.cds[0] if strand == "+" else transcript.cds[-1]
    spliced = plus if strand == "+" else str(Seq(plus).reverse_complement())
    return spliced[first[2] or 0 :]


def translate(coding: str, table: int = STANDARD_CODE) -> str:
    """Translate whole codons; the stop codon at the end is left off, one inside is `*`, an unclear codon `X`."""
    letters = np.frombuffer(coding[: len(coding) // 3 * 3].encode("ascii"), np.uint8)
    codes = _BASE_CODES[letters].reshape(-1, 3)
    residues = _residues(table)[codes @ _CODON_STEPS]
    for i in np.flatnonzero((codes > 3).any(axis=1)).tolist():
        residues[i] = ord(_translate_unclear(coding[3 * i : 3 * i + 3], table))
    return residues.tobytes().decode("ascii").removesuffix("*")


# Letters of clear bases as 0 to 3; codons of them are looked up, the few others are left to Biopython.
_BASE_CODES = np.full(256, 4, np.uint8)
for _letter, _code in zip("TCAGtcag", [0, 1, 2, 3] * 2, strict=True):
    _BASE_CODES[ord(_letter)] = _code
_CODON_STEPS = np.array([25, 5, 1], np.uint8)


@functools.cache
def _residues(table: int) -> np.ndarray:
    """Return (125,) letters of amino acids by codon; those of unclear codons mean nothing."""
    codons = ("".join(codon) for codon in itertools.product("TCAGN", repeat=3))
    return np.frombuffer("".join(_translate_unclear(codon, table) for codon in codons).encode(), np.uint8)


@functools.cache
def _translate_unclear(codon: str, table: int) -> str:
    return str(Seq(codon).translate(table=table))

"""Coding sequences and proteins of called genes; reads a genome (FASTA or genome.h5) one sequence at a time."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import h5py
import numpy as np
from Bio.Seq import Seq

from helixtune.annotation.genes import Gene, Transcript
from helixtune.compiled import compiled
from helixtune.errors import FormatError
from helixtune.fasta import IUPAC, Sequence, iter_sequences
from helixtune.files import atomic_output, require_file
from helixtune.h5files import BASES, SEQIDS, SPECIES, START_ENDS, open_file, read_block, read_rows, rows_per_block
from helixtune.subsequences import strand_runs

STANDARD_CODE = 1  # NCBI translation table
FASTA_WIDTH = 60
_BASE_BYTES = 16  # a row of half floats and its letters, while decoding
INFINITE_BITS = (
    0x7C00  # a half float's bits up to here say that it is positive, beyond that it is negative or no number
)


def _letters_by_bits() -> np.ndarray:
    """Letter of each set of possible bases; bit i stands for column i of C, A, T, G."""
    letters = np.full(16, ord("N"), np.uint8)
    for letter, shares in IUPAC.items():
        letters[sum(1 << column for column, share in enumerate(shares) if share > 0)] = ord(letter)
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
            present |= (0 < bits[i, column] <= INFINITE_BITS) << column
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
        block_rows = rows_per_block(file[BASES].shape[1], _BASE_BYTES)
        for run in strand_runs(rows):
            if run.strand == "+":
                yield Sequence(
                    run.seqid, _decode_strand(file, run.row_indices, rows.valid_lengths, block_rows, threads)
                )


def _decode_strand(
    file: h5py.File, indices: np.ndarray, valid_lengths: np.ndarray, block_rows: int, threads: int | None
) -> bytes:
    pieces = []
    for first in range(0, len(indices), block_rows):
        block = indices[first : first + block_rows]
        letters = decode_bases(read_block(file, BASES, block, threads))
        pieces += [row[:valid].tobytes() for row, valid in zip(letters, valid_lengths[block], strict=True)]
    return b"".join(pieces)


def coding_sequence(transcript: Transcript, strand: str, bases: bytes) -> str:
    """Join a transcript's CDS in reading direction, from the first whole codon on.

    Args:
        transcript: CDS as (start, end, phase) on the plus strand, ascending.
        strand: '+' or '-'.
        bases: the plus strand's letters.
    """
    plus = b"".join(bases[start:end] for start, end, _ in transcript.cds).decode("ascii")
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


def write_sequences(
    genes: Iterable[Gene],
    genome: str | Path,
    proteins_path: str | Path | None,
    cds_path: str | Path | None,
    table: int = STANDARD_CODE,
    threads: int | None = None,
) -> int:
    """Write proteins and coding sequences of all transcripts with CDS as FASTA, ids being transcript ids.

    Records stand in the genome's order of sequences, within one in the order of `genes`.

    Args:
        genes: from `gff3.read_genes`.
        genome: genome.h5 or FASTA file.
        proteins_path: protein FASTA to write, or None.
        cds_path: nucleotide FASTA to write, or None.
        table: NCBI translation table.
        threads: for reading the genome.

    Returns:
        Number of transcripts written.

    Raises:
        FormatError: a gene lies on a sequence that the genome lacks, or beyond its end.
    """
    by_seqid: dict[str, list[Gene]] = defaultdict(list)
    for gene in genes:
        by_seqid[gene.seqid].append(gene)
    written = 0
    with ExitStack() as stack:
        outputs = {
            kind: stack.enter_context(stack.enter_context(atomic_output(path)).open("w"))
            for kind, path in (("protein", proteins_path), ("cds", cds_path))
            if path is not None
        }
        for sequence in iter_genome(genome, threads):
            for gene, transcript in _coding_transcripts(by_seqid.pop(sequence.seqid, [])):
                written += _write_transcript(gene, transcript, sequence, (outputs, table))
        if by_seqid:
            seqid, lost = next(iter(by_seqid.items()))
            raise FormatError(
                f"Gene {lost[0].id} lies on sequence '{seqid}', which the genome {genome} does not hold:"
                " use the genome that the genes were called on."
            )
    return written


def _coding_transcripts(genes: list[Gene]) -> Iterator[tuple[Gene, Transcript]]:
    for gene in genes:
        for transcript in gene.transcripts:
            if transcript.cds:
                yield gene, transcript


def _write_transcript(gene: Gene, transcript: Transcript, sequence: Sequence, target: tuple[dict, int]) -> int:
    outputs, table = target
    if transcript.cds[-1][1] > len(sequence):
        raise FormatError(
            f"Gene {gene.id} ends at base {transcript.cds[-1][1]} of '{sequence.seqid}', which has only {len(sequence)}:"
            " use the genome that the genes were called on."
        )
    coding = coding_sequence(transcript, gene.strand, sequence.bases)
    header = f">{transcript.id} gene={gene.id} {gene.seqid}:{gene.start + 1}-{gene.end}({gene.strand})\n"
    if "cds" in outputs:
        outputs["cds"].write(header + _wrapped(coding))
    if "protein" in outputs:
        outputs["protein"].write(header + _wrapped(translate(coding, table)))
    return 1


def _wrapped(letters: str) -> str:
    lines = (letters[start : start + FASTA_WIDTH] for start in range(0, max(len(letters), 1), FASTA_WIDTH))
    return "".join(line + "\n" for line in lines)

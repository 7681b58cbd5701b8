"""Genome sequence to rows of bases: what the network reads."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from helixtune import fasta
from helixtune.errors import ParameterError
from helixtune.fasta import encode_bases
from helixtune.h5files import BASES, identity_of
from helixtune.subsequences import SPECIES_BYTES, Rows, cut_sequence, seqid_array, valid_lengths

BASE_BYTES = 4 * 2  # four half floats
# Letters of the plus strand, (b, 2) rows, bases a row -> (b, L, ...) rows: `encode_rows`, or `packed_bases.pack_rows`.
RowEncoder = Callable[[bytes, np.ndarray, int], np.ndarray]


def encode_species(name: str) -> bytes:
    """Return the species name as HDF5 files of this kind hold it (ASCII, at most 25 bytes).

    Raises:
        ParameterError: the name is empty, too long or not ASCII.
    """
    try:
        encoded = name.encode("ascii")
    except UnicodeEncodeError as error:
        raise ParameterError(
            f"--species {name!r}: only plain ASCII letters can be stored: write it without accents."
        ) from error
    if not encoded.strip() or len(encoded) > SPECIES_BYTES:
        raise ParameterError(f"--species {name!r}: give a name of 1 to {SPECIES_BYTES} characters.")
    return encoded


def encode_rows(bases: bytes, start_ends: np.ndarray, subsequence_length_bp: int) -> np.ndarray:
    """Encode some rows of one sequence.

    Args:
        bases: the plus strand's letters.
        start_ends: (b, 2) rows; minus rows come out reverse-complemented.
        subsequence_length_bp: L.

    Returns:
        (b, L, 4) float16 shares of C, A, T, G; padding (at the end of a row) is zero.
    """
    rows = np.zeros((len(start_ends), subsequence_length_bp, 4), np.float16)
    for row, (first, second) in zip(rows, start_ends.tolist(), strict=True):
        start, end = min(first, second), max(first, second)
        encode_bases(bases[start:end], "+" if first < second else "-", out=row[: end - start])
    return rows


def rows_of_pieces(pieces: Sequence[tuple[str, np.ndarray]], species: bytes) -> Rows:
    """Return the rows of pieces of sequences: names and (b, 2) `start_ends`."""
    counts = [len(start_ends) for _, start_ends in pieces]
    start_ends = np.concatenate([start_ends for _, start_ends in pieces])
    seqids = np.repeat(seqid_array(seqid.encode() for seqid, _ in pieces), counts)
    return Rows(np.full(len(start_ends), species, f"S{SPECIES_BYTES}"), seqids, start_ends)


def iter_genome_blocks(
    sequences: Iterable[fasta.Sequence],
    species: bytes,
    subsequence_length_bp: int,
    block_rows: int,
    encode: RowEncoder = encode_rows,
) -> Iterator[dict[str, np.ndarray]]:
    """Yield blocks of rows (at most `block_rows`) of a whole genome, ready to be written by a RowWriter of that width.

    Short sequences share blocks: 100,000 contigs do not make 100,000 tiny blocks.
    """
    waiting: list[tuple[fasta.Sequence, np.ndarray]] = []
    waiting_rows = 0
    for sequence in sequences:
        start_ends = cut_sequence(len(sequence), subsequence_length_bp)
        while len(start_ends):
            piece, start_ends = np.split(start_ends, [block_rows - waiting_rows])
            waiting.append((sequence, piece))
            waiting_rows += len(piece)
            if waiting_rows == block_rows:
                yield _encode_block(waiting, species, subsequence_length_bp, encode)
                waiting, waiting_rows = [], 0
    if waiting:
        yield _encode_block(waiting, species, subsequence_length_bp, encode)


def _encode_block(
    pieces: list[tuple[fasta.Sequence, np.ndarray]], species: bytes, subsequence_length_bp: int, encode: RowEncoder
) -> dict[str, np.ndarray]:
    longest = max(int(valid_lengths(piece).max()) for _, piece in pieces)
    encoded = [encode(sequence.bases, piece, min(longest, subsequence_length_bp)) for sequence, piece in pieces]
    bases = encoded[0] if len(encoded) == 1 else np.concatenate(encoded)  # a copy would double the memory
    rows = rows_of_pieces([(sequence.seqid, piece) for sequence, piece in pieces], species)
    return {BASES: bases, **identity_of(rows)}

"""Genome and annotation to blocks of training rows: bases, labels, and what they belong to.

Sequences come longest first, as upstream's training files have them; readers join rows by name and coordinates.
"""

import math
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from helixtune.annotation.gene_spool import GeneSpool
from helixtune.annotation.labels import LABEL_BYTES, label_rows, strand_codes, transcript_spans
from helixtune.annotation.masks import chosen_masks
from helixtune.annotation.sequence_spool import SequenceSpool
from helixtune.encoding import BASE_BYTES, encode_rows, rows_of_pieces
from helixtune.fasta import Sequence
from helixtune.h5files import BASES, IS_ANNOTATED, WEIGHTS, identity_of
from helixtune.subsequences import cut_sequence

BYTES_PER_BASE = BASE_BYTES + LABEL_BYTES
_COMPLEMENT = bytes.maketrans(b"ACGTRYSWKMBDHVN", b"TGCAYRSWMKVHDBN")

LABELLED = "labelled"

Block = dict[str, np.ndarray]
Piece = tuple[str, np.ndarray, Block]  # sequence, `start_ends`, the other datasets


def iter_label_blocks(
    spool: SequenceSpool,
    genes: GeneSpool,
    species: bytes,
    subsequence_length_bp: int,
    block_rows: int,
    counts: Counter[str],
) -> Iterator[Block]:
    """Yield blocks of rows of a whole genome with its labels, ready to be written by a RowWriter of that width.

    Args:
        spool: the genome.
        genes: the genes on its sequences.
        species: name as stored.
        subsequence_length_bp: L.
        block_rows: the most rows of one sequence in a block; short sequences share blocks, of up to 1.5 times as many bases.
        counts: to which labelled transcripts (LABELLED) and those with a mask of each kind are added.
    """
    waiting: list[Piece] = []
    waiting_bp, enough_bp = 0, block_rows * subsequence_length_bp // 2
    for seqid in sequence_order(spool.lengths, genes.first_labelled):
        is_annotated = seqid in genes.first_labelled
        for start_ends, block in _blocks_of_sequence(
            spool.get(seqid), genes, subsequence_length_bp, block_rows, counts
        ):
            block[IS_ANNOTATED] = np.full(len(start_ends), is_annotated)
            waiting.append((seqid, start_ends, block))
            waiting_bp += block[WEIGHTS].size
            # Half a block is enough: joining costs a copy, and only short sequences need it.
            if waiting_bp > enough_bp:
                yield _joined(waiting, species)
                waiting, waiting_bp = [], 0
    if waiting:
        yield _joined(waiting, species)


def sequence_order(lengths_bp: dict[str, int], first_labelled: dict[str, int]) -> list[str]:
    """Return sequence ids in file order: longest first.

    Of equally long sequences, those with a labelled gene come first, by the place of that gene in the annotation; the
    others follow in the genome's order.
    """
    return sorted(lengths_bp, key=lambda seqid: (-lengths_bp[seqid], first_labelled.get(seqid, math.inf)))


def _blocks_of_sequence(
    sequence: Sequence, genes: GeneSpool, subsequence_length_bp: int, block_rows: int, counts: Counter[str]
) -> Iterator[tuple[np.ndarray, Block]]:
    """Yield `(start_ends, datasets)` of one sequence, strand by strand: only one strand's genes and codes are in memory."""
    length_bp = len(sequence)
    start_ends = cut_sequence(length_bp, subsequence_length_bp)
    if length_bp <= subsequence_length_bp and not genes.has(sequence.seqid):  # of 500,000 contigs, most
        yield start_ends, {BASES: encode_rows(sequence.bases, start_ends, length_bp)} | _labels_without_genes(length_bp)
        return
    for strand, rows in zip("+-", np.split(start_ends, 2), strict=True):
        codes, spans = _labels_of_strand(sequence, genes, strand, counts)
        for first in range(0, len(rows), block_rows):
            piece = rows[first : first + block_rows]
            width = min(length_bp, subsequence_length_bp)
            yield piece, {BASES: encode_rows(sequence.bases, piece, width)} | label_rows(codes, spans, piece, width)


@lru_cache(64)
def _labels_without_genes(length_bp: int) -> Block:
    """Return the labels of both rows of a short sequence, to be read only."""
    codes, spans = np.zeros(length_bp, np.uint8), np.zeros((0, 3), np.int64)
    strands = [label_rows(codes, spans, row, length_bp) for row in np.split(cut_sequence(length_bp, length_bp), 2)]
    labels = {name: np.concatenate([strand[name] for strand in strands]) for name in strands[0]}
    for array in labels.values():
        array.flags.writeable = False
    return labels


def _labels_of_strand(
    sequence: Sequence, genes: GeneSpool, strand: str, counts: Counter[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return codes and spans of one strand; its genes are gone by then."""
    length_bp, bases = len(sequence), stranded_bases(sequence.bases, strand)
    applied = chosen_masks(genes.get(sequence.seqid, strand), length_bp, bases)
    for gene, masks in applied:
        counts.update({mask.kind for mask in masks}, **{LABELLED: gene.chosen is not None})
    return strand_codes(applied, strand, length_bp), transcript_spans(applied, strand, length_bp)


def stranded_bases(bases: bytes, strand: str):
    """Return a reader `(start, end) -> letters` of one strand 5'->3', in stranded coordinates, cut at the ends."""
    length_bp = len(bases)

    def plus(start: int, end: int) -> bytes:
        return bases[max(start, 0) : max(end, 0)]

    def minus(start: int, end: int) -> bytes:
        return plus(length_bp - end, length_bp - start).translate(_COMPLEMENT)[::-1]

    return plus if strand == "+" else minus


def _joined(pieces: list[Piece], species: bytes) -> Block:
    identity = identity_of(rows_of_pieces([piece[:2] for piece in pieces], species))
    blocks = [block for _, _, block in pieces]
    if len(blocks) == 1:
        return {name: array if array.flags.writeable else array.copy() for name, array in blocks[0].items()} | identity
    return {name: _one_below_another([block[name] for block in blocks]) for name in blocks[0]} | identity


def _one_below_another(arrays: list[np.ndarray]) -> np.ndarray:
    """Join rows; narrower ones are padded with 0."""
    widths = {array.shape[1:2] for array in arrays}
    if len(widths) == 1:
        return np.concatenate(arrays)
    joined = np.zeros((sum(map(len, arrays)), *max(widths), *arrays[0].shape[2:]), arrays[0].dtype)
    first = 0
    for array in arrays:
        joined[first : first + len(array), : array.shape[1]] = array
        first += len(array)
    return joined

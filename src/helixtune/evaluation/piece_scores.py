"""What the pieces of two gene sets are worth, in bits, by what was learnt from the pieces that both sets call.

Everything is learnt on the other folds of the genome, and from pieces that both sets call alike: neither set can have been
fitted to the differences that it is judged by. A pattern is worth the log2 ratio of its frequency among shared pieces to that among
decoys; with few shared pieces, that ratio goes to 0 by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.blocks import FOLDS
from helixtune.evaluation.called_pieces import INVALID, N_HEXAMERS, Decoys, Pieces

# Weights of what is expected beforehand, in counted things: of bases at one place; of single codons against pairs; of lengths.
BASES_PRIOR, PAIRS_PRIOR, LENGTHS_PRIOR = 4.0, 2000.0, 20.0
# Introns are told apart by length in steps of a quarter of a natural logarithm, from 20 bases on.
LENGTH_STEP, SHORTEST, N_LENGTHS = 0.25, 20.0, 40
# A stop codon before a start: coding sequence does not reach it.
STOP_BITS = -6.0


@dataclass(frozen=True)
class PieceScores:
    """Bits of the pieces of one set.

    Attributes:
        start: (g,) the bases around the start; before: (g,) the codons before it, as coding sequence, each (mean).
        donor, acceptor, length: (i,) of every intron.
        coding: (e,) codon pairs of every exon, added up; codons: (e,) how many.
    """

    start: np.ndarray
    before: np.ndarray
    donor: np.ndarray
    acceptor: np.ndarray
    length: np.ndarray
    coding: np.ndarray
    codons: np.ndarray


def score_pieces(sets: Sequence[Pieces], decoys: Decoys) -> tuple[PieceScores, PieceScores]:
    """Learn from what both sets share, and score both."""
    base = sets[0]
    gene_fold = base.gene_block % FOLDS
    intron_fold = gene_fold[base.intron_gene]
    pair_fold = gene_fold[base.exon_gene][base.pair_exon] if len(base.pair) else np.zeros(0, np.int64)
    used = base.pair_shared & (base.pair >= 0)
    pairs = np.zeros((FOLDS, N_HEXAMERS), np.int64)
    np.add.at(pairs, (pair_fold[used], base.pair[used]), 1)
    tables = {
        "coding": _pair_tables(pairs, decoys),
        "start": _base_tables(base.start, base.start_shared, gene_fold, decoys.start),
        "donor": _base_tables(base.donor, base.intron_shared, intron_fold, decoys.donor),
        "acceptor": _base_tables(base.acceptor, base.intron_shared, intron_fold, decoys.acceptor),
        "length": _length_tables(base, intron_fold),
    }
    return tuple(_score(one, tables) for one in sets)


def _score(one: Pieces, tables: dict[str, np.ndarray]) -> PieceScores:
    gene_fold = one.gene_block % FOLDS
    intron_fold = gene_fold[one.intron_gene]
    exon_fold = gene_fold[one.exon_gene]
    clear = one.pair >= 0
    bits = np.where(clear, tables["coding"][exon_fold[one.pair_exon], one.pair], 0.0)
    n_exons = len(one.exon_bp)
    before = np.where(one.before >= 0, tables["coding"][gene_fold[:, None], one.before], STOP_BITS)
    return PieceScores(
        start=_base_bits(tables["start"], gene_fold, one.start),
        before=before.mean(axis=1),
        donor=_base_bits(tables["donor"], intron_fold, one.donor),
        acceptor=_base_bits(tables["acceptor"], intron_fold, one.acceptor),
        length=tables["length"][intron_fold, _length_class(one.intron_bp)],
        coding=np.bincount(one.pair_exon, bits, minlength=n_exons),
        codons=np.bincount(one.pair_exon, clear, minlength=n_exons),
    )


def _base_bits(table: np.ndarray, fold: np.ndarray, bases: np.ndarray) -> np.ndarray:
    return table[fold[:, None], np.arange(bases.shape[1]), bases].sum(axis=1)


def _elsewhere(counts: np.ndarray) -> np.ndarray:
    """Return for every fold the sums over the others; (folds, ...)."""
    return counts.sum(axis=0) - counts


def _base_tables(bases: np.ndarray, shared: np.ndarray, fold: np.ndarray, decoys: np.ndarray) -> np.ndarray:
    """Return (folds, places, 5) bits; what is unclear is worth nothing."""
    counts = np.zeros(decoys.shape)
    np.add.at(counts, (fold[shared][:, None], np.arange(bases.shape[1]), bases[shared]), 1)
    real, chance = _elsewhere(counts)[..., :INVALID], _elsewhere(decoys.astype(float))[..., :INVALID]
    chance = (chance + BASES_PRIOR / 4) / (chance.sum(axis=2, keepdims=True) + BASES_PRIOR)
    real = (real + BASES_PRIOR * chance) / (real.sum(axis=2, keepdims=True) + BASES_PRIOR)
    return np.concatenate([np.log2(real / chance), np.zeros((*real.shape[:2], 1))], axis=2)


def _pair_tables(counts: np.ndarray, decoys: Decoys) -> np.ndarray:
    """Return (folds, 4096) bits of pairs of codons in coding sequence against the two kinds of decoys, which count alike."""
    chance = [_smoothed(_elsewhere(kind)) for kind in (decoys.outside, decoys.misread)]
    chance = (chance[0] + chance[1]) / 2
    real = _elsewhere(counts).astype(float)
    singles = _singles(real + 0.02 * 1.0)
    total = real.sum(axis=1, keepdims=True)
    # with few shared pairs even single codons are not known: then they are as likely as by chance
    singles = (total * singles + PAIRS_PRIOR / 4 * chance) / (total + PAIRS_PRIOR / 4)
    real = (real + PAIRS_PRIOR * singles) / (total + PAIRS_PRIOR)
    return np.log2(real / chance)


def _singles(pairs: np.ndarray) -> np.ndarray:
    """Return (folds, 4096) products of the frequencies of single codons; stop codons have none."""
    square = pairs.reshape(len(pairs), 64, 64)
    first, second = square.sum(axis=2), square.sum(axis=1)
    product = first[:, :, None] * second[:, None, :]
    return (product / product.sum(axis=(1, 2), keepdims=True)).reshape(len(pairs), -1)


def _smoothed(pairs: np.ndarray) -> np.ndarray:
    pairs = pairs.astype(float)
    return (pairs + PAIRS_PRIOR * _singles(pairs + 0.02)) / (pairs.sum(axis=1, keepdims=True) + PAIRS_PRIOR)


def _length_class(bp: np.ndarray) -> np.ndarray:
    steps = np.log(np.maximum(bp, SHORTEST) / SHORTEST) / LENGTH_STEP
    return np.minimum(steps.astype(int), N_LENGTHS - 1)


def _length_tables(one: Pieces, fold: np.ndarray) -> np.ndarray:
    """Return (folds, N_LENGTHS) bits of an intron's length against any length being as likely as another (in logarithms)."""
    counts = np.zeros((FOLDS, N_LENGTHS))
    np.add.at(counts, (fold[one.intron_shared], _length_class(one.intron_bp[one.intron_shared])), 1)
    others = _elsewhere(counts)
    spread = np.apply_along_axis(np.convolve, 1, others, [0.25, 0.5, 0.25], mode="same")
    chance = 1.0 / N_LENGTHS
    return np.log2((spread + LENGTHS_PRIOR * chance) / (spread.sum(axis=1, keepdims=True) + LENGTHS_PRIOR) / chance)

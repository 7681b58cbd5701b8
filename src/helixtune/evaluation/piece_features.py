"""Facts about every exon and every gene that only one of two sets calls, from which follows how probably it is right."""

from collections.abc import Sequence

import numpy as np

from helixtune.evaluation.called_pieces import OPEN_IN_FRAME, Pieces
from helixtune.evaluation.piece_scores import PieceScores

EXON_FACTS = (
    "bits at its begin",
    "bits at its end",
    "worse bits of both",
    "bits of its codons",
    "bits a codon",
    "length",
    "first",
    "last",
    "alone",
    "bits of intron lengths",
    "beside an intron read through",
    "begin shared",
    "end shared",
    "bits before the start",
    "no rival",
    "rival shared",
    "bits more than rival",
    "borders more than rival",
    "codons more than rival",
    "longer than rival",
    "worst intron of its gene",
    "share of its gene shared",
    "gene whole",
    "gene at an edge",
    "opposed",
    "exons alike",
)
GENE_FACTS = (
    "bits of its start",
    "bits before its start",
    "worst intron",
    "mean intron",
    "bits of intron lengths",
    "introns read through",
    "bits of its codons",
    "bits a codon",
    "worst exon",
    "length",
    "introns",
    "alone",
    "start shared",
    "share of exons shared",
    "share of borders shared",
    "no rival",
    "rival shared",
    "bits more than rival",
    "introns more than rival",
    "codons more than rival",
    "start more than rival",
    "worst intron more than rival",
    "longer than rival",
    "whole",
    "at an edge",
    "opposed",
    "genes alike",
    "exons alike",
)


def facts_of(
    sets: Sequence[Pieces], scores: Sequence[PieceScores]
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return for both sets (exons, EXON_FACTS) and (genes, GENE_FACTS)."""
    sums = [_Sums(*one) for one in zip(sets, scores, strict=True)]
    alike = _alike(sets, "exon_shared"), _alike(sets, "gene_shared")
    return tuple(
        (_exon_facts(own, other, alike), _gene_facts(own, other, alike)) for own, other in (sums, reversed(sums))
    )


def _alike(sets: Sequence[Pieces], name: str) -> float:
    """Return the share of both sets' exons or genes that are the same (Dice's coefficient)."""
    flags = np.concatenate([getattr(one, name) for one in sets])
    return float(flags.mean()) if len(flags) else 0.0


class _Sums:
    """What is added up over the pieces of exons and genes of one set."""

    def __init__(self, pieces: Pieces, scores: PieceScores):
        p, s = self.p, self.s = pieces, scores
        n_genes, n_exons = len(p.gene_block), len(p.exon_bp)
        n_introns = np.bincount(p.intron_gene, minlength=n_genes)
        first_exon = np.concatenate([[0], np.cumsum(n_introns + 1)])[:-1] if n_genes else np.zeros(0, np.int64)
        first_intron = np.concatenate([[0], np.cumsum(n_introns)])[:-1] if n_genes else np.zeros(0, np.int64)
        number = np.arange(n_exons) - first_exon[p.exon_gene]
        self.first, self.last = number == 0, number == n_introns[p.exon_gene]
        before = first_intron[p.exon_gene] + number - 1
        after = before + 1
        self.intron_bits = s.donor + s.acceptor + s.length
        open_ = (p.reading == OPEN_IN_FRAME).astype(float)
        self.begin = np.where(self.first, s.start[p.exon_gene], _at(s.acceptor, before))
        self.end = np.where(self.last, 0.0, _at(s.donor, after))
        self.lengths = np.where(self.first, 0, _at(s.length, before)) + np.where(self.last, 0, _at(s.length, after))
        self.read_through = np.where(self.first, 0, _at(open_, before)) + np.where(self.last, 0, _at(open_, after))
        self.codon_mean = s.coding / np.maximum(s.codons, 1)
        self.n_introns = n_introns
        add = lambda gene, values: np.bincount(gene, values, minlength=n_genes)  # noqa: E731
        self.gene_introns, self.gene_lengths = add(p.intron_gene, self.intron_bits), add(p.intron_gene, s.length)
        self.gene_read_through = add(p.intron_gene, open_)
        self.gene_coding, self.gene_codons = add(p.exon_gene, s.coding), add(p.exon_gene, s.codons)
        self.gene_bp = add(p.exon_gene, p.exon_bp)
        self.exons_shared = add(p.exon_gene, p.exon_shared) / np.maximum(n_introns + 1, 1)
        self.borders_shared = add(p.exon_gene, p.exon_ends_shared.sum(axis=1)) / np.maximum(2 * (n_introns + 1), 1)
        self.worst_intron = np.full(n_genes, 12.0)
        np.minimum.at(self.worst_intron, p.intron_gene, np.minimum(s.donor, s.acceptor + 0.0))
        self.worst_exon = np.full(n_genes, 2.0)
        np.minimum.at(self.worst_exon, p.exon_gene, self.codon_mean)
        self.gene_bits = s.start + self.gene_introns + self.gene_coding
        self.exon_bits = self.begin + self.end + s.coding


def _at(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return values at an index, 0 where it points outside."""
    return values[np.clip(index, 0, len(values) - 1)] if len(values) else np.zeros(len(index))


def _clip(values: np.ndarray, most: float) -> np.ndarray:
    return np.clip(values, -most, most)


def _more(own: np.ndarray, other: np.ndarray, rival: np.ndarray, most: float) -> np.ndarray:
    """Return by how much each thing surpasses its rival, 0 without one."""
    return np.where(rival >= 0, _clip(own - _at(other, rival), most), 0.0)


def _exon_facts(own: _Sums, other: _Sums, alike: tuple[float, float]) -> np.ndarray:
    p, s, q = own.p, own.s, other.p
    rival, gene = p.exon_rival, p.exon_gene
    columns = (
        _clip(own.begin, 15),
        _clip(own.end, 12),
        np.minimum(_clip(own.begin, 15), np.where(own.last, 15, _clip(own.end, 12))),
        _clip(s.coding, 60) / 10,
        _clip(own.codon_mean, 2),
        np.log(p.exon_bp) - 5,
        own.first,
        own.last,
        own.first & own.last,
        _clip(own.lengths, 10),
        own.read_through,
        p.exon_ends_shared[:, 0],
        p.exon_ends_shared[:, 1],
        np.where(own.first, s.before[gene], 0),
        rival < 0,
        np.where(rival >= 0, _at(q.exon_shared, rival), 0),
        _more(own.exon_bits, other.exon_bits, rival, 30) / 10,
        _more(own.begin + own.end, other.begin + other.end, rival, 20) / 10,
        _more(s.coding, other.s.coding, rival, 30) / 10,
        _more(np.log(p.exon_bp), np.log(q.exon_bp), rival, 2),
        _clip(own.worst_intron[gene], 12),
        own.exons_shared[gene],
        p.gene_whole.all(axis=1)[gene],
        p.gene_at_edge[gene],
        p.gene_opposed[gene],
        np.full(len(gene), alike[0]),
    )
    return np.stack(columns, axis=1).astype(np.float32)


def _gene_facts(own: _Sums, other: _Sums, alike: tuple[float, float]) -> np.ndarray:
    p, s, q = own.p, own.s, other.p
    rival, n = p.gene_rival, len(p.gene_block)
    columns = (
        _clip(s.start, 10),
        s.before,
        _clip(own.worst_intron, 12),
        _clip(own.gene_introns / np.maximum(own.n_introns, 1), 25),
        _clip(own.gene_lengths / np.maximum(own.n_introns, 1), 5),
        own.gene_read_through / np.maximum(own.n_introns, 1),
        _clip(own.gene_coding, 200) / 50,
        _clip(own.gene_coding / np.maximum(own.gene_codons, 1), 2),
        _clip(own.worst_exon, 2),
        np.log(np.maximum(own.gene_bp, 1)) - 7,
        np.log1p(own.n_introns),
        own.n_introns == 0,
        p.start_shared,
        own.exons_shared,
        own.borders_shared,
        rival < 0,
        np.where(rival >= 0, _at(q.gene_shared, rival), 0),
        _more(own.gene_bits, other.gene_bits, rival, 60) / 20,
        _more(own.gene_introns, other.gene_introns, rival, 60) / 20,
        _more(own.gene_coding, other.gene_coding, rival, 60) / 20,
        _more(s.start, other.s.start, rival, 10),
        _more(own.worst_intron, other.worst_intron, rival, 12),
        _more(np.log(np.maximum(own.gene_bp, 1)), np.log(np.maximum(other.gene_bp, 1)), rival, 2),
        p.gene_whole.all(axis=1),
        p.gene_at_edge,
        p.gene_opposed,
        np.full(n, alike[1]),
        np.full(n, alike[0]),
    )
    return np.stack(columns, axis=1).astype(np.float32)

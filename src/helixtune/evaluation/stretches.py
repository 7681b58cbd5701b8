"""A genome cut between its genes, so that every stretch can be looked at alone, and in any order.

The cuts depend on the genome and its genes alone: results are the same for any number of processes. A cut lies where no gene of
either set and strand reaches; where it lies between genes, the stretches of sequence that are looked at there
(`called_pieces.STRETCH_BP`) are those of the uncut genome.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.annotation.genome_file import GenomeFile
from helixtune.evaluation.called_pieces import N_CODONS_BEFORE, STRETCH_BP
from helixtune.evaluation.intervals import EMPTY, complement, merge
from helixtune.evaluation.strands import GeneSets, Strand, strands_of
from helixtune.fasta import Sequence as FastaSequence

# A strand of so many bases takes some 20 bytes each while it is looked at; rows at its ends are read twice.
TARGET_BP = 4_000_000
# Short sequences are looked at together, as much at a time; so many genes, too, are enough.
BATCH_GENES = 4_000
# What is looked at beside genes lies so close to them, or closer.
FLANK_BP = 3 * N_CODONS_BEFORE + 40


@dataclass(frozen=True)
class Stretch:
    """One stretch.

    Attributes:
        seqid: its sequence.
        start, end: where it lies on the plus strand.
        genes: numbers of the genes on it, in the order of their set, by set.
    """

    seqid: str
    start: int
    end: int
    genes: tuple[np.ndarray, ...]


def cut_genome(lengths: Mapping[str, int], sets: Sequence[Sequence[Gene]]) -> list[list[Stretch]]:
    """Return batches of stretches that cover the genome, in its order.

    Args:
        lengths: {seqid: bases}.
        sets: one or two gene sets.
    """
    numbers = {seqid: i for i, seqid in enumerate(lengths)}
    tables = [_Table.of(genes, numbers) for genes in sets]
    batches: list[list[Stretch]] = []
    room_bp = room_genes = 0
    for number, (seqid, length) in enumerate(lengths.items()):
        for stretch in _cut_sequence(seqid, length, [table.on(number) for table in tables]):
            if room_bp <= 0 or room_genes <= 0:
                batches.append([])
                room_bp, room_genes = TARGET_BP, BATCH_GENES
            batches[-1].append(stretch)
            room_bp -= stretch.end - stretch.start
            room_genes -= sum(map(len, stretch.genes))
    return batches


@dataclass(frozen=True)
class _Table:
    """Genes of one set sorted by sequence, otherwise in the order of the set.

    Attributes:
        genes: (n,) their numbers in the set.
        spans: (n, 2) what the genes say they cover.
        hulls: (n, 2) what they and all of their parts cover.
        edges: (sequences + 1,) the first gene of every sequence.
    """

    genes: np.ndarray
    spans: np.ndarray
    hulls: np.ndarray
    edges: np.ndarray

    @classmethod
    def of(cls, genes: Sequence[Gene], numbers: Mapping[str, int]) -> "_Table":
        rows = ((numbers[gene.seqid], gene.start, gene.end, *_hull(gene)) for gene in genes)
        rows = np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, 5)
        order = np.argsort(rows[:, 0], kind="stable")
        edges = np.searchsorted(rows[order, 0], np.arange(len(numbers) + 1))
        return cls(order, rows[order, 1:3], rows[order, 3:5], edges)

    def on(self, number: int) -> "_Table":
        chosen = slice(self.edges[number], self.edges[number + 1])
        return _Table(self.genes[chosen], self.spans[chosen], self.hulls[chosen], self.edges)


def _hull(gene: Gene) -> tuple[int, int]:
    parts = [
        part for one in gene.transcripts for part in (*one.exons[:1], *one.exons[-1:], *one.cds[:1], *one.cds[-1:])
    ]
    return min((gene.start, *(part[0] for part in parts))), max((gene.end, *(part[1] for part in parts)))


def _cut_sequence(seqid: str, length_bp: int, tables: Sequence[_Table]) -> Iterator[Stretch]:
    if length_bp <= TARGET_BP:
        yield Stretch(seqid, 0, length_bp, tuple(table.genes for table in tables))
        return
    spans, hulls = (
        merge(np.concatenate([EMPTY, *some])) for some in zip(*((t.spans, t.hulls) for t in tables), strict=True)
    )
    cuts = _cuts(length_bp, complement(spans, length_bp), hulls)
    homes = [np.searchsorted(cuts, table.hulls[:, 0], side="right") for table in tables]
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, length_bp], strict=True)):
        genes = (table.genes[home == number] for table, home in zip(tables, homes, strict=True))
        yield Stretch(seqid, start, end, tuple(genes))


def _cuts(length_bp: int, gaps: np.ndarray, hulls: np.ndarray) -> list[int]:
    """Return where to cut, at about every TARGET_BP: at the beginning of a gap, or whole stretches from there."""
    cuts, last = [], 0
    while last + TARGET_BP < length_bp:
        cut = next(_places_from(last + TARGET_BP, gaps, hulls), length_bp)
        if cut < length_bp:
            cuts.append(cut)
        last = cut
    return cuts


def _places_from(wanted: int, gaps: np.ndarray, hulls: np.ndarray) -> Iterator[int]:
    for start, end in gaps[np.searchsorted(gaps[:, 1], wanted, side="right") :].tolist():
        first = start + max(0, -(-(wanted - start) // STRETCH_BP)) * STRETCH_BP
        for place in range(first, end, STRETCH_BP):
            around = int(np.searchsorted(hulls[:, 1], place, side="right"))
            if around == len(hulls) or hulls[around, 0] > place:
                yield place


def read_strands(
    file: GenomeFile, batch: Sequence[Stretch], sets: Sequence[Sequence[Gene]], threads: int
) -> Iterator[Strand]:
    """Read the bases of stretches and yield both strands of each with the genes of two sets on them."""
    places = [(one.seqid, *_with_flanks(one, file.lengths[one.seqid])) for one in batch]
    for stretch, (seqid, first, _), letters in zip(batch, places, file.read_stretches(places, threads), strict=True):
        genes = GeneSets(*genes_of(stretch, sets))
        yield from strands_of(FastaSequence(seqid, letters), genes, (stretch.start, stretch.end), first)


def bare_strands(
    lengths: Mapping[str, int], batch: Sequence[Stretch], sets: Sequence[Sequence[Gene]]
) -> Iterator[Strand]:
    """Yield the same strands without reading them: all bases are unclear."""
    for stretch in batch:
        first, end = _with_flanks(stretch, lengths[stretch.seqid])
        genes = GeneSets(*genes_of(stretch, sets))
        yield from strands_of(
            FastaSequence(stretch.seqid, b"N" * (end - first)), genes, (stretch.start, stretch.end), first
        )


def genes_of(stretch: Stretch, sets: Sequence[Sequence[Gene]]) -> list[list[Gene]]:
    """Return the genes on a stretch, by set."""
    return [[genes[i] for i in numbers.tolist()] for genes, numbers in zip(sets, stretch.genes, strict=True)]


def _with_flanks(stretch: Stretch, length_bp: int) -> tuple[int, int]:
    return max(0, stretch.start - FLANK_BP), min(length_bp, stretch.end + FLANK_BP)

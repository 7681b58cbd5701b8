"""Gathers the pieces of the coding genes that two sets call: genes, exons, introns and pairs of codons, and what chance gives.

Everything is gathered strand by strand in one reading of the genome, with what the other set has in its place; what the pieces
are worth (`piece_scores`) can only be said when all are known.

Decoys show what chance gives: GT and AG in called genes at which no intron begins or ends, ATG that start no gene, bases
that neither set calls and the other readings of the coding sequence that both call.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.blocks import FOLDS, GenomeBlocks
from helixtune.evaluation.codes import INVALID, N_CODONS, codon_codes, reverse_complement_codes
from helixtune.evaluation.models import Chain, chain_of, introns
from helixtune.evaluation.strands import Strand

# Bases from so far before a border to so far behind it; GT, AG and ATG themselves are enforced by gene callers and left out.
DONOR_OFFSETS = np.array([-3, -2, -1, 2, 3, 4, 5])
ACCEPTOR_OFFSETS = np.array([*range(-20, -2), 0, 1, 2])
START_OFFSETS = np.array([*range(-12, 0), 3, 4, 5])
# Codons before a start that are looked at: coding sequence there means that the gene begins earlier.
N_CODONS_BEFORE = 20
# How an intron reads through: it holds a stop codon; none, and its length is a multiple of three; none, any other length.
CLOSED, OPEN_IN_FRAME, OPEN_OUT_OF_FRAME = range(3)
NO_RIVAL = -1
N_HEXAMERS = N_CODONS**2
# Decoys that are looked at: more do not make frequencies better.
MAX_DECOYS_A_GENE = 30
MAX_OUTSIDE_BP = 4_000_000
STRETCH_BP = 3_000
# A gene so close to the end of its sequence may be cut by it.
EDGE_BP = 30
_PAD = 3 * N_CODONS_BEFORE + 8
_A, _G, _T = 0, 2, 3
_STOPS = {48, 50, 56}  # TAA, TAG, TGA


@dataclass(frozen=True)
class Pieces:
    """The pieces of one gene set, arrays side by side.

    Attributes:
        gene_block: (g,) block of the genome; gene_at: (g, 2) start and end on the genome laid end to end.
        gene_minus: (g,) bool, on the minus strand.
        gene_shared: (g,) bool, the other set has this coding sequence base for base.
        gene_rival: (g,) the gene of the other set that overlaps it most, or NO_RIVAL.
        gene_whole: (g, 2) bool, begins with ATG; ends with a stop codon.
        gene_at_edge: (g,) bool, reaches the end of its sequence.
        gene_opposed: (g,) share of it that its own set calls on the other strand, too.
        start: (g, 15) bases at START_OFFSETS; start_shared: (g,) bool.
        before: (g, 19) pairs of codons before the start, -1 = with a stop codon or an unclear base.
        exon_gene: (e,); exon_bp: (e,); exon_shared: (e,) bool; exon_rival: (e,) as for genes.
        exon_ends_shared: (e, 2) bool, in reading direction.
        intron_gene: (i,); intron_bp: (i,); intron_shared: (i,) bool; reading: (i,) CLOSED, OPEN_IN_FRAME or OPEN_OUT_OF_FRAME.
        intron_at: (i, 2) start and end on the genome laid end to end.
        donor: (i, 7) bases at DONOR_OFFSETS; acceptor: (i, 21) at ACCEPTOR_OFFSETS.
        pair_exon: (p,); pair: (p,) 0 to 4095 or -1; pair_shared: (p,) bool.
    """

    gene_block: np.ndarray
    gene_at: np.ndarray
    gene_minus: np.ndarray
    gene_shared: np.ndarray
    gene_rival: np.ndarray
    gene_whole: np.ndarray
    gene_at_edge: np.ndarray
    gene_opposed: np.ndarray
    start: np.ndarray
    start_shared: np.ndarray
    before: np.ndarray
    exon_gene: np.ndarray
    exon_bp: np.ndarray
    exon_shared: np.ndarray
    exon_ends_shared: np.ndarray
    exon_rival: np.ndarray
    intron_gene: np.ndarray
    intron_bp: np.ndarray
    intron_shared: np.ndarray
    intron_at: np.ndarray
    reading: np.ndarray
    donor: np.ndarray
    acceptor: np.ndarray
    pair_exon: np.ndarray
    pair: np.ndarray
    pair_shared: np.ndarray


_POINTS_AT_GENE, _POINTS_AT_EXON = ("exon_gene", "intron_gene"), ("pair_exon",)
_POINTS_AT_OTHER = {"gene_rival": "gene_block", "exon_rival": "exon_bp"}


@dataclass
class Decoys:
    """What chance gives, counted by fold of the genome.

    Attributes:
        outside, misread: (folds, 4096) pairs of codons.
        donor: (folds, 7, 5); acceptor: (folds, 21, 5); start: (folds, 15, 5) bases.
    """

    outside: np.ndarray
    misread: np.ndarray
    donor: np.ndarray
    acceptor: np.ndarray
    start: np.ndarray

    @classmethod
    def none(cls) -> "Decoys":
        """Begin with none."""
        pairs = (np.zeros((FOLDS, N_HEXAMERS), np.int64) for _ in range(2))
        return cls(
            *pairs,
            *(
                np.zeros((FOLDS, len(at), INVALID + 1), np.int64)
                for at in (DONOR_OFFSETS, ACCEPTOR_OFFSETS, START_OFFSETS)
            ),
        )

    def add(self, other: "Decoys") -> None:
        """Add those of another part of the genome."""
        for field in fields(self):
            getattr(self, field.name)[...] += getattr(other, field.name)


class PieceCollector:
    """Collects the pieces of both sets and the decoys."""

    def __init__(self, blocks: GenomeBlocks):
        self._blocks = blocks
        self._parts: list[tuple[tuple, tuple[Pieces, Pieces]]] = []
        self.decoys = Decoys.none()
        self._every_nth_stretch = max(1, blocks.total_bp // MAX_OUTSIDE_BP)

    def add_strand(self, strand: Strand) -> None:
        """Gather from one strand."""
        sides = [
            _Side(genes, other, strand)
            for genes, other in ((strand.base, strand.opposite_base), (strand.tuned, strand.opposite_tuned))
        ]
        padded = np.concatenate([np.full(_PAD, INVALID, np.uint8), strand.codes, np.full(_PAD, INVALID, np.uint8)])
        pieces = tuple(_pieces(own, other, strand, padded, self._blocks) for own, other in (sides, reversed(sides)))
        self._parts.append((strand.place(self._blocks.offsets[strand.seqid]), pieces))
        self._add_decoys(sides, pieces, strand, padded)

    def gathered(self) -> tuple[list, Decoys]:
        """Return what `add` takes."""
        return self._parts, self.decoys

    def add(self, gathered: tuple[list, Decoys]) -> None:
        """Add what was gathered elsewhere."""
        parts, decoys = gathered
        self._parts += parts
        self.decoys.add(decoys)

    def pieces(self) -> tuple[Pieces, Pieces]:
        """Return all pieces of base and tuned, in the order of the genome."""
        parts = [pair for _, pair in sorted(self._parts, key=lambda part: part[0])]
        return _joined([base for base, _ in parts], [tuned for _, tuned in parts]), _joined(
            [tuned for _, tuned in parts], [base for base, _ in parts]
        )

    def _add_decoys(
        self, sides: Sequence["_Side"], pieces: tuple[Pieces, Pieces], strand: Strand, padded: np.ndarray
    ) -> None:
        fold = lambda at: self._blocks.index(strand.seqid, strand.plus(at)) % FOLDS  # noqa: E731
        borders = [{pair[end] for side in sides for pair in side.introns} for end in (0, 1)]
        starts = {chain[0][0] for side in sides for chain in side.chains}
        spans = [(chain[0][0], chain[-1][1]) for chain in sides[0].chains]
        for start, end in spans:
            codes = strand.codes[start:end]
            following = codes[1:]
            found = (
                (
                    np.flatnonzero((codes[:-1] == _G) & (following == _T)) + start,
                    borders[0],
                    DONOR_OFFSETS,
                    self.decoys.donor,
                ),
                (
                    np.flatnonzero((codes[:-1] == _A) & (following == _G)) + start + 2,
                    borders[1],
                    ACCEPTOR_OFFSETS,
                    self.decoys.acceptor,
                ),
                (
                    np.flatnonzero((codes[:-2] == _A) & (codes[1:-1] == _T) & (codes[2:] == _G)) + start,
                    starts,
                    START_OFFSETS,
                    self.decoys.start,
                ),
            )
            which = int(fold(start))
            for at, called, offsets, counts in found:
                at = np.array(
                    [one for one in at[:: max(1, len(at) // MAX_DECOYS_A_GENE)].tolist() if one not in called], np.int64
                )
                np.add.at(counts[which], (np.arange(len(offsets)), padded[at[:, None] + offsets + _PAD]), 1)
        base = pieces[0]
        in_row = sides[0].pair_starts[base.pair_shared & sides[0].pair_in_row]
        inside = in_row[(in_row >= 2) & (in_row + 8 <= len(strand))]
        if len(inside):
            which = fold(inside)
            other = reverse_complement_codes(strand.codes)
            for shift in range(3):
                if shift:
                    _count(self.decoys.misread, which, _hexamers_at(inside + shift, strand.codes))
                _count(self.decoys.misread, which, _hexamers_at(len(strand) - 6 - inside - shift, other))
        if strand.sign == "+":
            self._add_outside(strand)

    def _add_outside(self, strand: Strand) -> None:
        for start, end in strand.outside.tolist():
            for first in range(start, end, STRETCH_BP):
                if (first // STRETCH_BP) % self._every_nth_stretch == 0:
                    left, right = strand.read(first, min(first + STRETCH_BP, end))
                    codes = strand.codes[left:right]
                    if len(codes) >= 6:
                        at = np.arange(len(codes) - 5)
                        which = int(self._blocks.index(strand.seqid, first)) % FOLDS
                        for one in (codes, reverse_complement_codes(codes)):
                            _count(self.decoys.outside, np.full(len(at), which), _hexamers_at(at, one))


class _Side:
    """The coding chains of one set on one strand, each once, in reading direction.

    Attributes:
        chains: segments of every chain, in reading direction.
        skipped: bases before the first whole codon of every chain.
        introns, exons: all of them.
    """

    def __init__(self, genes: Sequence[Gene], opposite: Sequence[Gene], strand: Strand):
        found: dict[Chain, int] = {}
        for gene in genes:
            for transcript in gene.transcripts:
                if transcript.cds:
                    first = transcript.cds[0] if strand.sign == "+" else transcript.cds[-1]
                    chain = chain_of([strand.read(start, end) for start, end, _ in transcript.cds])
                    found.setdefault(chain, first[2] or 0)
        self.chains = sorted(found)
        self.skipped = [found[chain] for chain in self.chains]
        self.number = {chain: i for i, chain in enumerate(self.chains)}
        self.exons = {segment for chain in self.chains for segment in chain}
        self.ends = [{segment[end] for segment in self.exons} for end in (0, 1)]
        self.introns = {pair for chain in self.chains for pair in introns(chain)}
        self.starts = {chain[0][0] for chain in self.chains}
        self.opposite = sorted(strand.read(gene.start, gene.end) for gene in opposite if gene.is_coding)
        self.pair_starts = self.pair_in_row = np.zeros(0, np.int64)
        self.pair_places = np.zeros(0, np.int64)
        self.pair_codes = np.zeros(0, np.int16)
        self.pair_segment = np.zeros(0, np.int64)
        self._read_pairs(strand)

    def _read_pairs(self, strand: Strand) -> None:
        starts, lasts, codes, segments = [], [], [], []
        n_before = 0
        for chain, skipped in zip(self.chains, self.skipped, strict=True):
            positions = np.concatenate([np.arange(start, end) for start, end in chain])[skipped:]
            whole = positions[: len(positions) // 3 * 3].reshape(-1, 3)
            if len(whole) >= 2:
                codons = codon_codes(*strand.codes[whole].T)
                pair = codons[:-1].astype(np.int16) * np.int16(N_CODONS) + codons[1:].astype(np.int16)
                pair[(codons[:-1] < 0) | (codons[1:] < 0)] = -1
                starts.append(whole[:-1, 0])
                lasts.append(whole[1:, 2])
                codes.append(pair)
                ends = np.array([end for _, end in chain])
                segments.append(n_before + np.searchsorted(ends, whole[:-1, 0], side="right"))
            n_before += len(chain)
        if starts:
            self.pair_starts, lasts = np.concatenate(starts), np.concatenate(lasts)
            self.pair_in_row = lasts == self.pair_starts + 5
            self.pair_places = self.pair_starts << 32 | lasts
            self.pair_codes = np.concatenate(codes)
            self.pair_segment = np.concatenate(segments)
        else:
            self.pair_in_row = np.zeros(0, bool)


def _pieces(own: _Side, other: _Side, strand: Strand, padded: np.ndarray, blocks: GenomeBlocks) -> Pieces:
    chains = own.chains
    offset = blocks.offsets[strand.seqid]
    spans = np.array([(chain[0][0], chain[-1][1]) for chain in chains], np.int64).reshape(-1, 2)
    exons = [segment for chain in chains for segment in chain]
    gaps = [
        (pair, i, begun) for i, chain in enumerate(chains) for pair, begun in _introns_and_phases(chain, own.skipped[i])
    ]
    pairs = np.array([pair for pair, _, _ in gaps], np.int64).reshape(-1, 2)
    before = padded[spans[:, 0, None] + _PAD + np.arange(-3 * N_CODONS_BEFORE, 0)].reshape(
        len(chains), N_CODONS_BEFORE, 3
    )
    numbers = codon_codes(*np.moveaxis(before, 2, 0))
    before = np.where(
        (numbers[:, :-1] < 0) | (numbers[:, 1:] < 0), -1, numbers[:, :-1].astype(np.int16) * N_CODONS + numbers[:, 1:]
    )
    on_plus = strand.plus(spans - np.array([0, 1]))
    plus = lambda spans: offset + np.sort(strand.plus(spans - np.array([0, 1])), axis=1) + np.array([0, 1])  # noqa: E731
    return Pieces(
        gene_block=blocks.index(strand.seqid, strand.plus(spans[:, 0])).astype(np.int32),
        gene_at=plus(spans),
        gene_minus=np.full(len(chains), strand.sign == "-"),
        gene_shared=np.array([chain in other.number for chain in chains], bool),
        gene_rival=_rivals(spans, [(chain[0][0], chain[-1][1]) for chain in other.chains]),
        gene_whole=np.array([_is_whole(chain, strand.codes) for chain in chains], bool).reshape(-1, 2),
        gene_at_edge=(on_plus.min(axis=1) < EDGE_BP) | (blocks.lengths[strand.seqid] - on_plus.max(axis=1) <= EDGE_BP),
        gene_opposed=_opposed(spans, own.opposite),
        start=padded[spans[:, 0, None] + _PAD + START_OFFSETS],
        start_shared=np.array([chain[0][0] in other.starts for chain in chains], bool),
        before=before.astype(np.int16),
        exon_gene=np.repeat(np.arange(len(chains)), [len(chain) for chain in chains]).astype(np.int64),
        exon_bp=np.array([end - start for start, end in exons], np.int64),
        exon_shared=np.array([segment in other.exons for segment in exons], bool),
        exon_ends_shared=np.array(
            [(start in other.ends[0], end in other.ends[1]) for start, end in exons], bool
        ).reshape(-1, 2),
        exon_rival=_rivals(
            np.array(exons, np.int64).reshape(-1, 2), [segment for chain in other.chains for segment in chain]
        ),
        intron_gene=np.array([gene for _, gene, _ in gaps], np.int64),
        intron_bp=pairs[:, 1] - pairs[:, 0],
        intron_shared=np.array([pair in other.introns for pair, _, _ in gaps], bool),
        intron_at=plus(pairs),
        reading=np.array([_reading(strand.codes, pair, begun) for pair, _, begun in gaps], np.uint8),
        donor=padded[pairs[:, :1] + _PAD + DONOR_OFFSETS],
        acceptor=padded[pairs[:, 1:] + _PAD + ACCEPTOR_OFFSETS],
        pair_exon=own.pair_segment,
        pair=own.pair_codes,
        pair_shared=_is_among(own.pair_places, np.sort(other.pair_places)),
    )


def _introns_and_phases(chain: Chain, skipped: int) -> Iterator[tuple[tuple[int, int], int]]:
    done = -skipped
    for (start, end), (following, _) in pairwise(chain):
        done += end - start
        yield (end, following), done % 3


def _is_whole(chain: Chain, codes: np.ndarray) -> tuple[bool, bool]:
    start, end = chain[0][0], chain[-1][1]
    first, last = codes[start : start + 3].tolist(), codes[end - 3 : end].tolist()
    return first == [_A, _T, _G], len(last) == 3 and max(last) < 4 and last[0] * 16 + last[1] * 4 + last[2] in _STOPS


def _reading(codes: np.ndarray, pair: tuple[int, int], begun: int) -> int:
    """Return how an intron reads in the frame of the exon before it, of whose last codon `begun` bases are there."""
    reading = codes[max(pair[0] - begun, 0) : pair[1]]
    codons = reading[: len(reading) // 3 * 3].reshape(-1, 3)
    if (codon_codes(*codons.T) < 0).any():
        return CLOSED
    return OPEN_OUT_OF_FRAME if (pair[1] - pair[0]) % 3 else OPEN_IN_FRAME


def _rivals(own: np.ndarray, others: list[tuple[int, int]]) -> np.ndarray:
    """Return for (n, 2) spans the number of the other span that overlaps each most, or NO_RIVAL."""
    order = sorted(range(len(others)), key=lambda i: others[i])
    starts, reach = [others[i][0] for i in order], 0
    reaches = []
    for i in order:
        reach = max(reach, others[i][1])
        reaches.append(reach)
    found = np.full(len(own), NO_RIVAL, np.int64)
    for number, (start, end) in enumerate(own.tolist()):
        best = 0
        for k in range(bisect_right(reaches, start), bisect_left(starts, end)):
            overlap = min(end, others[order[k]][1]) - max(start, others[order[k]][0])
            if overlap > best:
                best, found[number] = overlap, order[k]
    return found


def _opposed(own: np.ndarray, opposite: list[tuple[int, int]]) -> np.ndarray:
    """Return the share of each span that lies in the span that overlaps it most on the other strand."""
    rivals = _rivals(own, opposite)
    if not opposite:
        return np.zeros(len(own))
    spans = np.array(opposite, np.int64)[rivals]
    overlap = np.minimum(own[:, 1], spans[:, 1]) - np.maximum(own[:, 0], spans[:, 0])
    return np.where(rivals >= 0, overlap / np.maximum(own[:, 1] - own[:, 0], 1), 0.0)


def _is_among(values: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Return (n,) whether a value is one of the ordered ones."""
    if not len(ordered):
        return np.zeros(len(values), bool)
    return ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values


def _hexamers_at(starts: np.ndarray, codes: np.ndarray) -> np.ndarray:
    windows = codes[starts[:, None] + np.arange(6)].reshape(-1, 2, 3)
    numbers = codon_codes(*np.moveaxis(windows, 2, 0))
    return np.where((numbers < 0).any(axis=1), -1, numbers[:, 0].astype(np.int16) * N_CODONS + numbers[:, 1])


def _count(counts: np.ndarray, fold: np.ndarray, pairs: np.ndarray) -> None:
    clear = pairs >= 0
    cells = fold[clear] * N_HEXAMERS + pairs[clear]
    counts += np.bincount(cells, minlength=counts.size).reshape(counts.shape)


def _joined(parts: Sequence[Pieces], others: Sequence[Pieces]) -> Pieces:
    """Put parts side by side; pointers are moved by what lies before."""
    n_genes = np.cumsum([0, *(len(part.gene_block) for part in parts)])
    n_exons = np.cumsum([0, *(len(part.exon_bp) for part in parts)])
    joined = {}
    for field in fields(Pieces):
        name = field.name
        columns = [getattr(part, name) for part in parts]
        if name in _POINTS_AT_GENE:
            columns = [column + n for column, n in zip(columns, n_genes, strict=False)]
        elif name in _POINTS_AT_EXON:
            columns = [column + n for column, n in zip(columns, n_exons, strict=False)]
        elif name in _POINTS_AT_OTHER:
            before = np.cumsum([0, *(len(getattr(other, _POINTS_AT_OTHER[name])) for other in others)])
            columns = [np.where(column >= 0, column + n, NO_RIVAL) for column, n in zip(columns, before, strict=False)]
        joined[name] = np.concatenate(columns)
    return Pieces(**joined)

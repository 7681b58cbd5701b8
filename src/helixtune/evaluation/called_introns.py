"""Gathers the introns that two gene sets call: the bases around both ends, and whether they could be read through.

The state model enforces GT-AG and its few variants, but not the bases around them; the enforced two on either side are left
out. Nor does it know that real introns care for no frame: an intron whose length is a multiple of three and that holds no
stop codon in the frame of the exon before it could as well be coding sequence. In a genome one in three stop-free introns has
such a length by chance; a gene caller that cuts introns out of exons makes more of them (Roy and Penny 2007,
doi:10.1093/molbev/msm048).

Decoys are pairs of GT and AG in the same genes at which neither set puts an intron's end: what chance gives.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.codes import INVALID, codon_codes
from helixtune.evaluation.mixture import BASE_ONLY, SHARED, TUNED_ONLY
from helixtune.evaluation.models import exon_models, introns
from helixtune.evaluation.strands import Strand

# How an intron reads through: holds a stop codon; none, and its length is a multiple of three; none, any other length; not known,
# because it does not lie between coding exons or a base is unclear.
CLOSED, OPEN_IN_FRAME, OPEN_OUT_OF_FRAME, UNKNOWN = range(4)
# Offsets from an intron's first base and from its end. Donor: 3 exon bases and 4 after GT; acceptor: 18 bases before AG,
# i.e. most of the polypyrimidine tract, and 3 exon bases (windows of MaxEntScan, Yeo and Burge 2004).
DONOR_OFFSETS = np.array([-3, -2, -1, 2, 3, 4, 5])
ACCEPTOR_OFFSETS = np.array([*range(-20, -2), 0, 1, 2])
MARGIN_BP = 20
MAX_DECOYS_PER_GENE = 30
# Spliceosomes need about this much; shorter decoys would not be callable introns (gene_calling's default minimum).
MIN_DECOY_BP = 50
_G, _A, _T = 2, 0, 3

Pair = tuple[int, int]
Place = tuple[int, ...]  # sorts parts as reading whole sequences would


@dataclass(frozen=True)
class CalledIntrons:
    """Introns of two gene sets, each place once.

    Attributes:
        donors: (n, 7) uint8 base codes at DONOR_OFFSETS; 4 = unclear.
        acceptors: (n, 21) uint8 base codes at ACCEPTOR_OFFSETS.
        category: (n,) SHARED, BASE_ONLY or TUNED_ONLY.
        reading: (n,) CLOSED, OPEN_IN_FRAME, OPEN_OUT_OF_FRAME or UNKNOWN.
        block: (n,) block of the genome.
    """

    donors: np.ndarray
    acceptors: np.ndarray
    category: np.ndarray
    reading: np.ndarray
    block: np.ndarray

    def __len__(self) -> int:
        return len(self.category)


@dataclass(frozen=True)
class Decoys:
    """Base counts at the ends of decoys.

    Attributes:
        donors: (7, 5) int64, positions as in `CalledIntrons.donors`.
        acceptors: (21, 5) int64.
    """

    donors: np.ndarray
    acceptors: np.ndarray


class IntronCollector:
    """Fills `CalledIntrons` (34 bytes an intron) and `Decoys` strand by strand.

    Attributes:
        decoys: base counts at the ends of decoys.
    """

    def __init__(self, blocks: GenomeBlocks):
        self._blocks = blocks
        self._parts: list[tuple[Place, CalledIntrons]] = []
        self.decoys = Decoys(*(np.zeros((len(at), INVALID + 1), np.int64) for at in (DONOR_OFFSETS, ACCEPTOR_OFFSETS)))

    def add_strand(self, strand: Strand) -> None:
        """Gather from one strand."""
        ours, theirs = (called_introns(genes, strand) for genes in (strand.base, strand.tuned))
        for category, chosen in (
            (SHARED, {pair: ours[pair] for pair in ours.keys() & theirs.keys()}),
            (BASE_ONLY, {pair: ours[pair] for pair in ours.keys() - theirs.keys()}),
            (TUNED_ONLY, {pair: theirs[pair] for pair in theirs.keys() - ours.keys()}),
        ):
            self._add(category, strand, chosen)
        self._add_decoys(strand, ours | theirs)

    def gathered(self) -> tuple[list[tuple[Place, CalledIntrons]], Decoys]:
        """Return what `add` takes."""
        return self._parts, self.decoys

    def add(self, gathered: tuple[list[tuple[Place, CalledIntrons]], Decoys]) -> None:
        """Add what was gathered elsewhere."""
        parts, decoys = gathered
        self._parts += parts
        for ours, theirs in ((self.decoys.donors, decoys.donors), (self.decoys.acceptors, decoys.acceptors)):
            ours += theirs

    def _add(self, category: int, strand: Strand, chosen: Mapping[Pair, int | None]) -> None:
        pairs = sorted(pair for pair in chosen if _has_margins(pair, strand))
        if not pairs:
            return
        firsts, ends = np.array(pairs, np.int64).T
        sequence, is_minus, position = strand.place(self._blocks.offsets[strand.seqid])
        found = CalledIntrons(
            strand.codes[firsts[:, None] + DONOR_OFFSETS],
            strand.codes[ends[:, None] + ACCEPTOR_OFFSETS],
            np.full(len(pairs), category, np.uint8),
            np.array([reading_of(strand.codes, pair, chosen[pair]) for pair in pairs], np.uint8),
            self._blocks.index(strand.seqid, strand.plus(firsts)).astype(np.int32),
        )
        self._parts.append(((sequence, is_minus, category, position), found))

    def _add_decoys(self, strand: Strand, called: Iterable[Pair]) -> None:
        donors, acceptors = ({pair[side] for pair in called} for side in (0, 1))
        chosen: list[Pair] = []
        for gene in strand.base:
            start, end = strand.read(gene.start, gene.end)
            pairs = ((start + first, start + last) for first, last in decoy_introns(strand.codes[start:end]))
            pairs = [
                pair
                for pair in pairs
                if pair[0] not in donors and pair[1] not in acceptors and _has_margins(pair, strand)
            ]
            chosen += pairs[:: max(1, len(pairs) // MAX_DECOYS_PER_GENE)]
        positions = np.array(chosen, np.int64).reshape(-1, 2).T
        sides = (self.decoys.donors, DONOR_OFFSETS), (self.decoys.acceptors, ACCEPTOR_OFFSETS)
        for at, (counts, offsets) in zip(positions, sides, strict=True):
            np.add.at(counts, (np.arange(len(offsets)), strand.codes[at[:, None] + offsets]), 1)

    def introns(self) -> CalledIntrons:
        """Return all that was gathered."""
        if not self._parts:
            none = np.zeros(0, np.uint8)
            width = len(DONOR_OFFSETS), len(ACCEPTOR_OFFSETS)
            return CalledIntrons(*(np.zeros((0, n), np.uint8) for n in width), none, none, none.astype(np.int32))
        parts = [part for _, part in sorted(self._parts, key=lambda part: part[0])]
        names = CalledIntrons.__dataclass_fields__
        return CalledIntrons(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def called_introns(genes: Iterable[Gene], strand: Strand) -> dict[Pair, int | None]:
    """Return the distinct introns of coding genes, in reading direction.

    Args:
        genes: genes on that strand.
        strand: says how to turn coordinates.

    Returns:
        {(first base, end): bases of a codon begun before the intron (0 to 2), or None outside the coding sequence}.
    """
    genes = list(genes)
    chains = (chain for model in exon_models(genes) for chain in model.chains)
    found: dict[Pair, int | None] = {strand.read(*pair): None for chain in chains for pair in introns(chain)}
    for gene in genes:
        found.update((pair, begun) for pair, begun in _coding_introns(gene, strand) if pair in found)
    return found


def _coding_introns(gene: Gene, strand: Strand) -> Iterator[tuple[Pair, int]]:
    for transcript in gene.transcripts:
        segments = sorted((*strand.read(start, end), phase or 0) for start, end, phase in transcript.cds)
        done = -segments[0][2] if segments else 0
        for (start, end, _), (following, _, _) in pairwise(segments):
            done += end - start
            yield (end, following), done % 3


def _has_margins(pair: Pair, strand: Strand) -> bool:
    return pair[0] >= MARGIN_BP and pair[1] + MARGIN_BP <= len(strand)


def reading_of(codes: np.ndarray, pair: Pair, begun: int | None) -> int:
    """Return how an intron reads in the frame of the exon before it.

    Args:
        codes: base codes of the strand in reading direction.
        pair: first base and end of the intron.
        begun: bases of a codon begun before it, or None if it does not interrupt coding sequence.
    """
    if begun is None:
        return UNKNOWN
    start, end = pair
    reading = codes[start - begun : end]
    codons = reading[: len(reading) // 3 * 3].reshape(-1, 3)
    if (codons == INVALID).any():
        return UNKNOWN
    if (codon_codes(*codons.T) < 0).any():
        return CLOSED
    return OPEN_OUT_OF_FRAME if (end - start) % 3 else OPEN_IN_FRAME


def decoy_introns(codes: np.ndarray) -> list[Pair]:
    """Pair every GT with the first AG that ends at least a minimal intron later; (start, end) within `codes`."""
    following = codes[1:]
    donors = np.flatnonzero((codes[:-1] == _G) & (following == _T))
    ends = np.flatnonzero((codes[:-1] == _A) & (following == _G)) + 2
    partner = np.searchsorted(ends, donors + MIN_DECOY_BP)
    whole = partner < len(ends)
    return list(zip(donors[whole].tolist(), ends[partner[whole]].tolist(), strict=True))

"""Do called introns lie at splice sites of this genome?

The state model enforces GT-AG and its few variants, but not the bases around them. The introns that both gene sets share
teach the sequence around donor and acceptor; pairs of GT and AG elsewhere in the same genes, which a state model could as
well have taken, teach what chance gives. The enforced two bases on either side are left out.
"""

from collections.abc import Iterable

import numpy as np

from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.composition import INVALID, reverse_complement_codes
from helixtune.evaluation.models import GeneModel, introns

SHARED, BASE_ONLY, TUNED_ONLY, DECOY = range(4)
N_CATEGORIES = 4
# Offsets from an intron's first base and from its end. Donor: 3 exon bases and 4 after GT; acceptor: 18 bases before AG,
# i.e. most of the polypyrimidine tract, and 3 exon bases (windows of MaxEntScan, Yeo and Burge 2004).
DONOR_OFFSETS = np.array([-3, -2, -1, 2, 3, 4, 5])
ACCEPTOR_OFFSETS = np.array([*range(-20, -2), 0, 1, 2])
WIDTH = len(DONOR_OFFSETS) + len(ACCEPTOR_OFFSETS)
MARGIN = 20
MAX_DECOYS_PER_GENE = 30
# Spliceosomes need about this much; shorter decoys would not be callable introns (gene_calling's default minimum).
MIN_INTRON_BP = 50
_G, _A, _T = 2, 0, 3


class SiteCounts:
    """Base counts around introns by block and category.

    Attributes:
        counts: (category, block, WIDTH * 4) int32, position-major.
        introns: (category, block) int32.
    """

    def __init__(self, blocks: GenomeBlocks):
        self._blocks = blocks
        self.counts = np.zeros((N_CATEGORIES, len(blocks), WIDTH * 4), np.int32)
        self.introns = np.zeros((N_CATEGORIES, len(blocks)), np.int32)

    def add_sequence(self, seqid: str, codes: np.ndarray, base: list[GeneModel], tuned: list[GeneModel]) -> None:
        """Count one sequence.

        Args:
            seqid: its id.
            codes: its plus strand as base codes (composition.base_codes).
            base, tuned: exon chains of the two sets on it.
        """
        for strand in "+-":
            strand_codes = codes if strand == "+" else reverse_complement_codes(codes)
            ours, theirs = (strand_introns(models, strand, len(codes)) for models in (base, tuned))
            for category, chosen in (
                (SHARED, ours & theirs),
                (BASE_ONLY, ours - theirs),
                (TUNED_ONLY, theirs - ours),
                (DECOY, self._decoys(base, strand, strand_codes, ours | theirs)),
            ):
                self._count(category, seqid, strand, strand_codes, sorted(chosen))

    def _decoys(self, models: Iterable[GeneModel], strand: str, codes: np.ndarray, called: set) -> set:
        donors, acceptors = ({pair[side] for pair in called} for side in (0, 1))
        decoys = set()
        for model in models:
            if model.strand == strand and any(len(chain) > 1 for chain in model.chains):
                start, end = _to_strand(model.start, model.end, strand, len(codes))
                pairs = decoy_introns(codes[start:end])
                pairs = [
                    (start + first, start + last)
                    for first, last in pairs
                    if start + first not in donors and start + last not in acceptors
                ]
                step = max(1, len(pairs) // MAX_DECOYS_PER_GENE)
                decoys.update(pairs[::step])
        return decoys

    def _count(self, category: int, seqid: str, strand: str, codes: np.ndarray, pairs: list) -> None:
        pairs = [(first, last) for first, last in pairs if first >= MARGIN and last + MARGIN <= len(codes)]
        if not pairs:
            return
        firsts, lasts = np.array(pairs, np.int64).T
        places = np.concatenate([firsts[:, None] + DONOR_OFFSETS, lasts[:, None] + ACCEPTOR_OFFSETS], axis=1)
        bases = codes[places]  # (n, WIDTH)
        plus = firsts if strand == "+" else len(codes) - 1 - firsts
        block = self._blocks.index(seqid, plus)
        row, column = np.nonzero(bases != INVALID)
        np.add.at(self.counts[category], (block[row], column * 4 + bases[row, column]), 1)
        np.add.at(self.introns[category], block, 1)


def strand_introns(models: Iterable[GeneModel], strand: str, length: int) -> set[tuple[int, int]]:
    """Return the distinct introns of models on one strand, in reading coordinates of that strand."""
    return {
        _to_strand(start, end, strand, length)
        for model in models
        if model.strand == strand
        for chain in model.chains
        for start, end in introns(chain)
    }


def _to_strand(start: int, end: int, strand: str, length: int) -> tuple[int, int]:
    return (start, end) if strand == "+" else (length - end, length - start)


def decoy_introns(codes: np.ndarray) -> list[tuple[int, int]]:
    """Pair every GT with the first AG that ends at least a minimal intron later; (start, end) within `codes`."""
    following = codes[1:]
    donors = np.flatnonzero((codes[:-1] == _G) & (following == _T))
    ends = np.flatnonzero((codes[:-1] == _A) & (following == _G)) + 2
    partner = np.searchsorted(ends, donors + MIN_INTRON_BP)
    whole = partner < len(ends)
    return list(zip(donors[whole].tolist(), ends[partner[whole]].tolist(), strict=True))

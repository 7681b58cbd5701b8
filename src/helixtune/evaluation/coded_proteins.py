"""The proteins of two gene sets, codon by codon on the genome, so that what matches a protein says which codons are real."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.mixture import BASE_ONLY, KINDS, SHARED, TUNED_ONLY, Mixture
from helixtune.evaluation.strands import Strand, coding_positions

# Genes that both sets call alike only teach how often real codons match; so many of them do.
MAX_IDENTICAL = 2_000
# Reversed proteins have the composition and the repeats of real ones and match by chance alone.
MAX_REVERSED = 500
# Codons by first, second, third base in the order A, C, G, T (NCBI translation table 1); unclear codons are X.
AMINO_ACIDS = np.frombuffer(b"KNKNTTTTRSRSIIMIQHQHPPPPRRRRLLLLEDEDAAAAGGGGVVVV*Y*YSSSS*CWCLFLFX", np.uint8)
# Which residues of each protein match: called once with all proteins.
Matcher = Callable[[Sequence[bytes]], list[np.ndarray]]


@dataclass(frozen=True)
class CodedProtein:
    """One called protein.

    Attributes:
        letters: amino acids without the last stop.
        blocks: (n,) genome block of each codon.
        kinds: (n,) SHARED, BASE_ONLY or TUNED_ONLY.
        weight: how many proteins it stands for (a codon in both sets comes twice, as half each).
    """

    letters: bytes
    blocks: np.ndarray
    kinds: np.ndarray
    weight: float


class CodedProteins:
    """Collects the proteins of both sets, strand by strand; of those called alike, a sample."""

    def __init__(self, blocks: GenomeBlocks, n_genes: int):
        self._blocks = blocks
        self._every = max(1, n_genes // MAX_IDENTICAL)
        self._seen_identical = 0
        self.proteins: list[CodedProtein] = []

    def add_strand(self, strand: Strand) -> None:
        """Translate the genes of one strand."""
        ours, theirs = (_codons(genes, len(strand)) for genes in (strand.base, strand.tuned))
        places = [_all_places(some) for some in (ours, theirs)]
        alike = {places.tobytes() for places in map(_places, theirs)} & {p.tobytes() for p in map(_places, ours)}
        for only, some, others in ((BASE_ONLY, ours, places[1]), (TUNED_ONLY, theirs, places[0])):
            for codons in some:
                own = _places(codons)
                kinds = np.where(np.isin(own, others), SHARED, only)
                self._add(strand, codons, kinds, is_alike=own.tobytes() in alike)

    def _add(self, strand: Strand, codons: np.ndarray, kinds: np.ndarray, *, is_alike: bool) -> None:
        weight = 1.0
        if is_alike:
            if (kinds == SHARED).all():
                self._seen_identical += 1
            if self._seen_identical % (2 * self._every) != 0:
                return
            weight = 2.0 * self._every
        letters = AMINO_ACIDS[codon_numbers(codons, strand.codes)]
        whole = slice(None, -1) if letters[-1:].tobytes() == b"*" else slice(None)
        blocks = self._blocks.index(strand.seqid, strand.plus(codons[:, 0]))[whole]
        self.proteins.append(CodedProtein(letters[whole].tobytes(), blocks, kinds[whole], weight))

    def mixture(self, match: Matcher) -> Mixture:
        """Count codons and matching codons by block and kind; reversed proteins are the decoys."""
        n_blocks = len(self._blocks)
        items, scores = np.zeros((2, len(KINDS), n_blocks))
        decoy_items, decoy_scores = np.zeros((2, n_blocks))
        every = max(1, len(self.proteins) // MAX_REVERSED)
        reversed_ones = self.proteins[::every]
        masks = match([one.letters for one in self.proteins] + [one.letters[::-1] for one in reversed_ones])
        for one, mask in zip(self.proteins, masks[: len(self.proteins)], strict=True):
            weights = np.where(one.kinds == SHARED, one.weight / 2, one.weight)
            np.add.at(items, (one.kinds, one.blocks), weights)
            np.add.at(scores, (one.kinds, one.blocks), weights * mask)
        for one, mask in zip(reversed_ones, masks[len(self.proteins) :], strict=True):
            np.add.at(decoy_items, one.blocks, 1)
            np.add.at(decoy_scores, one.blocks, mask[::-1].astype(np.float64))
        return Mixture(
            dict(zip(KINDS, items, strict=True)), dict(zip(KINDS, scores, strict=True)), [decoy_items], [decoy_scores]
        )


def codon_numbers(codons: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return 0 to 63 for (n, 3) positions of codons, 64 where a base is unclear."""
    first, second, third = codes[codons].astype(np.int64).T
    return np.where((first < 4) & (second < 4) & (third < 4), first * 16 + second * 4 + third, 64)


def _codons(genes: Iterable[Gene], length_bp: int) -> list[np.ndarray]:
    """Return the (n, 3) positions of the codons of each gene's longest transcript, in reading direction."""
    found = []
    for gene in genes:
        if gene.is_coding:
            positions = max(coding_positions(gene, length_bp), key=len)
            if len(positions) >= 6:
                found.append(positions[: len(positions) // 3 * 3].reshape(-1, 3))
    return found


def _places(codons: np.ndarray) -> np.ndarray:
    return codons[:, 0] << 32 | codons[:, 2]


def _all_places(some: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([_places(codons) for codons in some]) if some else np.zeros(0, np.int64)

"""The proteins of two gene sets, codon by codon on the genome, so that what matches a protein says which codons are real."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
# One set on one strand of a stretch: offset of the sequence, whether minus strand, number of the set, and what orders stretches.
Place = tuple[int, bool, int, int]


@dataclass(frozen=True)
class CodedProtein:
    """One called protein.

    Attributes:
        letters: amino acids without the last stop.
        blocks: (n,) genome block of each codon.
        kinds: (n,) SHARED, BASE_ONLY or TUNED_ONLY.
        weight: how many proteins it stands for (a codon in both sets comes twice, as half each).
        side: BASE_ONLY or TUNED_ONLY, the set that calls it; SHARED where both call it alike.
    """

    letters: bytes
    blocks: np.ndarray
    kinds: np.ndarray
    weight: float
    side: int


@dataclass(frozen=True)
class AlikeSample:
    """Which of the genes that both sets call alike are looked at.

    Attributes:
        chosen: their numbers among those of one strand and set, by that strand and set (see `alike_genes`).
        weight: how many each stands for.
    """

    chosen: Mapping[Place, Sequence[int]]
    weight: float


def alike_genes(blocks: GenomeBlocks, strand: Strand) -> list[tuple[Place, np.ndarray]]:
    """Return for both sets the lines in their files of the genes on a strand that the other set calls alike."""
    ours, theirs = (_codons(genes, strand) for genes in (strand.base, strand.tuned))
    alike = _alike(ours, theirs)
    lines = ([gene.line for gene, codons in some if _places(codons).tobytes() in alike] for some in (ours, theirs))
    return [(_place(blocks, strand, side), np.array(some, np.int64)) for side, some in enumerate(lines)]


def sample_alike(found: Sequence[tuple[Place, np.ndarray]], n_genes: int) -> AlikeSample:
    """Choose evenly, in the order of the genome and of the files.

    Args:
        found: what `alike_genes` returned for all strands.
        n_genes: genes of the base set.
    """
    found = sorted(found, key=lambda one: one[0])
    every = 2 * max(1, n_genes // MAX_IDENTICAL)
    places = np.array([place[:3] for place, _ in found], np.int64).reshape(-1, 3)
    owner = np.repeat(np.arange(len(found)), [len(lines) for _, lines in found])
    lines = np.concatenate([lines for _, lines in found]) if found else np.zeros(0, np.int64)
    number = np.concatenate([np.arange(len(lines)) for _, lines in found]) if found else lines
    order = np.lexsort((lines, *places[owner].T[::-1]))[every - 1 :: every]
    chosen: dict[Place, list[int]] = {}
    for one in order.tolist():
        chosen.setdefault(found[owner[one]][0], []).append(int(number[one]))
    return AlikeSample(chosen, float(every))


class CodedProteins:
    """Collects the proteins of both sets, strand by strand; of those called alike, a sample."""

    def __init__(self, blocks: GenomeBlocks, sample: AlikeSample):
        self._blocks, self._sample = blocks, sample
        self._found: list[tuple[tuple[int, ...], CodedProtein]] = []

    @property
    def proteins(self) -> list[CodedProtein]:
        """All proteins, in the order of the genome and of the files."""
        return [one for _, one in sorted(self._found, key=lambda found: found[0])]

    def add_strand(self, strand: Strand) -> None:
        """Translate the genes of one strand."""
        sides = [_codons(genes, strand) for genes in (strand.base, strand.tuned)]
        places = [_all_places(some) for some in sides]
        alike = _alike(*sides)
        for side, only in enumerate((BASE_ONLY, TUNED_ONLY)):
            place, n_alike = _place(self._blocks, strand, side), 0
            chosen = set(self._sample.chosen.get(place, ()))
            for gene, codons in sides[side]:
                own, weight, called_by = _places(codons), 1.0, only
                if own.tobytes() in alike:
                    called_by = SHARED
                    n_alike += 1
                    if n_alike - 1 not in chosen:
                        continue
                    weight = self._sample.weight
                kinds = np.where(np.isin(own, places[1 - side]), SHARED, only).astype(np.uint8)
                protein = self._translated(strand, codons, kinds, weight, called_by)
                self._found.append(((*place[:3], gene.line, place[3]), protein))

    def gathered(self) -> list[tuple[tuple[int, ...], CodedProtein]]:
        """Return what `add` takes."""
        return self._found

    def add(self, gathered: list[tuple[tuple[int, ...], CodedProtein]]) -> None:
        """Add what was gathered elsewhere."""
        self._found += gathered

    def _translated(
        self, strand: Strand, codons: np.ndarray, kinds: np.ndarray, weight: float, side: int
    ) -> CodedProtein:
        letters = AMINO_ACIDS[codon_numbers(codons, strand.codes)]
        whole = slice(None, -1) if letters[-1:].tobytes() == b"*" else slice(None)
        blocks = self._blocks.index(strand.seqid, strand.plus(codons[:, 0]))[whole].astype(np.int32)
        return CodedProtein(letters[whole].tobytes(), blocks, kinds[whole], weight, side)

    def mixture(self, match: Matcher) -> Mixture:
        """Count codons and matching codons by block and kind; reversed proteins are the decoys."""
        n_blocks = len(self._blocks)
        items, scores = np.zeros((2, len(KINDS), n_blocks))
        decoy_items, decoy_scores = np.zeros((2, n_blocks))
        proteins = self.proteins
        every = max(1, len(proteins) // MAX_REVERSED)
        reversed_ones = proteins[::every]
        masks = match([one.letters for one in proteins] + [one.letters[::-1] for one in reversed_ones])
        for one, mask in zip(proteins, masks[: len(proteins)], strict=True):
            weights = np.where(one.kinds == SHARED, one.weight / 2, one.weight)
            np.add.at(items, (one.kinds, one.blocks), weights)
            np.add.at(scores, (one.kinds, one.blocks), weights * mask)
        for one, mask in zip(reversed_ones, masks[len(proteins) :], strict=True):
            np.add.at(decoy_items, one.blocks, 1)
            np.add.at(decoy_scores, one.blocks, mask[::-1].astype(np.float64))
        return Mixture(
            dict(zip(KINDS, items, strict=True)), dict(zip(KINDS, scores, strict=True)), [decoy_items], [decoy_scores]
        )


def codon_numbers(codons: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return 0 to 63 for (n, 3) positions of codons, 64 where a base is unclear."""
    first, second, third = codes[codons].astype(np.int64).T
    return np.where((first < 4) & (second < 4) & (third < 4), first * 16 + second * 4 + third, 64)


def _codons(genes: Iterable[Gene], strand: Strand) -> list[tuple[Gene, np.ndarray]]:
    """Return genes with the (n, 3) positions of the codons of their longest transcripts, in reading direction."""
    found = []
    for gene in genes:
        if gene.is_coding:
            positions = max(coding_positions(gene, len(strand), strand.first_bp), key=len)
            if len(positions) >= 6:
                found.append((gene, positions[: len(positions) // 3 * 3].reshape(-1, 3)))
    return found


def _alike(ours: list[tuple[Gene, np.ndarray]], theirs: list[tuple[Gene, np.ndarray]]) -> set[bytes]:
    """Return the places of coding sequences that both sets have."""
    return set.intersection(*({_places(codons).tobytes() for _, codons in some} for some in (ours, theirs)))


def _place(blocks: GenomeBlocks, strand: Strand, side: int) -> Place:
    sequence, is_minus, position = strand.place(blocks.offsets[strand.seqid])
    return sequence, is_minus, side, position


def _places(codons: np.ndarray) -> np.ndarray:
    return codons[:, 0] << 32 | codons[:, 2]


def _all_places(some: list[tuple[Gene, np.ndarray]]) -> np.ndarray:
    return np.concatenate([_places(codons) for _, codons in some]) if some else np.zeros(0, np.int64)

"""Where the annotation cannot be trusted: masked stretches around gene models with errors.

Each error masks the flank of the gene where the truth is unknown, up to a border between the gene and its neighbour; the
gene's own labels stay. Rules and their order are upstream's. All positions are stranded (see `coding_transcripts`).
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

from helixtune.annotation.coding_transcripts import CodingTranscript, StrandedGene

START_CODON = b"ATG"
STOP_CODONS = (b"TAG", b"TGA", b"TAA")
MIN_INTRON_BP = 20  # upstream's default `min_intron_length`: below it an intron is taken for an error of the annotation

MISSING_UTR_5 = "missing 5' UTR"
MISSING_UTR_3 = "missing 3' UTR"
NO_START_CODON = "missing start codon"
NO_STOP_CODON = "missing stop codon"
STOP_CODON_BEHIND = "stop codon behind the coding sequence"
WRONG_FIRST_PHASE = "wrong starting phase"
WRONG_LAST_PHASE = "mismatched ending phase"
OVERLAP = "overlap with a doubtful gene"
MIXED_STRANDS = "mismatching strands"
OVERLAPPING_EXONS = "overlapping exons"
SHORT_INTRON = "too short intron"
TRUNCATED_INTRON = "truncated intron"
UNUSABLE_GENE = "unusable gene"
DOUBT = "frame shift"
MISSING_UTR = (MISSING_UTR_5, MISSING_UTR_3)

# bases(start, end) of the stranded sequence, upper case
Bases = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Mask:
    """A masked stretch, stranded; one with start >= end masks nothing but still counts as an error."""

    kind: str
    start: int
    end: int


def border_offset(gap_bp: int) -> int:
    """Return how far behind a gene the border to the next gene lies: half the gap, or less in a long gap."""
    return 0 if gap_bp <= 0 else min(gap_bp // 2, 10 * math.isqrt(gap_bp))


def chosen_masks(genes: list[StrandedGene], length_bp: int, bases: Bases) -> list[tuple[StrandedGene, list[Mask]]]:
    """Return the masks that apply: those of each gene's chosen transcript.

    Args:
        genes: all genes of one strand, sorted 5'->3' (non-coding ones too: they are neighbours).
        length_bp: length of the sequence.
        bases: reads the stranded sequence.
    """
    neighbourhood = Neighbourhood(genes, length_bp)
    return [one for first, end in neighbourhood.chains() for one in masks_of_chain(first, end, neighbourhood, bases)]


def masks_of_chain(first: int, end: int, near: "Neighbourhood", bases: Bases) -> list[tuple[StrandedGene, list[Mask]]]:
    """Return the masks that apply in one chain of overlapping genes, `near.genes[first:end]`; other chains play no part."""
    all_masks: dict[int, list[list[Mask]]] = {}  # by gene, by coding transcript
    applied = []
    for i in range(first, end):
        gene = near.genes[i]
        all_masks[i] = _masks_of_gene(i, gene, near, all_masks, bases)
        if gene.problem:
            applied.append((gene, [Mask(UNUSABLE_GENE, gene.start, gene.end)]))
        elif gene.chosen is not None:
            applied.append((gene, all_masks[i][gene.chosen]))
    return applied


class Neighbourhood:
    """Borders between the genes of a strand, and the ends of chains of overlapping genes."""

    def __init__(self, genes: list[StrandedGene], length_bp: int):
        self.genes, self.length_bp = genes, length_bp
        pairs = list(itertools.pairwise(genes))
        between = [before.end + border_offset(after.start - before.end) for before, after in pairs]
        self.up = [0, *between]
        self.down = [*between, length_bp]
        joined = [before.end > after.start for before, after in pairs]
        self.chain_start = list(range(len(genes)))
        self.chain_end = list(range(len(genes)))
        for i in range(1, len(genes)):
            if joined[i - 1]:
                self.chain_start[i] = self.chain_start[i - 1]
        for i in reversed(range(len(genes) - 1)):
            if joined[i]:
                self.chain_end[i] = self.chain_end[i + 1]

    def chains(self) -> list[tuple[int, int]]:
        """Return the half-open ranges of genes that overlap one after the other."""
        firsts = [i for i, first in enumerate(self.chain_start) if i == first]
        return list(itertools.pairwise([*firsts, len(self.genes)]))

    def upstream(self, kind: str, i: int, to: int) -> Mask:
        """Return the mask from gene i's 5' border to `to`."""
        return Mask(kind, self.up[i], to)

    def downstream(self, kind: str, i: int, start: int) -> list[Mask]:
        """Return the mask from `start` to gene i's 3' border; none for a gene that is cut off by the sequence's end."""
        end = self.down[i]
        return [] if start == end == self.length_bp else [Mask(kind, start, end)]


def _masks_of_gene(
    i: int, gene: StrandedGene, near: Neighbourhood, earlier: dict[int, list[list[Mask]]], bases: Bases
) -> list[list[Mask]]:
    masks: list[list[Mask]] = [[] for _ in gene.transcripts]
    if gene.mixed_strands:
        if gene.first_is_coding:
            masks[0].append(Mask(MIXED_STRANDS, gene.start, gene.end))
        return masks
    for transcript, own in zip(gene.transcripts, masks, strict=True):
        own += _end_masks(i, transcript, near, bases)
        if i > 0 and near.genes[i - 1].end > gene.start:
            _consider_overlap(i, near, earlier[i - 1], masks, own)
        own += _intron_masks(i, transcript, near)
        own += [Mask(DOUBT, *doubt) for doubt in transcript.doubts]
    return masks


def _end_masks(i: int, transcript: CodingTranscript, near: Neighbourhood, bases: Bases) -> list[Mask]:
    """Check UTRs, start and stop codon and the first phase."""
    start, end = transcript.cds_start, transcript.cds_end
    masks = []
    if start == transcript.start:
        masks.append(near.upstream(MISSING_UTR_5, i, start))
    if end == transcript.end:
        masks += near.downstream(MISSING_UTR_3, i, end)
    if bases(start, start + 3) != START_CODON:
        masks.append(near.upstream(NO_START_CODON, i, start))
    if bases(end - 3, end) not in STOP_CODONS:
        kind = STOP_CODON_BEHIND if bases(end, end + 3) in STOP_CODONS else NO_STOP_CODON
        masks += near.downstream(kind, i, end)
    if transcript.first_phase != 0:
        masks.append(near.upstream(WRONG_FIRST_PHASE, i, start))
    return masks


def _consider_overlap(
    i: int, near: Neighbourhood, before: list[list[Mask]], masks: list[list[Mask]], own: list[Mask]
) -> None:
    """Deal with a gene that overlaps the one before it.

    A nested gene needs no UTRs of its own. Of two staggered genes, one without the UTR at the shared place makes the
    whole chain of overlapping genes behind (or before) it doubtful.
    """
    gene, previous = near.genes[i], near.genes[i - 1]
    if previous.end > gene.end:
        if any(mask.kind in MISSING_UTR for one in masks for mask in one):
            own[:] = [mask for mask in own if mask.kind not in MISSING_UTR]
    elif any(mask.kind == MISSING_UTR_3 for one in before for mask in one):
        own += near.downstream(OVERLAP, near.chain_end[i], previous.end)
    elif any(mask.kind == MISSING_UTR_5 for one in masks for mask in one):
        own.append(near.upstream(OVERLAP, near.chain_start[i], gene.start))


def _intron_masks(i: int, transcript: CodingTranscript, near: Neighbourhood) -> list[Mask]:
    """Check the last phase (of spliced transcripts only) and the introns."""
    introns, masks = transcript.introns, []
    if not introns:
        return masks
    inside = [end for _, end in introns if transcript.cds_start < end < transcript.cds_end]
    last_length = transcript.cds_end - max(inside, default=transcript.cds_start)
    if transcript.last_phase != last_length % 3:
        masks += near.downstream(WRONG_LAST_PHASE, i, transcript.cds_end)
    for k, (start, end) in enumerate(introns):
        if start > end:
            before = introns[k - 1][1] if k else transcript.start
            after = introns[k + 1][0] if k + 1 < len(introns) else transcript.end
            masks.append(Mask(OVERLAPPING_EXONS, before, after))
        elif end - start < MIN_INTRON_BP:
            masks.append(Mask(SHORT_INTRON, start, end))
    for start, end in transcript.true_introns:
        if start == transcript.start:
            masks.append(near.upstream(TRUNCATED_INTRON, i, start))
        if end == transcript.end:
            masks += near.downstream(TRUNCATED_INTRON, i, end)
    return masks

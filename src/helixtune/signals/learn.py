"""Learn a genome's signals from genes called on it."""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from helixtune.evaluation.codes import reverse_complement_codes
from helixtune.signals import content, lengths, sites
from helixtune.signals.automaton import LETTERS, NO_BASE, A, G, T, stop_codons
from helixtune.signals.branch import BranchPoint, find_branch_point
from helixtune.signals.model import (
    ACCEPTOR_OFFSET,
    ACCEPTOR_WIDTH,
    DONOR_OFFSET,
    DONOR_WIDTH,
    MOST_EARLIER_STARTS,
    START_OFFSET,
    START_WIDTH,
    Signals,
    Weights,
)
from helixtune.signals.observed import observed
from helixtune.signals.tracks import START_CODON, codon_codes, pairs

SHORTEST_INTRON_BP = 20
# Bases of an intron's end in which a branch point is looked for.
INTRON_END_BP = 80
# strand, coding parts (start, end) 5'->3'
CodingGene = tuple[str, list[tuple[int, int]]]


# Sites that the decoys' frequencies weigh as much as, and sites after one base those without it.
PRIOR_SITES, PAIR_SITES = 10.0, 40.0
# Fewer introns tell nothing of the species'.
FEWEST_INTRONS = 20
# Words in introns of one context that the sequence between genes weighs as much as: introns differ from it little.
INTRON_PRIOR_COUNTS = 1000.0
# The search takes the best of many false introns, most of them of unusual lengths: that is held against them (measured).
LENGTH_WEIGHT = 1.5
# How often a gene begins with the first, second ... start codon of its open reading frame, and how many genes that weighs.
FIRST_START_ORDER = np.array([0.8, 0.1, 0.05, 0.025, 0.025])
START_ORDER_COUNTS = 100.0


@dataclass
class Counts:
    """What genes say, summed over sequences."""

    coding: np.ndarray = field(default_factory=lambda: np.zeros((3, content.CONTEXTS, 4)))
    intron: np.ndarray = field(default_factory=lambda: np.zeros((1, content.CONTEXTS, 4)))
    other: np.ndarray = field(default_factory=lambda: np.zeros((1, content.CONTEXTS, 4)))
    donor: np.ndarray = field(default_factory=lambda: np.zeros((DONOR_WIDTH, 4, 4)))
    donor_decoy: np.ndarray = field(default_factory=lambda: np.zeros((DONOR_WIDTH, 4, 4)))
    acceptor: np.ndarray = field(default_factory=lambda: np.zeros((ACCEPTOR_WIDTH, 4, 4)))
    acceptor_decoy: np.ndarray = field(default_factory=lambda: np.zeros((ACCEPTOR_WIDTH, 4, 4)))
    start: np.ndarray = field(default_factory=lambda: np.zeros((START_WIDTH, 4, 4)))
    start_decoy: np.ndarray = field(default_factory=lambda: np.zeros((START_WIDTH, 4, 4)))
    start_order: np.ndarray = field(default_factory=lambda: np.zeros(MOST_EARLIER_STARTS + 1))
    bases: np.ndarray = field(default_factory=lambda: np.zeros(4))
    stops: Counter = field(default_factory=Counter)
    introns_bp: list[int] = field(default_factory=list)
    intron_ends: list[bytes] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    genes: int = 0
    coding_bp: int = 0
    other_bp: int = 0


def add_genes(
    counts: Counts, codes: np.ndarray, own: tuple[int, int], genes: Iterable[CodingGene], genetic_code: int
) -> None:
    """Add the genes of a stretch, and the sequence between them, to the counts.

    Args:
        counts: added to.
        codes: (n,) uint8 of the plus strand.
        own: (begin, end) of the stretch; bases beside it are context.
        genes: strand and coding parts 5'->3' of each, in plus-strand coordinates of `codes`.
        genetic_code: NCBI's number.
    """
    n = len(codes)
    stops = codon_codes(stop_codons(genetic_code))
    begin, end = own
    occupied = np.ones(n, bool)
    occupied[begin:end] = False
    by_strand: dict[str, list[list[tuple[int, int]]]] = {"+": [], "-": []}
    for strand, parts in genes:
        by_strand[strand].append(parts if strand == "+" else [(n - right, n - left) for left, right in parts])
    for strand, found in by_strand.items():
        own_codes = codes if strand == "+" else reverse_complement_codes(codes)
        inside = np.zeros(n, bool)
        earlier = sites.earlier_starts(own_codes, START_CODON, stops, MOST_EARLIER_STARTS)
        for parts in found:
            inside[parts[0][0] : parts[-1][1]] = True
            _add_gene(counts, own_codes, parts, earlier)
        _add_decoys(counts, own_codes, inside, earlier)
        occupied |= inside if strand == "+" else inside[::-1]
    for own_codes, free in ((codes, ~occupied), (reverse_complement_codes(codes), ~occupied[::-1])):
        content.count_words(np.where(free, own_codes, NO_BASE).astype(np.uint8), -1, counts.other)
    counts.other_bp += int((~occupied).sum())
    counts.bases += np.bincount(codes[begin:end], minlength=5)[:4]


def _add_gene(counts: Counts, codes: np.ndarray, parts: list[tuple[int, int]], earlier: np.ndarray) -> None:
    """Count one gene; parts 5'->3' on the strand of `codes`, earlier from `sites.earlier_starts`."""
    spliced = np.concatenate([codes[start:end] for start, end in parts])
    content.count_words(spliced[3:-3], 0, counts.coding)
    counts.genes += 1
    counts.coding_bp += len(spliced)
    counts.stops["".join(LETTERS[code] if code < NO_BASE else "N" for code in spliced[-3:])] += 1
    if earlier[parts[0][0]] >= 0:
        counts.start_order[earlier[parts[0][0]]] += 1
        _count_windows(codes, parts[0][0], START_OFFSET, counts.start)
    for (_, donor), (acceptor, _) in pairwise(parts):
        # copies of a family of genes or transposons count once: else their introns become the species'
        ends = codes[max(donor - 10, 0) : donor + 15].tobytes() + codes[max(acceptor - 15, 0) : acceptor + 10].tobytes()
        if ends in counts.seen:
            continue
        counts.seen.add(ends)
        counts.introns_bp.append(acceptor - donor)
        counts.intron_ends.append(codes[max(donor, acceptor - INTRON_END_BP) : acceptor].tobytes())
        content.count_words(codes[donor + 6 : acceptor - 3], -1, counts.intron)
        _count_windows(codes, donor, DONOR_OFFSET, counts.donor)
        _count_windows(codes, acceptor, ACCEPTOR_OFFSET, counts.acceptor)


def _add_decoys(counts: Counts, codes: np.ndarray, inside: np.ndarray, earlier: np.ndarray) -> None:
    """Count all that looks like a splice site inside genes, and like a start anywhere; the few true ones do no harm."""
    for borders, offset, decoys in (
        (np.flatnonzero(pairs(codes, G, T)[:-1] & inside), DONOR_OFFSET, counts.donor_decoy),
        (np.flatnonzero(pairs(codes, A, G)[:-1] & inside) + 2, ACCEPTOR_OFFSET, counts.acceptor_decoy),
        (np.flatnonzero(earlier >= 0), START_OFFSET, counts.start_decoy),
    ):
        sites.count_windows(codes, borders, offset, decoys)


def _count_windows(codes: np.ndarray, border: int, offset: int, counts: np.ndarray) -> None:
    sites.count_windows(codes, np.array([border]), offset, counts)


# Shares of C, A, T and G around splice sites of all eukaryotes, by place relative to the border: MAG|GTRAGT and (Y)nNCAG|G,
# textbook consensus sequences, rounded.
GENERIC_DONOR = {
    -3: (0.35, 0.35, 0.12, 0.18), -2: (0.12, 0.60, 0.15, 0.13), -1: (0.04, 0.09, 0.07, 0.80),
    2: (0.03, 0.55, 0.05, 0.37), 3: (0.08, 0.68, 0.12, 0.12), 4: (0.06, 0.09, 0.06, 0.79), 5: (0.15, 0.17, 0.50, 0.18),
}  # fmt: skip
GENERIC_ACCEPTOR = {
    **dict.fromkeys(range(-15, -4), (0.29, 0.17, 0.42, 0.12)),
    -4: (0.27, 0.25, 0.27, 0.21), -3: (0.62, 0.06, 0.29, 0.03), 0: (0.15, 0.25, 0.11, 0.49),
}  # fmt: skip
# Introns a gene where nothing is known.
GENERIC_INTRONS = 0.5
GC_DONOR_BITS = 7.2  # Burset, Seledtsov, Solovyev 2000: 0.69 % of introns


class _Introns(NamedTuple):
    """What is known of introns: the fields of the same names of `Signals`, and how many there are."""

    intron: np.ndarray
    donor: np.ndarray
    acceptor: np.ndarray
    branch: BranchPoint | None
    lengths: np.ndarray
    tail: float
    number: float


def _generic_introns(counts: Counts, other: np.ndarray) -> _Introns:
    """Return introns as in all eukaryotes, their sites against this genome's own decoys."""
    lengths_bits, tail = lengths.generic_lengths(SHORTEST_INTRON_BP)
    return _Introns(
        other,
        _generic_sites(GENERIC_DONOR, DONOR_OFFSET, counts.donor_decoy),
        _generic_sites(GENERIC_ACCEPTOR, ACCEPTOR_OFFSET, counts.acceptor_decoy),
        None, lengths_bits, tail,
        max(len(counts.introns_bp), GENERIC_INTRONS * counts.genes),
    )  # fmt: skip


def _generic_sites(pattern: dict, offset: int, decoys: np.ndarray) -> np.ndarray:
    table = np.zeros(decoys.shape)
    background = sites.shares(decoys.sum(axis=1))
    for place, shares in pattern.items():
        table[place - offset] = np.log2(np.array(shares) / background[place - offset])
    return table


def _learned_introns(counts: Counts, other: np.ndarray) -> _Introns:
    """Return introns as they were called last."""
    donor = sites.log_odds(counts.donor, counts.donor_decoy, PRIOR_SITES, PAIR_SITES)
    acceptor = sites.log_odds(counts.acceptor, counts.acceptor_decoy, PRIOR_SITES, PAIR_SITES)
    # GT and AG
    donor[-DONOR_OFFSET : 2 - DONOR_OFFSET] = 0
    acceptor[-2 - ACCEPTOR_OFFSET : -ACCEPTOR_OFFSET] = 0
    lengths_bits, tail = lengths.learned_lengths(np.array(counts.introns_bp), SHORTEST_INTRON_BP)
    return _Introns(
        content.interpolated(counts.intron[0], other, INTRON_PRIOR_COUNTS), donor, acceptor,
        find_branch_point(counts.intron_ends, SHORTEST_INTRON_BP + 10),
        lengths_bits * LENGTH_WEIGHT, tail * LENGTH_WEIGHT, len(counts.introns_bp),
    )  # fmt: skip


def learned(counts: Counts, weights: Weights, genetic_code: int) -> Signals:
    """Return scores of all that was counted; introns as in all eukaryotes where hardly any was called."""
    few = len(counts.introns_bp) < FEWEST_INTRONS
    return _signals(counts, _generic_introns if few else _learned_introns, weights, genetic_code)


def generic(counts: Counts, weights: Weights, genetic_code: int) -> Signals:
    """Return scores of all that was counted but introns, which are as in all eukaryotes."""
    return _signals(counts, _generic_introns, weights, genetic_code)


def _signals(counts: Counts, introns_of: Callable, weights: Weights, genetic_code: int) -> Signals:
    other = content.interpolated(counts.other[0])
    introns = introns_of(counts, other)
    start = sites.log_odds(counts.start, counts.start_decoy, PRIOR_SITES, PAIR_SITES)
    start[-START_OFFSET : 3 - START_OFFSET] = 0  # ATG
    order = counts.start_order + FIRST_START_ORDER * START_ORDER_COUNTS
    # How likely a word is by chance: both strands count, so A and T are as frequent, and C and G.
    share_at = float((counts.bases[A] + counts.bases[T]) / counts.bases.sum() / 2)
    chance = {"A": share_at, "T": share_at, "C": 0.5 - share_at, "G": 0.5 - share_at}
    # An intron begins at a coding base with this chance; GT and AG are certain in one, and there by chance elsewhere.
    by_chance = np.prod([decoys[-1].sum() / counts.coding_bp for decoys in (counts.donor_decoy, counts.acceptor_decoy)])
    intron_prior = np.log2(introns.number / counts.coding_bp / by_chance)
    # A gene begins at a base between genes, on either strand, and ends at one of its codons.
    begins = counts.genes / (2 * max(counts.other_bp, 1)) / math.prod(chance[letter] for letter in "ATG")
    gene_prior = np.log2(begins * counts.genes / (counts.coding_bp / 3))
    codons = stop_codons(genetic_code)
    total = sum(counts.stops[codon] + 1 for codon in codons)
    return Signals(
        coding=np.log2(content.interpolated(counts.coding) / other),
        intron=np.log2(introns.intron / other),
        donor=introns.donor,
        acceptor=introns.acceptor,
        start=start,
        start_order=np.log2(order / order.sum()),
        gc_donor=GC_DONOR_BITS,
        branch=introns.branch.motif if introns.branch else None,
        branch_distance=introns.branch.distances if introns.branch else None,
        lengths=introns.lengths,
        tail=introns.tail,
        intron_prior=float(intron_prior),
        gene_prior=float(gene_prior),
        stops={
            codon: math.log2((counts.stops[codon] + 1) / total / math.prod(chance[letter] for letter in codon))
            for codon in codons
        },
        weights=weights,
        genetic_code=genetic_code,
        observed=observed(counts, introns.branch),
    )

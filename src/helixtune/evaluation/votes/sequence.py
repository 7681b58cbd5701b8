"""The vote of the genome itself: which of the exons and genes that only one set calls are right?

Evidence are splice sites, starts, codons, lengths and reading frames of introns, and what the other set has in the same place,
all by what was learnt of the pieces that both sets call, on other parts of the genome (`piece_scores`, `piece_features`). A
logistic regression, fitted to gene sets of known truth of other species, turns them into the probability that an exon, or a
gene, is exactly right. Their sums are the expected F1."""

from collections.abc import Sequence

import numpy as np

from helixtune.evaluation.called_pieces import Decoys, Pieces
from helixtune.evaluation.piece_features import EXON_FACTS, GENE_FACTS, facts_of
from helixtune.evaluation.piece_scores import score_pieces
from helixtune.evaluation.votes.vote import Figure, Vote, cast_vote, learnt

# Fewer shared pairs of codons (some ten genes) teach nothing about a genome.
MIN_SHARED_PAIRS = 3_000
MIN_DIFFERING_EXONS = 10
# A codon of what both sets call is worth more bits than this, by what was learnt of the rest: where two poor sets share mostly
# wrong genes, nothing holds from one part of the genome to another.
MIN_SHARED_BITS = 0.0
QUESTION = (
    "Are the exons and genes that only one set calls right, by splice sites, codons, starts and introns? (expected F1)"
)
LEVELS = ("exon", "gene")


def sequence_vote(sets: Sequence[Pieces], decoys: Decoys, weights: np.ndarray) -> Vote | None:
    """Vote; None where too little is shared to learn from, or what is shared looks like no coding sequence, or too little differs.

    Args:
        sets, decoys: from `called_pieces`.
        weights: (draws, blocks) of the bootstrap.
    """
    differing = sum(int((~one.exon_shared).sum()) for one in sets)
    if int(sets[0].pair_shared.sum()) < MIN_SHARED_PAIRS or differing < MIN_DIFFERING_EXONS:
        return None
    facts = facts_of(sets, score_pieces(sets, decoys))
    if shared_bits(facts[0][0], sets[0].exon_shared) <= MIN_SHARED_BITS:
        return None
    figure = Figure.of(lambda drawn: expected_f1(sets, facts, drawn), weights, differing_share(sets), differing)
    return cast_vote("sequence", QUESTION, figure, "exons that differ")


def shared_bits(exon_facts: np.ndarray, shared: np.ndarray) -> float:
    """Return the mean bits a codon of the exons that both sets call; 0 without any."""
    bits = exon_facts[shared, EXON_FACTS.index("bits a codon")]
    return float(bits.mean()) if len(bits) else 0.0


def expected_f1(sets: Sequence[Pieces], facts, weights: np.ndarray) -> np.ndarray:
    """Return (2, draws) the expected mean F1 of exons and genes of both sets.

    How many there are in truth is not known: as many as the larger set calls.
    """
    f1 = np.zeros((2, len(weights)))
    for level, names, number in (("exon", EXON_FACTS, 0), ("gene", GENE_FACTS, 1)):
        right, called = [], []
        for one, both in zip(sets, facts, strict=True):
            shared = one.exon_shared if level == "exon" else one.gene_shared
            block = one.gene_block[one.exon_gene] if level == "exon" else one.gene_block
            probability = probabilities(level, names, both[number], shared)
            right.append(weights @ np.bincount(block, probability, minlength=weights.shape[1]))
            called.append(weights @ np.bincount(block, minlength=weights.shape[1]))
        real = np.maximum(np.maximum(*called), 1)
        f1 += np.stack([2 * right[i] / (called[i] + real) for i in (0, 1)]) / len(LEVELS)
    return f1


def probabilities(level: str, names: Sequence[str], facts: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Return (n,) how probable it is that each exon or gene is exactly right."""
    found = np.zeros(len(facts))
    for kind, chosen in (("shared", shared), ("differing", ~shared)):
        own = learnt()["probability"][level][kind]
        odds = facts[chosen].astype(float) @ np.array([own[name] for name in names]) + own["intercept"]
        found[chosen] = 1 / (1 + np.exp(-odds))
    return found


def differing_share(sets: Sequence[Pieces]) -> float:
    """Return the mean share of exons and of genes that only one set calls (1 minus Dice's coefficient)."""
    shares = [
        1 - np.concatenate([getattr(one, f"{level}_shared") for one in sets]).mean()
        if len(sets[0].exon_bp) + len(sets[1].exon_bp)
        else 0.0
        for level in LEVELS
    ]
    return float(np.mean(shares))

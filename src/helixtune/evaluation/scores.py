"""Precision, recall and F1 of predicted gene models against reference models, level by level.

All levels are strand aware and count distinct things, so that isoforms which share an exon count it once:

* base: bases of any transcript.
* exon, intron: distinct (start, end); no tolerance at the ends.
* intron_chain: distinct transcripts with introns whose complete series of introns occurs in the other set.
* transcript: distinct complete chains, exact at every end.
* gene: a gene is right if any of its transcripts equals any transcript of a gene of the other set.

These are gffcompare's definitions (`-e 0 --strict-match --no-exon-merge` on the same segments), with two differences: its
locus level merges overlapping genes of one strand, and it drops reference transcripts that it finds redundant.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from helixtune.evaluation.intervals import length_bp, overlap_bp
from helixtune.evaluation.models import Chain, GeneModel, by_strand, covered_bases, introns

LEVELS = ("base", "exon", "intron", "intron_chain", "transcript", "gene")


@dataclass(frozen=True)
class Score:
    """Counts of one level. Matches are counted from both sides: two predicted genes may match one reference gene."""

    predicted: int = 0
    reference: int = 0
    predicted_right: int = 0
    reference_found: int = 0

    @property
    def precision(self) -> float:
        """Share of what was predicted that is right; 0 if nothing was predicted."""
        return self.predicted_right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the reference that was found; 0 if it is empty."""
        return self.reference_found / self.reference if self.reference else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def as_dict(self) -> dict:
        """Return counts and rounded shares for JSON."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "predicted": self.predicted,
            "reference": self.reference,
            "predicted_right": self.predicted_right,
            "reference_found": self.reference_found,
        }


Scores = dict[str, Score]


def score_by_sequence(
    predicted: Iterable[GeneModel], reference: Iterable[GeneModel], seqids: Iterable[str]
) -> dict[str, Scores]:
    """Score every sequence by itself.

    Args:
        predicted, reference: from `cds_models` or `exon_models`.
        seqids: sequences to score; models elsewhere are left out.
    """
    predicted_groups, reference_groups = by_strand(predicted), by_strand(reference)
    scores = {}
    for seqid in seqids:
        pairs = [
            [groups.get((seqid, strand), []) for groups in (predicted_groups, reference_groups)] for strand in "+-"
        ]
        scores[seqid] = add_up(_score_strand(*pair) for pair in pairs if any(pair))
    return scores


def add_up(parts: Iterable[Scores]) -> Scores:
    """Add the counts of several sequences or strands."""
    sums = {level: [0, 0, 0, 0] for level in LEVELS}
    for part in parts:
        for level, score in part.items():
            counts = sums[level]
            counts[0] += score.predicted
            counts[1] += score.reference
            counts[2] += score.predicted_right
            counts[3] += score.reference_found
    return {level: Score(*counts) for level, counts in sums.items()}


def _score_strand(predicted: list[GeneModel], reference: list[GeneModel]) -> Scores:
    bases = [covered_bases(models) for models in (predicted, reference)]
    chains = [{chain for model in models for chain in model.chains} for models in (predicted, reference)]
    shared = overlap_bp(*bases)
    return {
        "base": Score(length_bp(bases[0]), length_bp(bases[1]), shared, shared),
        "exon": _score_sets(*({exon for chain in side for exon in chain} for side in chains)),
        "intron": _score_sets(*({intron for chain in side for intron in introns(chain)} for side in chains)),
        "intron_chain": _score_intron_chains(*chains),
        "transcript": _score_sets(*chains),
        "gene": _score_genes(predicted, reference),
    }


def _score_sets(predicted: set, reference: set) -> Score:
    common = len(predicted & reference)
    return Score(len(predicted), len(reference), common, common)


def _score_intron_chains(predicted: set[Chain], reference: set[Chain]) -> Score:
    ours, theirs = ([tuple(introns(chain)) for chain in chains if len(chain) > 1] for chains in (predicted, reference))
    known, called = set(theirs), set(ours)
    return Score(len(ours), len(theirs), sum(item in known for item in ours), sum(item in called for item in theirs))


def _score_genes(predicted: list[GeneModel], reference: list[GeneModel]) -> Score:
    predicted_chains, reference_chains = (
        {chain for model in models for chain in model.chains} for models in (predicted, reference)
    )
    return Score(
        len(predicted),
        len(reference),
        sum(not reference_chains.isdisjoint(model.chains) for model in predicted),
        sum(not predicted_chains.isdisjoint(model.chains) for model in reference),
    )

"""All votes on base against tuned: gathers the sums over the genome and turns them into figures."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation import composition, splice_sites
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.evaluation.called_coding import coding_bp, coding_in_bp, double_coding_bp
from helixtune.evaluation.junctions import differing_share, sum_junctions
from helixtune.evaluation.mixture import Mixture, cross_validated_scores, hexamer_frequencies, site_frequencies
from helixtune.evaluation.models import exon_models
from helixtune.evaluation.raw_agreement import RawSums
from helixtune.evaluation.votes import CODING, ESTIMATE, INTRONS, SYMPTOM, WATCHDOG, Vote, cast_vote, ratio
from helixtune.fasta import Sequence as FastaSequence

# Fewer shared items do not teach 4,096 frequencies, or 28 positions, well enough to judge the others by.
MIN_SHARED_HEXAMERS, MIN_SHARED_INTRONS = 5_000, 50
# Fewer differing items make no difference worth judging.
MIN_DIFFERING_HEXAMERS, MIN_DIFFERING_INTRONS, MIN_JUNCTIONS = 500, 20, 30
# How far the estimated gain in F1 is from the true one beyond sampling noise, as a share of what differs. Measured on genes
# called from corrupted truth: 0.08 for coding sequence, 0.14 for splice sites (rms over 48 pairs of sets); on three tuned
# networks up to 0.16, always too low. Junctions miss what is little expressed.
CODING_ERROR, SITES_ERROR, JUNCTION_ERROR = 0.12, 0.2, 0.1
LEAST_ERROR = 0.001
# Changes of the watchdogs' figures that are not yet alarming (twice as much is, see gate.VETO_DEVIATIONS). A new head is less
# sharp than one that was trained for weeks, and may still be right more often: raw probabilities get the widest berth.
DOUBLE_CODING_ERROR, REPEAT_ERROR = 0.01, 0.02
RAW_ERRORS = {"disagreement": 0.05, "double_coding": 0.02}
KINDS = ("shared", "base_only", "tuned_only")


@dataclass(frozen=True)
class GeneSets:
    """The two sets of genes that are compared."""

    base: Sequence[Gene]
    tuned: Sequence[Gene]


def composition_votes(
    genome: Iterable[FastaSequence], sets: GeneSets, blocks: GenomeBlocks, weights: np.ndarray
) -> list[Vote]:
    """Read the genome once; vote on coding sequence by its codon pairs and on introns by their splice sites."""
    hexamers, sites = composition.HexamerCounts(blocks), splice_sites.SiteCounts(blocks)
    genes = [_by_seqid(sets.base), _by_seqid(sets.tuned)]
    models = [_by_seqid(exon_models(sets.base)), _by_seqid(exon_models(sets.tuned))]
    for sequence in genome:
        codes = composition.base_codes(sequence.bases)
        hexamers.add_sequence(sequence.seqid, codes, *(group[sequence.seqid] for group in genes))
        sites.add_sequence(sequence.seqid, codes, *(group[sequence.seqid] for group in models))
    votes = [_coding_vote(hexamers.counts, weights), _sites_vote(sites, weights)]
    return [vote for vote in votes if vote]


def _coding_vote(counts: np.ndarray, weights: np.ndarray) -> Vote | None:
    decoys = [composition.OUTSIDE, composition.MISREAD]
    if counts[composition.SHARED].sum() < MIN_SHARED_HEXAMERS or not all(counts[kind].any() for kind in decoys):
        return None
    ratios = cross_validated_scores(counts[composition.SHARED], [counts[kind] for kind in decoys], hexamer_frequencies)
    mixture = _mixture(counts.sum(axis=2), (counts * ratios).sum(axis=2), decoys)
    differing = int(mixture.items["base_only"].sum() + mixture.items["tuned_only"].sum())
    if differing < MIN_DIFFERING_HEXAMERS or mixture.separation() <= 0:
        return None
    question = "Does the coding sequence that only one set calls use codons as this genome does? (estimated base F1)"
    identity = ("coding_sequence", ESTIMATE, CODING, question)
    error = max(CODING_ERROR * mixture.differing_share(), LEAST_ERROR)
    return cast_vote(identity, mixture.estimated_f1, weights, (differing, "codon pairs that differ"), error=error)


def _sites_vote(sites: splice_sites.SiteCounts, weights: np.ndarray) -> Vote | None:
    counts, items = sites.counts, sites.introns
    if items[splice_sites.SHARED].sum() < MIN_SHARED_INTRONS or not items[splice_sites.DECOY].any():
        return None
    ratios = cross_validated_scores(counts[splice_sites.SHARED], [counts[splice_sites.DECOY]], site_frequencies)
    mixture = _mixture(items, (counts * ratios).sum(axis=2), [splice_sites.DECOY])
    differing = int(mixture.items["base_only"].sum() + mixture.items["tuned_only"].sum())
    if differing < MIN_DIFFERING_INTRONS or mixture.separation() <= 0:
        return None
    question = "Do the introns that only one set calls lie at this genome's splice signals? (estimated intron F1)"
    identity = ("splice_sites", ESTIMATE, INTRONS, question)
    error = max(SITES_ERROR * mixture.differing_share(), LEAST_ERROR)
    return cast_vote(identity, mixture.estimated_f1, weights, (differing, "introns that differ"), error=error)


def _mixture(items: np.ndarray, scores: np.ndarray, decoys: list[int]) -> Mixture:
    """Both (category, block); the first three categories are shared, base only, tuned only."""
    return Mixture(
        dict(zip(KINDS, items[:3], strict=True)),
        dict(zip(KINDS, scores[:3], strict=True)),
        [items[kind] for kind in decoys],
        [scores[kind] for kind in decoys],
    )


def junction_vote(
    sets: GeneSets, junctions: Mapping[str, np.ndarray], blocks: GenomeBlocks, weights: np.ndarray
) -> Vote | None:
    """Vote by splice junctions in RNA-seq; None if there are too few."""
    models = [exon_models(genes) for genes in (sets.base, sets.tuned)]
    base, tuned = (sum_junctions(some, junctions, blocks) for some in models)
    n_seen = int(base.seen.sum())
    if n_seen < MIN_JUNCTIONS:
        return None

    def figures(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return tuple(ratio(drawn, one.explained + one.supported, one.seen + one.called) for one in (base, tuned))

    question = "Do the introns agree with splice junctions in RNA-seq? (F1 in expressed genes)"
    error = max(JUNCTION_ERROR * differing_share(*models), LEAST_ERROR)
    return cast_vote(("junctions", ESTIMATE, INTRONS, question), figures, weights, (n_seen, "junctions"), error=error)


def double_coding_vote(calls: Mapping[str, CalledClasses], blocks: GenomeBlocks, weights: np.ndarray) -> Vote:
    """Watch coding sequence called on both strands of one place."""
    sums = {name: (double_coding_bp(one, blocks), coding_bp(one, blocks)) for name, one in calls.items()}
    question = "Which share of the coding sequence is called on both strands at once?"
    return cast_vote(
        ("both_strands", WATCHDOG, SYMPTOM, question), _shares(sums), weights,
        (int(sum(one[1].sum() for one in sums.values())), "coding bases"),
        error=DOUBLE_CODING_ERROR, high_is_good=False,
    )  # fmt: skip


def repeat_vote(
    calls: Mapping[str, CalledClasses], repeats: Mapping[str, np.ndarray], blocks: GenomeBlocks, weights: np.ndarray
) -> Vote:
    """Watch coding sequence called in repeats."""
    sums = {name: (coding_in_bp(one, repeats, blocks), coding_bp(one, blocks)) for name, one in calls.items()}
    question = "Which share of the coding sequence lies in repeats?"
    return cast_vote(
        ("repeats", WATCHDOG, SYMPTOM, question), _shares(sums), weights,
        (int(sum(one[0].sum() for one in sums.values())), "coding bases in repeats"),
        error=REPEAT_ERROR, high_is_good=False,
    )  # fmt: skip


def raw_votes(sums: Mapping[str, RawSums], weights: np.ndarray) -> list[Vote]:
    """Watch the raw probabilities where tuning saw nothing; none if it saw everything."""
    n_bases = int(sums["base"].bases.sum())
    if not n_bases:
        return []
    counted = (n_bases, "bases never tuned on")
    votes = []
    for name, question in (
        ("disagreement", "How far are the calls from the raw probabilities? (mean per base)"),
        ("double_coding", "How much do the raw probabilities claim coding sequence on both strands? (mean per base)"),
    ):
        figures = _shares({key: (getattr(one, name), one.bases) for key, one in sums.items()})
        identity = (f"raw_{name}", WATCHDOG, SYMPTOM, question)
        votes.append(cast_vote(identity, figures, weights, counted, error=RAW_ERRORS[name], high_is_good=False))
    return votes


def _shares(sums: Mapping[str, tuple[np.ndarray, np.ndarray]]):
    def figures(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return tuple(ratio(drawn, *sums[name]) for name in ("base", "tuned"))

    return figures


def _by_seqid(items: Iterable) -> dict[str, list]:
    groups = defaultdict(list)
    for item in items:
        groups[item.seqid].append(item)
    return groups

"""All votes on base against tuned: gathers the sums over the genome and turns them into figures."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.annotation.genes import Gene
from helixtune.evaluation import composition, splice_sites, start_sites
from helixtune.evaluation.blocks import GenomeBlocks, block_weights
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.evaluation.called_coding import bp_by_block, coding_bp, coding_in_bp, double_coding_bp
from helixtune.evaluation.coded_proteins import CodedProteins, Matcher
from helixtune.evaluation.intervals import as_intervals
from helixtune.evaluation.junctions import Supported, differing_share, sum_junctions
from helixtune.evaluation.mixture import Mixture, cross_validated_scores, hexamer_frequencies, site_frequencies
from helixtune.evaluation.models import exon_models
from helixtune.evaluation.raw_agreement import RawSums
from helixtune.evaluation.start_sites import StartCounts
from helixtune.evaluation.votes import CODING, ESTIMATE, INTRONS, STARTS, SYMPTOM, WATCHDOG, Vote, cast_vote, ratio
from helixtune.fasta import Sequence as FastaSequence
from helixtune.log import logger

# Fewer shared items do not teach 4,096 frequencies, or some dozen positions, well enough to judge the others by.
MIN_SHARED_HEXAMERS, MIN_SHARED_INTRONS, MIN_SHARED_STARTS = 5_000, 50, 50
# Fewer differing items make no difference worth judging.
MIN_DIFFERING_HEXAMERS, MIN_DIFFERING_INTRONS, MIN_DIFFERING_STARTS, MIN_DIFFERING_CODONS = 500, 20, 20, 100
MIN_JUNCTIONS = 30
# Where fewer of the shared codons match a protein, the proteins are too few or too far away to miss anything.
MIN_MATCHING_SHARE = 0.02
# Sites that both sets call stand out from decoys by this much at least (mean log-likelihood ratio), or they are not real: a
# base model that knows no introns shares false ones with its tune. Real ones stood out by 6 to 12 (splice sites) and 0.7 to 3
# (starts), those of a network trained on yeast, in S. pombe, where its introns are wrong (F1 0.002), by 1.8 and 0.3.
MIN_SITES_SEPARATION, MIN_STARTS_SEPARATION = 4.0, 0.5
# How far the estimated gain in F1 is from the true one beyond sampling noise, as a share of what differs. Measured on 27 pairs
# of gene sets called from damaged truth and 11 tuned networks (benchmarks/graded_gene_sets.py, gate_networks.py; other seeds
# than the table in docs/explanation/gate.md): splice sites and junctions are off by no more than their sampling noise (rms 0.04
# and 0.05 of what differs), coding sequence by 0.1 on damaged truth and 0.19 on networks, where little of it differs. Doubled for
# sites, because a genome may have other splice signals than those; proteins by analogy.
CODING_ERROR, SITES_ERROR, STARTS_ERROR, JUNCTION_ERROR, PROTEIN_ERROR = 0.15, 0.1, 0.1, 0.08, 0.1
LEAST_ERROR = 0.001
# Changes of the watchdogs' figures that are not yet alarming (twice as much is, see gate.VETO_DEVIATIONS). A new head is less
# sharp than one that was trained for weeks, and may still be right more often: raw probabilities get the widest berth.
DOUBLE_CODING_ERROR, REPEAT_ERROR, SHUFFLED_ERROR = 0.01, 0.02, 0.02
RAW_ERRORS = {"disagreement": 0.05, "double_coding": 0.02}
KINDS = ("shared", "base_only", "tuned_only")


@dataclass(frozen=True)
class GeneSets:
    """The two sets of genes that are compared."""

    base: Sequence[Gene]
    tuned: Sequence[Gene]


def sequence_votes(
    genome: Iterable[FastaSequence],
    sets: GeneSets,
    blocks: GenomeBlocks,
    weights: np.ndarray,
    matchers: Mapping[str, Matcher],
) -> list[Vote]:
    """Read the genome once; vote by codon pairs, splice sites, start contexts and matching proteins.

    Args:
        genome: its sequences.
        sets: the genes of both sets.
        blocks: blocks of the genome.
        weights: (draws, blocks) of the bootstrap.
        matchers: "proteins" and "profiles", where the user gave some.
    """
    hexamers, sites, starts = composition.HexamerCounts(blocks), splice_sites.SiteCounts(blocks), StartCounts(blocks)
    proteins = CodedProteins(blocks, len(sets.base))
    genes = [_by_seqid(sets.base), _by_seqid(sets.tuned)]
    models = [_by_seqid(exon_models(sets.base)), _by_seqid(exon_models(sets.tuned))]
    for sequence in genome:
        codes = composition.base_codes(sequence.bases)
        here = [group[sequence.seqid] for group in genes]
        hexamers.add_sequence(sequence.seqid, codes, *here)
        sites.add_sequence(sequence.seqid, codes, *(group[sequence.seqid] for group in models))
        starts.add_sequence(sequence.seqid, codes, *here)
        if matchers:
            proteins.add_sequence(sequence.seqid, codes, *here)
    votes = [_coding_vote(hexamers.counts, weights), _sites_vote(sites, weights), _starts_vote(starts, weights)]
    votes += [_protein_vote(name, proteins.mixture(match), weights) for name, match in matchers.items()]
    return [vote for vote in votes if vote]


def _coding_vote(counts: np.ndarray, weights: np.ndarray) -> Vote | None:
    decoys = [composition.OUTSIDE, composition.MISREAD]
    if counts[composition.SHARED].sum() < MIN_SHARED_HEXAMERS or not all(counts[kind].any() for kind in decoys):
        return None
    ratios = cross_validated_scores(counts[composition.SHARED], [counts[kind] for kind in decoys], hexamer_frequencies)
    mixture = _mixture(counts.sum(axis=2), (counts * ratios).sum(axis=2), decoys)
    question = "Does the coding sequence that only one set calls use codons as this genome does? (estimated base F1)"
    identity = ("coding_sequence", ESTIMATE, CODING, question)
    return _estimate(identity, mixture, weights, (MIN_DIFFERING_HEXAMERS, "codon pairs that differ"), CODING_ERROR)


def _sites_vote(sites: splice_sites.SiteCounts, weights: np.ndarray) -> Vote | None:
    mixture = _site_mixture(
        sites.counts, sites.introns, [splice_sites.DECOY], (MIN_SHARED_INTRONS, MIN_SITES_SEPARATION)
    )
    question = "Do the introns that only one set calls lie at this genome's splice signals? (estimated intron F1)"
    identity = ("splice_sites", ESTIMATE, INTRONS, question)
    return _estimate(identity, mixture, weights, (MIN_DIFFERING_INTRONS, "introns that differ"), SITES_ERROR)


def _starts_vote(sites: StartCounts, weights: np.ndarray) -> Vote | None:
    decoys = [start_sites.INSIDE, start_sites.OUTSIDE]
    mixture = _site_mixture(sites.counts, sites.starts, decoys, (MIN_SHARED_STARTS, MIN_STARTS_SEPARATION))
    question = "Do the genes that only one set calls so begin as this genome's genes do? (estimated F1 of starts)"
    identity = ("start_sites", ESTIMATE, STARTS, question)
    return _estimate(identity, mixture, weights, (MIN_DIFFERING_STARTS, "starts that differ"), STARTS_ERROR)


def _protein_vote(name: str, mixture: Mixture, weights: np.ndarray) -> Vote | None:
    shared = mixture.items["shared"].sum()
    if not shared or mixture.scores["shared"].sum() < MIN_MATCHING_SHARE * shared:
        logger.warning("Too few called genes match the %s given: they have no vote.", name)
        return None
    question = f"Does what only one set calls match the {name} given as often as what both call? (estimated base F1)"
    return _estimate(
        (name, ESTIMATE, CODING, question),
        mixture,
        weights,
        (MIN_DIFFERING_CODONS, "codons that differ"),
        PROTEIN_ERROR,
    )


def _estimate(
    identity: tuple[str, str, str, str],
    mixture: Mixture | None,
    weights: np.ndarray,
    counted: tuple[int, str],
    error_share: float,
) -> Vote | None:
    """Cast a mixture's vote, if enough differs and it can tell real from wrong."""
    if mixture is None or mixture.separation() <= 0:
        return None
    differing = int(mixture.items["base_only"].sum() + mixture.items["tuned_only"].sum())
    if differing < counted[0]:
        return None
    error = max(error_share * mixture.differing_share(), LEAST_ERROR)
    return cast_vote(identity, mixture.estimated_f1, weights, (differing, counted[1]), error=error)


def _site_mixture(counts: np.ndarray, items: np.ndarray, decoys: list[int], least: tuple[int, float]) -> Mixture | None:
    """Score (category, block, position * 4) base counts of (category, block) sites by what the shared ones look like.

    None with fewer shared sites, or less separation from the decoys, than `least`.
    """
    if items[0].sum() < least[0] or not all(items[kind].any() for kind in decoys):
        return None
    ratios = cross_validated_scores(counts[0], [counts[kind] for kind in decoys], site_frequencies)
    mixture = _mixture(items, (counts * ratios).sum(axis=2), decoys)
    return mixture if mixture.separation() >= least[1] else None


def _mixture(items: np.ndarray, scores: np.ndarray, decoys: list[int]) -> Mixture:
    """Both (category, block); the first three categories are shared, base only, tuned only."""
    return Mixture(
        dict(zip(KINDS, items[:3], strict=True)),
        dict(zip(KINDS, scores[:3], strict=True)),
        [items[kind] for kind in decoys],
        [scores[kind] for kind in decoys],
    )


def junction_vote(sets: GeneSets, junctions: Supported, blocks: GenomeBlocks, weights: np.ndarray) -> Vote | None:
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


def shuffled_vote(
    calls: Mapping[str, CalledClasses], lengths: Mapping[str, int], coding_shares: Mapping[str, float], seed: int
) -> Vote:
    """Watch coding sequence called on a genome without genes: shuffled, with the dinucleotides of the real one.

    Args:
        calls: what either model calls there.
        lengths: its sequences.
        coding_shares: which share of the real genome, both strands, either model calls coding.
        seed: of the bootstrap over blocks of the shuffled genome.
    """
    blocks = GenomeBlocks.of(lengths)
    whole = {seqid: as_intervals([(0, length)]) for seqid, length in lengths.items()}
    both_strands = 2 * sum(bp_by_block(blocks, seqid, span) for seqid, span in whole.items())
    sums = {name: (coding_bp(one, blocks), both_strands * coding_shares[name]) for name, one in calls.items()}
    question = (
        "How much coding sequence is called on a shuffled genome, which has none, for each base called on the real one?"
    )
    return cast_vote(
        ("shuffled", WATCHDOG, SYMPTOM, question), _shares(sums), block_weights(len(blocks), seed),
        (int(both_strands.sum()), "shuffled bases"), error=SHUFFLED_ERROR, high_is_good=False,
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

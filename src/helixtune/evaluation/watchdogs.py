"""Votes that see symptoms of a tune gone wrong; they can keep the base, but never recommend the tuned genes."""

from collections.abc import Mapping

import numpy as np

from helixtune.evaluation.blocks import GenomeBlocks, block_weights
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.evaluation.called_coding import bp_by_block, coding_bp, coding_in_bp, double_coding_bp
from helixtune.evaluation.intervals import as_intervals
from helixtune.evaluation.raw_agreement import RawSums
from helixtune.evaluation.votes import SYMPTOM, WATCHDOG, Vote, cast_vote, ratio

# Changes of the figures that are not yet alarming (twice as much is, see gate.VETO_DEVIATIONS). A new head is less sharp
# than one that was trained for weeks, and may still be right more often: raw probabilities get the widest berth.
DOUBLE_CODING_ERROR, REPEAT_ERROR, SHUFFLED_ERROR = 0.01, 0.02, 0.02
RAW_ERRORS = {"disagreement": 0.05, "double_coding": 0.02}


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
    both_strands = 2 * bp_by_block(blocks, whole.items())
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

"""What each part of the signals is worth: genes called again with one of them left out (`signals.py --ablate`)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from helixtune.annotation.gff3 import read_genes
from helixtune.gene_calling.places import Shard
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.signals import iterate
from helixtune.signals.calling import SignalSolver
from helixtune.signals.learn import LENGTH_WEIGHT, learned
from helixtune.signals.model import Signals, Weights, read_signals
from helixtune.signals.run import coding_genes
from helixtune.signals.stretches import Tile, cut_tiles, read_stretch


def zeros(*names: str) -> Callable[[Signals], Signals]:
    """Return what makes nothing of some terms."""
    return lambda signals: replace(signals, **{name: np.zeros_like(getattr(signals, name)) for name in names})


def any_length(signals: Signals) -> Signals:
    """Let all introns that may be cost the same."""
    return replace(signals, lengths=np.where(np.isfinite(signals.lengths), 0.0, -np.inf), tail=0.0)


# What is left out of signals.json before genes are called again by it.
TERMS: dict[str, Callable[[Signals], Signals]] = {
    "nothing": lambda signals: signals,
    "donor": zeros("donor"),
    "acceptor": zeros("acceptor"),
    "branch point": lambda signals: replace(signals, branch=None, branch_distance=None),
    "lengths of introns": any_length,
    "their weight of 1.5": lambda signals: replace(
        signals, lengths=signals.lengths / LENGTH_WEIGHT, tail=signals.tail / LENGTH_WEIGHT
    ),
    "codons": zeros("coding"),
    "content of introns": zeros("intron"),
    "surroundings of the start": zeros("start"),
    "order of start codons": zeros("start_order"),
    "stop codons": lambda signals: replace(signals, stops=dict.fromkeys(signals.stops, 0.0)),
    "priors": lambda signals: replace(signals, gene_prior=0.0, intron_prior=0.0),
    "network": lambda signals: replace(signals, weights=Weights(0.0, 0.0)),
}


def ablated(
    genome: Path, predictions: Path, first: Path, signals: Path, reference: Path, seqids: tuple[str, ...]
) -> Iterator[tuple[str, float, float]]:
    """Yield what is left out, and F1 of exact coding exons and of coding sequences on some sequences.

    Args:
        genome, predictions: that genes are called on.
        first: genes of the network alone.
        signals: learnt from those.
        reference: genes that are right.
        seqids: sequences that are called; none: all.
    """
    learnt = read_signals(signals)
    with PredictionSource(genome, [predictions], "auto", 1) as source:
        lengths = {sequence.seqid: sequence.length_bp for sequence in source.sequences}
        everywhere = cut_tiles(source.sequences, source.width, Shard(1, 1))
        tiles = [tile for tile in everywhere if not seqids or source.sequences[tile.sequence].seqid in seqids]
        kept = {source.sequences[tile.sequence].seqid for tile in tiles}
        truth = {
            ((gene.seqid, transcript.strand), tuple((start, end) for start, end, _ in transcript.cds))
            for gene in read_genes(reference)
            for transcript in gene.transcripts
            if transcript.cds and gene.seqid in kept
        }
        for name, without in TERMS.items():
            yield name, *_scores(_called(source, tiles, without(learnt)), truth)
        schedule = iterate.SCHEDULE
        iterate.SCHEDULE = tuple((learned, weights) for _, weights in schedule)
        try:
            cold, _ = iterate.learn_signals(source, everywhere, coding_genes(read_genes(first, lengths)), 1)
        finally:
            iterate.SCHEDULE = schedule
        yield "generic start", *_scores(_called(source, tiles, cold), truth)


def _called(source: PredictionSource, tiles: list[Tile], signals: Signals) -> set:
    """Return seqid, strand and coding parts in plus-strand order of the genes of some tiles."""
    solver = SignalSolver(signals)
    return {
        ((source.sequences[tile.sequence].seqid, strand), tuple(sorted(parts)))
        for tile in tiles
        for strand, parts in iterate.coding_genes_of(read_stretch(source, tile), solver)
    }


def _scores(called: set, truth: set) -> tuple[float, float]:
    exons, true_exons = ({(place, part) for place, parts in genes for part in parts} for genes in (called, truth))
    return tuple(2 * len(a & b) / max(len(a) + len(b), 1) for a, b in ((exons, true_exons), (called, truth)))

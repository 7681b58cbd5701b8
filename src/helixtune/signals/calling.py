"""Genes of a genome by its own signals: tile by tile, in threads, always in the same order."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from helixtune.files import sha256_of
from helixtune.gene_calling.calling import CalledSequence
from helixtune.gene_calling.genes import CalledGene, Segment, run_starts
from helixtune.gene_calling.places import Shard, cut_shard
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.progress import Progress
from helixtune.signals.automaton import CODING, INTERGENIC, INTRON, Automaton, build_automaton, labels_of, restricted
from helixtune.signals.confidence import gene_confidence
from helixtune.signals.model import Signals
from helixtune.signals.posterior import path_probability, sum_paths
from helixtune.signals.search import NEVER, Tracks, best_path
from helixtune.signals.stretches import Stretch, Tile, cut_tiles, read_stretch
from helixtune.signals.tracks import make_tracks, network_of, with_utr_weight
from helixtune.signals.utr import with_untranslated
from helixtune.threads import in_order

Result = TypeVar("Result")

# What it costs, in bits, that a gene goes on beyond the end of a sequence.
CUT_OFF_BITS = -10.0
# From this weight on, the network tells genes from what lies opposite of them, and strands are solved one by one: then a gene may
# lie in an intron of another, and be solved with it.
STRANDS_APART = 0.1
# Of the network's odds where untranslated regions are told from what lies between genes.
UTR_WEIGHT = 0.1


class SignalSolver:
    """The gene model with a genome's signals, ready for any number of threads."""

    def __init__(self, signals: Signals):
        self.signals = signals
        automaton = build_automaton(signals.genetic_code)
        self._coding, self._strand = automaton.label == CODING, automaton.strand
        intergenic = automaton.label == INTERGENIC
        sides = [intergenic | (automaton.strand == strand) for strand in range(2)]
        if signals.weights.network < STRANDS_APART:
            sides = [sides[0] | sides[1]]
        # Where untranslated regions begin and end says nothing of the coding sequence, and each way would count.
        self.models = [
            Model(
                *(restricted(automaton, side & states) for states in (side, intergenic | self._coding, ~self._coding))
            )
            for side in sides
        ]

        # For sums, genes may be cut off at any end: else nothing would be left of them where the best gene is.
        self.open_ends = np.where(intergenic, 0.0, np.where(self._coding, CUT_OFF_BITS, NEVER))

    def solve(self, stretch: Stretch) -> "Solution":
        """Return the best paths through what is solved of a stretch."""
        network = network_of(stretch)
        tracks = make_tracks(stretch.codes, stretch.flank, network, self.signals)
        paths = []
        for model in self.models:
            _, states, strands = best_path(tracks, model.whole, *self.ends(stretch.tile))
            genes = split_genes(labels_of(states, model.whole), strands, stretch.tile.first)
            paths.append(
                SolvedPath(model, states, [gene for gene in genes if any(label == CODING for label, _, _ in gene[1])])
            )
        return Solution(network, tracks, paths)

    def ends(self, tile: Tile) -> tuple[np.ndarray, np.ndarray]:
        """Return scores of states at the ends: intergenic, or in a gene whose 3' end lies beyond the sequence."""
        enter, leave = (np.full(len(self._coding), NEVER) for _ in range(2))
        enter[0] = leave[0] = 0.0
        if tile.first == 0:
            enter[self._coding & (self._strand == 1)] = CUT_OFF_BITS
        if tile.last == tile.sequence_bp:
            leave[self._coding & (self._strand == 0)] = CUT_OFF_BITS
        return enter, leave


class Model(NamedTuple):
    """The gene model of one strand or both: as a whole, without untranslated regions, and without coding sequence."""

    whole: Automaton
    coding: Automaton
    untranslated: Automaton


class SolvedPath(NamedTuple):
    """The best path of a model through a stretch.

    Attributes:
        model: which.
        states: (n,) uint8 of its bases.
        genes: strand and segments of the genes with coding sequence, as of `split_genes`.
    """

    model: Model
    states: np.ndarray
    genes: list[tuple[str, list[Segment]]]


class Solution(NamedTuple):
    """What was found in a stretch.

    Attributes:
        network: what the network says (`tracks.network_of`).
        tracks: the scores that the paths were found by.
        paths: one of both strands, or one a strand.
    """

    network: list[np.ndarray]
    tracks: Tracks
    paths: list[SolvedPath]


class SignalCaller:
    """Genes by a genome's signals (a `gene_calling.run.Caller`)."""

    def __init__(self, signals: Signals, path: Path, min_coding_bp: int):
        self._solver, self._min_coding_bp = SignalSolver(signals), min_coding_bp
        self.options = {
            "settings": f"--signals {path.name} --min-coding-length {min_coding_bp}",
            "SHA-256 of the signals": sha256_of(path),
        }

    def call(self, source: PredictionSource, shard: Shard, threads: int) -> tuple[list[CalledSequence], str]:
        """See `gene_calling.run.Caller`."""
        touched, _ = cut_shard(source.sequences, shard)
        called = [CalledSequence(sequence.seqid, sequence.length_bp) for sequence in touched]
        first = next((n for n, sequence in enumerate(source.sequences) if touched and sequence is touched[0]), 0)
        tiles = cut_tiles(source.sequences, source.width, shard)
        n_called = n_kept = solved_bp = 0
        with Progress(sum(tile.end - tile.begin for tile in tiles), "bases", "call-genes") as progress:
            for tile, genes in call_tiles(source, tiles, self._solver, threads):
                kept = [gene for gene in genes if gene.coding_bp >= self._min_coding_bp]
                called[tile.sequence - first].genes += kept
                n_called += len(genes)
                n_kept += len(kept)
                solved_bp += tile.last - tile.first
                progress.advance(tile.end - tile.begin)
        return called, f"{len(tiles)} tiles of {solved_bp} bases, {n_called - n_kept} genes dropped as too short"


def called_genes(stretch: Stretch, solver: SignalSolver) -> list[CalledGene]:
    """Return the genes that belong to a tile, in plus-strand order."""
    called = []
    for strand, segments, probability in genes_with_probability(stretch, solver):
        parts = [segment for segment in segments if segment[0] == CODING]
        exonic = tuple(segment for segment in segments if segment[0] != INTRON)
        confidence = gene_confidence(probability, parts, solver.signals)
        called.append(CalledGene(strand, exonic if strand == "+" else exonic[::-1], confidence))
    return called


def genes_with_probability(stretch: Stretch, solver: SignalSolver) -> list[tuple[str, list[Segment], float]]:
    """Return strand, segments in plus-strand order (introns included) and share of all paths of the genes that belong to a tile."""
    tile = stretch.tile
    solution = solver.solve(stretch)
    with_odds = with_utr_weight(solution.tracks, solution.network, UTR_WEIGHT)
    found = []
    for model, states, genes in solution.paths:
        whole = with_untranslated(genes, with_odds, model.untranslated, tile.first)
        own = [(strand, segments) for strand, segments in whole if tile.begin <= segments[0][1] < tile.end]
        ends = [_coding_ends(segments, tile.first) for _, segments in own]
        borders = np.array(ends, int).ravel() + 1
        sums = sum_paths(solution.tracks, model.coding, solver.open_ends, solver.open_ends, borders) if own else None
        for (strand, segments), (first, last) in zip(own, ends, strict=True):
            probability = path_probability(solution.tracks, model.coding, sums, states, first, last)
            found.append((strand, segments, probability))
    return sorted(found, key=lambda gene: (gene[1][0][1], gene[0]))


def _coding_ends(segments: list[Segment], origin: int) -> tuple[int, int]:
    """Return the first and last coding base of a gene in a stretch that begins at `origin`."""
    borders = [border - origin for label, *borders in segments if label == CODING for border in borders]
    return borders[0], borders[-1] - 1


def call_tiles(
    source: PredictionSource, tiles: list[Tile], solver: SignalSolver, threads: int
) -> Iterator[tuple[Tile, list[CalledGene]]]:
    """Yield every tile with its genes, in order."""
    work = partial(called_genes, solver=solver)
    for stretch, genes in work_on_tiles(source, tiles, work, threads):
        yield stretch.tile, genes


def work_on_tiles(
    source: PredictionSource, tiles: list[Tile], work: Callable[[Stretch], Result], threads: int
) -> Iterator[tuple[Stretch, Result]]:
    """Yield every tile's stretch and the result of its work, in order; no more are read ahead than there are threads."""
    return in_order((read_stretch(source, tile) for tile in tiles), work, lambda _stretch: 1, threads, threads)


def split_genes(labels: np.ndarray, strands: np.ndarray, origin: int) -> Iterator[tuple[str, list[Segment]]]:
    """Yield strand and segments of every gene of a path, introns included, in plus-strand order and coordinates."""
    starts = run_starts(labels.astype(np.int64) * 2 + strands)
    ends = np.append(starts[1:], len(labels))
    gene: list[Segment] = []
    strand = "+"
    for label, side, start, end in zip(
        labels[starts].tolist(), strands[starts].tolist(), starts.tolist(), ends.tolist(), strict=True
    ):
        if label == INTERGENIC:
            if gene:
                yield strand, gene
            gene = []
            continue
        strand = "+-"[side]
        gene.append((label, start + origin, end + origin))
    if gene:
        yield strand, gene

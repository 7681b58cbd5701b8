"""Learn, call, learn again: signals and genes improve each other until they hold (Viterbi training: Lomsadze et al. 2005)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from helixtune.errors import EmptyResultError
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.log import logger
from helixtune.signals.automaton import CODING
from helixtune.signals.calling import SignalSolver, in_order, split_genes
from helixtune.signals.learn import CodingGene, Counts, add_genes, generic, learned
from helixtune.signals.model import Signals, Weights
from helixtune.signals.stretches import Stretch, Tile, read_stretch

# How the network counts in each iteration: first with the splice sites and intron lengths of all eukaryotes, since a base that
# knows no introns of the species calls false ones; then with what was learnt.
SCHEDULE = (
    (generic, Weights(0.02, 0.003)),
    (generic, Weights(0.01, 0.003)),
    (learned, Weights(0.005, 0.003)),
    (learned, Weights(0.005, 0.003)),
    (learned, Weights(0.002, 0.003)),
)
MOST_ITERATIONS = 8
# Iterations end when so many of the genes are the same as in the one before.
SAME_SHARE = 0.99
# Fewer genes tell too little: content of fifth order needs some 100,000 coding bases.
FEWEST_GENES = 100


@dataclass(frozen=True)
class Iteration:
    """What one iteration called on the sample: a row of signals.tsv."""

    number: int
    introns_are: str
    network: float
    genes: int
    introns: int
    same_share: float


def learn_signals(
    source: PredictionSource,
    tiles: list[Tile],
    first_genes: dict[str, list[CodingGene]],
    threads: int,
    genetic_code: int = 1,
) -> tuple[Signals, list[Iteration]]:
    """Return what a genome's own genes tell about it, and how the iterations went.

    Args:
        source: genome and predictions.
        tiles: where to learn.
        first_genes: genes called so far by sequence id, each its strand and coding parts 5'->3' in plus-strand coordinates.
        threads: for calling.
        genetic_code: NCBI's number.

    Raises:
        EmptyResultError: too few genes to learn from, at the start or later.
    """
    counts = Counts()
    genes: list[CodingGene] = []
    for tile in tiles:
        seqid = source.sequences[tile.sequence].seqid
        own = [gene for gene in first_genes.get(seqid, []) if tile.begin <= _start(gene) < tile.end]
        stretch = read_stretch(source, tile)
        _count(counts, stretch, own, genetic_code)
        genes += [(f"{seqid}{strand}", parts) for strand, parts in own]
    _require_genes(counts, "to learn from")
    history: list[Iteration] = []
    for number in range(MOST_ITERATIONS):
        build, weights = SCHEDULE[min(number, len(SCHEDULE) - 1)]
        solver = SignalSolver(build(counts, weights, genetic_code))
        before, genes, counts = genes, [], Counts()
        for tile, (stretch, called) in zip(tiles, _solved(source, tiles, solver, threads), strict=True):
            _count(counts, stretch, called, genetic_code)
            seqid = source.sequences[tile.sequence].seqid
            genes += [(f"{seqid}{strand}", parts) for strand, parts in called]
        same = len(_keys(before) & _keys(genes)) / max(len(before), len(genes), 1)
        introns = len(counts.introns_bp)
        history.append(Iteration(number + 1, build.__name__, weights.network, len(genes), introns, round(same, 4)))
        logger.info(
            "learn-signals: iteration %d (%s introns): %d genes, %d different introns, %.1f %% of the genes as before",
            number + 1, build.__name__, len(genes), introns, 100 * same,
        )  # fmt: skip
        _require_genes(counts, f"called in iteration {number + 1}")
        if number >= len(SCHEDULE) - 1 and same >= SAME_SHARE:
            break
    return build(counts, weights, genetic_code), history


def _require_genes(counts: Counts, which: str) -> None:
    if counts.genes < FEWEST_GENES:
        raise EmptyResultError(
            f"{counts.genes} genes {which}, and fewer than {FEWEST_GENES} do not tell what genes look like in a genome: call genes"
            " without signals."
        )


def _start(gene: CodingGene) -> int:
    return min(gene[1][0][0], gene[1][-1][0])


def _keys(genes: Iterable[CodingGene]) -> set:
    return {(strand, tuple(parts)) for strand, parts in genes}


def _solved(source: PredictionSource, tiles: list[Tile], solver: SignalSolver, threads: int) -> Iterator:
    tasks = (
        partial(_solve, read_stretch(source, tile), solver, source.sequences[tile.sequence].length_bp) for tile in tiles
    )
    return in_order(tasks, threads)


def _solve(stretch: Stretch, solver: SignalSolver, length_bp: int) -> tuple[Stretch, list[CodingGene]]:
    tile = stretch.tile
    _, labels, strands = solver.solve(stretch, length_bp)
    genes = []
    for strand, segments in split_genes(labels, strands, tile.first):
        parts = [(start, end) for label, start, end in segments if label == CODING]
        if parts and tile.begin <= parts[0][0] < tile.end:
            genes.append((strand, parts if strand == "+" else parts[::-1]))
    return stretch, genes


def _count(counts: Counts, stretch: Stretch, genes: list[CodingGene], genetic_code: int) -> None:
    """Add genes in the sequence's coordinates; one that goes on beyond what is known of the tile is left out."""
    tile, origin = stretch.tile, stretch.tile.first - stretch.flank[0]
    local = [
        (strand, [(start - origin, end - origin) for start, end in parts])
        for strand, parts in genes
        if tile.first <= _start((strand, parts)) and max(parts[0][1], parts[-1][1]) <= tile.last
    ]
    add_genes(counts, stretch.codes, (tile.begin - origin, tile.end - origin), local, genetic_code)

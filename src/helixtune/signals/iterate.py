"""Learn, call, learn again: signals and genes improve each other until they hold (Viterbi training: Lomsadze et al. 2005)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from helixtune.errors import EmptyResultError
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.log import logger
from helixtune.signals.automaton import CODING
from helixtune.signals.calling import SignalSolver, work_on_tiles
from helixtune.signals.learn import CodingGene, Counts, add_genes, generic, learned
from helixtune.signals.model import Signals, Weights
from helixtune.signals.seeds import longest_frames
from helixtune.signals.stretches import Stretch, Tile, read_stretch, sample_tiles

# How the network counts in each iteration: first with the splice sites and intron lengths of all eukaryotes, since a base that
# knows no introns of the species calls false ones; then with what was learnt, and with hardly any network.
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
# They run on so much of what is learnt from, and only the last on all of it, unless genes are so few there.
EARLY_BP, FEWEST_EARLY_GENES = 4_000_000, 500
# Iterations with the network's final weight.
WEIGHTED_ITERATIONS = 2
# Weight of the network where it agrees with every second exon.
ODDS_SCALE = 0.0006
# Fewer genes tell too little: content of fifth order needs some 100,000 coding bases.
FEWEST_GENES = 100
# With fewer in one half of them, nothing is known of their stability.
FEWEST_IN_HALF = 20


# A gene: ((seqid, strand), coding parts 5'->3')
Key = tuple[tuple[str, str], tuple[tuple[int, int], ...]]


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
    state = _State(source, tiles, threads, genetic_code)
    first = state.take_first(first_genes)
    early = sample_tiles(tiles, EARLY_BP)
    for build, weights in SCHEDULE:
        state.iterate(build, weights, early)
        if state.counts.genes < FEWEST_EARLY_GENES and early != tiles:
            early = tiles
            state.take_back()
            state.iterate(build, weights, early)
    while len(state.history) < MOST_ITERATIONS and state.history[-1].same_share < SAME_SHARE:
        state.iterate(*SCHEDULE[-1], early)
    if early != tiles:
        state.iterate(*SCHEDULE[-1], tiles)
    agreement = len(first & state.genes) / max(len(state.genes), 1)
    weights = network_weights(_share_of_exons(first, state.genes))
    logger.info(
        "learn-signals: %.1f %% of the genes are those of the network alone, which therefore counts %.4f",
        100 * agreement, weights.network,
    )  # fmt: skip
    if weights.network > SCHEDULE[-1][1].network:
        for _ in range(WEIGHTED_ITERATIONS):
            state.iterate(learned, weights, tiles)
    return replace(
        learned(state.counts, weights, genetic_code),
        agreement=agreement,
        stability=state.stability(weights, early),
        parts_per_gene=sum(len(parts) for _, parts in state.genes) / max(len(state.genes), 1),
    ), state.history


def relearn_signals(
    source: PredictionSource, tiles: list[Tile], before: Signals, threads: int
) -> tuple[Signals, list[Iteration]]:
    """Learn on from what was learnt of a genome before, with the predictions of a network that was tuned on it since.

    The network counts as much as the one before: a tuned one agrees with the genes that it was tuned on, which says nothing
    of how good it is.

    Args:
        source: genome and predictions.
        tiles: where to learn.
        before: what was learnt.
        threads: for calling.

    Raises:
        EmptyResultError: too few genes to learn from.
    """
    state = _State(source, tiles, threads, before.genetic_code)
    state.call(before, "earlier", tiles)
    while len(state.history) < MOST_ITERATIONS and (
        len(state.history) == 1 or state.history[-1].same_share < SAME_SHARE
    ):
        state.iterate(learned, before.weights, tiles)
    signals = learned(state.counts, before.weights, before.genetic_code)
    return replace(signals, agreement=before.agreement), state.history


def network_weights(agreement: float) -> Weights:
    """Return how much the network counts, by how far it agrees with genes called with hardly any of it.

    The two know little of each other, so the more they agree, the better both are. Fitted to a series of networks of growing
    strength on one simulated genome and checked on others (docs/explanation/signals.md): where the odds of agreement are 1, 4, 7
    and 9, weights of 0.002, 0.03, 0.2 and 0.5 call most genes right.

    Args:
        agreement: F1 of exact coding exons of one set against the other.
    """
    odds = agreement / max(1.0 - agreement, 1e-3)
    network = round(min(max(ODDS_SCALE * odds**3, SCHEDULE[-1][1].network), 1.0), 4)
    return Weights(network, max(network, SCHEDULE[-1][1].utr))


def _share_of_exons(one: set[Key], other: set[Key]) -> float:
    """Return the F1 of exact coding exons."""
    exons, others = ({(place, part) for place, parts in genes for part in parts} for genes in (one, other))
    return 2 * len(exons & others) / max(len(exons) + len(others), 1)


class _State:
    """Where the iterations stand: the genes called last, and what they say."""

    def __init__(self, source: PredictionSource, tiles: list[Tile], threads: int, genetic_code: int):
        self._source, self._tiles, self._threads, self._genetic_code = source, tiles, threads, genetic_code
        self._called: dict[Tile, set[Key]] = {}
        self.counts = Counts()
        self._last = self._called, self.counts
        self.history: list[Iteration] = []

    @property
    def genes(self) -> set[Key]:
        """The genes called last."""
        return set().union(*self._called.values())

    def take_first(self, first_genes: dict[str, list[CodingGene]]) -> set[Key]:
        """Count the genes to start from; returns them."""
        for tile in self._tiles:
            own = [gene for gene in first_genes.get(self._seqid(tile), []) if tile.begin <= _start(gene) < tile.end]
            self._take(read_stretch(self._source, tile), own)
        first = self.genes
        if self.counts.genes < FEWEST_GENES:
            self._take_seeds()
        return first

    def _take_seeds(self) -> None:
        """Count the longest open reading frames in place of genes, if there are enough of them."""
        seeds = _State(self._source, self._tiles, self._threads, self._genetic_code)
        for tile in self._tiles:
            stretch = read_stretch(self._source, tile)
            origin = tile.first - stretch.flank[0]
            frames = [
                (strand, [(start + origin, end + origin) for start, end in parts])
                for strand, parts in longest_frames(stretch.codes, self._genetic_code)
            ]
            seeds._take(stretch, [gene for gene in frames if tile.begin <= _start(gene) < tile.end])
        if seeds.counts.genes < FEWEST_GENES:
            return
        logger.warning(
            "learn-signals: the network calls %d genes where signals are learnt, too few to start from: the %d longest open"
            " reading frames are taken in their place.",
            self.counts.genes, seeds.counts.genes,
        )  # fmt: skip
        self._called, self.counts = seeds._called, seeds.counts

    def iterate(self, build: Callable, weights: Weights, tiles: list[Tile]) -> None:
        """Learn from the genes called last, and call anew in some tiles."""
        _require_genes(self.counts, f"called in iteration {len(self.history)}" if self.history else "to learn from")
        self.call(build(self.counts, weights, self._genetic_code), build.__name__, tiles)

    def call(self, signals: Signals, introns_are: str, tiles: list[Tile]) -> None:
        """Call genes by signals in some tiles."""
        solver = SignalSolver(signals)
        self._last = self._called, self.counts
        before, self._called, self.counts = self._called, {}, Counts()
        work = partial(coding_genes_of, solver=solver)
        for stretch, called in work_on_tiles(self._source, tiles, work, self._threads):
            self._take(stretch, called)
        one, other = (
            set().union(*(genes[tile] for tile in before.keys() & self._called)) for genes in (before, self._called)
        )
        same = len(one & other) / max(len(one), len(other), 1)
        introns = len(self.counts.introns_bp)
        number = len(self.history) + 1
        self.history.append(
            Iteration(number, introns_are, signals.weights.network, self.counts.genes, introns, round(same, 4))
        )
        logger.info(
            "learn-signals: iteration %d (%s introns): %d genes, %d different introns, %.1f %% of the genes as before",
            number, introns_are, self.counts.genes, introns, 100 * same,
        )  # fmt: skip

    def stability(self, weights: Weights, tiles: list[Tile]) -> float:
        """Return how far genes stay the same where they are called by what the other half of all genes tells: F1 of exact genes."""
        halves = Counts(), Counts()
        for tile in tiles:
            stretch = read_stretch(self._source, tile)
            genes = [(place[1], list(parts)) for place, parts in self._called[tile]]
            for counts, own in zip(halves, _halves(tile), strict=True):
                inside = [gene for gene in genes if own[0] <= _start(gene) < own[1]]
                _count(counts, stretch, inside, own, self._genetic_code)
        if min(counts.genes for counts in halves) < FEWEST_IN_HALF:
            return 0.0
        solvers = [SignalSolver(learned(counts, weights, self._genetic_code)) for counts in halves[::-1]]
        called, again = set().union(*(self._called[tile] for tile in tiles)), set()
        work = partial(_genes_by_halves, solvers=solvers)
        for stretch, genes in work_on_tiles(self._source, tiles, work, self._threads):
            again |= self._keys(stretch, genes)
        return 2 * len(called & again) / max(len(called) + len(again), 1)

    def take_back(self) -> None:
        """Forget the last iteration."""
        self._called, self.counts = self._last
        self.history.pop()

    def _take(self, stretch: Stretch, genes: list[CodingGene]) -> None:
        tile = stretch.tile
        _count(self.counts, stretch, genes, (tile.begin, tile.end), self._genetic_code)
        self._called[tile] = self._keys(stretch, genes)

    def _keys(self, stretch: Stretch, genes: list[CodingGene]) -> set[Key]:
        seqid = self._seqid(stretch.tile)
        return {((seqid, strand), tuple(parts)) for strand, parts in genes}

    def _seqid(self, tile: Tile) -> str:
        return self._source.sequences[tile.sequence].seqid


def _require_genes(counts: Counts, which: str) -> None:
    if counts.genes < FEWEST_GENES:
        raise EmptyResultError(
            f"{counts.genes} genes {which}, and fewer than {FEWEST_GENES} do not tell what genes look like in a genome: call genes"
            " without signals."
        )


def _start(gene: CodingGene) -> int:
    return min(gene[1][0][0], gene[1][-1][0])


def coding_genes_of(stretch: Stretch, solver: SignalSolver) -> list[CodingGene]:
    """Return the coding sequences that begin in a tile."""
    tile = stretch.tile
    genes = []
    for path in solver.solve(stretch).paths:
        for strand, segments in path.genes:
            parts = [(start, end) for label, start, end in segments if label == CODING]
            if tile.begin <= parts[0][0] < tile.end:
                genes.append((strand, parts if strand == "+" else parts[::-1]))
    return genes


def _halves(tile: Tile) -> tuple[tuple[int, int], tuple[int, int]]:
    middle = (tile.begin + tile.end) // 2
    return (tile.begin, middle), (middle, tile.end)


def _genes_by_halves(stretch: Stretch, solvers: list[SignalSolver]) -> list[CodingGene]:
    """Return the genes of both halves of a tile, each by a solver of its own."""
    return [
        gene
        for (begin, end), solver in zip(_halves(stretch.tile), solvers, strict=True)
        for gene in coding_genes_of(stretch, solver)
        if begin <= _start(gene) < end
    ]


def _count(counts: Counts, stretch: Stretch, genes: list[CodingGene], own: tuple[int, int], genetic_code: int) -> None:
    """Add genes, and the sequence between them from `own[0]` to `own[1]`, in the sequence's coordinates.

    A gene that goes on beyond what is known of the tile is left out.
    """
    tile, origin = stretch.tile, stretch.tile.first - stretch.flank[0]
    local = [
        (strand, [(start - origin, end - origin) for start, end in parts])
        for strand, parts in genes
        if tile.first <= _start((strand, parts)) and max(parts[0][1], parts[-1][1]) <= tile.last
    ]
    add_genes(counts, stretch.codes, (own[0] - origin, own[1] - origin), local, genetic_code)

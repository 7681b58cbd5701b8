"""Genes of a whole genome: regions are read in order, solved in threads, and handed back in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from helixtune.gene_calling.confidence import gene_confidence
from helixtune.gene_calling.genes import CalledGene, on_plus_strand, split_segments
from helixtune.gene_calling.long_path import LongPath
from helixtune.gene_calling.places import StrandPart
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.gene_calling.region_stream import Strand, StrandRegion, iter_regions
from helixtune.gene_calling.sequences import Sequence
from helixtune.gene_calling.settings import CallSettings
from helixtune.gene_calling.solving import RegionSolver
from helixtune.h5files import rows_per_block
from helixtune.log import logger
from helixtune.progress import Progress
from helixtune.threads import in_order

# Rows in one reading: classes, phases and bases are 24 bytes a base.
BLOCK_BYTES = 32 * 1024**2
BYTES_PER_BASE = 24
# A region holds one gene or several; the longest human genes span 2.3 Mb.
LONG_REGION_BP = 5_000_000
# Region bases read ahead of the solvers (24 bytes each): enough work for all threads, little memory.
WAITING_BP = 4_000_000


@dataclass
class CalledSequence:
    """One sequence and its genes: plus strand from its start on, then minus strand from the sequence's end on."""

    seqid: str
    length_bp: int
    genes: list[CalledGene] = field(default_factory=list)


class _Solvable(NamedTuple):
    """A region of some length whose genes are there for the calling."""

    sequence: int
    length_bp: int
    genes: Callable[[], list[CalledGene]]

    def solve(self) -> list[CalledGene]:
        return self.genes()


@dataclass
class Tally:
    """What was looked at."""

    regions: int = 0
    region_bp: int = 0
    longest_region_bp: int = 0
    genes_too_short: int = 0


def call_genes(
    source: PredictionSource, sequences: list[Sequence], parts: list[StrandPart], settings: CallSettings, threads: int
) -> tuple[list[CalledSequence], Tally]:
    """Call the genes that begin in a shard, or in the whole genome; threads and the size of blocks change nothing.

    Args:
        source: genome and predictions.
        sequences: those that the shard touches.
        parts: its rows of each strand of them, as `places.cut_shard` gives them.
        settings: how genes are called.
        threads: that solve regions.
    """
    block_rows = rows_per_block(source.width, BYTES_PER_BASE, BLOCK_BYTES)
    lengths, thresholds = source.rows.valid_lengths, settings.thresholds()
    strands = (
        Strand(
            (part.sequence, part.strand), part.rows, lengths[part.rows], thresholds, part.begin,
            range(part.first_row, part.end_row),
        )
        for part in parts
    )  # fmt: skip
    total = int(sum(lengths[part.rows[part.begin : part.end_row]].sum() for part in parts))
    with Progress(total, "bases", "call-genes") as progress:
        return call_regions(iter_regions(source, strands, block_rows, progress), sequences, settings, threads)


def call_regions(
    regions: Iterator[StrandRegion], sequences: list[Sequence], settings: CallSettings, threads: int
) -> tuple[list[CalledSequence], Tally]:
    """Call the genes of some regions, each of which names its sequence by its place in the list; long ones come in pieces."""
    called = [CalledSequence(sequence.seqid, sequence.length_bp) for sequence in sequences]
    tally = Tally()
    solver = RegionSolver(settings.state_rules())
    found = _solvable(regions, solver, called)
    for item, genes in in_order(found, _Solvable.solve, lambda item: item.length_bp, WAITING_BP, threads):
        tally.regions += 1
        tally.region_bp += item.length_bp
        tally.longest_region_bp = max(tally.longest_region_bp, item.length_bp)
        kept = [gene for gene in genes if gene.coding_bp >= settings.min_coding_bp]
        tally.genes_too_short += len(genes) - len(kept)
        called[item.sequence].genes += kept
    if tally.longest_region_bp > LONG_REGION_BP:
        logger.warning(
            f"One stretch of {tally.longest_region_bp:,} bases has no clear gap between genes:"
            " the model may hardly tell genes from what lies between them, so look at its genes before you use them."
        )
    return called, tally


def _solvable(
    pieces: Iterator[StrandRegion], solver: RegionSolver, called: list[CalledSequence]
) -> Iterator[_Solvable]:
    """Yield every region; those that come in pieces are worked through on the way, since they are not kept."""
    path, path_key = None, None
    for piece in pieces:
        length_bp = called[piece.sequence].length_bp
        key = piece.sequence, piece.strand, piece.region.start
        if key != path_key:
            if piece.is_closed:
                genes = partial(region_genes, piece, solver, length_bp)
                yield _Solvable(piece.sequence, len(piece.region.bases), genes)
                continue
            path, path_key = LongPath(solver), key
        path.add(piece.region)
        if piece.is_closed:
            yield _Solvable(piece.sequence, path.length_bp, partial(long_region_genes, piece, path, length_bp))
            path, path_key = None, None


def region_genes(item: StrandRegion, solver: RegionSolver, length_bp: int) -> list[CalledGene]:
    """Return all genes of one region, 5'->3'."""
    region = item.region
    genes = []
    for segments in split_segments(solver.label(region)):
        confidence = gene_confidence(segments, region.class_probs)
        genes.append(
            CalledGene(item.strand, on_plus_strand(segments, region.start, item.strand, length_bp), confidence)
        )
    return genes


def long_region_genes(last: StrandRegion, path: LongPath, length_bp: int) -> list[CalledGene]:
    """Return all genes of a region whose path has taken all of its pieces, 5'->3'."""
    return [
        CalledGene(last.strand, on_plus_strand(segments, last.region.start, last.strand, length_bp), confidence)
        for segments, confidence in path.finish()
    ]

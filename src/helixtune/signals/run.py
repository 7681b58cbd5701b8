"""The step from files to files: genome, predictions and genes in, signals out."""

import math
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from Bio.Data import CodonTable

from helixtune.annotation.genes import Gene
from helixtune.annotation.gff3 import read_genes
from helixtune.errors import ParameterError
from helixtune.files import atomic_output, sha256_of
from helixtune.gene_calling.places import Shard
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.log import logger
from helixtune.signals.iterate import Iteration, learn_signals, relearn_signals
from helixtune.signals.learn import CodingGene
from helixtune.signals.model import read_signals, write_signals
from helixtune.signals.stretches import cut_tiles, sample_tiles

COLUMNS = ("iteration", "introns_are", "network", "genes", "introns", "same_share")


@dataclass(frozen=True)
class LearnFiles:
    """What is read and written: learning starts from `genes` or from the signals learnt `earlier`; `table` None = not wanted."""

    genome: Path
    predictions: list[Path]
    genes: Path | None
    output: Path
    table: Path | None = None
    earlier: Path | None = None


def learn_and_write(files: LearnFiles, sample_mb: float, genetic_code: int, threads: int) -> list[Iteration]:
    """Learn the signals of a genome and write them.

    Raises:
        ParameterError: an unknown genetic code, or no sample.
        FormatError: the genes are of another genome.
        EmptyResultError: there are too few of them to learn anything from.
    """
    if genetic_code not in CodonTable.unambiguous_dna_by_id:
        known = ", ".join(map(str, sorted(CodonTable.unambiguous_dna_by_id)))
        raise ParameterError(f"--genetic-code {genetic_code}: NCBI's tables are {known}.")
    if not (math.isfinite(sample_mb) and sample_mb > 0):
        raise ParameterError(f"--sample-mb {sample_mb}: give a number above 0.")
    with ExitStack() as outputs:
        signals_file = outputs.enter_context(atomic_output(files.output))
        table_file = outputs.enter_context(atomic_output(files.table)) if files.table else None
        source = outputs.enter_context(PredictionSource(files.genome, files.predictions, "auto", threads))
        lengths = {sequence.seqid: sequence.length_bp for sequence in source.sequences}
        tiles = sample_tiles(cut_tiles(source.sequences, source.width, Shard(1, 1)), int(sample_mb * 1e6))
        if files.genes:
            started, first = ("genes", files.genes), coding_genes(read_genes(files.genes, lengths))
            signals, history = learn_signals(source, tiles, first, threads, genetic_code)
        else:
            started = ("signals", files.earlier)
            signals, history = relearn_signals(source, tiles, read_signals(files.earlier), threads)
        origin = source.about(np.arange(len(source.rows)))
        learned_from = {
            "genome": files.genome.name,
            started[0]: started[1].name,
            f"{started[0]}_sha256": sha256_of(started[1]),
            **{name: value for name, value in origin.checksums.items() if value},
            "sample_bp": sum(tile.end - tile.begin for tile in tiles),
            "iterations": [asdict(iteration) for iteration in history],
        }
        write_signals(replace(signals, learned_from=learned_from), signals_file)
        if table_file:
            rows = ["\t".join(COLUMNS), *("\t".join(map(str, asdict(iteration).values())) for iteration in history)]
            table_file.write_text("\n".join(rows) + "\n")
    logger.info(
        "learn-signals: %d iterations, %d genes in the last, in %s", len(history), history[-1].genes, files.output
    )
    return history


def coding_genes(genes: list[Gene]) -> dict[str, list[CodingGene]]:
    """Return strand and coding parts 5'->3' of every coding gene's first coding transcript, by sequence."""
    found: dict[str, list[CodingGene]] = {}
    for gene in genes:
        coding = [transcript for transcript in gene.transcripts if transcript.cds]
        if coding:
            parts = [(start, end) for start, end, _ in coding[0].cds]
            strand = coding[0].strand
            found.setdefault(gene.seqid, []).append((strand, parts if strand == "+" else parts[::-1]))
    return found

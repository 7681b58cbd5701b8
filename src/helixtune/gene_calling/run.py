"""The step from files to files: genome and predictions in, GFF3 and FASTA out."""

import gzip
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from helixtune.errors import FormatError, ParameterError
from helixtune.files import atomic_output
from helixtune.gene_calling.calling import CalledSequence, call_genes
from helixtune.gene_calling.output import helixtune_lines, provenance_of, upstream_lines
from helixtune.gene_calling.places import Shard, count_places, cut_shard
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.gene_calling.sequences import Sequence
from helixtune.gene_calling.settings import CallSettings
from helixtune.log import logger


@dataclass(frozen=True)
class CallFiles:
    """What is read and written; `register` and `format` say how.

    Attributes:
        genome: genome file.
        predictions: one file, full or compact; or those of all shards, in the order of the shards.
        output: genes; of a shard those that begin in it, a part for `sharding.gather`. `.gz`: compressed.
        proteins, cds: FASTA, of a whole genome only.
        shard: which part of the genome; None = all of it.
    """

    genome: Path
    predictions: list[Path]
    output: Path
    proteins: Path | None = None
    cds: Path | None = None
    register: str = "auto"
    format: str = "helixtune"
    shard: Shard | None = None

    def __post_init__(self):
        beside = {"--proteins": self.proteins, "--cds": self.cds, "--format upstream": self.format == "upstream"}
        wrong = [option for option, given in beside.items() if given]
        if self.shard and wrong:
            raise ParameterError(
                f"{wrong[0]} looks at the genes of the whole genome: leave it out with --shard; gather-shards joins the parts."
            )


class Caller(Protocol):
    """A way of calling genes.

    Attributes:
        options: what the file's header says of its settings.
    """

    options: dict[str, str]

    def call(self, source: PredictionSource, shard: Shard, threads: int) -> tuple[list[CalledSequence], str]:
        """Return the genes that belong to a shard, by sequence, and what was looked at, in words."""


class StateModel:
    """Genes by the state model of the network's probabilities alone."""

    def __init__(self, settings: CallSettings):
        self._settings = settings
        self.options = {"settings": settings.as_options()}

    def call(self, source: PredictionSource, shard: Shard, threads: int) -> tuple[list[CalledSequence], str]:
        """See `Caller`."""
        called, tally = call_genes(source, *cut_shard(source.sequences, shard), self._settings, threads)
        return called, (
            f"{tally.regions} candidate regions of {tally.region_bp} bases, {tally.genes_too_short} genes dropped as too short"
        )


def call_and_write(files: CallFiles, caller: Caller, threads: int) -> list[CalledSequence]:
    """Call the genes of a genome or a shard and write them; all outputs appear together or not at all."""
    with PredictionSource(files.genome, files.predictions, files.register, threads) as source:
        _check_sequences(source.sequences, files)
        shard = files.shard or Shard(1, 1)
        _, parts = cut_shard(source.sequences, shard)
        origin = source.about(np.concatenate([np.zeros(0, np.int64), *(part.own_rows for part in parts)]))
        species = source.rows.species[0].decode(errors="replace")
        with ExitStack() as outputs:
            partial = outputs.enter_context(atomic_output(files.output))
            called, looked_at = caller.call(source, shard, threads)
            if files.format == "upstream":
                lines = upstream_lines(species, origin.model_md5sum, called)
            else:
                provenance = provenance_of(caller.options, files.genome.name, origin)
                if files.shard:
                    provenance["shard"] = f"{files.shard} of {count_places(source.sequences)} places"
                lines = helixtune_lines(species, provenance, called)
            _write_lines(partial, lines, files.output.suffix)
            if files.proteins or files.cds:
                _write_fasta(partial, files)
    _report(called, looked_at, files)
    return called


def _write_lines(path: Path, lines: Iterable[str], suffix: str) -> None:
    with ExitStack() as stack:
        file = stack.enter_context(path.open("wb"))
        if suffix == ".gz":  # without name and time: same genes, same bytes
            file = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0))
        file.writelines(f"{line}\n".encode() for line in lines)


def _check_sequences(sequences: list[Sequence], files: CallFiles) -> None:
    """Refuse or point out what HelixerPost passes over in silence."""
    gapped = [sequence.seqid for sequence in sequences if sequence.gaps]
    if gapped and files.format != "upstream":
        raise FormatError(
            f"{files.genome}: subsequences of {gapped[0]} are missing, so genes would get wrong coordinates: give the file"
            " that encode-genome wrote, not a filtered one."
        )
    if gapped:
        logger.warning(
            "%s: %d sequences lack subsequences (%s): coordinates shift, as in HelixerPost.",
            files.genome,
            len(gapped),
            gapped[0],
        )
    repeated = len(sequences) - len({sequence.seqid for sequence in sequences})
    if repeated and files.shard:
        raise FormatError(f"{files.genome} holds two sequences of one name: rename them and encode again.")
    if repeated:
        logger.warning("%s: %d sequence ids occur twice; their genes share coordinates.", files.genome, repeated)


def _write_fasta(gff3: Path, files: CallFiles) -> None:
    from helixtune.annotation.gff3 import read_genes
    from helixtune.annotation.sequence_files import write_sequences

    write_sequences(read_genes(gff3), files.genome, files.proteins, files.cds)


def _report(called: list[CalledSequence], looked_at: str, files: CallFiles) -> None:
    genes = [gene for sequence in called for gene in sequence.genes]
    if not genes and not files.shard:
        logger.warning("call-genes: no gene called: the predictions see nothing but intergenic sequence.")
    logger.info(
        "call-genes%s: %d genes (%d on the plus strand, %d exons) on %d of %d sequences in %s; %s",
        f" {files.shard}" if files.shard else "", len(genes),
        sum(gene.strand == "+" for gene in genes), sum(len(gene.exons()) for gene in genes),
        sum(bool(sequence.genes) for sequence in called), len(called), files.output, looked_at,
    )  # fmt: skip

"""The step from files to files: genome and predictions in, GFF3 and FASTA out."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from helixtune.errors import FormatError
from helixtune.files import atomic_output
from helixtune.gene_calling.calling import CalledSequence, Tally, call_genes
from helixtune.gene_calling.output import helixtune_lines, provenance_of, upstream_lines
from helixtune.gene_calling.prediction_source import PredictionSource
from helixtune.gene_calling.sequences import Sequence, group_sequences
from helixtune.gene_calling.settings import CallSettings
from helixtune.log import logger


@dataclass(frozen=True)
class CallFiles:
    """What is read and written; `register` and `format` say how."""

    genome: Path
    predictions: Path
    output: Path
    proteins: Path | None = None
    cds: Path | None = None
    register: str = "auto"
    format: str = "helixtune"


def call_and_write(files: CallFiles, settings: CallSettings, threads: int) -> list[CalledSequence]:
    """Call the genes of a genome and write them; all outputs appear together or not at all."""
    with PredictionSource(files.genome, files.predictions, files.register, threads) as source:
        sequences = group_sequences(source.rows, str(files.genome))
        _check_sequences(sequences, files)
        species = source.rows.species[0].decode(errors="replace")
        with ExitStack() as outputs:
            partial = outputs.enter_context(atomic_output(files.output))
            called, tally = call_genes(source, sequences, settings, threads)
            if files.format == "upstream":
                lines = upstream_lines(species, source.model_md5sum, called)
            else:
                provenance = provenance_of(
                    settings, files.genome.name, source.origin, source.model_md5sum, source.checksums
                )
                lines = helixtune_lines(species, provenance, called)
            with partial.open("w", newline="\n") as file:
                file.writelines(f"{line}\n" for line in lines)
            if files.proteins or files.cds:
                _write_fasta(partial, files)
    _report(called, tally, files)
    return called


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
    if repeated:
        logger.warning("%s: %d sequence ids occur twice; their genes share coordinates.", files.genome, repeated)


def _write_fasta(gff3: Path, files: CallFiles) -> None:
    from helixtune.annotation.gff3 import read_genes
    from helixtune.annotation.sequence_files import write_sequences

    write_sequences(read_genes(gff3), files.genome, files.proteins, files.cds)


def _report(called: list[CalledSequence], tally: Tally, files: CallFiles) -> None:
    genes = [gene for sequence in called for gene in sequence.genes]
    if not genes:
        logger.warning("call-genes: no gene called: the predictions see nothing but intergenic sequence.")
    logger.info(
        "call-genes: %d genes (%d on the plus strand, %d exons) on %d of %d sequences in %s; %d candidate regions of %d bases,"
        " %d genes dropped as too short",
        len(genes), sum(gene.strand == "+" for gene in genes), sum(len(gene.exons()) for gene in genes),
        sum(bool(sequence.genes) for sequence in called), len(called), files.output, tally.regions, tally.region_bp,
        tally.genes_too_short,
    )  # fmt: skip

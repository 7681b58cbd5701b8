"""One gene set, judged by whatever there is: a reference, RNA-seq, repeats, the genome, or nothing but itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pysam

from helixtune.annotation.genes import Gene
from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.stop_codons import with_stop_codons
from helixtune.annotation.translation import iter_genome
from helixtune.evaluation.against_reference import judge_against_reference, score_levels, sequences_to_score
from helixtune.evaluation.blocks import GenomeBlocks
from helixtune.evaluation.called_classes import CalledClasses
from helixtune.evaluation.called_coding import coding_bp, coding_in_bp, double_coding_bp
from helixtune.evaluation.junctions import MIN_READS, read_junctions, sum_junctions, well_supported
from helixtune.evaluation.models import cds_models, exon_models
from helixtune.evaluation.scores import LEVELS, Score, Scores
from helixtune.evaluation.soundness import soundness
from helixtune.evaluation.statistics import gene_statistics
from helixtune.files import atomic_output
from helixtune.log import logger
from helixtune.repeats import read_repeats
from helixtune.rnaseq.alignments import open_bam
from helixtune.rnaseq.strandedness import AUTO

FEATURES = ("cds", "with_utrs")
COLUMNS = ("seqid", "features", "level", "precision", "recall", "f1", "predicted", "reference", "predicted_right",
           "reference_found")  # fmt: skip


@dataclass(frozen=True)
class OneSetInputs:
    """Files to judge one gene set by; paths as given, None = absent.

    Attributes:
        seqids: sequences on which the reference judges, or None for all that it has genes on.
        genome: genome.h5 or FASTA.
        libraries: protocol of each BAM, or one for all.
        threads: for reading.
    """

    predicted: str
    reference: str | None = None
    seqids: Sequence[str] | None = None
    genome: str | None = None
    bams: tuple[str, ...] = ()
    repeats: str | None = None
    libraries: tuple[str, ...] = (AUTO,)
    threads: int = 1


def judge_one_set(inputs: OneSetInputs) -> tuple[dict, dict[str, dict[str, Scores]]]:
    """Judge one set.

    Returns:
        JSON-ready metrics, in which what cannot be judged is None; and the scores {features: {seqid: scores}} of every
        sequence ({} without a reference).

    Raises:
        HelixtuneError: a file is missing, damaged, or belongs to another genome.
    """
    lengths = (
        {sequence.seqid: len(sequence) for sequence in iter_genome(inputs.genome, inputs.threads)}
        if inputs.genome
        else None
    )
    genes = read_genes(inputs.predicted, lengths)
    if not genes:
        logger.warning("%s holds no gene: every score is 0.", inputs.predicted)
    scores: dict = {}
    metrics = {
        "predicted": {"file": Path(inputs.predicted).name},
        "reference": None,
        "junctions": junction_support(genes, inputs, lengths) if inputs.bams else None,
        "soundness": soundness(genes, inputs.genome, inputs.threads) if inputs.genome else None,
        "places": coding_places(genes, lengths, inputs.repeats) if lengths else None,
        "gene_statistics": {"predicted": gene_statistics(cds_models(genes), exon_models(genes))},
    }
    if inputs.reference:
        truth = read_genes(inputs.reference, lengths)
        if inputs.genome:
            truth = with_stop_codons(truth, inputs.genome, inputs.reference, inputs.threads)
            genes = with_stop_codons(genes, inputs.genome, inputs.predicted, inputs.threads)
        seqids = sequences_to_score(genes, truth, inputs.seqids, (inputs.predicted, inputs.reference))
        scores = score_levels(genes, truth, seqids)
        judged = judge_against_reference(genes, truth, seqids, scores)
        metrics["reference"] = {"file": Path(inputs.reference).name, **judged}
    return metrics, scores


def junction_support(genes: Sequence[Gene], inputs: OneSetInputs, lengths: Mapping[str, int] | None) -> dict:
    """Compare introns with splice junctions in RNA-seq.

    Returns:
        JSON-ready: junctions seen by at least 3 reads, how many of them are called (`recall`); introns of genes in which
        such a junction lies, and how many of those are junctions (`precision`).
    """
    known = lengths or bam_lengths(inputs.bams)
    junctions = well_supported(read_junctions(inputs.bams, known, inputs.libraries, genes))
    if not junctions:
        logger.warning("%s: no splice junction has %d reads or more.", ", ".join(inputs.bams), MIN_READS)
    sums = sum_junctions(exon_models(genes), junctions, GenomeBlocks.of(known))
    called, seen, supported, explained = (
        int(part.sum()) for part in (sums.called, sums.seen, sums.supported, sums.explained)
    )
    score = Score(called, seen, supported, explained)
    return {
        "precision": round(score.precision, 4), "recall": round(score.recall, 4), "f1": round(score.f1, 4),
        "junctions": seen, "junctions_called": explained, "introns_of_expressed_genes": called, "introns_supported": supported,
    }  # fmt: skip


def bam_lengths(bams: Iterable[str]) -> dict[str, int]:
    """Return the lengths of all sequences that the headers of BAM files name."""
    lengths: dict[str, int] = {}
    for path in bams:
        bam: pysam.AlignmentFile
        with open_bam(path) as bam:
            lengths |= dict(zip(bam.references, bam.lengths, strict=True))
    return lengths


def coding_places(genes: Sequence[Gene], lengths: Mapping[str, int], repeats: str | None) -> dict:
    """Return the shares of the coding sequence that lie on both strands of one place, and in repeats (None without)."""
    blocks, calls = GenomeBlocks.of(lengths), CalledClasses(genes)
    coding = max(float(coding_bp(calls, blocks).sum()), 1.0)
    in_repeats = None
    if repeats:
        in_repeats = float(coding_in_bp(calls, read_repeats(repeats, lengths), blocks).sum()) / coding
    both = float(double_coding_bp(calls, blocks).sum()) / coding
    return {"on_both_strands": round(both, 5), "in_repeats": None if in_repeats is None else round(in_repeats, 5)}


def write_per_sequence(scores: Mapping[str, Mapping[str, Scores]], path: str | Path) -> None:
    """Write the scores of every sequence, one level a line."""
    lines = ["\t".join(COLUMNS)]
    for features in FEATURES:
        for seqid, levels in scores[features].items():
            for level in LEVELS:
                figures = levels[level].as_dict()
                lines.append("\t".join([seqid, features, level, *(str(figures[name]) for name in COLUMNS[3:])]))
    with atomic_output(path) as partial:
        partial.write_text("\n".join(lines) + "\n")

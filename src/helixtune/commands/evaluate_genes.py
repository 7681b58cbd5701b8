"""Score a gene set against a reference, or decide between the base and the tuned model's genes.

The decision rests on evidence that a gene caller cannot fake; a reference is judged by, but never decides.
"""

import argparse
import json
import logging
import shutil
from pathlib import Path

from helixtune.errors import ParameterError
from helixtune.files import atomic_output
from helixtune.log import logger

HELP = "gene sets -> metrics.json, verdict, recommended genes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of both uses."""
    score = parser.add_argument_group("score one set")
    score.add_argument("--predicted", metavar="GFF3", help="genes to score against --reference")
    gate = parser.add_argument_group("decide between two sets")
    gate.add_argument("--genome", metavar="H5", help="genome.h5 that both were predicted on")
    gate.add_argument("--base-genes", metavar="GFF3")
    gate.add_argument("--base-predictions", metavar="H5")
    gate.add_argument("--tuned-genes", metavar="GFF3", help="leave out when nothing was tuned: the base is recommended")
    gate.add_argument("--tuned-predictions", metavar="H5")
    gate.add_argument("--scores", metavar="TSV", help="the selection's scores.tsv: what tuning saw is not looked at")
    gate.add_argument("--bam", action="append", default=[], metavar="BAM", help="RNA-seq that no model was tuned on")
    gate.add_argument("--repeats", metavar="BED", help="repeats of this assembly")
    gate.add_argument("--seed", type=int, default=1, help="of the bootstrap (default %(default)s)")
    gate.add_argument("--comparison", metavar="TSV", help="every figure of base beside tuned")
    gate.add_argument("--recommended", metavar="GFF3", help="the better gene set")
    gate.add_argument("--recommended-proteins", metavar="FASTA")
    gate.add_argument("--recommended-cds", metavar="FASTA")
    both = parser.add_argument_group("both")
    both.add_argument("--reference", metavar="GFF3", help="trusted genes; never decides between base and tuned")
    both.add_argument("--seqid", nargs="+", action="extend", metavar="ID", help="compare with --reference only here")
    both.add_argument("--output", required=True, metavar="JSON", help="metrics to write")


def run(args: argparse.Namespace) -> None:
    """Score one set, or compare two."""
    warnings = WarningCollector()
    logger.addHandler(warnings)
    try:
        if args.predicted:
            _score_one_set(args, warnings)
        else:
            _compare_two_sets(args, warnings)
    finally:
        logger.removeHandler(warnings)


class WarningCollector(logging.Handler):
    """Keeps what was warned about, for metrics.json."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        self.messages.append(record.getMessage())


def _score_one_set(args: argparse.Namespace, warnings: WarningCollector) -> None:
    from helixtune.annotation.gff3 import read_genes
    from helixtune.evaluation.against_reference import judge_against_reference, sequences_to_score
    from helixtune.evaluation.models import cds_models, exon_models
    from helixtune.evaluation.statistics import gene_statistics

    if not args.reference or args.base_genes:
        raise ParameterError("--predicted is scored against --reference alone: give both, and none of --base-….")
    genes, truth = read_genes(args.predicted), read_genes(args.reference)
    if not genes:
        logger.warning("%s holds no gene: every score is 0.", args.predicted)
    judged = sequences_to_score(genes, truth, args.seqid, (args.predicted, args.reference))
    metrics = {
        "predicted": {"file": Path(args.predicted).name},
        "reference": {"file": Path(args.reference).name, **judge_against_reference(genes, truth, judged)},
        "gene_statistics": {"predicted": gene_statistics(cds_models(genes), exon_models(genes))},
    }
    _write_metrics(metrics, warnings, args.output)
    cds = metrics["reference"]["cds"]
    logger.info(
        "evaluate-genes: CDS F1 %.3f by base, %.3f by exon, %.3f by gene; %s",
        cds["base"]["f1"], cds["exon"]["f1"], cds["gene"]["f1"], args.output,
    )  # fmt: skip


def _compare_two_sets(args: argparse.Namespace, warnings: WarningCollector) -> None:
    from helixtune.evaluation.compare import ComparisonInputs, compare, read_genome
    from helixtune.evaluation.comparison_table import write_comparison
    from helixtune.evaluation.junctions import read_junctions

    _check_options(args)
    lengths = read_genome(args.genome).lengths
    inputs = ComparisonInputs(
        genome=args.genome,
        base_genes=args.base_genes,
        base_predictions=args.base_predictions,
        tuned_genes=args.tuned_genes,
        tuned_predictions=args.tuned_predictions,
        scores=args.scores,
        reference=args.reference,
        seqids=args.seqid,
        junctions=read_junctions(args.bam, lengths),
        repeats=_read_repeats(args.repeats, lengths) if args.repeats else None,
        seed=args.seed,
    )
    metrics = compare(inputs)
    recommended = args.tuned_genes if metrics["verdict"]["recommended"] == "tuned" else args.base_genes
    _write_recommended(args, recommended)
    if args.comparison:
        write_comparison(metrics, args.comparison)
    _write_metrics(metrics, warnings, args.output)
    verdict = metrics["verdict"]
    logger.info(
        "evaluate-genes: %s (confidence %.2f). %s", verdict["recommended"], verdict["confidence"], verdict["reason"]
    )


def _check_options(args: argparse.Namespace) -> None:
    missing = [
        f"--{name.replace('_', '-')}"
        for name in ("genome", "base_genes", "base_predictions")
        if getattr(args, name) is None
    ]
    if missing:
        raise ParameterError(
            f"evaluate-genes lacks {missing[0]}: give --predicted and --reference to score one set, or --genome,"
            " --base-genes and --base-predictions to compare two."
        )
    if (args.tuned_genes is None) != (args.tuned_predictions is None):
        raise ParameterError("--tuned-genes and --tuned-predictions belong together: give both or neither.")
    if args.seed < 0:
        raise ParameterError(f"--seed {args.seed} is negative: give 0 or more.")


def _read_repeats(path: str, lengths: dict[str, int]) -> dict:
    from helixtune.repeats import read_bed

    found = read_bed(path, set(lengths)).by_seqid
    return {seqid: zip(starts, ends, strict=True) for seqid, (starts, ends) in found.items()}


def _write_recommended(args: argparse.Namespace, recommended: str) -> None:
    from helixtune.annotation.gff3 import read_genes
    from helixtune.annotation.translation import write_sequences

    if args.recommended_proteins or args.recommended_cds:
        write_sequences(read_genes(recommended), args.genome, args.recommended_proteins, args.recommended_cds)
    if args.recommended:
        with atomic_output(args.recommended) as partial:
            shutil.copyfile(recommended, partial)


def _write_metrics(metrics: dict, warnings: WarningCollector, path: str) -> None:
    metrics["warnings"] = list(dict.fromkeys(warnings.messages))
    with atomic_output(path) as partial:
        partial.write_text(json.dumps(metrics, indent=1) + "\n")

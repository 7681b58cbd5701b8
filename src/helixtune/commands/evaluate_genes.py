"""Score a gene set against a reference, or decide between the base and the tuned model's genes."""

import argparse
import json

from helixtune.errors import ParameterError
from helixtune.files import atomic_output
from helixtune.log import logger

HELP = "gene sets -> metrics.json, verdict, recommended genes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of both uses."""
    score = parser.add_argument_group("score one set")
    score.add_argument("--predicted", metavar="GFF3", help="genes to score against --reference")
    both = parser.add_argument_group("both")
    both.add_argument("--reference", metavar="GFF3", help="trusted genes; never decides between base and tuned")
    both.add_argument("--seqid", nargs="+", action="extend", metavar="ID", help="compare with --reference only here")
    both.add_argument("--output", required=True, metavar="JSON", help="metrics to write")


def run(args: argparse.Namespace) -> None:
    """Score one set, or hand over to the gate."""
    if not args.predicted or not args.reference:
        raise ParameterError("evaluate-genes needs --predicted and --reference: give both.")
    metrics = score_one_set(args.predicted, args.reference, args.seqid)
    with atomic_output(args.output) as partial:
        partial.write_text(json.dumps(metrics, indent=1) + "\n")
    cds = metrics["reference"]["cds"]
    logger.info(
        "evaluate-genes: CDS F1 %.3f by base, %.3f by exon, %.3f by gene; %s",
        cds["base"]["f1"], cds["exon"]["f1"], cds["gene"]["f1"], args.output,
    )  # fmt: skip


def score_one_set(predicted: str, reference: str, seqids: list[str] | None) -> dict:
    """Return the metrics of one gene set against a reference."""
    from pathlib import Path

    from helixtune.evaluation.against_reference import judge_against_reference, sequences_to_score
    from helixtune.evaluation.models import cds_models, exon_models
    from helixtune.evaluation.statistics import gene_statistics
    from helixtune.gff3 import read_genes

    genes, truth = read_genes(predicted), read_genes(reference)
    if not genes:
        logger.warning("%s holds no gene: every score is 0.", predicted)
    judged = sequences_to_score(genes, truth, seqids, (predicted, reference))
    return {
        "predicted": Path(predicted).name,
        "reference": judge_against_reference(genes, truth, judged),
        "gene_statistics": gene_statistics(cds_models(genes), exon_models(genes)),
    }

"""Label one part of a genome by its genes and measure how far its predictions lie from that; the labels are not kept.

A part is the same range of the genome file's rows as in predict-classes. select-confident chooses from the scores of all parts
as it chooses from labels and predictions of the whole genome, and labels the rows that it keeps.
"""

import argparse
from pathlib import Path

HELP = "part of genome.h5 + genes + predictions -> row scores"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--genome", required=True, type=Path, metavar="H5", help="genome file, the whole of it")
    parser.add_argument("--annotation", required=True, type=Path, metavar="GFF3", help="all genes, GFF3 or GTF")
    parser.add_argument(
        "--predictions", required=True, nargs="+", type=Path, metavar="H5", help="of the part's rows, compact or full"
    )
    parser.add_argument("--shard", default="1/1", metavar="I/N", help="part I of N (default: the whole genome)")
    parser.add_argument(
        "--subsequence-length", type=int, default=21384, metavar="BP",
        help="bases a training row (default %(default)s); the genome's rows are a multiple as long",
    )  # fmt: skip
    parser.add_argument(
        "--nominal-utr", metavar="BP,BP", help="as in encode-labels: UTRs of transcripts that have none"
    )
    parser.add_argument(
        "--partial-annotation", action="store_true", help="as in encode-labels: genes are missing from the annotation"
    )
    parser.add_argument(
        "--repeats", type=Path, metavar="BED", help="repeats: select-confident masks genes called there"
    )
    parser.add_argument(
        "--gene-models", action="store_true", help="describe gene models, which --min-gene-confidence asks for"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="threads (default: all)")
    parser.add_argument("--output", required=True, type=Path, metavar="H5", help="scores to write")


def run(args: argparse.Namespace) -> dict:
    """Score and count."""
    from helixtune.annotation.label_source import LabelSettings
    from helixtune.gene_calling.places import Shard
    from helixtune.sharding.score import ScoreFiles, ScoreSettings, score_shard
    from helixtune.threads import available_threads

    labels = LabelSettings(args.subsequence_length, args.nominal_utr, args.partial_annotation)
    files = ScoreFiles(args.genome, args.annotation, args.predictions, args.repeats, args.output)
    settings, threads = ScoreSettings(labels, args.gene_models), available_threads(args.threads)
    return score_shard(files, Shard.parse(args.shard), settings, threads)

"""Predict one part of a genome and call the genes that begin in it, without a file of predictions in between.

Shards are nearly equal ranges of the genome file's rows; a cut may lie inside a sequence and inside a gene. The genes of all
shards, joined by gather-shards, are byte for byte those of predict-classes and call-genes on the whole genome.
"""

import argparse
from pathlib import Path

from helixtune.commands.call_genes import add_rules, call_settings
from helixtune.commands.predict_classes import add_prediction_options, open_prediction

HELP = "model + part of genome.h5 -> genes, coarse predictions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options: files, and those of predict-classes and call-genes."""
    files = parser.add_argument_group("files")
    files.add_argument("--model", required=True, metavar="M", help="model file (Helixer's or helixtune's .h5)")
    files.add_argument("--genome", required=True, metavar="H5", help="genome file of encode-genome, the whole of it")
    files.add_argument("--shard", default="1/1", metavar="I/N", help="part I of N (default: the whole genome)")
    files.add_argument(
        "--genes", required=True, type=Path, metavar="GFF3", help="genes that begin in the part; .gz: compressed"
    )
    files.add_argument(
        "--coarse-predictions", type=Path, metavar="H5",
        help="probabilities rounded to 15 levels, for select-confident, evaluate-genes and export-tracks",
    )  # fmt: skip
    files.add_argument("--keep-predictions", type=Path, metavar="H5", help="the full probabilities, 26 bytes a base")
    parser.add_argument("--threads", type=int, metavar="N", help="threads (default: all)")
    add_prediction_options(parser.add_argument_group("prediction"))
    add_rules(parser.add_argument_group("rules"))


def run(args: argparse.Namespace) -> dict:
    """Predict, call, write."""
    from helixtune.sharding.places import Shard
    from helixtune.sharding.run import ShardFiles, call_shard
    from helixtune.threads import available_threads

    shard, settings = Shard.parse(args.shard), call_settings(args)
    files = ShardFiles(args.genes, args.coarse_predictions, args.keep_predictions)
    with open_prediction(args, "last") as setup:
        return call_shard(setup, shard, settings, files, available_threads(args.threads))

"""Shuffle stretches of a genome, keeping dinucleotides: a genome without genes.

Encode it, predict on it with both models and call genes; `evaluate-genes --shuffled` then knows how much either model makes up.
"""

import argparse

HELP = "a genome without genes, to see what a model makes up"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--genome", required=True, metavar="H5", help="genome.h5 or FASTA file")
    parser.add_argument("--bases", type=float, default=2e6, metavar="BP", help="how many (default %(default)g)")
    parser.add_argument("--seed", type=int, default=1, help="of the shuffling (default %(default)s)")
    parser.add_argument("--output", required=True, metavar="FASTA", help="shuffled sequences to write")


def run(args: argparse.Namespace) -> None:
    """Shuffle and write."""
    from helixtune.annotation.translation import iter_genome
    from helixtune.errors import ParameterError
    from helixtune.evaluation.shuffling import shuffled_genome
    from helixtune.files import atomic_output
    from helixtune.log import logger

    if not 1 <= args.bases < float("inf"):
        raise ParameterError(f"--bases {args.bases:g}: give the number of bases to shuffle, 1 or more.")
    if args.seed < 0:
        raise ParameterError(f"--seed {args.seed} is negative: give 0 or more.")
    total = sum(len(sequence.bases) for sequence in iter_genome(args.genome))
    written = 0
    with atomic_output(args.output) as partial, partial.open("wb") as file:
        for sequence in shuffled_genome(iter_genome(args.genome), total, int(args.bases), args.seed):
            file.write(b">" + sequence.seqid.encode() + b"\n" + sequence.bases + b"\n")
            written += len(sequence.bases)
    logger.info("shuffle-genome: %s bases in %s", f"{written:,}", args.output)

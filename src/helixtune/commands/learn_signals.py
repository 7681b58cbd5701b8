"""Learn what genes look like in a genome from the genes called on it: splice sites, codons, intron lengths, starts.

Genes are called again with what was learnt, and learnt from once more, until they hold. Nothing but the genome, the
predictions and the genes called on them is read. call-genes --signals then calls the whole genome so. For the predictions of
a tuned model, learning goes on from what was learnt with the base model's (--signals).
"""

import argparse
from pathlib import Path

HELP = "genome.h5 + predictions + genes.gff3 (or earlier signals) -> signals.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--genome", required=True, type=Path, metavar="H5", help="genome file of encode-genome")
    parser.add_argument(
        "--predictions", required=True, nargs="+", type=Path, metavar="H5",
        help="predictions made from it: one file, or those of all shards in their order",
    )  # fmt: skip
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--genes", type=Path, metavar="GFF3", help="genes of call-genes, where learning starts")
    start.add_argument(
        "--signals", type=Path, metavar="JSON",
        help="signals learnt before with another model's predictions: learning goes on from them, and the network counts as"
        " much as there",
    )  # fmt: skip
    parser.add_argument("--output", required=True, type=Path, metavar="JSON", help="signals to write")
    parser.add_argument("--table", type=Path, metavar="TSV", help="how the iterations went, to write")
    parser.add_argument(
        "--sample-mb",
        type=float,
        default=50.0,
        metavar="MB",
        help="learn on so much of the genome, spread over it (default: 50)",
    )
    parser.add_argument(
        "--genetic-code", type=int, default=1, metavar="N", help="NCBI's number of the genetic code (default: 1)"
    )
    parser.add_argument(
        "--on-empty", choices=("fail", "skip"), default="fail",
        help="of too few genes nothing can be learnt: fail (default), or skip: warn and write nothing",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, metavar="N", help="threads (default: all)")


def run(args: argparse.Namespace) -> dict:
    """Learn, write, count."""
    from helixtune.errors import EmptyResultError
    from helixtune.log import logger
    from helixtune.signals.run import LearnFiles, learn_and_write
    from helixtune.threads import available_threads

    files = LearnFiles(args.genome, args.predictions, args.genes, args.output, args.table, args.signals)
    try:
        history = learn_and_write(files, args.sample_mb, args.genetic_code, available_threads(args.threads))
    except EmptyResultError as error:
        if args.on_empty == "fail":
            raise
        logger.warning("learn-signals: nothing is learnt of this genome, and no file is written: %s", error)
        return {"iterations": 0, "genes": 0, "introns": 0}
    return {"iterations": len(history), "genes": history[-1].genes, "introns": history[-1].introns}

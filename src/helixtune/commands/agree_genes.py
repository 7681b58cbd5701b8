"""Make labels to learn from out of several gene sets: genes that at least two callers call alike, and places that are masked.

The genes of this pipeline and those of other callers (teachers: AUGUSTUS, BRAKER, geneML, a lifted annotation ...) are compared
by their coding sequences. What two of them have base for base is a gene. A place that only one calls, or where they contradict
each other, is written as a gene of unknown strand, which every stage here masks: nothing is learned there. Where none calls
anything there is no gene.
"""

import argparse
from pathlib import Path

HELP = "genes.gff3 + genes of other callers -> what they agree on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--genes", required=True, nargs="+", type=Path, metavar="GFF3",
        help="two or more gene sets of one genome, GFF3 or GTF, the most trusted first",
    )  # fmt: skip
    parser.add_argument("--output", required=True, type=Path, metavar="GFF3", help="sure genes and masked places")


def run(args: argparse.Namespace) -> dict:
    """Compare, write, count."""
    from helixtune.annotation.gff3 import read_genes
    from helixtune.errors import EmptyResultError, ParameterError
    from helixtune.evaluation.agreed_genes import write_agreed
    from helixtune.evaluation.agreement import agree
    from helixtune.log import logger

    if len(args.genes) < 2:
        raise ParameterError("--genes: one gene set agrees with nothing; give two or more.")
    agreement = agree([read_genes(path) for path in args.genes])
    if not agreement.sure:
        raise EmptyResultError(
            f"No two of {', '.join(path.name for path in args.genes)} have a coding sequence in common: they are of different"
            " assemblies, or name the sequences differently."
        )
    write_agreed(agreement, [path.name for path in args.genes], args.output)
    counts = {
        "sure_genes": len(agreement.sure),
        "masked_places": len(agreement.doubtful),
        "masked_bp": sum(end - start for _, start, end in agreement.doubtful),
    }
    logger.info(
        "agree-genes: %d genes that at least two of %d sets have, %d places masked",
        counts["sure_genes"],
        len(args.genes),
        counts["masked_places"],
    )
    return counts

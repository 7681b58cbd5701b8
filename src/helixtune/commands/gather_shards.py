"""Join the genes of all shards of a genome: byte for byte what call-genes writes for the whole."""

import argparse
from pathlib import Path

HELP = "genes of all shards -> genes.gff3"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--genome", required=True, type=Path, metavar="H5", help="genome file of encode-genome")
    parser.add_argument(
        "--genes", required=True, nargs="+", type=Path, metavar="GFF3", help="of call-genes --shard, in any order"
    )
    parser.add_argument("--output", required=True, type=Path, metavar="GFF3", help="all genes")
    parser.add_argument("--proteins", type=Path, metavar="FASTA", help="proteins of the genes to write")
    parser.add_argument("--cds", type=Path, metavar="FASTA", help="coding sequences of the genes to write")


def run(args: argparse.Namespace) -> dict:
    """Join and count."""
    from helixtune.log import logger
    from helixtune.sharding.gather import gather_shards

    genes = gather_shards(args.genome, args.genes, args.output, args.proteins, args.cds)
    logger.info("gather-shards: %d genes of %d shards in %s", genes, len(args.genes), args.output)
    return {"genes": genes, "shards": len(args.genes)}

"""Call genes: the cheapest path of a gene's states through the predicted class probabilities.

With upstream's rules the gene models are those of HelixerPost; `--format upstream` writes its very bytes.
"""

import argparse
from pathlib import Path

from helixtune.errors import ParameterError

HELP = "genome.h5 + predictions, full or compact -> genes.gff3"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--genome", required=True, type=Path, metavar="H5", help="genome file of encode-genome")
    parser.add_argument(
        "--predictions", required=True, nargs="+", type=Path, metavar="H5",
        help="predictions made from it, full or compact: one file, or those of all shards in their order, of which those are opened"
        " that are needed",
    )  # fmt: skip
    parser.add_argument(
        "--shard",
        metavar="I/N",
        help="call the genes that begin in part I of N alone, for gather-shards (default: all genes)",
    )
    parser.add_argument(
        "--signals", type=Path, metavar="JSON",
        help="call by what learn-signals learnt of the genome; of the rules below only --min-coding-length counts then",
    )  # fmt: skip
    parser.add_argument("--output", required=True, type=Path, metavar="GFF3", help="genes to write; .gz: compressed")
    parser.add_argument("--proteins", type=Path, metavar="FASTA", help="proteins of the genes to write")
    parser.add_argument("--cds", type=Path, metavar="FASTA", help="coding sequences of the genes to write")
    parser.add_argument(
        "--format", choices=("helixtune", "upstream"), default="helixtune",
        help="helixtune (default): sorted, with confidence; upstream: byte-identical to HelixerPost",
    )  # fmt: skip
    parser.add_argument(
        "--register", choices=("auto", "last", "upstream"), default="auto", help="padding of the predictions"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="threads (default: all)")
    add_rules(parser.add_argument_group("rules"))


def add_rules(group: argparse._ArgumentGroup) -> None:
    """Declare the options that decide which genes are called."""
    group.add_argument(
        "--rules", choices=("upstream", "improved"), default="upstream",
        help="upstream (default): HelixerPost's; improved: no exons under 3 bases, no mismatched splice sites, GC-AG and AT-AC"
        " introns at a price",
    )  # fmt: skip
    group.add_argument(
        "--min-intron",
        type=int,
        metavar="BP",
        help="shortest intron; other than 50 with improved rules alone (default: 30 with those, else 50)",
    )
    group.add_argument("--window-size", type=int, default=100, metavar="BP", help="sliding window that finds regions")
    group.add_argument(
        "--edge-threshold",
        type=float,
        default=0.1,
        metavar="F",
        help="window's share not intergenic at a region's ends",
    )
    group.add_argument(
        "--peak-threshold", type=float, default=0.8, metavar="F", help="share that a region must exceed somewhere"
    )
    group.add_argument(
        "--min-coding-length", type=int, default=60, metavar="BP", help="genes with fewer coding bases are dropped"
    )


def call_settings(args: argparse.Namespace):
    """Return the settings that the options of `add_rules` stand for."""
    from helixtune.gene_calling.settings import MIN_INTRON_BP, CallSettings

    return CallSettings(
        args.rules,
        MIN_INTRON_BP[args.rules] if args.min_intron is None else args.min_intron,
        args.window_size,
        args.edge_threshold,
        args.peak_threshold,
        args.min_coding_length,
    )


def run(args: argparse.Namespace) -> dict:
    """Call, write, count."""
    from helixtune.gene_calling.places import Shard
    from helixtune.gene_calling.run import CallFiles, StateModel, call_and_write
    from helixtune.signals.calling import SignalCaller
    from helixtune.signals.model import read_signals
    from helixtune.threads import available_threads

    settings, shard = call_settings(args), Shard.parse(args.shard) if args.shard else None
    files = CallFiles(
        args.genome, args.predictions, args.output, args.proteins, args.cds, args.register, args.format, shard
    )
    if args.signals and args.format == "upstream":
        raise ParameterError("--format upstream writes what HelixerPost would call: leave out --signals.")
    caller = StateModel(settings)
    if args.signals:
        caller = SignalCaller(read_signals(args.signals), args.signals, settings.min_coding_bp)
    called = call_and_write(files, caller, available_threads(args.threads))
    return {
        "sequences": len(called),
        "genes": sum(len(sequence.genes) for sequence in called),
        "exons": sum(len(gene.exons()) for sequence in called for gene in sequence.genes),
    }

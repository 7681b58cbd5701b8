"""Choose the subsequences on which the network's raw probabilities and the gene models made from them agree best.

Rows of the two files are joined by species, sequence, strand and start. Prediction rows may be a whole multiple as long as
training rows. A prediction file says by its attribute `register` where partial minus-strand rows have their padding; one
without it that helixtune did not make is read as Helixer 0.3.6 and later write it (padding in front).
"""

import argparse
from pathlib import Path

from helixtune.threads import available_threads

HELP = "training.h5 + predictions.h5 -> filtered.h5, scores.tsv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    files = parser.add_argument_group("files")
    files.add_argument(
        "--h5-to-filter", nargs="+", type=Path, default=[], metavar="H5",
        help="labelled subsequences; needed unless --row-scores is given",
    )  # fmt: skip
    files.add_argument(
        "--predictions", nargs="+", type=Path, default=[], metavar="H5",
        help="predictions, full or compact, several files follow one another; needed unless --row-scores is"
        " given",
    )  # fmt: skip
    files.add_argument(
        "--row-scores", nargs="+", type=Path, default=[], metavar="H5",
        help="of all shards (score-shard), in place of labels and predictions; needs --genome and --annotation",
    )  # fmt: skip
    files.add_argument("--annotation", type=Path, metavar="GFF3", help="with --row-scores alone: the genes scored by")
    files.add_argument("--output-file", required=True, type=Path, metavar="H5", help="the subsequences kept")
    files.add_argument("--scores", type=Path, metavar="TSV", help="a line about every subsequence: why kept or not")
    files.add_argument("--summary", type=Path, metavar="JSON", help="counts and limits by stratum")
    files.add_argument("--plot", type=Path, metavar="FIGURE", help="what was kept of what (.svg, .png or .pdf)")
    files.add_argument(
        "--repeats",
        type=Path,
        metavar="BED",
        help="repeats (BED, or soft-masked FASTA): genes called there weigh nothing",
    )
    files.add_argument(
        "--genome", nargs="+", type=Path, default=[], metavar="H5",
        help="what the predictions were made from, if they do not name their rows (Helixer's never do), or if the labels were"
        " encoded with --no-bases",
    )  # fmt: skip
    files.add_argument(
        "--register",
        choices=("auto", "last", "upstream"),
        default="auto",
        help="padding of the predictions (default: as they say)",
    )
    _add_choices(parser.add_argument_group("choice"))
    parser.add_argument("--dry-run", action="store_true", help="measure and report, write no subsequences")
    parser.add_argument(
        "--on-empty", choices=("fail", "skip"),
        help="fewer than two places kept: fail (default; upstream's method writes what it kept, as upstream does), or"
        " write scores and summary only and go on",
    )  # fmt: skip
    parser.add_argument(
        "--write-by", type=int, default=6_415_200, metavar="BP", help="bases of one written block at most"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="threads (default: all)")


def _add_choices(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--method", choices=("stratified", "upstream"), default="stratified",
        help="stratified (default): most confident of each stratum of intergenic fraction; upstream: Helixer's script to the"
        " row, rows paired by position",
    )  # fmt: skip
    group.add_argument(
        "--keep-fraction", type=float, default=0.2, metavar="F", help="share to keep (default %(default)s)"
    )
    group.add_argument(
        "--strata", type=int, default=6, metavar="N", help="strata of intergenic fraction (default %(default)s)"
    )
    group.add_argument(
        "--max-bases", type=float, default=30e6, metavar="BP", help="cap on bases kept (default %(default)g)"
    )
    group.add_argument(
        "--min-gene-confidence", type=float, metavar="P",
        help="gene models whose labels have a lower mean probability weigh nothing (default: off)",
    )  # fmt: skip
    group.add_argument(
        "--seqid", nargs="+", default=[], metavar="ID", help="choose from these sequences only (default: all)"
    )
    group.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of what is drawn at random (default %(default)s)"
    )


def run(args: argparse.Namespace) -> dict:
    """Select and report."""
    from helixtune.errors import ParameterError
    from helixtune.log import logger
    from helixtune.selection.plot import check_format
    from helixtune.selection.run import SelectionFiles, select_confident

    if args.plot:
        check_format(args.plot)
    _check_sources(args)
    if args.write_by < 1:
        raise ParameterError(f"--write-by {args.write_by}: it must be at least 1.")
    files = SelectionFiles(
        training=args.h5_to_filter, predictions=args.predictions, genomes=args.genome, repeats=args.repeats,
        register=args.register, filtered=None if args.dry_run else args.output_file, scores=args.scores, summary=args.summary,
        plot=args.plot, row_scores=args.row_scores, annotation=args.annotation,
    )  # fmt: skip
    on_empty = args.on_empty or ("write" if args.method == "upstream" else "fail")
    summary = select_confident(files, _settings(args), on_empty, args.write_by, available_threads(args.threads))
    logger.info(
        "select-confident: %s of %s subsequences kept (%s of %s bases), %s eligible; left out: %s",
        f"{summary['kept_rows']:,}", f"{summary['rows']:,}", f"{summary['kept_bases']:,}", f"{summary['bases']:,}",
        f"{summary['eligible_rows']:,}", ", ".join(f"{n:,} {why}" for why, n in summary["left_out"].items()) or "none",
    )  # fmt: skip
    for stratum in summary["strata"]:
        logger.info(
            "stratum %d: %d of %d subsequences, best left out %s",
            *(stratum[key] for key in ("stratum", "kept_rows", "rows", "best_left_out")),
        )
    return {name: value for name, value in summary.items() if name != "warnings"}


def _check_sources(args: argparse.Namespace) -> None:
    """Refuse options that would not be looked at."""
    from helixtune.errors import ParameterError

    of_labels = {
        "--h5-to-filter": args.h5_to_filter, "--predictions": args.predictions, "--register": args.register != "auto"
    }  # fmt: skip
    beside = [option for option, value in of_labels.items() if value]
    if args.row_scores and beside:
        raise ParameterError(f"{beside[0]} is not looked at beside --row-scores: leave one of the two out.")
    if not args.row_scores and not (args.h5_to_filter and args.predictions):
        raise ParameterError("Give --h5-to-filter and --predictions, or --row-scores in place of both.")
    if args.annotation and not args.row_scores:
        raise ParameterError(
            "--annotation is looked at with --row-scores alone: leave it out, the labels are made already."
        )


def _settings(args: argparse.Namespace):
    from helixtune.log import logger
    from helixtune.selection.settings import SelectionSettings

    min_confidence = args.min_gene_confidence or None
    if args.method == "upstream" and (args.repeats or min_confidence):
        logger.warning("--method upstream masks no gene models: repeats and confidence of genes are not looked at.")
        min_confidence = None
    return SelectionSettings(
        args.method, args.keep_fraction, args.strata, args.max_bases, min_confidence, args.seed, tuple(args.seqid)
    )

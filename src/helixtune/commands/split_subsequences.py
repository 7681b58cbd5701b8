"""Part the chosen subsequences into a training and a validation file: by sequence, else by stretches with gaps.

Both strands of a place stay together, and neither file is ever empty. The files given are joined (a group of species).
"""

import argparse
from pathlib import Path

HELP = "filtered.h5 -> train.h5, validation.h5"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--input", required=True, nargs="+", type=Path, metavar="H5", help="labelled subsequences")
    parser.add_argument("--train", required=True, type=Path, metavar="H5", help="training file to write")
    parser.add_argument("--validation", required=True, type=Path, metavar="H5", help="validation file to write")
    parser.add_argument(
        "--validation-fraction", type=float, default=0.2, metavar="F", help="share to hold out (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the draws (default %(default)s)")
    parser.add_argument(
        "--method", choices=("blocks", "upstream"), default="blocks",
        help="blocks (default): sequences or stretches, representative; upstream: sequences of both halves of the N90",
    )  # fmt: skip
    parser.add_argument(
        "--on-empty", choices=("fail", "skip"), default="fail",
        help="too little to split: fail (default), or warn, write nothing and go on",
    )  # fmt: skip
    parser.add_argument(
        "--write-by", type=int, default=6_415_200, metavar="BP", help="bases of one written block at most"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="threads (default: all)")


def run(args: argparse.Namespace) -> dict:
    """Split and report."""
    from helixtune.errors import EmptyResultError, ParameterError
    from helixtune.log import logger
    from helixtune.splitting.partition import SplitSettings
    from helixtune.splitting.split_files import SplitFiles, split_subsequences
    from helixtune.threads import available_threads

    if args.write_by < 1:
        raise ParameterError(f"--write-by {args.write_by}: it must be at least 1.")
    settings = SplitSettings(args.validation_fraction, args.seed, args.method)
    files = SplitFiles(args.input, args.train, args.validation)
    try:
        report = split_subsequences(files, settings, args.write_by, available_threads(args.threads))
    except EmptyResultError as error:
        if args.on_empty == "fail":
            raise
        logger.warning("Nothing was split: %s", error)
        return {"unit": None}
    logger.info(
        "split-subsequences: held out by %s; training %s bases, validation %s bases (%.1f %%), %d subsequences left out as gaps",
        report["unit"], f"{report['train_bases']:,}", f"{report['validation_bases']:,}",
        100 * report["validation_bases"] / (report["train_bases"] + report["validation_bases"]), report["left_out"],
    )  # fmt: skip
    return report

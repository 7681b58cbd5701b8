"""Write the raw probabilities of a prediction as tracks for genome browsers: one file a class and strand.

Probabilities are means over bins; bigWig needs the package pyBigWig (`pip install 'helixtune[tracks]'`), bedGraph nothing.
"""

import argparse
from pathlib import Path

HELP = "predictions.h5 -> bigWig or bedGraph tracks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--predictions", required=True, nargs="+", metavar="H5",
        help="of predict-classes (full, or compact ones of all shards) or of Helixer",
    )  # fmt: skip
    parser.add_argument("--genome", required=True, metavar="H5", help="genome.h5 that they were made from")
    parser.add_argument(
        "--output-dir", required=True, type=Path, metavar="DIR", help="folder for the tracks; made if need be"
    )
    parser.add_argument("--format", default="bigwig", choices=("bigwig", "bedgraph"), help="default %(default)s")
    parser.add_argument("--bin", type=int, default=10, metavar="BP", help="bases a value (default %(default)s)")
    parser.add_argument(
        "--classes", nargs="+", default=["CDS", "intron", "UTR"], choices=("intergenic", "UTR", "CDS", "intron"),
        help="default: CDS intron UTR",
    )  # fmt: skip
    parser.add_argument("--seqid", nargs="+", default=[], metavar="ID", help="only these sequences (default: all)")
    parser.add_argument("--prefix", default="", metavar="TEXT", help="of the file names, e.g. tuned. (default: none)")


def run(args: argparse.Namespace) -> dict:
    """Write the tracks."""
    from helixtune.log import logger
    from helixtune.prediction.tracks import TrackSettings, export_tracks

    settings = TrackSettings(args.format, args.bin, tuple(args.classes), tuple(args.seqid), args.prefix)
    paths = export_tracks(args.predictions, args.genome, args.output_dir, settings)
    logger.info("export-tracks: %d tracks in %s", len(paths), args.output_dir)
    return {"tracks": [str(path) for path in paths]}

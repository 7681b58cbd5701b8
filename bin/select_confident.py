#!/usr/bin/env python3
"""The selection step as a program of its own: the same as `helixtune select-confident`, meant to be read and replaced."""

import argparse
import logging
import sys
from pathlib import Path

try:
    import helixtune  # noqa: F401
except ImportError:  # run from a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from helixtune import log
from helixtune.cli import run_guarded
from helixtune.commands import select_confident


def main(argv: list[str] | None = None) -> int:
    """Parse options, select, return the exit code."""
    parser = argparse.ArgumentParser(
        prog="select_confident.py",
        description=select_confident.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--debug", action="store_true", help="show a traceback when something fails")
    parser.add_argument("--quiet", action="store_true", help="warnings and errors only")
    select_confident.add_arguments(parser)
    args = parser.parse_args(argv)
    log.configure(logging.WARNING if args.quiet else logging.INFO)
    return run_guarded("select-confident", select_confident.run, args)


if __name__ == "__main__":
    sys.exit(main())

"""Write one self-contained HTML page about all genomes of a run: verdicts first, then why."""

import argparse

from helixtune.files import atomic_output
from helixtune.log import logger

HELP = "everything measured -> report.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--inputs", nargs="+", required=True, metavar="FILE", help="files <id>.<content>, e.g. pombe.metrics.json"
    )
    parser.add_argument("--versions", metavar="TSV", help="table of stage, tool, version")
    parser.add_argument("--parameters", metavar="JSON", help="parameters of the run")
    parser.add_argument("--output", required=True, metavar="HTML", help="page to write")


def run(args: argparse.Namespace) -> dict:
    """Read, render, write."""
    from helixtune.report.inputs import read_inputs, read_json, read_table
    from helixtune.report.write import render_report

    genomes = read_inputs(args.inputs)
    versions = read_table(args.versions) if args.versions else []
    parameters = read_json(args.parameters) if args.parameters else {}
    page = render_report(genomes, versions, parameters)
    with atomic_output(args.output) as partial:
        partial.write_text(page, encoding="utf-8")
    logger.info("write-report: %d genomes, %d kB in %s", len(genomes), len(page) // 1000, args.output)

"""Write one self-contained HTML page about all genomes of a run: verdicts first, then why."""

import argparse
import json
from pathlib import Path

from helixtune.files import atomic_output
from helixtune.log import logger

HELP = "everything measured -> report.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--inputs", nargs="+", required=True, metavar="FILE", help="files <id>.<content>, e.g. pombe.metrics.json"
    )
    parser.add_argument(
        "--genomes",
        nargs="+",
        default=[],
        metavar="ID",
        help="all genomes of the run: those without files are named as failed",
    )
    parser.add_argument("--versions", metavar="TSV", help="table of stage, tool, version")
    parser.add_argument("--parameters", metavar="JSON", help="parameters of the run")
    parser.add_argument("--output", required=True, metavar="HTML", help="page to write")
    parser.add_argument("--citations", metavar="BIB", help="what to cite, as BibTeX; the page names it")
    parser.add_argument(
        "--multiqc-dir", metavar="DIR", help="folder for MultiQC's custom content (*_mqc.json); made if need be"
    )


def run(args: argparse.Namespace) -> dict:
    """Read, render, write."""
    from helixtune.report.citations import bibliography
    from helixtune.report.inputs import read_inputs, read_json, read_table
    from helixtune.report.multiqc import multiqc_files
    from helixtune.report.write import render_report

    genomes = read_inputs(args.inputs, args.genomes)
    versions = read_table(args.versions) if args.versions else []
    parameters = read_json(args.parameters) if args.parameters else {}
    page = render_report(genomes, versions, parameters, args.citations or "")
    with atomic_output(args.output) as partial:
        partial.write_text(page, encoding="utf-8")
    if args.citations:
        with atomic_output(args.citations) as partial:
            partial.write_text(bibliography(), encoding="utf-8")
    if args.multiqc_dir:
        folder = Path(args.multiqc_dir)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in multiqc_files(genomes).items():
            with atomic_output(folder / name) as partial:
                partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    logger.info("write-report: %d genomes, %d kB in %s", len(genomes), len(page) // 1000, args.output)
    return {"genomes": [genome.id for genome in genomes], "bytes": len(page.encode())}

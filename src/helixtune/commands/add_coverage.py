"""Add RNA-seq coverage to a genome or training file: a new file with one layer a BAM file."""

import argparse
import functools
import json
from contextlib import ExitStack
from pathlib import Path

from helixtune.annotation.gff3 import read_genes
from helixtune.errors import ParameterError
from helixtune.h5files import BAM_FILES, RowWriter, open_file
from helixtune.log import logger
from helixtune.progress import Progress
from helixtune.rnaseq.alignments import LIBRARIES, all_names, check_library, open_bam, reference_names
from helixtune.rnaseq.coverage import CoverageSource
from helixtune.rnaseq.coverage_file import (
    LIBRARIES_ATTRIBUTE,
    REQUIRED,
    DataFile,
    encode_bam_names,
    iter_covered_blocks,
    rows_per_block,
)
from helixtune.rnaseq.strandedness import AUTO, count_strands, settle_library
from helixtune.threads import available_threads

HELP = "genome.h5 or training.h5 + BAM files -> the same with coverage"
BLOCK_BYTES = 128 * 1024**2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--data", required=True, metavar="H5", help="genome or training file")
    parser.add_argument(
        "--bam",
        required=True,
        action="append",
        metavar="BAM",
        help="sorted, indexed alignments; repeat for more layers",
    )
    parser.add_argument(
        "--library",
        action="append",
        choices=(AUTO, *LIBRARIES),
        help="protocol, once for all or once for each BAM (default auto; fr-firststrand = dUTP)",
    )
    parser.add_argument(
        "--annotation", metavar="GFF3", help="genes that tell the library (auto) or check the one that is stated"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="threads (default: all)")
    parser.add_argument("--output", required=True, metavar="H5", help="file to write")


def run(args: argparse.Namespace) -> dict:
    """Count and write."""
    threads = available_threads(args.threads)
    bams, stated = _pair_options(args.bam, args.library or [AUTO])
    if Path(args.output).resolve() == Path(args.data).resolve():
        raise ParameterError(f"--output {args.output} is the data file itself: give another name.")
    with ExitStack() as stack:
        data = DataFile.of(stack.enter_context(open_file(args.data, REQUIRED)))
        sources = _open_sources(stack, data, bams, stated, args.annotation)
        libraries = [*data.earlier_libraries(), *(source.library for source in sources)]
        settings = data.settings() | {"bams": bams, "libraries": libraries}
        attributes = data.kept_attributes() | {LIBRARIES_ATTRIBUTE: json.dumps(libraries)}
        writer = stack.enter_context(RowWriter(args.output, data.file_format(), settings, attributes, threads))
        progress = stack.enter_context(Progress(len(data.rows), "subsequences", "add-coverage"))
        for block in iter_covered_blocks(data, sources, rows_per_block(data, len(sources), BLOCK_BYTES), threads):
            writer.append(block)
            progress.advance(len(next(iter(block.values()))))
        for name in data.other_datasets:
            if name != BAM_FILES:
                writer.write_whole(name, data.file[name][()])
        writer.write_whole(BAM_FILES, encode_bam_names([*data.earlier_bams(), *bams]))
    logger.info("add-coverage: %d BAM files counted, %d subsequences in %s", len(bams), writer.n_rows, args.output)
    return {"subsequences": writer.n_rows, "bams": bams, "libraries": libraries}


def _pair_options(bams: list[str], libraries: list[str]) -> tuple[list[str], list[str]]:
    """Give every BAM its library; a BAM named twice counts once."""
    if len(libraries) not in (1, len(bams)):
        raise ParameterError(
            f"--library is given {len(libraries)} times for {len(bams)} BAM files: give one, or one for each."
        )
    paired = dict(zip(bams, libraries * len(bams) if len(libraries) == 1 else libraries, strict=False))
    return list(paired), list(paired.values())


def _open_sources(
    stack: ExitStack, data: DataFile, bams: list[str], stated: list[str], annotation: str | None
) -> list[CoverageSource]:
    """Open and check all BAM files before anything is counted."""
    data.refuse_counted(bams)
    ends, complete = data.sequence_lengths()
    # Genes of the whole genome tell the library, also where few rows of it were kept: the alignments know its sequences.
    genes_on = functools.cache(lambda seqids: read_genes(annotation, seqids))
    sources = []
    for path, library in zip(bams, stated, strict=True):
        bam = stack.enter_context(open_bam(path))
        names = reference_names(bam, ends, complete)
        known = all_names(bam)
        counts = count_strands(bam, known, genes_on(tuple(known))) if annotation else None
        sources.append(CoverageSource(bam, check_library(settle_library(library, counts, path)), names))
    return sources

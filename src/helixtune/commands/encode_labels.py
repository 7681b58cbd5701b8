"""Turn a genome and its gene annotation into training rows: bases, classes, phases, weights, transitions."""

import argparse
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from helixtune.annotation.gene_spool import GeneSpool, spool_genes
from helixtune.annotation.gff3 import iter_gene_groups
from helixtune.annotation.gff3_lines import has_coding_lines
from helixtune.annotation.label_encoding import BYTES_PER_BASE, LABELLED, iter_label_blocks
from helixtune.annotation.label_source import LabelSettings
from helixtune.annotation.label_warnings import tell_usable, warn_of_no_gene
from helixtune.annotation.masks import STOP_CODON_BEHIND
from helixtune.annotation.nominal_utrs import UtrLengths, add_nominal_utrs
from helixtune.annotation.partial import Spans, known_spans, mask_unknown
from helixtune.annotation.sequence_spool import SequenceSpool, spool_sequences
from helixtune.annotation.stop_codons import is_convention, warn_of_stop_codons
from helixtune.encoding import encode_species
from helixtune.errors import FormatError, InputFileError
from helixtune.fasta import iter_sequences
from helixtune.files import sha256_of
from helixtune.h5files import BASES, START_ENDS, WEIGHTS, RowWriter, rows_per_block
from helixtune.log import logger
from helixtune.progress import Progress
from helixtune.subsequences import valid_lengths

HELP = "FASTA + gene annotation -> training.h5"
# Beside the block there are its compressed copy and one strand's codes; larger blocks gain nothing.
BLOCK_BYTES = 32 * 1024**2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--fasta", required=True, metavar="F", help="genome, plain, gzip or bgzip")
    parser.add_argument("--annotation", required=True, metavar="GFF3", help="genes, GFF3 or GTF, plain or gzip")
    parser.add_argument("--species", required=True, metavar="NAME", help="species name, at most 25 ASCII characters")
    parser.add_argument(
        "--subsequence-length", type=int, default=21384, metavar="BP", help="bases a row (default %(default)s)"
    )
    parser.add_argument(
        "--nominal-utr",
        metavar="BP,BP",
        help="give coding transcripts without UTRs ones of this length (5',3'), e.g. 50,110",
    )
    parser.add_argument(
        "--partial-annotation",
        action="store_true",
        help="genes are missing from the annotation: learn nothing where it has none, rather than that nothing is there",
    )
    parser.add_argument(
        "--no-bases",
        action="store_true",
        help="labels alone, a sixth of the bytes: select-confident adds the kept rows' bases",
    )
    parser.add_argument("--threads", type=int, metavar="N", help="compressing threads (default: all)")
    parser.add_argument("--output", required=True, metavar="H5", help="training file to write")


def run(args: argparse.Namespace) -> dict:
    """Encode genome and labels."""
    species = encode_species(args.species)
    utrs = UtrLengths.parse(args.nominal_utr) if args.nominal_utr else None
    settings = LabelSettings(args.subsequence_length, args.nominal_utr, args.partial_annotation)
    recorded = asdict(settings) | {"species": args.species}
    block_rows = rows_per_block(max(args.subsequence_length, 1), BYTES_PER_BASE, BLOCK_BYTES)
    folder = Path(args.output).parent
    if not folder.is_dir():
        raise InputFileError(f"Output folder {folder} does not exist: create it first.")
    with (
        RowWriter(
            args.output, "helixtune training", recorded, threads=args.threads, width_bp=args.subsequence_length
        ) as writer,
        spool_sequences(iter_sequences(args.fasta), folder) as spool,
        spool_genes(folder) as genes,
    ):
        known: Spans | None = {} if args.partial_annotation else None
        found = _read_genes_into(genes, args.annotation, spool, utrs, known)
        n_usable = n_unknown = 0
        counts: Counter[str] = Counter()
        with Progress(2 * sum(spool.lengths.values()), "bases", "encode-labels") as progress:
            for block in iter_label_blocks(spool, genes, species, args.subsequence_length, block_rows, counts):
                if known is not None:
                    n_unknown += mask_unknown(block, known)
                if args.no_bases:
                    del block[BASES]
                writer.append(block)
                n_usable += int(block[WEIGHTS].sum(dtype="int64"))
                progress.advance(int(valid_lengths(block[START_ENDS]).sum()))
        usable_share = n_usable / progress.total
        if is_convention(counts[STOP_CODON_BEHIND], counts[LABELLED]):
            advice = "give a file that has them in the CDS or in stop_codon lines; what follows each gene is masked"
            warn_of_stop_codons(args.annotation, advice)
        if not found.n_coding:
            usable_share = 0.0
        elif known is None:
            tell_usable("encode-labels", usable_share, settings)
        else:
            logger.warning("%d bases far from any gene are not learned from: --partial-annotation", n_unknown)
        writer.attributes |= {
            "fasta_sha256": sha256_of(args.fasta),
            "annotation_sha256": sha256_of(args.annotation),
        }
    logger.info("encode-labels: %d subsequences of %d bases in %s", writer.n_rows, args.subsequence_length, args.output)
    return {
        "subsequences": writer.n_rows,
        "genes": found.n_genes,
        "coding_genes": found.n_coding,
        "usable_share": round(usable_share, 5),
    }


@dataclass
class _Found:
    """What is to be known of an annotation's genes after they have been spooled."""

    n_genes: int = 0
    n_coding: int = 0
    n_nominal_utrs: int = 0


def _read_genes_into(
    genes: GeneSpool, path: str, spool: SequenceSpool, utrs: UtrLengths | None, known: Spans | None
) -> _Found:
    """Put the genes of an annotation into a spool, and what coding ones cover into `known`, if it is asked for."""
    found = _Found()
    for group in iter_gene_groups(path, spool.lengths):
        if utrs:
            group, added = add_nominal_utrs(group, spool.lengths, utrs)
            found.n_nominal_utrs += added
        found.n_genes += len(group)
        found.n_coding += sum(gene.is_coding for gene in group)
        if known is not None:
            known |= known_spans(group)
        genes.add(group, spool.lengths[group[0].seqid])
    logger.info("encode-labels: %d genes, %d of them coding", found.n_genes, found.n_coding)
    if not found.n_coding:
        if has_coding_lines(Path(path)):
            raise FormatError(
                f"{path}: none of its coding genes lies within a sequence of the genome: give the genome that the annotation"
                " was made for."
            )
        warn_of_no_gene(path)
    if utrs:
        logger.info("encode-labels: %d nominal UTRs added", found.n_nominal_utrs)
    return found

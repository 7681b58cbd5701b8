"""Cut a genome into subsequences of both strands and encode their bases for the network."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from helixtune.encoding import BASE_BYTES, RowEncoder, encode_rows, encode_species, iter_genome_blocks
from helixtune.fasta import iter_sequences, likely_bases
from helixtune.files import require_file, sha256_of
from helixtune.h5checks import PACKED_GENOME
from helixtune.h5files import DEFLATE_FAST, DEFLATE_RUNS, DEFLATE_SMALL, START_ENDS, Deflate, RowWriter, rows_per_block
from helixtune.log import logger
from helixtune.packed_bases import pack_rows
from helixtune.progress import Progress
from helixtune.subsequences import valid_lengths

HELP = "FASTA -> genome.h5"
# Two 64 MiB blocks are alive at a time; larger ones gain nothing.
BLOCK_BYTES = 64 * 1024**2
# From here on disk counts more than the 0.13 CPU seconds a megabase that a smaller file costs (a prediction takes 4 to 60).
LARGE_BASES = 100_000_000
BASES_A_PACKED_BYTE = 3.4  # of gzip


def _deflate_by_size(n_bases: float) -> Deflate:
    return DEFLATE_SMALL if n_bases > LARGE_BASES else DEFLATE_FAST


@dataclass(frozen=True)
class Encoding:
    """How bases are stored: the format's name, bytes a base while encoding, the encoder, and how so many bases are deflated."""

    file_format: str
    base_bytes: int
    encode: RowEncoder
    deflate_for: Callable[[float], Deflate]


ENCODINGS = {
    "one-hot": Encoding("helixtune genome", BASE_BYTES, encode_rows, _deflate_by_size),
    "packed": Encoding(PACKED_GENOME, 1, pack_rows, lambda _: DEFLATE_RUNS),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--fasta", required=True, metavar="F", help="genome, plain, gzip or bgzip")
    parser.add_argument("--species", required=True, metavar="NAME", help="species name, at most 25 ASCII characters")
    parser.add_argument(
        "--subsequence-length", type=int, default=21384, metavar="BP", help="bases a row (default %(default)s)"
    )
    parser.add_argument(
        "--bases", choices=sorted(ENCODINGS), default="one-hot",
        help="one-hot (default): what Helixer reads, too; packed: a quarter of the bytes, read by helixtune alone",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, metavar="N", help="compressing threads (default: all)")
    parser.add_argument("--output", required=True, metavar="H5", help="genome file to write")


def run(args: argparse.Namespace) -> dict:
    """Encode the genome."""
    species = encode_species(args.species)
    settings = {"subsequence_length": args.subsequence_length, "species": args.species}
    encoding = ENCODINGS[args.bases]
    block_rows = rows_per_block(max(args.subsequence_length, 1), encoding.base_bytes, BLOCK_BYTES)
    fasta = require_file(args.fasta, "Genome FASTA")
    n_likely = likely_bases(fasta)
    deflate = encoding.deflate_for(n_likely or fasta.stat().st_size * BASES_A_PACKED_BYTE)
    with (
        RowWriter(
            args.output,
            encoding.file_format,
            settings,
            threads=args.threads,
            deflate=deflate,
            width_bp=args.subsequence_length,
        ) as writer,
        Progress(2 * n_likely if n_likely else None, "bases", "encode-genome") as progress,
    ):
        sequences = iter_sequences(args.fasta)
        for block in iter_genome_blocks(sequences, species, args.subsequence_length, block_rows, encoding.encode):
            writer.append(block)
            progress.advance(int(valid_lengths(block[START_ENDS]).sum()))
        writer.attributes["fasta_sha256"] = sha256_of(args.fasta)
    logger.info("encode-genome: %d subsequences of %d bases in %s", writer.n_rows, args.subsequence_length, args.output)
    return {"subsequences": writer.n_rows, "bases_of_both_strands": progress.done}

"""Simulate a species: a genome with realistic genes whose true annotation is known, and RNA-seq reads of them.

Shows the machinery and serves tests; a gain on a simulated genome says nothing about the gain on yours.
"""

from argparse import ArgumentParser, Namespace
from math import inf, isfinite
from pathlib import Path

from helixtune.errors import ParameterError
from helixtune.log import logger

HELP = "simulate a genome with known genes, decoys and RNA-seq reads"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--seed", type=int, required=True, help="same seed, preset and size: same bytes")
    parser.add_argument("--size-mb", type=float, required=True, help="size of the genome in Mb (0.01 to 2000)")
    parser.add_argument("--preset", default="demo-base", help="species parameters (default: %(default)s)")
    parser.add_argument(
        "--read-depth",
        type=float,
        default=10.0,
        help="mean RNA-seq coverage of exons; 0: no reads (default: %(default)s)",
    )
    parser.add_argument(
        "--output-dir", type=Path, required=True, help="folder for genome.fa, annotation.gff3, reads.bam and more"
    )


def run(args: Namespace) -> dict:
    """Simulate one species and write its files."""
    from helixtune.simulation.presets import preset
    from helixtune.simulation.species import simulate_species
    from helixtune.simulation.species_files import species_counts, species_facts, write_species

    parameters = preset(args.preset)
    if args.seed < 0:
        raise ParameterError(f"--seed {args.seed} is negative: give 0 or more.")
    if not 0 <= args.read_depth < inf:
        raise ParameterError(f"--read-depth {args.read_depth:g} is not a coverage: give 0 (no reads) or more.")
    if not isfinite(args.size_mb):
        raise ParameterError(
            f"--size-mb {args.size_mb} is not a number of megabases: choose a size from 0.01 to 2000 Mb."
        )
    assembly, reads = simulate_species(parameters, args.preset, args.seed, round(args.size_mb * 1e6), args.read_depth)
    name = f"{args.preset}-{args.seed}"
    facts = species_facts(name, args.preset, args.seed, args.read_depth, parameters.to_dict())
    write_species(args.output_dir, assembly, reads, facts)
    logger.info(
        "%s: %d genes on %d bases in %s", name, len(assembly.genes), sum(map(len, assembly.sequences)), args.output_dir
    )
    return {"species": name, "preset": args.preset, "seed": args.seed, **species_counts(assembly, reads)}

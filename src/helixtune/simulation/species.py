"""One species from a preset, a seed and a size."""

import zlib

import numpy as np

from helixtune.simulation.assembly import Assembly, simulate_assembly
from helixtune.simulation.parameters import SpeciesParameters
from helixtune.simulation.reads import AlignedRead, simulate_reads


def simulate_species(
    parameters: SpeciesParameters, name: str, seed: int, size_bp: int, read_depth: float
) -> tuple[Assembly, list[AlignedRead] | None]:
    """Simulate a genome and its reads (None where the depth is 0).

    The random numbers depend on `name` and `seed`: two presets with one seed give unrelated genomes. Reads have a stream of
    their own, so that a genome is the same with and without them.

    Raises:
        ParameterError: the size cannot be simulated.
    """
    genome_stream, read_stream = np.random.SeedSequence([seed, zlib.crc32(name.encode())]).spawn(2)
    assembly = simulate_assembly(parameters, np.random.default_rng(genome_stream), size_bp)
    if read_depth == 0:
        return assembly, None
    return assembly, simulate_reads(assembly, np.random.default_rng(read_stream), read_depth)

"""Simulated genomes for the tests of the simulation, and how to read them."""

from dataclasses import replace

from helixtune.simulation.composition import LETTERS, reverse_complement
from helixtune.simulation.presets import preset
from helixtune.simulation.species import simulate_species

STOPS = {"TAA", "TAG", "TGA"}


def simulate(name: str = "demo-base", seed: int = 3, size_bp: int = 600_000, **changes):
    parameters = preset(name)
    changed = {part: replace(getattr(parameters, part), **values) for part, values in changes.items()}
    return simulate_species(replace(parameters, **changed), name, seed, size_bp, 0)[0]


def sense(assembly, gene, start: int, end: int) -> str:
    """Bases of a plus-strand interval as the gene's strand reads them, from the finished genome."""
    bases = assembly.sequences[gene.sequence][start:end]
    return LETTERS[bases if gene.strand == "+" else reverse_complement(bases)].tobytes().decode()


def introns(assembly) -> list[str]:
    return [sense(assembly, gene, *span) for gene in assembly.genes for span in gene.introns]

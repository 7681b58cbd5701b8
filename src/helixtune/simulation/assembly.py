"""A simulated genome: sequences of different length with genes, decoys and gaps laid out along them."""

from dataclasses import dataclass, field

import numpy as np

from helixtune.errors import ParameterError
from helixtune.progress import Progress
from helixtune.simulation.composition import A, MarkovChain, N, T, encode, reverse_complement, tilted
from helixtune.simulation.gene_structure import GeneFactory, GeneStructure
from helixtune.simulation.introns import lognormal_lengths
from helixtune.simulation.parameters import SpeciesParameters
from helixtune.simulation.placement import PlacedGene, place_nested
from helixtune.simulation.repeats import draw_copy, draw_family, draw_microsatellite, draw_pseudogene

SMALLEST_BP, LARGEST_BP = 10_000, 2_000_000_000
CHROMOSOME_BP = 300_000  # aimed at: a genome of 1.2 Mb has 4 chromosomes
SCAFFOLDS_BP = (12_000, 1_500)  # as in draft assemblies; the short one holds no gene
SPACING_LIMITS_BP = (60, 20_000)
GAP_BP = (50, 1500)
UPSTREAM_BP, DOWNSTREAM_BP = 60, 30  # flanks that carry the signals around a gene
TATA_BOX, TATA_DISTANCE_BP = encode("TATAAATA"), 32  # Molina & Grotewold 2005 BMC Genomics 6:25
SHORTEST_OVERLAP_BP = 20


@dataclass(frozen=True)
class Decoy:
    """Something that is no gene: kind "transposon", "pseudogene", "microsatellite" or "gap"; plus-strand half-open interval."""

    kind: str
    name: str
    sequence: int
    start: int
    end: int
    strand: str


@dataclass
class Assembly:
    """Sequences as codes, the true genes (in order of placement) and the decoys."""

    seqids: list[str]
    sequences: list[np.ndarray]
    genes: list[PlacedGene] = field(default_factory=list)
    decoys: list[Decoy] = field(default_factory=list)


def simulate_assembly(parameters: SpeciesParameters, rng: np.random.Generator, size_bp: int) -> Assembly:
    """Simulate one genome of exactly `size_bp` bases.

    Raises:
        ParameterError: the size is outside 10 kb to 2 Gb.
    """
    if not SMALLEST_BP <= size_bp <= LARGEST_BP:
        raise ParameterError(
            f"A genome of {size_bp / 1e6:g} Mb cannot be simulated: choose a size from 0.01 to 2000 Mb."
        )
    names, lengths = sequence_lengths(size_bp)
    composition = parameters.composition
    gc = composition.intergenic_gc / 2
    background = MarkovChain(tilted((0.5 - gc, gc, gc, 0.5 - gc), composition.gc_tilt), composition)
    assembly = Assembly(names, [background.sample(rng, length) for length in lengths])
    layout = _Layout(parameters, rng, assembly, background)
    with Progress(size_bp, "bases", "simulate-species") as progress:
        for number, length in enumerate(lengths):
            layout.fill(number)
            progress.advance(length)
    return assembly


def sequence_lengths(size_bp: int) -> tuple[list[str], list[int]]:
    """Split a genome into chromosomes of falling length and, from 200 kb on, two scaffolds."""
    scaffolds = list(SCAFFOLDS_BP) if size_bp >= 200_000 else []
    rest = size_bp - sum(scaffolds)
    count = int(np.clip(round(size_bp / CHROMOSOME_BP), 1, 12))
    shares = np.linspace(1.5, 0.5, count) if count > 1 else np.ones(1)
    lengths = [int(length) for length in rest * shares / shares.sum()]
    lengths[0] += rest - sum(lengths)
    names = [f"chr{i + 1}" for i in range(count)] + [f"scaffold_{i + 1}" for i in range(len(scaffolds))]
    return names, lengths + scaffolds


class _Layout:
    """Writes elements into an assembly, one after the other along each sequence."""

    def __init__(self, parameters: SpeciesParameters, rng, assembly: Assembly, background: MarkovChain):
        self._parameters, self._rng, self._assembly, self._background = parameters, rng, assembly, background
        self._genes = GeneFactory(parameters)
        landscape = parameters.landscape
        self._families = [draw_family(rng, parameters, number) for number in range(landscape.transposon_families)]
        writers = {
            self._write_gene: 1.0,
            self._write_transposon: landscape.transposons_per_gene,
            self._write_pseudogene: landscape.pseudogenes_per_gene,
            self._write_microsatellite: landscape.microsatellites_per_gene,
            self._write_gap: landscape.gaps_per_gene,
        }
        self._writers = list(writers)
        self._weights = np.array(list(writers.values())) / sum(writers.values())

    def fill(self, number: int) -> None:
        """Lay out elements on one sequence until no space is left."""
        length, position = len(self._assembly.sequences[number]), 0
        while True:
            position += int(lognormal_lengths(self._rng, self._parameters.landscape.spacing, SPACING_LIMITS_BP, 1)[0])
            if position >= length:
                return
            write = self._writers[self._rng.choice(len(self._writers), p=self._weights)]
            position = write(number, position)

    def _free(self, number: int, position: int, size: int) -> bool:
        return position + size + SPACING_LIMITS_BP[0] <= len(self._assembly.sequences[number])

    def _write_gene(self, number: int, position: int) -> int:
        rng, settings = self._rng, self._parameters.genes
        placed = [PlacedGene(self._genes.draw(rng), number, position + UPSTREAM_BP, str(rng.choice(["+", "-"])))]
        if rng.random() < settings.nested_share:
            placed = list(place_nested(placed[0], self._genes.draw(rng), rng) or placed)
        end = self._write_with_flanks(placed[0], position)
        if end is None:
            return position
        self._assembly.genes += placed
        # Half of the genes are on plus, and each overlap makes a pair: this chance gives the share of genes that overlap.
        if len(placed) == 1 and placed[0].strand == "+" and rng.random() < settings.overlap_share:
            end = self._write_overlapping(placed[0], end)
        return end

    def _write_with_flanks(self, placed: PlacedGene, position: int) -> int | None:
        """Write a gene and its flanks from `position` on; return the position after them, None if there is no room."""
        size = UPSTREAM_BP + len(placed.gene.bases) + UPSTREAM_BP
        if not self._free(placed.sequence, position, size):
            return None
        upstream, downstream = self._flanks()
        element = np.concatenate([upstream, placed.gene.bases, downstream])
        start = placed.start - UPSTREAM_BP
        if placed.strand == "-":
            element, start = reverse_complement(element), placed.start - DOWNSTREAM_BP
        self._assembly.sequences[placed.sequence][start : start + len(element)] = element
        return start + len(element)

    def _flanks(self) -> tuple[np.ndarray, np.ndarray]:
        upstream = self._background.sample(self._rng, UPSTREAM_BP)
        if self._rng.random() < self._parameters.genes.tata_share:
            start = UPSTREAM_BP - TATA_DISTANCE_BP
            upstream[start : start + len(TATA_BOX)] = TATA_BOX
        downstream = self._background.sample(self._rng, DOWNSTREAM_BP)
        # U-rich behind the cleavage site (Loke et al. 2005 Plant Physiol 138:1457).
        downstream[(downstream == A) & (self._rng.random(DOWNSTREAM_BP) < 0.5)] = T
        return upstream, downstream

    def _write_overlapping(self, left: PlacedGene, end: int) -> int:
        """Write a gene on the minus strand whose 3' UTR shares bases with that of `left`."""
        gene = self._genes.draw(self._rng)
        longest = min(left.gene.final_utr_bp, gene.final_utr_bp) - 1
        if longest <= SHORTEST_OVERLAP_BP or not self._free(left.sequence, end, len(gene.bases) + UPSTREAM_BP):
            return end
        overlap = int(self._rng.integers(SHORTEST_OVERLAP_BP, longest + 1))
        element = reverse_complement(np.concatenate([self._flanks()[0], gene.bases]))[overlap:]
        self._assembly.sequences[left.sequence][left.end : left.end + len(element)] = element
        self._assembly.genes.append(PlacedGene(gene, left.sequence, left.end - overlap, "-"))
        return left.end + len(element)

    def _write_transposon(self, number: int, position: int) -> int:
        family = self._families[self._rng.integers(len(self._families))]
        bases = draw_copy(self._rng, family, self._parameters.landscape.young_transposon_share)
        return self._write_decoy("transposon", family.name, number, position, bases)

    def _write_pseudogene(self, number: int, position: int) -> int:
        if not self._assembly.genes:
            return position
        source = int(self._rng.integers(len(self._assembly.genes)))
        gene: GeneStructure = self._assembly.genes[source].gene
        bases = draw_pseudogene(self._rng, gene)
        return self._write_decoy("pseudogene", "pseudogene", number, position, bases)

    def _write_microsatellite(self, number: int, position: int) -> int:
        return self._write_decoy("microsatellite", "microsatellite", number, position, draw_microsatellite(self._rng))

    def _write_gap(self, number: int, position: int) -> int:
        bases = np.full(int(self._rng.integers(*GAP_BP)), N, dtype=np.uint8)
        return self._write_decoy("gap", "gap", number, position, bases)

    def _write_decoy(self, kind: str, name: str, number: int, position: int, bases: np.ndarray) -> int:
        if not self._free(number, position, len(bases)):
            return position
        strand = str(self._rng.choice(["+", "-"]))
        written = bases if strand == "+" else reverse_complement(bases)
        self._assembly.sequences[number][position : position + len(bases)] = written
        self._assembly.decoys.append(Decoy(kind, name, number, position, position + len(bases), strand))
        return position + len(bases)

"""Genes on an assembly: strand, plus-strand coordinates, phases, and one gene inside an intron of another."""

from dataclasses import dataclass

import numpy as np

from helixtune.simulation.composition import reverse_complement
from helixtune.simulation.gene_structure import GeneStructure

# Host bases that stay before and after a nested gene: its donor; its branch point, tract and acceptor.
DONOR_MARGIN_BP, ACCEPTOR_MARGIN_BP = 15, 55


@dataclass(frozen=True)
class PlacedGene:
    """A gene on a sequence; `start` is the plus-strand coordinate of its leftmost base."""

    gene: GeneStructure
    sequence: int
    start: int
    strand: str

    @property
    def end(self) -> int:
        """Plus-strand coordinate after the rightmost base."""
        return self.start + len(self.gene.bases)

    @property
    def exons(self) -> np.ndarray:
        """(k, 2) plus-strand intervals, ascending."""
        return self._on_plus(self.gene.exons)

    @property
    def introns(self) -> np.ndarray:
        """(k - 1, 2) plus-strand intervals, ascending."""
        return self._on_plus(self.gene.introns)

    @property
    def coding(self) -> np.ndarray:
        """(j, 3) plus-strand start, end and GFF3 phase of each CDS part, ascending."""
        parts = self.gene.coding_intervals
        before = np.concatenate([[0], np.cumsum(parts[:, 1] - parts[:, 0])[:-1]])
        phases = -before % 3
        return np.column_stack([self._on_plus(parts), phases if self.strand == "+" else phases[::-1]])

    def _on_plus(self, intervals: np.ndarray) -> np.ndarray:
        if self.strand == "+":
            return self.start + intervals
        return self.end - intervals[::-1, ::-1]


def place_nested(
    host: PlacedGene, guest: GeneStructure, rng: np.random.Generator
) -> tuple[PlacedGene, PlacedGene] | None:
    """Put a gene on the opposite strand into the longest intron of another; None if no intron has room for the margins."""
    introns = host.gene.introns
    if len(introns) == 0:
        return None
    start, end = introns[np.argmax(introns[:, 1] - introns[:, 0])]
    if end - start < DONOR_MARGIN_BP + ACCEPTOR_MARGIN_BP:
        return None
    position = int(rng.integers(start + DONOR_MARGIN_BP, end - ACCEPTOR_MARGIN_BP + 1))
    size = len(guest.bases)
    bases = np.concatenate([host.gene.bases[:position], reverse_complement(guest.bases), host.gene.bases[position:]])
    exons = host.gene.exons + size * (host.gene.exons >= position)
    cds_start, cds_end = (at + size * (at >= position) for at in (host.gene.cds_start, host.gene.cds_end))
    widened = PlacedGene(
        GeneStructure(bases, exons, int(cds_start), int(cds_end)), host.sequence, host.start, host.strand
    )
    if host.strand == "+":
        return widened, PlacedGene(guest, host.sequence, host.start + position, "-")
    return widened, PlacedGene(guest, host.sequence, widened.end - position - size, "+")

"""Genes by sequence, without holding those of a genome in memory.

Annotations are read in their own order, labels are written longest sequence first: between the two, genes lie in a
temporary file beside the output, which vanishes when it is closed.
"""

import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helixtune.annotation.coding_transcripts import StrandedGene, stranded_genes
from helixtune.annotation.genes import Gene


class GeneSpool:
    """Stranded genes by sequence and strand.

    Attributes:
        first_labelled: of each sequence with a gene that makes labels, the line of the first such gene in the annotation.
    """

    def __init__(self, file):
        self._file = file
        self._offsets: dict[tuple[str, str], int] = {}
        self.first_labelled: dict[str, int] = {}

    def add(self, genes: list[Gene], length_bp: int) -> None:
        """Put the genes of one sequence at the end: all of them at once, in file order."""
        seqid, lines = genes[0].seqid, []
        for strand in "+-":
            turned = stranded_genes(genes, strand, length_bp)
            self._offsets[seqid, strand] = self._file.seek(0, 2)
            # Nobody else can write this file: it has no name.
            pickle.dump(turned, self._file, pickle.HIGHEST_PROTOCOL)
            lines += [genes[gene.rank].line for gene in turned if gene.chosen is not None]
        if lines:
            self.first_labelled[seqid] = min(lines)

    def get(self, seqid: str, strand: str) -> list[StrandedGene]:
        """Read the genes of one strand back, sorted 5'->3'; none for a sequence without genes."""
        if (seqid, strand) not in self._offsets:
            return []
        self._file.seek(self._offsets[seqid, strand])
        return pickle.load(self._file)


@contextmanager
def spool_genes(folder: Path) -> Iterator[GeneSpool]:
    """Open a temporary file in `folder`, which needs some 100 bytes a transcript there."""
    with tempfile.TemporaryFile(dir=folder) as file:
        yield GeneSpool(file)

"""The scores of all shards, and the labels of those rows that were kept: made for them alone, where the scores' were."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.annotation.label_source import GenomeLetters, LabelSettings, LabelSource
from helixtune.annotation.label_warnings import tell_usable, warn_of_no_gene
from helixtune.errors import FormatError, ParameterError
from helixtune.files import sha256_of
from helixtune.selection.scored_rows import ScoredRows


@dataclass(frozen=True)
class ScoredParts:
    """What score-shard found out about all rows of a genome.

    Attributes:
        scored: the rows, in the order of a training file.
        settings: how their labels were made.
        checksums: `fasta_sha256` and `annotation_sha256` of what they were made from.
        usable_bp: bases of all rows that have a weight.
    """

    scored: ScoredRows
    settings: LabelSettings
    checksums: dict[str, str]
    usable_bp: int

    @contextmanager
    def labels(
        self, genomes: Sequence[Path], annotation: Path | None, kept: np.ndarray, folder: Path
    ) -> Iterator[LabelSource]:
        """Open the source of the labels of the rows kept.

        Args:
            genomes: the genome file.
            annotation: the very genes that the rows were scored by.
            kept: numbers of the rows.
            folder: for a temporary file of genes.

        Raises:
            ParameterError: a file is not given.
            FormatError: genome or annotation is another one.
        """
        if len(genomes) != 1 or annotation is None:
            raise ParameterError("--row-scores: give --genome and --annotation, which the kept rows are labelled from.")
        if sha256_of(annotation) != self.checksums.get("annotation_sha256"):
            raise FormatError(f"{annotation} is not the annotation that the rows were scored by: give that one.")
        with GenomeLetters(genomes[0]) as genome:
            if genome.fasta_sha256 != self.checksums.get("fasta_sha256") or not self._cuts(genome):
                raise FormatError(f"{genome.path} is not the genome that the rows were scored on: give that one.")
            wants = set(map(bytes.decode, self.scored.rows[kept].seqids.tolist())).__contains__
            with LabelSource(genome, annotation, self.scored.rows, self.settings, folder, wants) as source:
                yield source

    def tell(self) -> None:
        """Say what encode-labels says about the labels of a whole genome."""
        if not self.scored.is_annotated.any():
            warn_of_no_gene("The annotation that the rows were scored by")
        elif not self.settings.partial_annotation:
            total = int(self.scored.rows.valid_lengths.sum())
            tell_usable("select-confident", self.usable_bp / max(total, 1), self.settings)

    def _cuts(self, genome: GenomeLetters) -> bool:
        """Tell whether the rows are those that the genome is cut into, as far as they lie: each of them, as many as they."""
        rows, width_bp = self.scored.rows, self.settings.subsequence_length
        seqids, member = np.unique(rows.seqids, return_inverse=True)
        lengths = np.array([genome.lengths.get(seqid.decode(), 0) for seqid in seqids.tolist()], np.int64)[member]
        fits = (rows.starts % width_bp == 0) & (rows.ends == np.minimum(rows.starts + width_bp, lengths))
        return bool(fits.all()) and len(rows) == 2 * sum(-(-length // width_bp) for length in genome.lengths.values())

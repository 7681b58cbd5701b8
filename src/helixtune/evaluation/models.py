"""Gene models reduced to what is compared: the chains of coding segments, or of exons, of each gene."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from helixtune.annotation.genes import Gene, Transcript
from helixtune.evaluation.intervals import as_intervals, merge

Chain = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class GeneModel:
    """One gene.

    Attributes:
        chains: its distinct transcripts, each a tuple of (start, end) on the plus strand, ascending.
        confidence: 0 to 1, or None where the file does not say.
    """

    id: str
    seqid: str
    strand: str
    chains: tuple[Chain, ...]
    confidence: float | None = None

    @property
    def start(self) -> int:
        """First base of any chain."""
        return min(chain[0][0] for chain in self.chains)

    @property
    def end(self) -> int:
        """End of the last base of any chain."""
        return max(chain[-1][1] for chain in self.chains)

    @cached_property
    def bases(self) -> np.ndarray:
        """Union of the chains, merged intervals (k, 2)."""
        segments = [segment for chain in self.chains for segment in chain]
        return as_intervals(segments if len(self.chains) == 1 else chain_of(segments))


def cds_models(genes: Iterable[Gene]) -> list[GeneModel]:
    """Return the coding segments of every gene that has any."""
    return _models(genes, lambda transcript: [(start, end) for start, end, _ in transcript.cds])


def exon_models(genes: Iterable[Gene]) -> list[GeneModel]:
    """Return the exons (with UTRs) of the coding transcripts of every gene that has any."""
    return _models(genes, lambda transcript: transcript.exons if transcript.cds else [])


def _models(genes: Iterable[Gene], segments_of: Callable[[Transcript], list]) -> list[GeneModel]:
    models = []
    for gene in genes:
        chains = dict.fromkeys(chain_of(segments_of(transcript)) for transcript in gene.transcripts)
        chains.pop((), None)
        if chains:
            models.append(GeneModel(gene.id, gene.seqid, gene.strand, tuple(chains), gene.confidence))
    return models


def chain_of(segments: Iterable[tuple[int, int]]) -> Chain:
    """Join segments that touch: a cut without bases between is no intron."""
    # A transcript has a handful of segments: arrays would cost more than they save.
    joined: list[tuple[int, int]] = []
    for start, end in sorted(segments):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def introns(chain: Chain) -> list[tuple[int, int]]:
    """Return the gaps of a chain."""
    return [(left[1], right[0]) for left, right in pairwise(chain)]


def by_strand(models: Iterable[GeneModel]) -> dict[tuple[str, str], list[GeneModel]]:
    """Group models by (seqid, strand)."""
    groups = defaultdict(list)
    for model in models:
        groups[model.seqid, model.strand].append(model)
    return dict(groups)


def covered_bases(models: Iterable[GeneModel]) -> np.ndarray:
    """Return the union of all segments of models on one strand, merged (k, 2)."""
    return merge(as_intervals(segment for model in models for chain in model.chains for segment in chain))

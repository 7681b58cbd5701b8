"""What a gene set looks like: counts, lengths and their distributions, without any judgement."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helixtune.evaluation.intervals import length_bp
from helixtune.evaluation.models import GeneModel, by_strand, covered_bases, introns

# Edges double from codon-sized to beyond titin-sized coding sequences, and from minimal to vertebrate introns.
CDS_EDGES_BP = (0, 100, 200, 400, 800, 1600, 3200, 6400, 12800)
INTRON_EDGES_BP = (0, 50, 100, 200, 400, 800, 1600, 6400, 25600)
CONFIDENCE_EDGES = tuple(round(0.1 * i, 1) for i in range(11))
# Exons of one or two codons are a known artefact of the state model: a mismatch is repaired by a tiny exon.
TINY_EXON_BP = 6


@dataclass(frozen=True)
class Measures:
    """What of a gene set is counted and measured, of each gene's longest chain: (n,) arrays each, in no order.

    Attributes:
        cds_bp: coding bases of every gene.
        n_exons: coding segments of every gene.
        exon_bp: bases of every coding segment.
        intron_bp: bases of every intron, of all chains, with those in UTRs.
        n_introns: introns of the chain of every gene that has most.
        confidences: of the genes that have one.
        covered_bp: (1,) coding bases, each once a strand.
    """

    cds_bp: np.ndarray
    n_exons: np.ndarray
    exon_bp: np.ndarray
    intron_bp: np.ndarray
    n_introns: np.ndarray
    confidences: np.ndarray
    covered_bp: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence["Measures"]) -> "Measures":
        """Return those of all parts of a gene set; genes that overlap are in one part."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))


def measure(coding: Sequence[GeneModel], spliced: Sequence[GeneModel]) -> Measures:
    """Measure a gene set, given as its CDS models and its exon models (with UTRs)."""
    chains = [max(model.chains, key=_chain_bp) for model in coding]
    of_chains = [[introns(chain) for chain in model.chains] for model in spliced]
    return Measures(
        np.array([_chain_bp(chain) for chain in chains], np.int32),
        np.array([len(chain) for chain in chains], np.int32),
        np.array([end - start for chain in chains for start, end in chain], np.int32),
        np.array([end - start for gaps in of_chains for one in gaps for start, end in one], np.int32),
        np.array([max(map(len, gaps)) for gaps in of_chains], np.int32),
        np.array([model.confidence for model in coding if model.confidence is not None], np.float64),
        np.array([sum(length_bp(covered_bases(models)) for models in by_strand(coding).values())], np.int64),
    )


def gene_statistics(coding: Sequence[GeneModel], spliced: Sequence[GeneModel]) -> dict:
    """Describe a gene set.

    Args:
        coding: its CDS models.
        spliced: its exon models (with UTRs).

    Returns:
        JSON-ready numbers; medians are None for an empty set. Lengths are of each gene's longest chain.
    """
    return describe(measure(coding, spliced))


def describe(measures: Measures) -> dict:
    """Return what `gene_statistics` returns."""
    n_genes, n_exons = len(measures.cds_bp), len(measures.exon_bp)
    return {
        "genes": n_genes,
        "cds_bp": int(measures.covered_bp.sum()),
        "single_exon_genes": int((measures.n_exons == 1).sum()),
        "exons_per_gene": round(n_exons / n_genes, 3) if n_genes else None,
        "median_cds_bp": _median(measures.cds_bp),
        "median_exon_bp": _median(measures.exon_bp),
        "introns": len(measures.intron_bp),
        "median_intron_bp": _median(measures.intron_bp),
        "tiny_exons": int((measures.exon_bp <= TINY_EXON_BP).sum()),
        "median_confidence": _median(measures.confidences),
        "cds_histogram": _histogram(measures.cds_bp, CDS_EDGES_BP),
        "intron_histogram": _histogram(measures.intron_bp, INTRON_EDGES_BP),
        "confidence_histogram": _histogram(measures.confidences, CONFIDENCE_EDGES),
    }


def intron_weight(sets: Sequence[Measures]) -> float:
    """Return introns over introns and genes."""
    n_introns = sum(int(one.n_introns.sum()) for one in sets)
    return n_introns / max(n_introns + sum(len(one.n_introns) for one in sets), 1)


def _chain_bp(chain) -> int:
    return sum(end - start for start, end in chain)


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 4) if len(values) else None


def _histogram(values: Sequence[float], edges: Sequence[float]) -> dict:
    """Count values by bin; what lies beyond the last edge is counted in the last bin."""
    inside = np.clip(np.asarray(values, float), edges[0], np.nextafter(edges[-1], -np.inf))
    return {"edges": list(edges), "counts": np.histogram(inside, bins=edges)[0].tolist()}

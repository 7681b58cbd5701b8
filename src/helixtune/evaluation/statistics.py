"""What a gene set looks like: counts, lengths and their distributions, without any judgement."""

from collections.abc import Sequence

import numpy as np

from helixtune.evaluation.intervals import length_bp
from helixtune.evaluation.models import GeneModel, by_strand, covered_bases, introns

# Edges double from codon-sized to beyond titin-sized coding sequences, and from minimal to vertebrate introns.
CDS_EDGES_BP = (0, 100, 200, 400, 800, 1600, 3200, 6400, 12800)
INTRON_EDGES_BP = (0, 50, 100, 200, 400, 800, 1600, 6400, 25600)
CONFIDENCE_EDGES = tuple(round(0.1 * i, 1) for i in range(11))
# Exons of one or two codons are a known artefact of the state model: a mismatch is repaired by a tiny exon.
TINY_EXON_BP = 6


def gene_statistics(coding: Sequence[GeneModel], spliced: Sequence[GeneModel]) -> dict:
    """Describe a gene set.

    Args:
        coding: its CDS models.
        spliced: its exon models (with UTRs).

    Returns:
        JSON-ready numbers; medians are None for an empty set. Lengths are of each gene's longest chain.
    """
    chains = [max(model.chains, key=_chain_bp) for model in coding]
    cds_bp = [_chain_bp(chain) for chain in chains]
    intron_bp = [end - start for model in spliced for chain in model.chains for start, end in introns(chain)]
    exon_bp = [end - start for chain in chains for start, end in chain]
    confidences = [model.confidence for model in coding if model.confidence is not None]
    return {
        "genes": len(coding),
        "cds_bp": sum(length_bp(covered_bases(models)) for models in by_strand(coding).values()),
        "single_exon_genes": sum(len(chain) == 1 for chain in chains),
        "exons_per_gene": round(len(exon_bp) / len(chains), 3) if chains else None,
        "median_cds_bp": _median(cds_bp),
        "median_exon_bp": _median(exon_bp),
        "introns": len(intron_bp),
        "median_intron_bp": _median(intron_bp),
        "tiny_exons": sum(length <= TINY_EXON_BP for length in exon_bp),
        "median_confidence": _median(confidences),
        "cds_histogram": _histogram(cds_bp, CDS_EDGES_BP),
        "intron_histogram": _histogram(intron_bp, INTRON_EDGES_BP),
        "confidence_histogram": _histogram(confidences, CONFIDENCE_EDGES),
    }


def _chain_bp(chain) -> int:
    return sum(end - start for start, end in chain)


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 4) if len(values) else None


def _histogram(values: Sequence[float], edges: Sequence[float]) -> dict:
    """Count values by bin; what lies beyond the last edge is counted in the last bin."""
    inside = np.clip(np.asarray(values, float), edges[0], np.nextafter(edges[-1], -np.inf))
    return {"edges": list(edges), "counts": np.histogram(inside, bins=edges)[0].tolist()}

"""How sure the network was of a called gene."""

import numpy as np

from helixtune.gene_calling.genes import Segment
from helixtune.gene_calling.states import CODING, INTRON, UTR3, UTR5

# Column of the class probabilities for each label of a path: intergenic, UTR, CDS, intron, UTR.
CLASS_OF_LABEL = {UTR5: 1, CODING: 2, INTRON: 3, UTR3: 1}


def gene_confidence(segments: list[Segment], class_probs: np.ndarray) -> float:
    """Return the confidence of one gene, 0 to 1.

    Args:
        segments: the gene's segments in region coordinates, introns included.
        class_probs: (n, 4) of the region.
    """
    total = bases = 0.0
    for label, start, end in segments:
        if label in (CODING, INTRON):
            total += float(class_probs[start:end, CLASS_OF_LABEL[label]].sum(dtype=np.float64))
            bases += end - start
    return min(1.0, max(0.0, total / bases)) if bases else 0.0

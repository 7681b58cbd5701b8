"""Codon usage tables and the draw of a gene's codons; bases are codes A, C, G, T = 0 to 3.

Tables: codons per thousand, in the order T, C, A, G of all three positions (TTT, TTC, TTA, TTG, TCT, ...), stop codons 0; from
the codon usage database CUTG (Nakamura, Gojobori & Ikemura 2000 NAR 28:292), rounded to one digit.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from helixtune.simulation.parameters import Composition

AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"  # the standard code in the same order
CODONS_PER_THOUSAND = {
    "Aspergillus nidulans": (
        13.5, 24.8, 5.2, 13.6, 15.4, 16.4, 11.4, 13.6, 11.4, 18.7, 0.0, 0.0, 4.6, 7.6, 0.0, 12.5,
        19.1, 23.2, 8.2, 19.6, 16.2, 15.1, 12.2, 13.6, 10.9, 12.9, 15.7, 25.5, 11.0, 16.1, 9.7, 9.7,
        19.1, 26.5, 5.8, 22.1, 14.5, 19.3, 13.1, 12.0, 15.1, 24.9, 16.3, 32.9, 9.2, 15.7, 6.1, 6.2,
        18.0, 23.9, 5.9, 14.4, 23.9, 26.2, 16.4, 17.0, 26.5, 29.5, 25.7, 36.1, 19.7, 24.0, 14.8, 10.2,
    ),
    "Neurospora crassa": (
        11.7, 22.2, 2.7, 14.9, 12.0, 20.1, 9.2, 14.5, 8.4, 17.4, 0.0, 0.0, 3.3, 7.7, 0.0, 13.1,
        14.2, 26.9, 5.9, 18.2, 15.1, 22.5, 12.3, 14.5, 9.4, 14.9, 16.9, 26.1, 8.9, 17.7, 7.0, 8.5,
        14.0, 26.6, 4.0, 21.7, 11.2, 24.9, 10.7, 13.6, 10.3, 27.1, 11.5, 40.4, 8.6, 17.4, 7.9, 11.8,
        13.9, 24.9, 5.4, 15.4, 21.2, 36.2, 12.5, 17.3, 23.9, 32.5, 22.3, 42.6, 18.4, 29.1, 13.6, 10.9,
    ),
    "Schizosaccharomyces pombe": (
        32.5, 13.0, 26.4, 24.1, 30.3, 12.2, 18.1, 8.1, 22.1, 11.8, 0.0, 0.0, 9.0, 5.6, 0.0, 11.1,
        25.3, 7.3, 8.7, 6.4, 21.6, 8.1, 12.7, 4.6, 16.3, 6.3, 27.4, 10.9, 15.6, 6.0, 8.0, 3.0,
        35.1, 12.6, 13.5, 20.8, 23.0, 10.7, 14.3, 6.6, 34.1, 17.9, 39.8, 24.5, 14.9, 9.2, 11.2, 5.1,
        29.0, 10.6, 12.4, 8.3, 29.8, 11.5, 15.9, 5.4, 38.0, 15.7, 44.4, 21.0, 21.5, 8.3, 15.9, 4.4,
    ),
    "Arabidopsis thaliana": (
        21.8, 20.7, 12.7, 20.9, 25.2, 11.2, 18.3, 9.3, 14.6, 13.7, 0.0, 0.0, 10.5, 7.2, 0.0, 12.5,
        24.1, 16.1, 9.9, 9.8, 18.7, 5.3, 16.1, 8.6, 13.8, 8.7, 19.4, 15.2, 9.0, 3.8, 6.3, 4.9,
        21.5, 18.5, 12.6, 24.5, 17.5, 10.3, 15.7, 7.7, 22.3, 20.9, 30.8, 32.7, 14.0, 11.3, 19.0, 11.0,
        27.2, 12.8, 9.9, 17.4, 28.3, 10.3, 17.5, 9.0, 36.6, 17.2, 34.3, 32.2, 22.2, 9.2, 24.2, 10.2,
    ),
}  # fmt: skip

_BASES = (3, 1, 0, 2)  # T, C, A, G
CODONS = np.array([(a, b, c) for a in _BASES for b in _BASES for c in _BASES], dtype=np.uint8)  # (64, 3)
IS_GC = (CODONS == 1) | (CODONS == 2)  # (64, 3)
AMINO_ACID_INDEX = np.array([sorted(set(AMINO_ACIDS)).index(letter) for letter in AMINO_ACIDS])
STOP_CODONS = np.array([(3, 0, 0), (3, 0, 2), (3, 2, 0)], dtype=np.uint8)  # TAA, TAG, TGA


def codon_weights(composition: "Composition") -> np.ndarray:
    """Return (64,) relative codon frequencies of a species; stop codons have 0.

    The third-position tilt changes the choice among synonymous codons only, the tilt of positions 1 and 2 the amino acids.
    """
    usage = np.array(CODONS_PER_THOUSAND[composition.codon_table])
    by_amino_acid = np.bincount(
        AMINO_ACID_INDEX, weights=usage * np.exp(composition.gc12_tilt * IS_GC[:, :2].sum(axis=1))
    )
    synonymous = usage * np.exp(composition.gc3_tilt * IS_GC[:, 2])
    totals = np.bincount(AMINO_ACID_INDEX, weights=synonymous)
    return synonymous / np.maximum(totals, 1e-12)[AMINO_ACID_INDEX] * by_amino_acid[AMINO_ACID_INDEX] / usage.sum()


def sample_codons(rng: np.random.Generator, composition: "Composition", count: int) -> np.ndarray:
    """Draw the codons (count, 3) of one gene, none of them a stop; the gene has its own amino-acid and GC3 preferences."""
    amino_acids = rng.normal(0, composition.amino_acid_sd, AMINO_ACID_INDEX.max() + 1)[AMINO_ACID_INDEX]
    tilt = amino_acids + rng.normal(0, composition.gc3_tilt_sd) * IS_GC[:, 2]
    weights = codon_weights(composition) * np.exp(tilt)
    return CODONS[rng.choice(64, size=count, p=weights / weights.sum())]

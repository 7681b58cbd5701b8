"""Decoys: transposable elements with reading frames of their own, pseudogenes and microsatellites; none of them is in the truth."""

from dataclasses import dataclass

import numpy as np

from helixtune.simulation.codon_usage import sample_codons
from helixtune.simulation.composition import MarkovChain, N, reverse_complement, tilted
from helixtune.simulation.gene_structure import GeneStructure
from helixtune.simulation.parameters import SpeciesParameters

# Age as the share of bases that differ from the element's consensus: young copies keep their reading frames
# (Bennetzen 2000 Plant Mol Biol 42:251).
YOUNG_DIVERGENCE = (0.0, 0.01)
OLD_DIVERGENCE = (0.05, 0.30)
INDEL_SHARE_OF_CHANGES = 0.12  # one insertion or deletion in 7 to 8 substitutions (Ossowski et al. 2010 Science 327:92)
FULL_LENGTH_SHARE_OF_OLD = 0.25


@dataclass(frozen=True)
class TransposonFamily:
    """A consensus (n,) of codes on the sense strand and the class it belongs to."""

    name: str
    consensus: np.ndarray


def draw_family(rng: np.random.Generator, parameters: SpeciesParameters, number: int) -> TransposonFamily:
    """Draw the consensus of a family: LTR retrotransposon, DNA transposon or short element without a reading frame.

    Lengths after Feschotte, Jiang & Wessler 2002 Nat Rev Genet 3:329: LTR elements of 4 to 9 kb with terminal repeats of some
    hundred bases around gag-pol, DNA transposons of 2 to 4 kb with short inverted repeats, MITEs of 100 to 600 bp.
    """
    composition = parameters.composition
    gc = composition.intergenic_gc / 2
    chain = MarkovChain(tilted((0.5 - gc, gc, gc, 0.5 - gc), composition.gc_tilt), composition)
    kind = ("LTR", "DNA", "MITE")[number % 3]
    if kind == "MITE":
        half = chain.sample(rng, int(rng.integers(50, 80)))
        parts = [half, chain.sample(rng, int(rng.integers(60, 350))), reverse_complement(half)]
    else:
        codons = int(rng.integers(900, 1300)) if kind == "LTR" else int(rng.integers(350, 700))
        frame = np.concatenate([[0, 3, 2], sample_codons(rng, composition, codons).ravel(), [3, 0, 0]]).astype(np.uint8)
        end = chain.sample(rng, int(rng.integers(200, 450)) if kind == "LTR" else int(rng.integers(15, 40)))
        right = end if kind == "LTR" else reverse_complement(end)
        spacers = [chain.sample(rng, int(rng.integers(60, 300))) for _ in range(2)]
        parts = [end, spacers[0], frame, spacers[1], right]
    return TransposonFamily(f"{kind}_{number + 1}", np.concatenate(parts))


def draw_copy(rng: np.random.Generator, family: TransposonFamily, young_share: float) -> np.ndarray:
    """Draw one copy of a transposon: young and whole, or old, decayed and mostly truncated at its 5' end."""
    if rng.random() < young_share:
        return decayed(rng, family.consensus, rng.uniform(*YOUNG_DIVERGENCE))
    bases = family.consensus
    if rng.random() >= FULL_LENGTH_SHARE_OF_OLD:
        bases = bases[int(rng.uniform(0.1, 0.9) * len(bases)) :]
    return decayed(rng, bases, rng.uniform(*OLD_DIVERGENCE))


def draw_pseudogene(rng: np.random.Generator, gene: GeneStructure) -> np.ndarray:
    """Draw a decayed copy of a gene: half are processed (spliced, with a poly-A tail), half duplicated; most lack a part."""
    if rng.random() < 0.5:
        spliced = np.concatenate([gene.bases[start:end] for start, end in gene.exons])
        bases = np.concatenate([spliced, np.zeros(int(rng.integers(10, 25)), dtype=np.uint8)])
    else:
        bases = gene.bases
    first, last = sorted(rng.uniform(0, 1, 2))
    if last - first > 0.2:
        bases = bases[int(first * len(bases)) : int(last * len(bases))]
    return decayed(rng, bases, rng.uniform(*OLD_DIVERGENCE))


def draw_microsatellite(rng: np.random.Generator) -> np.ndarray:
    """Draw a tandem repeat of 15 to 60 bp, unit 1 to 4 bases, A and T preferred (Morgante et al. 2002 Nat Genet 30:194)."""
    unit = rng.choice(4, size=int(rng.integers(1, 5)), p=(0.37, 0.13, 0.13, 0.37)).astype(np.uint8)
    return np.resize(unit, int(rng.integers(15, 61)))


def decayed(rng: np.random.Generator, bases: np.ndarray, divergence: float) -> np.ndarray:
    """Return a copy in which a share of the positions was substituted, deleted or gained an insertion of 1 to 3 bases."""
    changed = rng.random(len(bases)) < divergence
    is_indel = changed & (rng.random(len(bases)) < INDEL_SHARE_OF_CHANGES)
    copy = bases.copy()
    substituted = changed & ~is_indel & (copy < N)
    copy[substituted] = (copy[substituted] + rng.integers(1, 4, int(substituted.sum()))) % 4
    copies = np.ones(len(bases), dtype=np.int64)
    copies[is_indel] = rng.choice((0, 0, 2, 3, 4), size=int(is_indel.sum()))
    return np.repeat(copy, copies)

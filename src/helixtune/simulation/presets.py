"""The species that can be simulated by name; what differs between two of them can be read off this page."""

from dataclasses import replace

from helixtune.errors import ParameterError
from helixtune.simulation.parameters import Composition, GeneParameters, Landscape, SpeciesParameters, SpliceSites

_BASE = SpeciesParameters("filamentous ascomycete: dense genes, short introns; the species of the demo's base model")


def _relative(description: str, **changes: dict) -> SpeciesParameters:
    """Return the base species with the named fields of its parts replaced, e.g. `genes={"utr5": (90, 0.7)}`."""
    parts = {part: replace(getattr(_BASE, part), **values) for part, values in changes.items()}
    return replace(_BASE, description=description, **parts)


PRESETS: dict[str, SpeciesParameters] = {
    "demo-base": _BASE,
    # Relatives of the base species: the demo's model learns from all five, so that it is not tied to one composition.
    "demo-base-gc-poor": _relative(
        "base species with less GC and longer introns",
        composition={"gc_tilt": -0.12, "gc3_tilt": -0.2},
        genes={"introns": ((0.65, 70, 0.18), (0.35, 130, 0.60))},
    ),
    "demo-base-gc-rich": _relative(
        "base species with more GC and shorter UTRs",
        composition={"gc_tilt": 0.12, "gc3_tilt": 0.2, "gc12_tilt": 0.05},
        genes={"utr5": (115, 0.65), "utr3": (180, 0.50)},
    ),
    "demo-base-dense": _relative(
        "base species with closer genes and fewer introns",
        genes={"introns_per_kb": 0.6, "single_exon_share": 0.28},
        landscape={"spacing": (420, 0.80)},
    ),
    "demo-base-sparse": _relative(
        "base species with genes further apart and more transposable elements",
        landscape={"spacing": (900, 0.80), "transposons_per_gene": 0.25, "transposon_families": 9},
    ),
    # The two targets of the demo.
    "demo-same": replace(_BASE, description="a relative with the statistics of the base species: nothing to gain from tuning"),
    "demo-shifted": _relative(
        "a relative with less GC, another codon usage, longer introns and genes further apart",
        composition={"gc_tilt": -0.4, "gc3_tilt": -0.8, "gc12_tilt": -0.1},
        genes={"introns": ((0.50, 85, 0.20), (0.50, 190, 0.60))},
        landscape={"spacing": (900, 0.80)},
    ),
    "plant": SpeciesParameters(
        "Arabidopsis-like: five exons a gene, introns of 90 bp with a long tail, weak splice sites",
        # AGI 2000 Nature 408:796 (GC, gene density); Karlin & Mrazek 1997 (CpG); Brown, Smith & Simpson 1996 Plant Mol Biol 32:531
        # (U-rich introns); Hebsgaard et al. 1996 NAR 24:3439 (splice sites); Simpson et al. 2002 RNA 8:47 (branch point).
        composition=Composition(
            intergenic_gc=0.335,
            intron=(0.28, 0.16, 0.16, 0.40),
            utr5=(0.30, 0.21, 0.17, 0.32),
            utr3=(0.30, 0.16, 0.18, 0.36),
            codon_table="Arabidopsis thaliana",
            cpg_odds=0.75,
        ),
        splice_sites=SpliceSites(
            donor_exon=((0.35, 0.36, 0.18, 0.11), (0.63, 0.11, 0.10, 0.16), (0.09, 0.03, 0.79, 0.09)),
            donor_intron=(
                (0.00, 0.00, 1.00, 0.00), (0.00, 0.00, 0.00, 1.00), (0.68, 0.04, 0.13, 0.15), (0.54, 0.14, 0.06, 0.26),
                (0.20, 0.08, 0.53, 0.19), (0.22, 0.17, 0.10, 0.51), (0.31, 0.19, 0.12, 0.38), (0.27, 0.21, 0.11, 0.41),
            ),
            acceptor_intron=(
                (0.16, 0.10, 0.12, 0.62), (0.25, 0.09, 0.38, 0.28), (0.06, 0.66, 0.01, 0.27),
                (1.00, 0.00, 0.00, 0.00), (0.00, 0.00, 1.00, 0.00),
            ),
            acceptor_exon=((0.25, 0.10, 0.53, 0.12), (0.25, 0.17, 0.18, 0.40)),
            tract_bp=15,
            sharpness=1.0,
            tract=(0.20, 0.15, 0.16, 0.49),
            branch_point_share=0.6,
            branch_distance_bp=(20, 45),
        ),
        # CDS, introns a gene and their lengths: AGI 2000; Deutsch & Long 1999 NAR 27:3219; Cheng et al. 2017 Plant J 89:789.
        # UTR introns: Chung et al. 2006 BMC Genomics 7:120. Start context: Joshi et al. 1997 Plant Mol Biol 35:993.
        genes=GeneParameters(
            cds_codons=(350, 0.60),
            single_exon_share=0.22,
            introns_per_kb=3.6,
            intron_phase_weights=(0.57, 0.21, 0.22),
            introns=((0.62, 88, 0.12), (0.38, 210, 0.65)),
            intron_limits=(60, 3000),
            short_intron_share=0.0,
            utr5=(125, 0.75),
            utr3=(215, 0.50),
            utr5_intron_share=0.18,
            utr3_intron_share=0.05,
            stop_codons=(0.36, 0.20, 0.44),
            start_context=(
                (0.30, 0.21, 0.22, 0.27), (0.39, 0.14, 0.26, 0.21), (0.38, 0.20, 0.17, 0.25), (0.51, 0.13, 0.22, 0.14),
                (0.38, 0.33, 0.10, 0.19), (0.46, 0.16, 0.25, 0.13),
            ),
            start_plus4=(0.22, 0.09, 0.54, 0.15),
        ),
        # Zou et al. 2009 Plant Physiol 151:3 (pseudogenes).
        landscape=Landscape(
            spacing=(900, 0.90), transposons_per_gene=0.15, pseudogenes_per_gene=0.12, microsatellites_per_gene=0.3
        ),
    ),
    "fission-yeast": SpeciesParameters(
        "fission-yeast-like: AT-rich, one intron a gene, a third of them below 50 bp, genes close together",
        # Wood et al. 2002 Nature 415:871 (36 % GC, 43 % of the genes with introns, 35 to 819 bp, mean 81);
        # Kupfer et al. 2004 (sites).
        composition=Composition(
            intergenic_gc=0.31,
            intron=(0.33, 0.14, 0.13, 0.40),
            utr5=(0.33, 0.16, 0.14, 0.37),
            utr3=(0.32, 0.15, 0.15, 0.38),
            codon_table="Schizosaccharomyces pombe",
            cpg_odds=1.0,
        ),
        splice_sites=SpliceSites(
            donor_exon=((0.40, 0.19, 0.17, 0.24), (0.46, 0.13, 0.15, 0.26), (0.16, 0.09, 0.55, 0.20)),
            donor_intron=(
                (0.00, 0.00, 1.00, 0.00), (0.00, 0.00, 0.00, 1.00), (0.92, 0.00, 0.04, 0.04),
                (0.50, 0.10, 0.03, 0.37), (0.06, 0.01, 0.88, 0.05), (0.16, 0.11, 0.07, 0.66),
            ),
            acceptor_intron=((0.12, 0.19, 0.00, 0.69), (1.00, 0.00, 0.00, 0.00), (0.00, 0.00, 1.00, 0.00)),
            acceptor_exon=((0.34, 0.13, 0.28, 0.25), (0.28, 0.19, 0.17, 0.36)),
            tract=(0.32, 0.14, 0.10, 0.44),
            sharpness=1.0,
            branch_point_share=0.95,
            branch_distance_bp=(8, 20),
        ),
        genes=GeneParameters(
            cds_codons=(380, 0.62),
            single_exon_share=0.54,
            introns_per_kb=0.9,
            intron_phase_weights=(0.41, 0.33, 0.26),
            introns=((0.70, 60, 0.18), (0.30, 120, 0.60)),
            intron_limits=(50, 820),
            short_intron_bp=(36, 49),
            short_intron_share=0.34,
            stop_codons=(0.59, 0.21, 0.20),
        ),
        landscape=Landscape(spacing=(450, 0.80), transposons_per_gene=0.01, pseudogenes_per_gene=0.01),
    ),
}  # fmt: skip


def preset(name: str) -> SpeciesParameters:
    """Return the parameters of a preset.

    Raises:
        ParameterError: there is no such preset; the message lists those there are.
    """
    if name not in PRESETS:
        raise ParameterError(f'There is no preset "{name}": choose one of {", ".join(PRESETS)}.')
    return PRESETS[name]

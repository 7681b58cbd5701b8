"""Species parameters: every number that shapes a simulated genome, with the publication that it is rounded from.

The base of the family is a small plant-like genome; relatives are made from it by `dataclasses.replace`, so that what differs
between two presets can be read off this page.
"""

from dataclasses import asdict, dataclass, field, fields, replace

from helixtune.errors import ParameterError

SHARE_SUFFIX = "_share"


def _check_shares(parameters) -> None:
    for entry in fields(parameters):
        value = getattr(parameters, entry.name)
        if entry.name.endswith(SHARE_SUFFIX) and not 0 <= value <= 1:
            raise ParameterError(f"{entry.name} must lie between 0 and 1, not {value}.")


@dataclass(frozen=True)
class Composition:
    """Base composition outside coding sequence, and how far codon usage is tilted; order A, C, G, T on the sense strand."""

    # Arabidopsis Genome Initiative 2000 (Nature 408:796): genome GC 36 %, intergenic about 33 %, genes higher.
    intergenic_gc: float = 0.335
    # Introns and UTRs of A. thaliana: U-rich, GC 33 % and 36 to 38 % (AGI 2000; Brown, Smith & Simpson 1996 Plant Mol Biol 32:531).
    intron: tuple[float, ...] = (0.28, 0.16, 0.16, 0.40)
    utr5: tuple[float, ...] = (0.30, 0.21, 0.17, 0.32)
    utr3: tuple[float, ...] = (0.30, 0.16, 0.18, 0.36)
    # Dinucleotide odds ratios, equal on both strands (Karlin & Mrazek 1997 PNAS 94:10227: CpG and TpA are rare in plants).
    cpg_odds: float = 0.75
    tpa_odds: float = 0.78
    tpg_odds: float = 1.12
    apa_odds: float = 1.10
    # Runs of A or T of four and more are commoner than order 1 predicts (Dechering et al. 1998 NAR 26:4056).
    tract_odds: float = 1.25
    # Log-odds added to G and C: outside genes, at third codon positions, at codon positions 1 and 2
    # (a mutational bias acts on them in this order of strength: Knight, Freeland & Landweber 2001 Genome Biol 2:research0010).
    gc_tilt: float = 0.0
    gc3_tilt: float = 0.0
    gc12_tilt: float = 0.0
    # Standard deviation between genes of the third-position tilt and of amino-acid log usage (spread of GC3 in dicots is small:
    # Kawabe & Miyashita 2003 Genes Genet Syst 78:343).
    gc3_tilt_sd: float = 0.25
    amino_acid_sd: float = 0.25


@dataclass(frozen=True)
class SpliceSites:
    """Consensus of splice sites; columns A, C, G, T. After Hebsgaard et al. 1996 NAR 24:3439 and Sheth et al. 2006 NAR 34:3955."""

    donor_exon: tuple = ((0.35, 0.36, 0.18, 0.11), (0.63, 0.11, 0.10, 0.16), (0.09, 0.03, 0.79, 0.09))  # -3 to -1
    donor_intron: tuple = (  # +1 to +8
        (0.00, 0.00, 1.00, 0.00), (0.00, 0.00, 0.00, 1.00), (0.68, 0.04, 0.13, 0.15), (0.54, 0.14, 0.06, 0.26),
        (0.20, 0.08, 0.53, 0.19), (0.22, 0.17, 0.10, 0.51), (0.31, 0.19, 0.12, 0.38), (0.27, 0.21, 0.11, 0.41),
    )  # fmt: skip
    acceptor_intron: tuple = (  # -5 to -1
        (0.16, 0.10, 0.12, 0.62), (0.25, 0.09, 0.38, 0.28), (0.06, 0.66, 0.01, 0.27),
        (1.00, 0.00, 0.00, 0.00), (0.00, 0.00, 1.00, 0.00),
    )  # fmt: skip
    acceptor_exon: tuple = ((0.25, 0.10, 0.53, 0.12), (0.25, 0.17, 0.18, 0.40))  # +1, +2
    # U-rich (in plants; C and U in animals) from -20 to -6.
    pyrimidine_tract: tuple[float, ...] = (0.20, 0.15, 0.16, 0.49)
    # The branch point CURAY lies 20 to 45 bases before the acceptor (Simpson et al. 2002 RNA 8:47); only a part is recognisable.
    branch_point_share: float = 0.6
    # GC-AG introns: 1 % (Sheth et al. 2006), with a donor nearer to the consensus.
    gc_donor_share: float = 0.01
    # Frequencies are raised to this power: above 1 splice sites are sharper than the tables, below 1 weaker.
    sharpness: float = 1.0

    def __post_init__(self):
        _check_shares(self)


@dataclass(frozen=True)
class GeneParameters:
    """Lengths (bp) and shares of what genes consist of; length distributions are log-normal: (median, sigma of the logarithm)."""

    # CDS of A. thaliana: median about 1,050 bp (350 codons), 5 to 95 %: 250 to 2,400 (AGI 2000; Cheng et al. 2017 Plant J 89:789).
    cds_codons: tuple[float, float] = (350, 0.60)
    cds_codons_limits: tuple[int, int] = (60, 1800)
    # A fifth to a quarter of the genes has no coding intron; the others have 5 on average (AGI 2000; Cheng et al. 2017).
    single_exon_share: float = 0.22
    introns_per_kb: float = 3.6
    shortest_exon: int = 30
    # Phase 0 introns exceed half in plants (Long, Rosenberg & Gilbert 1995 PNAS 92:12495).
    intron_phase_weights: tuple[float, float, float] = (0.57, 0.21, 0.22)
    # Mixture (weight, median, sigma): a narrow peak at 85 to 100 bp with a long tail (Deutsch & Long 1999 NAR 27:3219).
    introns: tuple[tuple[float, float, float], ...] = ((0.62, 88, 0.12), (0.38, 210, 0.65))
    intron_limits: tuple[int, int] = (60, 3000)
    # Introns of 35 to 49 bp, shorter than what the gene caller's state model can express.
    short_intron_share: float = 0.0
    # UTRs: medians 125 and 215 bp; 20 % of the genes have a 5' UTR intron (Chung et al. 2006 BMC Genomics 7:120), few a 3' one.
    utr5: tuple[float, float] = (125, 0.75)
    utr3: tuple[float, float] = (215, 0.50)
    utr_limits: tuple[int, int] = (12, 1200)
    utr5_intron_share: float = 0.18
    utr3_intron_share: float = 0.05
    # TAA, TAG, TGA in A. thaliana (Kazusa codon usage database, Nakamura et al. 2000 NAR 28:292).
    stop_codons: tuple[float, float, float] = (0.36, 0.20, 0.44)
    # Context of the start, -6 to -1 and +4 (Joshi et al. 1997 Plant Mol Biol 35:993), A, C, G, T.
    start_context: tuple = (
        (0.30, 0.21, 0.22, 0.27), (0.39, 0.14, 0.26, 0.21), (0.38, 0.20, 0.17, 0.25), (0.51, 0.13, 0.22, 0.14),
        (0.38, 0.33, 0.10, 0.19), (0.46, 0.16, 0.25, 0.13),
    )  # fmt: skip
    start_plus4: tuple[float, ...] = (0.22, 0.09, 0.54, 0.15)
    # A recognisable AAUAAA-like signal 13 to 30 bases before the cleavage site in half of the genes, exact in 10 %
    # (Loke et al. 2005 Plant Physiol 138:1457).
    poly_a_share: float = 0.5
    # TATA box 32 bases before the start of transcription in 29 % (Molina & Grotewold 2005 BMC Genomics 6:25).
    tata_share: float = 0.29
    # Neighbours on opposite strands whose 3' UTRs overlap: 7 % of the genes (Wang, Gaasterland & Chua 2005 Genome Biol 6:R30).
    overlap_share: float = 0.06
    # Genes inside an intron of a gene of the other strand: 1 % here; 6 % in fruit flies (Assis et al. 2008 Trends Genet 24:475).
    nested_share: float = 0.01

    def __post_init__(self):
        _check_shares(self)


@dataclass(frozen=True)
class Landscape:
    """What lies between the genes, in elements per gene, and how far apart (bp)."""

    # One gene in 4.5 kb in A. thaliana (AGI 2000): 2.2 kb of gene, the rest between them.
    spacing: tuple[float, float] = (900, 0.9)
    # Transposable elements: 10 % of the A. thaliana genome (AGI 2000; 14 to 20 % in later counts); the young ones have
    # intact reading frames.
    transposons_per_gene: float = 0.15
    transposon_families: int = 6
    young_transposon_share: float = 0.3
    # One pseudogene in 5 genes in A. thaliana (Zou et al. 2009 Plant Physiol 151:3); most are old fragments.
    pseudogenes_per_gene: float = 0.12
    microsatellites_per_gene: float = 0.3
    gaps_per_gene: float = 0.02

    def __post_init__(self):
        _check_shares(self)


@dataclass(frozen=True)
class SpeciesParameters:
    """Everything about one simulated species apart from seed and size."""

    description: str
    composition: Composition = field(default_factory=Composition)
    splice_sites: SpliceSites = field(default_factory=SpliceSites)
    genes: GeneParameters = field(default_factory=GeneParameters)
    landscape: Landscape = field(default_factory=Landscape)

    def to_dict(self) -> dict:
        """Return the parameters as nested dictionaries of plain values (for species.json)."""
        return asdict(self)


_BASE = SpeciesParameters("plant-like, compact; the species of the demo's base model")


def _relative(description: str, **changes: dict) -> SpeciesParameters:
    """Return the base species with the named fields of its parts replaced, e.g. `genes={"utr5": (90, 0.7)}`."""
    parts = {part: replace(getattr(_BASE, part), **values) for part, values in changes.items()}
    return replace(_BASE, description=description, **parts)


PRESETS: dict[str, SpeciesParameters] = {
    "demo-base": _BASE,
    # Relatives of the base species: the demo's model learns from all five, so that it is not tied to one composition.
    "demo-base-gc-poor": _relative(
        "base species with less GC and longer introns",
        composition={"gc_tilt": -0.15, "gc3_tilt": -0.25},
        genes={"introns": ((0.55, 92, 0.14), (0.45, 260, 0.70))},
    ),
    "demo-base-gc-rich": _relative(
        "base species with more GC and shorter UTRs",
        composition={"gc_tilt": 0.15, "gc3_tilt": 0.25, "gc12_tilt": 0.05},
        genes={"utr5": (95, 0.75), "utr3": (180, 0.50)},
    ),
    "demo-base-dense": _relative(
        "base species with closer genes and fewer introns",
        genes={"introns_per_kb": 2.6, "single_exon_share": 0.30},
        landscape={"spacing": (600, 0.9)},
    ),
    "demo-base-sparse": _relative(
        "base species with genes further apart and more transposable elements",
        landscape={"spacing": (1500, 0.9), "transposons_per_gene": 0.35, "transposon_families": 9},
    ),
    # The two targets of the demo.
    "demo-same": replace(
        _BASE, description="a relative with the statistics of the base species: nothing to gain from tuning"
    ),
    "demo-shifted": _relative(
        "a relative with more GC, another codon usage, longer introns and longer UTRs than the base species",
        composition={"gc_tilt": 0.35, "gc3_tilt": 0.8, "gc12_tilt": 0.15},
        genes={
            "introns": ((0.40, 120, 0.20), (0.60, 330, 0.75)),
            "utr5": (180, 0.75),
            "utr3": (320, 0.50),
            "short_intron_share": 0.01,
        },
        landscape={"spacing": (1400, 0.9)},
    ),
    # Breaks the gene caller's shortest intron (50 bp) often: introns as in Schizosaccharomyces pombe (Wood et al. 2002
    # Nature 415:871: mean 81 bp, 35 to 819 bp, half of the genes without), genes close together, hardly any transposons.
    "fission-yeast": SpeciesParameters(
        "fission-yeast-like: short introns, a part of them below 50 bp, genes close together",
        composition=Composition(intergenic_gc=0.31, intron=(0.31, 0.14, 0.15, 0.40), gc3_tilt=-0.2, cpg_odds=1.0),
        splice_sites=SpliceSites(sharpness=1.4, branch_point_share=0.95),
        genes=GeneParameters(
            cds_codons=(400, 0.60),
            single_exon_share=0.54,
            introns_per_kb=1.1,
            introns=((0.75, 57, 0.18), (0.25, 120, 0.60)),
            intron_limits=(36, 820),
            short_intron_share=0.15,
            tata_share=0.2,
        ),
        landscape=Landscape(spacing=(450, 0.8), transposons_per_gene=0.01, pseudogenes_per_gene=0.01),
    ),
}


def preset(name: str) -> SpeciesParameters:
    """Return the parameters of a preset.

    Raises:
        ParameterError: there is no such preset; the message lists those there are.
    """
    if name not in PRESETS:
        raise ParameterError(f'There is no preset "{name}": choose one of {", ".join(PRESETS)}.')
    return PRESETS[name]

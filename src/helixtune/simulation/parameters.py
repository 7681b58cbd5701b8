"""What describes a simulated species: composition, splice sites, gene structure and what lies between genes.

The defaults are those of a filamentous ascomycete, the kind of genome that the demo uses, each rounded from the publication
named beside it; relatives and other kinds of species are in `presets`.
"""

from dataclasses import asdict, dataclass, field, fields

from helixtune.errors import ParameterError
from helixtune.simulation.codon_usage import CODONS_PER_THOUSAND

Frequencies = tuple[float, float, float, float]  # A, C, G, T
SHARE_SUFFIX = "_share"


def _check_shares(parameters) -> None:
    for entry in fields(parameters):
        value = getattr(parameters, entry.name)
        if entry.name.endswith(SHARE_SUFFIX) and not 0 <= value <= 1:
            raise ParameterError(f"{entry.name} must lie between 0 and 1, not {value}.")


@dataclass(frozen=True)
class Composition:
    """Base composition outside coding sequence, codon usage, and how far both are tilted; order A, C, G, T on the sense strand."""

    # Magnaporthe oryzae: intergenic 47.7 % GC, introns 46.6 %, 5' UTR 48.8 %, 3' UTR 46.4 % (Okagaki et al. 2015 G3 5:2539).
    # The split into C and G is assumed: pyrimidine-rich 5' UTRs and introns, U-rich 3' UTRs.
    intergenic_gc: float = 0.477
    intron: Frequencies = (0.24, 0.26, 0.205, 0.295)
    utr5: Frequencies = (0.25, 0.29, 0.20, 0.26)
    utr3: Frequencies = (0.26, 0.23, 0.23, 0.28)
    codon_table: str = "Neurospora crassa"  # 56 % GC in coding sequence; M. oryzae has 57.6 %
    # Dinucleotide odds ratios, equal on both strands. TpA is rare nearly everywhere, CpG only in some groups
    # (Karlin & Mrazek 1997 PNAS 94:10227).
    cpg_odds: float = 0.95
    tpa_odds: float = 0.78
    tpg_odds: float = 1.12
    apa_odds: float = 1.10
    # Runs of A or T of four and more are commoner than order 1 predicts (Dechering et al. 1998 NAR 26:4056).
    tract_odds: float = 1.25
    # Log-odds added to G and C: outside coding sequence, at third codon positions, at codon positions 1 and 2
    # (a mutational bias acts on them in this order of strength: Knight, Freeland & Landweber 2001 Genome Biol 2:research0010).
    gc_tilt: float = 0.0
    gc3_tilt: float = 0.0
    gc12_tilt: float = 0.0
    # Standard deviations between genes of the third-position tilt and of the logarithm of amino-acid usage; assumed.
    gc3_tilt_sd: float = 0.25
    amino_acid_sd: float = 0.25

    def __post_init__(self):
        if self.codon_table not in CODONS_PER_THOUSAND:
            known = ", ".join(CODONS_PER_THOUSAND)
            raise ParameterError(f'There is no codon table "{self.codon_table}": choose one of {known}.')


@dataclass(frozen=True)
class SpliceSites:
    """Consensus of splice sites; columns A, C, G, T. Rounded from four Fusarium species (Phasha et al. 2017 G3 7:3809)."""

    donor_exon: tuple[Frequencies, ...] = (
        (0.37, 0.24, 0.20, 0.19),
        (0.38, 0.21, 0.20, 0.21),
        (0.15, 0.17, 0.53, 0.15),
    )  # -3 to -1
    donor_intron: tuple[Frequencies, ...] = (  # +1 to +6
        (0.00, 0.00, 1.00, 0.00), (0.00, 0.00, 0.00, 1.00), (0.74, 0.04, 0.16, 0.06),
        (0.42, 0.32, 0.04, 0.22), (0.03, 0.01, 0.93, 0.03), (0.14, 0.16, 0.04, 0.66),
    )  # fmt: skip
    acceptor_intron: tuple[Frequencies, ...] = (  # -3 to -1: YAG in 93 %
        (0.05, 0.55, 0.02, 0.38), (1.00, 0.00, 0.00, 0.00), (0.00, 0.00, 1.00, 0.00),
    )  # fmt: skip
    acceptor_exon: tuple[Frequencies, ...] = (
        (0.31, 0.20, 0.28, 0.21),
        (0.26, 0.24, 0.22, 0.28),
    )  # +1 (a purine in 59 %), +2
    # Pyrimidine-rich stretch before the acceptor: its length and composition (weak in fungi: Kupfer et al. 2004
    # Eukaryot Cell 3:1088).
    tract_bp: int = 8
    tract: Frequencies = (0.24, 0.27, 0.13, 0.36)
    # The branch site CTRAY is recognisable in 91 % of the introns (Phasha et al. 2017); from its end to the end of the intron
    # there are some 10 to 25 bases (Kupfer et al. 2004).
    branch_point_share: float = 0.91
    branch_distance_bp: tuple[int, int] = (10, 25)
    # GC-AG introns: 1 % (Phasha et al. 2017; Sheth et al. 2006 NAR 34:3955), with a donor nearer to the consensus.
    gc_donor_share: float = 0.01
    # Frequencies of single bases are raised to this power (rows rescaled): 1 gives the tables, above 1 sites are sharper. Not a
    # published figure: the demo's species have sharper sites than real fungi, so that a network of 200,000 weights can learn
    # them in an hour from some thousand genes.
    sharpness: float = 1.4

    def __post_init__(self):
        _check_shares(self)


@dataclass(frozen=True)
class GeneParameters:
    """Lengths (bp) and shares of what genes consist of; length distributions are log-normal: (median, sigma of the logarithm)."""

    # M. oryzae (Okagaki et al. 2015): CDS median 1,083 bp, 19 % of the genes without intron, the spliced ones with 3.2 exons.
    cds_codons: tuple[float, float] = (361, 0.60)
    cds_codons_limits: tuple[int, int] = (60, 1800)
    single_exon_share: float = 0.19
    introns_per_kb: float = 0.9
    shortest_exon: int = 30
    # Phase 0 introns are commonest: 48, 30 and 22 % over many eukaryotes (Long, Rosenberg & Gilbert 1995 PNAS 92:12495).
    intron_phase_weights: tuple[float, float, float] = (0.48, 0.30, 0.22)
    # Mixture (weight, median, sigma): most near 60 to 70 bp with a tail (A. nidulans: mean 73 bp, Kupfer et al. 2004).
    introns: tuple[tuple[float, float, float], ...] = ((0.75, 66, 0.16), (0.25, 115, 0.55))
    intron_limits: tuple[int, int] = (50, 1500)
    # Introns of 42 to 49 bp, shorter than what the gene caller's state model can express (the shortest of Fusarium: 42 bp).
    short_intron_bp: tuple[int, int] = (42, 49)
    short_intron_share: float = 0.01
    # UTRs of M. oryzae: medians 267 and 298 bp over the genes that have any annotated; lower here to allow for those without.
    utr5: tuple[float, float] = (150, 0.65)
    utr3: tuple[float, float] = (220, 0.50)
    utr_limits: tuple[int, int] = (12, 1200)
    utr5_intron_share: float = 0.10
    utr3_intron_share: float = 0.03
    # TAA, TAG, TGA of N. crassa (codon usage database: Nakamura, Gojobori & Ikemura 2000 NAR 28:292).
    stop_codons: tuple[float, float, float] = (0.32, 0.28, 0.40)
    # Context of the start, -6 to -1, and +4: CAMMATGGC in filamentous fungi (Edelmann & Staben 1994 Exp Mycol 18:70).
    start_context: tuple[Frequencies, ...] = (
        (0.24, 0.29, 0.22, 0.25), (0.26, 0.29, 0.20, 0.25), (0.20, 0.46, 0.17, 0.17), (0.64, 0.08, 0.20, 0.08),
        (0.37, 0.36, 0.12, 0.15), (0.41, 0.35, 0.13, 0.11),
    )  # fmt: skip
    start_plus4: Frequencies = (0.20, 0.15, 0.43, 0.22)
    # A recognisable AAUAAA-like signal 13 to 30 bases before the cleavage site in half of the genes
    # (A. thaliana: Loke et al. 2005 Plant Physiol 138:1457; taken over).
    poly_a_share: float = 0.5
    # TATA box 32 bases before the start of transcription in 29 % (A. thaliana: Molina & Grotewold 2005
    # BMC Genomics 6:25; taken over).
    tata_share: float = 0.29
    # Share of genes whose 3' UTR overlaps that of a neighbour on the other strand: 7 % in A. thaliana
    # (Wang, Gaasterland & Chua 2005 Genome Biol 6:R30); common in fungi too.
    overlap_share: float = 0.06
    # Genes inside an intron of a gene of the other strand: 6 % in fruit flies (Assis et al. 2008 Trends Genet 24:475), fewer here.
    nested_share: float = 0.01

    def __post_init__(self):
        _check_shares(self)


@dataclass(frozen=True)
class Landscape:
    """What lies between the genes, in elements per gene, and how far apart (bp)."""

    # M. oryzae: 41 Mb with 12,700 genes, median intergenic region 742 bp (Okagaki et al. 2015); shorter between neighbours here
    # because decoys lie between the genes as well.
    spacing: tuple[float, float] = (560, 0.80)
    # Transposable elements: 10 % of the M. oryzae genome (Dean et al. 2005 Nature 434:980); the young ones have intact frames.
    transposons_per_gene: float = 0.10
    transposon_families: int = 6
    young_transposon_share: float = 0.3
    # Pseudogenes: some per cent of the genes in fungi (S. cerevisiae: Lafontaine & Dujon 2010 BMC Genomics 11:260).
    pseudogenes_per_gene: float = 0.06
    microsatellites_per_gene: float = 0.2
    gaps_per_gene: float = 0.015

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

"""What a user can set about the selection."""

from dataclasses import dataclass

from helixtune.errors import ParameterError

METHODS = ("stratified", "upstream")
UPSTREAM_STRATA = 6


@dataclass(frozen=True)
class SelectionSettings:
    """Settings that check themselves.

    Attributes:
        method: one of METHODS.
        keep_fraction: share of the eligible rows to keep (upstream: of all rows).
        strata: strata of intergenic fraction.
        max_bases: cap on the bases of the rows kept, each strand counted; upstream's method has none.
        min_gene_confidence: genes whose labels the network gives a lower mean probability weigh nothing; None = not asked.
        seed: of whatever is drawn at random.
        seqids: sequences to choose from; none = all.
    """

    method: str = "stratified"
    keep_fraction: float = 0.2
    strata: int = UPSTREAM_STRATA
    max_bases: float = 30e6
    min_gene_confidence: float | None = None
    seed: int = 0
    seqids: tuple[str, ...] = ()

    def __post_init__(self):
        if self.method not in METHODS:
            raise ParameterError(f"--method {self.method}: give one of {', '.join(METHODS)}.")
        if not 0 < self.keep_fraction <= 1:
            raise ParameterError(f"--keep-fraction {self.keep_fraction}: it must be above 0 and at most 1.")
        if self.strata < 1:
            raise ParameterError(f"--strata {self.strata}: at least one stratum is needed.")
        if not self.max_bases >= 1:
            raise ParameterError(f"--max-bases {self.max_bases:g}: it must be at least the bases of one subsequence.")
        if self.min_gene_confidence is not None and not 0 <= self.min_gene_confidence <= 1:
            raise ParameterError(f"--min-gene-confidence {self.min_gene_confidence}: it must lie from 0 to 1.")
        if self.seqids and self.method == "upstream":
            raise ParameterError("--seqid: --method upstream knows no sequences; filter the files before.")

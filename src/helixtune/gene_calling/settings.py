"""What a user can choose about gene calling."""

import math
from dataclasses import dataclass

from helixtune.errors import ParameterError
from helixtune.gene_calling.regions import Thresholds
from helixtune.gene_calling.states import UPSTREAM, Rules, improved_rules

RULE_SETS = ("upstream", "improved")
# Shorter ones are frameshifts, not introns: the shortest known spliceosomal introns have 15 to 20 bases.
SHORTEST_INTRON_BP = 15
# 37 % of the introns in S. pombe's coding sequences are shorter than upstream's rules know (docs/adr/003-tuning-defaults.md).
UPSTREAM_MIN_INTRON_BP = 50
MIN_INTRON_BP = {"upstream": UPSTREAM_MIN_INTRON_BP, "improved": 30}


@dataclass(frozen=True)
class CallSettings:
    """Options of gene calling; defaults are upstream's.

    Attributes:
        rules: "upstream" or "improved".
        min_intron_bp: shortest GT-AG or GC-AG intron; other than 50 with improved rules only.
        window_size: bases of the sliding window that finds candidate regions.
        edge_threshold: mean non-intergenic share at which a region begins and ends.
        peak_threshold: share that a region must exceed somewhere.
        min_coding_bp: genes with fewer coding bases are dropped.
    """

    rules: str = "upstream"
    min_intron_bp: int = UPSTREAM_MIN_INTRON_BP
    window_size: int = 100
    edge_threshold: float = 0.1
    peak_threshold: float = 0.8
    min_coding_bp: int = 60

    def __post_init__(self):
        if self.rules not in RULE_SETS:
            raise ParameterError(f"--rules {self.rules}: choose one of {', '.join(RULE_SETS)}.")
        if self.window_size < 1:
            raise ParameterError(f"--window-size {self.window_size}: it must be at least 1.")
        for option, value in (("edge", self.edge_threshold), ("peak", self.peak_threshold)):
            if not (math.isfinite(value) and 0 <= value <= 1):
                raise ParameterError(f"--{option}-threshold {value}: give a share between 0 and 1.")
        if self.min_coding_bp < 0:
            raise ParameterError(f"--min-coding-length {self.min_coding_bp}: it must not be negative.")
        if self.rules == "upstream" and self.min_intron_bp != UPSTREAM_MIN_INTRON_BP:
            raise ParameterError(
                f"--min-intron {self.min_intron_bp}: upstream's rules know introns from {UPSTREAM_MIN_INTRON_BP} bases on only;"
                " add --rules improved."
            )
        if not SHORTEST_INTRON_BP <= self.min_intron_bp <= 1000:
            raise ParameterError(f"--min-intron {self.min_intron_bp}: give {SHORTEST_INTRON_BP} to 1000 bases.")

    def as_options(self) -> str:
        """Return the settings as they are given on the command line."""
        options = {
            "rules": self.rules, "min-intron": self.min_intron_bp, "window-size": self.window_size,
            "edge-threshold": self.edge_threshold, "peak-threshold": self.peak_threshold,
            "min-coding-length": self.min_coding_bp,
        }  # fmt: skip
        return " ".join(f"--{name} {value}" for name, value in options.items())

    def state_rules(self) -> Rules:
        """Return the rules of the state model."""
        return UPSTREAM if self.rules == "upstream" else improved_rules(self.min_intron_bp)

    def thresholds(self) -> Thresholds:
        """Return the integer limits of the window scan."""
        return Thresholds.of(self.window_size, self.edge_threshold, self.peak_threshold)

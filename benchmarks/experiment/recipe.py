"""What one cell does differently from another: every choice of the loop, as options of the commands."""

from dataclasses import asdict, dataclass

# Rules with the shortest intron that fungi are known to splice regularly.
IMPROVED = ("--rules", "improved", "--min-intron", "30")
UPSTREAM_RULES = ("--rules", "upstream")


@dataclass(frozen=True)
class Recipe:
    """One way through the loop.

    Attributes:
        label_source: "base" (pseudolabels) or "truth" (the reference, as a ceiling).
        label_rules: options of call-genes for pseudolabels.
        select: options of select-confident; "random F" and "all" stand for themselves.
        split: options of split-subsequences.
        tune: options of tune-model; empty = the base model stays.
        rules: options of call-genes for the genes that are scored.
        row_bp: length of the rows that are selected and tuned on.
        rounds: how often; later rounds label with the model tuned before.
        predictions: "model", or "truth": the caller is given the right answer.
    """

    label_source: str = "base"
    label_rules: tuple[str, ...] = UPSTREAM_RULES
    select: tuple[str, ...] = ("--method", "stratified", "--keep-fraction", "0.2")
    split: tuple[str, ...] = ()
    tune: tuple[str, ...] = ("--mode", "new-head")
    rules: tuple[str, ...] = UPSTREAM_RULES
    rounds: int = 1
    row_bp: int = 21384
    predictions: str = "model"

    @property
    def reads_coverage(self) -> bool:
        """Tell whether its model reads RNA-seq coverage."""
        return "coverage-head" in self.tune

    def described(self) -> dict:
        """Return every choice, for keys and result files."""
        return asdict(self)

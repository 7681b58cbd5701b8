"""What one row of the experiment does: every choice of the loop, as options of the commands."""

from dataclasses import asdict, dataclass

# Genes of the state model: the pipeline's rules, and upstream's.
IMPROVED = ("--rules", "improved", "--min-intron", "30")
UPSTREAM_RULES = ("--rules", "upstream")


@dataclass(frozen=True)
class Recipe:
    """One way through the loop.

    Attributes:
        labels: whose genes are learned from: "signals", "state" (the state model's) or "truth" (the reference, as a ceiling).
        select: options of select-confident; none = all rows, as in the pipeline.
        tune: options of tune-model; empty = the base model stays.
        caller: who calls the genes that are scored: "signals" or "state".
        rules: options of call-genes for the state model.
        rounds: how often; a later round learns from the genes of the model tuned before, and goes on with that model.
        row_bp: length of the rows that are selected and tuned on.
    """

    labels: str = "signals"
    select: tuple[str, ...] = ()
    tune: tuple[str, ...] = ()
    caller: str = "signals"
    rules: tuple[str, ...] = IMPROVED
    rounds: int = 1
    row_bp: int = 2376

    @property
    def reads_coverage(self) -> bool:
        """Tell whether its model reads RNA-seq coverage."""
        return "coverage-head" in self.tune

    def described(self) -> dict:
        """Return every choice, for keys and results."""
        return asdict(self)


@dataclass(frozen=True)
class Choice:
    """What the gate takes of two rows, the first of which is the base's; it reads no reference."""

    base: Recipe
    tuned: Recipe

"""The cells of the experiment: which row, on which target, from which base, with which seed."""

from dataclasses import dataclass, replace

from others import OTHERS, Other
from recipe import UPSTREAM_RULES, Choice, Recipe
from targets import Target

BASE = "assets/models/eukaryote_small.h5"
DEMO_BASE = "assets/models/demo_base.h5"
SEEDS = (1, 2, 3)

# III is held out from everything.
POMBE = Target("pombe", "schizosaccharomyces_pombe", ("I", "II"), ("III",), reads=("rnaseq_mix.bam",))
YEAST = Target("yeast", "saccharomyces_cerevisiae", ("chrVII", "chrXII", "chrXV"), ("chrV", "chrX", "chrXI"))
ZYMO = Target("zymo", "zymoseptoria_tritici", ("chr9", "chr10", "chr11", "chr12", "chr13"), ("chr4", "chr8"))
NAPUS = Target("napus", "brassica_napus", ("LK031787", "LK031790", "LK031800", "LK031801"), ("LK031804", "LK031826"))
# Samples too small to be cut.
ARABIDOPSIS = Target("arabidopsis", "arabidopsis_thaliana_1pct")
WORM = Target("worm", "caenorhabditis_elegans_1pct")
FLY = Target("fly", "drosophila_melanogaster_demo1mb", reads=("sample1.bam", "sample2.bam"))
FLY4 = Target("fly4", "drosophila_melanogaster_chr4")
HUMAN = Target("human", "homo_sapiens_8mb")


def simulated(preset: str) -> Target:
    """Return a simulated species."""
    return Target(preset, preset, simulated=(11, 2.0))


@dataclass(frozen=True)
class Cell:
    """One line of the results: a row of a target from a base, with a seed."""

    target: Target
    base: str
    row: str
    work: Recipe | Choice | Other
    seed: int = 1

    @property
    def name(self) -> str:
        """Name it: target, base, row, seed."""
        base = self.base.removesuffix(".h5").rpartition("/")[2].replace(" ", "_")
        return f"{self.target.name}--{base}--{self.row}--{self.seed}"


BASE_ROW = Recipe(caller="state")
SIGNALS = Recipe()
# The pipeline's defaults.
WHOLE = ("--mode", "whole-network")
TUNED = Recipe(tune=WHOLE)
# Upstream's recipe with settings that work: with its own (1e-4, batches of 50) a random head learns next to nothing from few
# rows. Its split finds nothing to hold out in one chromosome, so it gets ours.
UPSTREAM = Recipe(
    labels="state",
    caller="state",
    rules=UPSTREAM_RULES,
    row_bp=21384,
    select=("--method", "stratified", "--keep-fraction", "0.2"),
    tune=(
        *("--mode", "new-head", "--head-init", "random", "--learning-rate", "0.005", "--batch-size", "4"),
        *("--monitor", "genic_f1", "--schedule", "constant", "--epochs", "30", "--patience", "3"),
        *("--class-weights", "0.7,1.6,1.2,1.2", "--transition-weights", "1,12,3,1,12,3"),
    ),
)
# Asked of every target.
MAIN = {
    "base": BASE_ROW,
    "base-signals": SIGNALS,
    "tuned": replace(TUNED, caller="state"),
    "tuned-signals": TUNED,
    "gate": Choice(SIGNALS, TUNED),
    "upstream": UPSTREAM,
}
# The default with one thing different.
PARTS = {
    "two-rounds": replace(TUNED, rounds=2),
    "half": replace(TUNED, select=("--keep-fraction", "0.5")),
    "fifth": replace(TUNED, select=("--keep-fraction", "0.2")),
    "state-labels": replace(TUNED, labels="state"),
    "new-head": replace(TUNED, tune=("--mode", "new-head")),
    "last-lstm": replace(TUNED, tune=(*WHOLE, "--freeze-until", "reshape")),
    "true-labels": replace(TUNED, labels="truth"),
}

COVERAGE = {"coverage-head": replace(TUNED, tune=("--mode", "coverage-head"))}


def cells_of(target: Target, base: str, rows: dict[str, Recipe | Choice], seeds: tuple[int, ...] = (1,)) -> list[Cell]:
    """Return one cell for every row and seed; rows without tuning have nothing random and are run once."""
    return [
        Cell(target, base, row, recipe, seed)
        for seed in seeds
        for row, recipe in rows.items()
        if isinstance(recipe, Choice) or recipe.tune or seed == seeds[0]
    ]


CELLS = [
    *cells_of(POMBE, BASE, MAIN, SEEDS),
    *cells_of(ZYMO, BASE, MAIN),
    *cells_of(NAPUS, BASE, MAIN),
    *(cell for target in (YEAST, ARABIDOPSIS, WORM, FLY, FLY4, HUMAN) for cell in cells_of(target, DEMO_BASE, MAIN)),
    *(
        cell
        for preset in ("demo-same", "demo-shifted", "fission-yeast")
        for cell in cells_of(simulated(preset), DEMO_BASE, MAIN)
    ),
    *cells_of(POMBE, BASE, PARTS | COVERAGE),
    *cells_of(FLY, DEMO_BASE, PARTS | COVERAGE),
    *cells_of(ARABIDOPSIS, DEMO_BASE, PARTS),
    *(
        Cell(target, "", row, other)
        for target in (POMBE, YEAST, ZYMO, NAPUS, ARABIDOPSIS, WORM, FLY, FLY4, HUMAN)
        for row, other in OTHERS[target.name].items()
    ),
]

"""The cells of the experiment: which recipe, on which target, from which base, with which seed."""

from dataclasses import dataclass, replace

from bases import WITHOUT
from recipe import IMPROVED, UPSTREAM_RULES, Recipe
from targets import Part, Target

BASE = "assets/models/eukaryote_small.h5"
DEMO_BASE = "assets/models/demo_base.h5"
YEAST, POMBE = "saccharomyces_cerevisiae", "schizosaccharomyces_pombe"
FLY_READS = ("sample1.bam", "sample2.bam")
SEEDS = (1, 2, 3)
# Of yeast, chromosome IX was held out when the bases were trained.
RELATIVE = Part(YEAST, ("chrIX",))

# III is held out from everything. Settings were chosen on the first 1.2 Mb of I (and on simulated species).
POMBE_TARGET = Target(
    "pombe",
    tune=Part(POMBE, ("II",)),
    score={"test": Part(POMBE, ("III",)), "dev": Part(POMBE, ("I",), 1_200_000), "relative": RELATIVE},
    reads=("rnaseq_mix.bam",),
)


def sample_target(name: str, folder: str, reads: tuple[str, ...] = ()) -> Target:
    """Return a sample of 1 Mb, tuned on and scored: pseudolabels have seen no truth, and it is too small to be cut."""
    part = Part(folder)
    return Target(name, tune=part, score={"test": part, "relative": RELATIVE}, reads=reads)


def simulated_target(preset: str) -> Target:
    """Return a simulated species: one genome to tune on, another to score, and the base model's own species."""
    score = {"test": Part(preset, simulated=(12, 1.2)), "relative": Part("demo-base", simulated=(13, 0.6))}
    return Target(preset, tune=Part(preset, simulated=(11, 2.0)), score=score, reads=("reads.bam",))


@dataclass(frozen=True)
class Cell:
    """One result file."""

    name: str
    target: Target
    base: str
    recipe: Recipe
    seed: int = 1


# The pipeline's defaults: a new head, two epochs, a stratified fifth of rows of 7,128 bases. All else are the commands' own.
DEFAULT = Recipe(label_rules=IMPROVED, rules=IMPROVED, row_bp=7128, tune=("--mode", "new-head"))
WEIGHTED = ("--class-weights", "0.7,1.6,1.2,1.2", "--transition-weights", "1,12,3,1,12,3")
UNWEIGHTED = ("--class-weights", "none", "--transition-weights", "none")
# Stopped by checks on pseudolabels (what helixtune did at first), or trained for a fixed length.
STOPPED = ("--monitor", "genic_f1", "--schedule", "constant", "--epochs", "30", "--patience", "5", *WEIGHTED)
FIXED = ("--monitor", "last", "--schedule", "cosine")
# Upstream's recipe; its batch of 50 long rows makes a few steps an epoch of the small set that is left. Its split finds
# nothing to hold out in one chromosome, so it gets ours.
RANDOM_HEAD = ("--mode", "new-head", "--head-init", "random", *STOPPED)
UPSTREAM = Recipe(
    select=("--method", "upstream", "--keep-fraction", "0.2"),
    tune=(*RANDOM_HEAD, "--learning-rate", "1e-4", "--batch-size", "50", "--patience", "3"),
)
WORKING = replace(UPSTREAM, tune=(*RANDOM_HEAD, "--learning-rate", "0.005", "--batch-size", "4"))
NO_TUNING = Recipe(tune=())
PERFECT = replace(NO_TUNING, predictions="truth")
MASKED = ("--method", "stratified", "--keep-fraction", "0.5", "--min-gene-confidence", "0.8")
WHOLE = ("--mode", "whole-network", *FIXED, "--learning-rate", "3e-4", "--epochs", "3", "--batch-size", "32")
GENE_ROWS = Recipe(label_rules=IMPROVED, rules=IMPROVED, row_bp=2376, select=MASKED, tune=(*WHOLE, *UNWEIGHTED))

# Rows without a random part are run once.
ONCE = {
    "rules-ceiling": PERFECT,
    "rules-ceiling-improved": replace(PERFECT, rules=IMPROVED),
    "base": NO_TUNING,
    "base-improved": replace(NO_TUNING, rules=IMPROVED),
}
# Asked of every target.
MAIN = {
    "upstream-working": WORKING,
    "upstream-working-improved-rules": replace(WORKING, rules=IMPROVED),
    "default": DEFAULT,
    "random": replace(DEFAULT, select=("random", "0.2", "SEED")),
    "round-2": replace(DEFAULT, rounds=2),
    "whole-network": replace(DEFAULT, tune=("--mode", "whole-network")),
    "true-labels": replace(DEFAULT, label_source="truth", select=("all",)),
}
# The default with one thing different: what is chosen, how often, and ceilings.
CHOICES = {
    "all": replace(DEFAULT, select=("all",)),
    "masked": replace(DEFAULT, select=MASKED),
    "round-3": replace(DEFAULT, rounds=3),
    "true-labels-whole": replace(GENE_ROWS, label_source="truth", select=("all",)),
}
# The default with one thing different: how it is labelled and trained.
SETTINGS = {
    "upstream-selection": replace(DEFAULT, select=("--method", "upstream", "--keep-fraction", "0.2")),
    "upstream-labels": replace(DEFAULT, label_rules=UPSTREAM_RULES),
    "long-rows": replace(DEFAULT, row_bp=21384),
    "weights": replace(DEFAULT, tune=(*DEFAULT.tune, *WEIGHTED)),
    "8-epochs": replace(DEFAULT, tune=(*DEFAULT.tune, "--epochs", "8")),
}
GENE_LENGTH_ROWS = {"whole-network-gene-rows": GENE_ROWS}
COVERAGE = {"coverage-head": replace(DEFAULT, tune=("--mode", "coverage-head"))}
# Not where sequences are long: even predictions make one region of a whole chromosome, which the caller works on for hours.
OWN_DEFAULTS = {"upstream": UPSTREAM}

# What the default came from, once each: head stopped by pseudolabels, longer training, whole networks trained otherwise.
STOPPED_HEAD = ("--mode", "new-head", "--learning-rate", "try", *STOPPED)
STRATIFIED = Recipe(tune=STOPPED_HEAD)
IMPROVED_LOOP = replace(STRATIFIED, label_rules=IMPROVED, rules=IMPROVED)
SHORT_ROWS = replace(IMPROVED_LOOP, row_bp=7128)
HEAD = ("--mode", "new-head", *FIXED, "--learning-rate", "0.005", "--epochs", "8")
STOPPED_WHOLE = replace(
    SHORT_ROWS,
    select=MASKED,
    tune=("--mode", "whole-network", *STOPPED, "--batch-size", "8", "--learning-rate", "1e-4", "--epochs", "4"),
)
TRIED = {
    "stopped": STRATIFIED,
    "stopped-improved-calls": replace(STRATIFIED, rules=IMPROVED),
    "stopped-improved": IMPROVED_LOOP,
    "stopped-improved-7k": SHORT_ROWS,
    "stopped-improved-7k-masked": replace(SHORT_ROWS, select=MASKED),
    "stopped-whole": STOPPED_WHOLE,
    "8-epochs-weights": replace(SHORT_ROWS, tune=(*HEAD, *WEIGHTED)),
    "whole-network-gene-rows-weights": replace(GENE_ROWS, tune=(*WHOLE, *WEIGHTED)),
    "whole-network-gene-rows-fast": replace(GENE_ROWS, tune=(*WHOLE, *UNWEIGHTED, "--learning-rate", "1e-3")),
    "stopped-true-labels": replace(SHORT_ROWS, label_source="truth", select=("all",)),
    "stopped-true-labels-whole": replace(STOPPED_WHOLE, label_source="truth", select=("all",)),
}


def cells_of(target: Target, base: str, seeded: dict[str, Recipe], tried: tuple[str, ...] = ()) -> list[Cell]:
    """Return one cell for every recipe and seed; recipes that were only tried get one seed."""
    cells = [Cell(f"{target.name}--{row}--1", target, base, recipe) for row, recipe in ONCE.items()]
    for seed in SEEDS:
        cells += [Cell(f"{target.name}--{row}--{seed}", target, base, recipe, seed) for row, recipe in seeded.items()]
    return cells + [Cell(f"{target.name}--{row}--1", target, base, TRIED[row]) for row in tried]


TRIED_ON_POMBE = (
    "stopped", "stopped-improved-calls", "stopped-improved", "stopped-improved-7k", "8-epochs-weights", "stopped-true-labels",
)  # fmt: skip
ARABIDOPSIS = sample_target("arabidopsis", "arabidopsis_thaliana_1pct")
WORM = sample_target("worm", "caenorhabditis_elegans_1pct")
FLY = sample_target("fly", "drosophila_melanogaster_demo1mb", FLY_READS)
CELLS = [
    *cells_of(POMBE_TARGET, BASE, MAIN | CHOICES | GENE_LENGTH_ROWS | SETTINGS | COVERAGE, TRIED_ON_POMBE),
    *cells_of(ARABIDOPSIS, WITHOUT + "arabidopsis_thaliana", OWN_DEFAULTS | MAIN | CHOICES | GENE_LENGTH_ROWS),
    *cells_of(WORM, WITHOUT + "caenorhabditis_elegans", MAIN),
    *cells_of(FLY, WITHOUT + "drosophila_melanogaster", MAIN | COVERAGE),
    *cells_of(simulated_target("demo-same"), DEMO_BASE, MAIN | GENE_LENGTH_ROWS),
    *cells_of(
        simulated_target("demo-shifted"),
        DEMO_BASE,
        MAIN | CHOICES | GENE_LENGTH_ROWS | SETTINGS | COVERAGE,
        tuple(TRIED),
    ),
    *cells_of(simulated_target("fission-yeast"), DEMO_BASE, MAIN | GENE_LENGTH_ROWS),
]

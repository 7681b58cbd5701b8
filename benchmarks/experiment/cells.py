"""The cells of the experiment: which recipe, on which target, from which base, with which seed."""

from dataclasses import dataclass, replace

from recipe import IMPROVED, UPSTREAM_RULES, Recipe
from targets import Part, Target

BASE = "assets/models/eukaryote_small.h5"
DEMO_BASE = "assets/models/demo_base.h5"
YEAST, POMBE = "saccharomyces_cerevisiae", "schizosaccharomyces_pombe"
SEEDS = (1, 2, 3)

# III is held out from everything. Settings were chosen on the first 1.2 Mb of I (and on simulated species). Of yeast,
# chromosome IX was held out when the base was trained.
POMBE_TARGET = Target(
    "pombe",
    tune=Part(POMBE, ("II",)),
    score={
        "test": Part(POMBE, ("III",)),
        "dev": Part(POMBE, ("I",), 1_200_000),
        "relative": Part(YEAST, ("chrIX",)),
    },
)


def simulated_target(preset: str) -> Target:
    """Return a simulated species: one genome to tune on, another to score, and the base model's own species."""
    score = {"test": Part(preset, simulated=(12, 1.2)), "relative": Part("demo-base", simulated=(13, 0.6))}
    return Target(preset, tune=Part(preset, simulated=(11, 2.0)), score=score)


@dataclass(frozen=True)
class Cell:
    """One result file."""

    name: str
    target: Target
    base: str
    recipe: Recipe
    seed: int = 1


WEIGHTED = ("--class-weights", "0.7,1.6,1.2,1.2", "--transition-weights", "1,12,3,1,12,3")
UNWEIGHTED = ("--class-weights", "none", "--transition-weights", "none")
# Stopped by checks on pseudolabels (what helixtune did at first), or trained for a fixed length.
STOPPED = ("--monitor", "genic_f1", "--schedule", "constant", "--epochs", "30", "--patience", "5", *WEIGHTED)
FIXED = ("--monitor", "last", "--schedule", "cosine")
STOPPED_HEAD = ("--mode", "new-head", "--learning-rate", "try", *STOPPED)
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
STRATIFIED = Recipe(tune=STOPPED_HEAD)
IMPROVED_LOOP = replace(STRATIFIED, label_rules=IMPROVED, rules=IMPROVED)
SHORT_ROWS = replace(IMPROVED_LOOP, row_bp=7128)
MASKED = ("--method", "stratified", "--keep-fraction", "0.5", "--min-gene-confidence", "0.8")
REPRESENTATIVE = ("--method", "representative", "--keep-fraction", "0.2", "--seed", "SEED")
HEAD = ("--mode", "new-head", *FIXED, "--learning-rate", "0.005", "--epochs", "8")
FIXED_HEAD = replace(SHORT_ROWS, tune=(*HEAD, *UNWEIGHTED))
WHOLE = ("--mode", "whole-network", *FIXED, "--learning-rate", "3e-4", "--epochs", "3", "--batch-size", "32")
GENE_ROWS = replace(IMPROVED_LOOP, row_bp=2376, select=MASKED)
STOPPED_WHOLE = replace(
    SHORT_ROWS,
    select=MASKED,
    tune=("--mode", "whole-network", *STOPPED, "--batch-size", "8", "--learning-rate", "1e-4", "--epochs", "4"),
)

# Rows without a random part are run once.
ONCE = {
    "rules-ceiling": PERFECT,
    "rules-ceiling-improved": replace(PERFECT, rules=IMPROVED),
    "base": NO_TUNING,
    "base-improved": replace(NO_TUNING, rules=IMPROVED),
}
SEEDED = {
    "upstream": UPSTREAM,
    "upstream-working": WORKING,
    "upstream-working-improved-rules": replace(WORKING, rules=IMPROVED),
    "stratified": STRATIFIED,
    "stratified-improved-calls": replace(STRATIFIED, rules=IMPROVED),
    "improved": IMPROVED_LOOP,
    "improved-7k": SHORT_ROWS,
    "improved-7k-masked": replace(SHORT_ROWS, select=MASKED),
    "representative": replace(SHORT_ROWS, select=REPRESENTATIVE),
    "head-fixed": replace(FIXED_HEAD, tune=(*HEAD, *WEIGHTED)),
    "head-fixed-unweighted": FIXED_HEAD,
    "head-fixed-unweighted-upstream-labels": replace(FIXED_HEAD, label_rules=UPSTREAM_RULES),
    "head-fixed-unweighted-random": replace(FIXED_HEAD, select=("random", "0.2", "SEED")),
    "head-fixed-unweighted-all": replace(FIXED_HEAD, select=("all",)),
    "head-fixed-unweighted-masked": replace(FIXED_HEAD, select=MASKED),
    "head-fixed-unweighted-representative": replace(FIXED_HEAD, select=REPRESENTATIVE),
    "head-fixed-unweighted-hidden": replace(FIXED_HEAD, tune=(*FIXED_HEAD.tune, "--hidden-units", "64")),
    "head-fixed-unweighted-trials": replace(FIXED_HEAD, tune=(*FIXED_HEAD.tune, "--learning-rate", "try")),
    "head-fixed-unweighted-short": replace(FIXED_HEAD, tune=(*FIXED_HEAD.tune, "--epochs", "2")),
    "head-fixed-unweighted-long": replace(FIXED_HEAD, tune=(*FIXED_HEAD.tune, "--epochs", "24")),
    "head-fixed-unweighted-masked-round-2": replace(FIXED_HEAD, select=MASKED, rounds=2),
    "head-fixed-unweighted-round-2": replace(FIXED_HEAD, rounds=2),
    "head-fixed-unweighted-round-3": replace(FIXED_HEAD, rounds=3),
    "whole-stopped": STOPPED_WHOLE,
    "whole-fixed": replace(GENE_ROWS, tune=(*WHOLE, *WEIGHTED)),
    "whole-fixed-unweighted": replace(GENE_ROWS, tune=(*WHOLE, *UNWEIGHTED)),
    "whole-fixed-fast-unweighted": replace(GENE_ROWS, tune=(*WHOLE, *UNWEIGHTED, "--learning-rate", "1e-3")),
    "truth-head": replace(SHORT_ROWS, label_source="truth", select=("all",)),
    "truth-whole": replace(STOPPED_WHOLE, label_source="truth", select=("all",)),
}


def cells_of(target: Target, base: str, once: dict[str, Recipe], seeded: dict[str, Recipe]) -> list[Cell]:
    """Return one cell for every recipe and seed."""
    cells = [Cell(f"{target.name}--{row}--1", target, base, recipe) for row, recipe in once.items()]
    for seed in SEEDS:
        cells += [Cell(f"{target.name}--{row}--{seed}", target, base, recipe, seed) for row, recipe in seeded.items()]
    return cells


CELLS = cells_of(POMBE_TARGET, BASE, ONCE, SEEDED)
for preset in ("demo-same", "demo-shifted", "fission-yeast"):
    CELLS += cells_of(simulated_target(preset), DEMO_BASE, ONCE, SEEDED)

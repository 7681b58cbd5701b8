"""One way through the loop, command by command, every step kept for other rows that need the same."""

import json
from dataclasses import dataclass
from pathlib import Path

from cache import Cache, Made
from recipe import Choice, Recipe
from targets import Target, levels_of, write_genome, write_truth

from helixtune import __version__
from helixtune.cli import main as helixtune

WITHOUT_THREADS = ("evaluate-genes", "simulate-species")


@dataclass(frozen=True)
class Job:
    """A target with a base model, and where work is kept."""

    target: Target
    base: Path
    base_key: str
    data: Path
    cache: Cache
    threads: int = 1

    def command(self, verb: str, *options) -> None:
        """Run one stage in this process."""
        words = [verb, *(str(option) for option in options), "--quiet"]
        if verb not in WITHOUT_THREADS:
            words += ["--threads", str(self.threads)]
        code = helixtune(words)
        if code:
            raise RuntimeError(f"{' '.join(words)} ended with {code}")


@dataclass(frozen=True)
class Called:
    """What one model makes of a genome: predictions, and genes called from them."""

    predictions: Path
    genes: Path
    key: str


def genome_folder(job: Job) -> Path:
    """Return where genome and annotation lie; simulated ones are made."""
    if job.target.simulated is None:
        return job.data / job.target.species
    seed, size_mb = job.target.simulated

    def build(folder: Path) -> None:
        options = ("--preset", job.target.species, "--seed", seed, "--size-mb", size_mb)
        job.command("simulate-species", *options, "--output-dir", folder / "genome")

    return job.cache.make("simulated", [job.target.species, seed, size_mb], build) / "genome"


def prepare(job: Job) -> Made:
    """Write genome and truth of a target, and encode the genome."""

    def build(folder: Path) -> None:
        source = genome_folder(job)
        write_genome(source, job.target, folder / "genome.fa")
        write_truth(source, job.target, folder / "truth.gff3")
        options = ("--fasta", folder / "genome.fa", "--species", "target", "--output", folder / "genome.h5")
        job.command("encode-genome", *options)

    return job.cache.make("target", job.target, build)


def predict(job: Job, model: Path, model_key: str, genome: Path, genome_key: str) -> Made:
    """Predict a genome, with or without coverage."""

    def build(folder: Path) -> None:
        options = ("--model", model, "--genome", genome, "--max-padding", 0, "--output", folder / "p.h5")
        job.command("predict-classes", *options)

    return job.cache.make("predictions", [genome_key, model_key], build)


def learn(job: Job, predictions: Made, rules: tuple[str, ...]) -> Made:
    """Learn signals: from the state model's genes on the base's predictions, and with others on from there.

    There is no file where the base calls too few genes.
    """
    made = prepare(job)
    of_base = predict(job, job.base, job.base_key, made / "genome.h5", made.key)
    is_base = predictions.key == of_base.key
    start = call(job, of_base, rules, "state") if is_base else learn(job, of_base, rules)

    def build(folder: Path) -> None:
        files = (
            "--genome",
            made / "genome.h5",
            "--predictions",
            predictions / "p.h5",
            "--output",
            folder / "signals.json",
        )
        if is_base:
            job.command("learn-signals", *files, "--genes", start.genes, "--on-empty", "skip")
        elif (start / "signals.json").exists():
            job.command("learn-signals", *files, "--signals", start / "signals.json", "--on-empty", "skip")

    return job.cache.make("signals", [predictions.key, start.key], build)


def call(job: Job, predictions: Made, rules: tuple[str, ...], caller: str) -> Called:
    """Call genes from predictions: by the state model, or by signals (where anything could be learnt)."""
    made = prepare(job)
    key, options = [predictions.key, rules], rules
    if caller == "signals":
        signals = learn(job, predictions, rules)
        if (signals / "signals.json").exists():
            key, options = [predictions.key, signals.key], ("--signals", signals / "signals.json")

    def build(folder: Path) -> None:
        both = ("--genome", made / "genome.h5", "--predictions", predictions / "p.h5")
        job.command("call-genes", *both, *options, "--output", folder / "g.gff3")

    genes = job.cache.make("genes", key, build)
    return Called(predictions / "p.h5", genes / "g.gff3", genes.key)


def covered(job: Job, rows: Path, key: str, annotation: Path) -> Made:
    """Add the RNA-seq of a target to a file of rows; genes tell the library."""
    bams = [word for name in job.target.reads for word in ("--bam", genome_folder(job) / name)]

    def build(folder: Path) -> None:
        job.command(
            "add-coverage", "--data", rows, *bams, "--annotation", annotation, "--output", folder / "covered.h5"
        )

    return job.cache.make("covered", [key, job.target.reads], build)


def select(job: Job, called: Called, annotation: Path, key: str, recipe: Recipe) -> Made:
    """Label the genome by genes, and choose subsequences of the sequences that may be learned from."""
    made = prepare(job)
    seqids = ("--seqid", *job.target.tune) if job.target.tune else ()
    options = recipe.select or ("--keep-fraction", 1)

    def label(folder: Path) -> None:
        options = ("--fasta", made / "genome.fa", "--annotation", annotation, "--species", "target")
        job.command("encode-labels", *options, "--subsequence-length", recipe.row_bp, "--output", folder / "labels.h5")

    def build(folder: Path) -> None:
        files = ("--h5-to-filter", labelled / "labels.h5", "--predictions", called.predictions)
        job.command("select-confident", *files, "--output-file", folder / "filtered.h5", *options, *seqids)

    labelled = job.cache.make("labels", [made.key, key, recipe.row_bp], label)
    return job.cache.make("selection", [labelled.key, called.key, recipe.select, job.target.tune], build)


def tune(job: Job, start: Path, start_key: str, rows: Path, rows_key: str, recipe: Recipe, seed: int) -> Made:
    """Split and tune."""

    def split(folder: Path) -> None:
        files = ("--input", rows, "--train", folder / "train.h5", "--validation", folder / "val.h5")
        job.command("split-subsequences", *files, "--validation-fraction", 0.1, "--seed", seed)

    def build(folder: Path) -> None:
        files = ("--train", parts / "train.h5", "--validation", parts / "val.h5", "--output", folder / "model.h5")
        job.command("tune-model", "--base-model", start, *files, "--seed", seed, *recipe.tune)

    parts = job.cache.make("split", [rows_key, seed], split)
    return job.cache.make("model", [start_key, parts.key, seed, recipe.tune], build)


def genes_of_row(job: Job, recipe: Recipe, seed: int) -> Called:
    """Go through the loop as often as the recipe says, and call genes with the last model."""
    made = prepare(job)
    genome, genome_key = made / "genome.h5", made.key
    model, model_key = job.base, job.base_key
    called_by = recipe.caller if recipe.labels == "truth" else recipe.labels
    for _ in range(recipe.rounds if recipe.tune else 0):
        called = call(job, predict(job, model, model_key, genome, genome_key), recipe.rules, called_by)
        annotation, key = (made / "truth.gff3", "truth") if recipe.labels == "truth" else (called.genes, called.key)
        chosen = select(job, called, annotation, key, recipe)
        rows, rows_key = chosen / "filtered.h5", chosen.key
        if recipe.reads_coverage:
            seen = covered(job, made / "genome.h5", made.key, called.genes)
            genome, genome_key = seen / "covered.h5", seen.key
            of_rows = covered(job, rows, rows_key, called.genes)
            rows, rows_key = of_rows / "covered.h5", of_rows.key
        tuned = tune(job, model, model_key, rows, rows_key, recipe, seed)
        model, model_key = tuned / "model.h5", tuned.key
    return call(job, predict(job, model, model_key, genome, genome_key), recipe.rules, recipe.caller)


def chosen_genes(job: Job, choice: Choice, seed: int) -> tuple[Called, dict]:
    """Let the gate choose; return its genes, and what it said."""
    base, tuned = (genes_of_row(job, recipe, seed) for recipe in (choice.base, choice.tuned))

    def build(folder: Path) -> None:
        files = ("--genome", prepare(job) / "genome.h5", "--output", folder / "metrics.json")
        of_base = ("--base-genes", base.genes, "--base-predictions", base.predictions)
        of_tuned = ("--tuned-genes", tuned.genes, "--tuned-predictions", tuned.predictions)
        job.command("evaluate-genes", *files, *of_base, *of_tuned)

    made = job.cache.make("verdict", [base.key, tuned.key, __version__], build)
    verdict = json.loads((made / "metrics.json").read_text())["verdict"]
    said = {name: verdict[name] for name in ("recommended", "confidence", "estimated_gain")}
    return (tuned if verdict["recommended"] == "tuned" else base), said


def score(job: Job, genes: Path, key: str) -> dict:
    """Return the figures of a gene set on the sequences that are scored."""
    seqids = ("--seqid", *job.target.score) if job.target.score else ()
    truth = prepare(job) / "truth.gff3"

    def build(folder: Path) -> None:
        files = ("--predicted", genes, "--reference", truth, "--output", folder / "metrics.json")
        job.command("evaluate-genes", *files, *seqids)

    return levels_of(job.cache.make("scores", [key, job.target], build) / "metrics.json")

"""One way through the loop, command by command, every step kept for other cells that need the same."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from cache import Cache, Made, key_of
from perfect import write_perfect_predictions
from random_rows import keep_random_places
from reads import write_reads
from recipe import Recipe
from shared_trunk import has_trunk_of, predict_on_shared_trunk
from targets import DECOY_BP, Part, Target, sequences_of, shuffled, write_fasta, write_truth

from helixtune.annotation.gff3 import read_genes
from helixtune.cli import main as helixtune
from helixtune.fasta import iter_sequences

LEVELS = ("base", "exon", "intron", "gene")


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
        if verb not in ("evaluate-genes", "simulate-species"):
            words += ["--threads", str(self.threads)]
        code = helixtune(words)
        if code:
            raise RuntimeError(f"{' '.join(words)} ended with {code}")


def genome_folder(job: Job, part: Part) -> Path:
    """Return where genome and annotation of a part lie; simulated ones are made."""
    if part.simulated is None:
        return job.data / part.species
    seed, size_mb = part.simulated

    def build(folder: Path) -> None:
        options = ("--preset", part.species, "--seed", seed, "--size-mb", size_mb)
        job.command("simulate-species", *options, "--output-dir", folder / "genome")

    return job.cache.make("simulated", [part.species, seed, size_mb, "with reads"], build) / "genome"


def prepare_target(job: Job) -> Made:
    """Write FASTA and truth of a target, and encode both genomes."""
    target = job.target

    def build(folder: Path) -> None:
        source = genome_folder(job, target.tune)
        tune = sequences_of(source, target.tune)
        with (folder / "tune.fa").open("w") as file:
            for seqid, bases in tune.items():
                write_fasta(file, seqid, bases)
        write_truth(source, {seqid: len(bases) for seqid, bases in tune.items()}, folder / "tune.gff3")
        with (folder / "score.fa").open("w") as file:
            for name, part in target.score.items():
                source = genome_folder(job, part)
                sequences = sequences_of(source, part)
                for seqid, bases in sequences.items():
                    write_fasta(file, f"{name}_{seqid}", bases)
                lengths = {seqid: len(bases) for seqid, bases in sequences.items()}
                write_truth(source, lengths, folder / f"{name}.gff3", f"{name}_")
                if name == target.decoys_of:
                    decoy = shuffled(b"".join(sequences.values()), DECOY_BP)
                    write_fasta(file, "decoy", decoy)
        for name in ("tune", "score"):
            job.command(
                "encode-genome",
                "--fasta",
                folder / f"{name}.fa",
                "--species",
                "target",
                "--output",
                folder / f"{name}.h5",
            )

    return job.cache.make("target", [target.name, target.tune, target.score], build)


def predict(job: Job, model: Path, model_key: str, part: str) -> Made:
    """Predict `tune` or `score` of a target."""
    made = prepare_target(job)
    genome = made / f"{part}.h5"
    features = job.cache.folder / "features" / key_of([made.key, part, job.base_key])

    def build(folder: Path) -> None:
        if has_trunk_of(model, job.base):
            predict_on_shared_trunk(model, genome, folder / "p.h5", features, job.threads)
        else:
            predict_by_command(job, model, genome, folder)

    return job.cache.make("predictions", [made.key, part, model_key], build)


def predict_by_command(job: Job, model: Path, genome: Path, folder: Path) -> None:
    """Write the predictions of any model into a folder."""
    job.command("predict-classes", "--model", model, "--genome", genome, "--output", folder / "p.h5")


def predict_covered(job: Job, model: Path, model_key: str, rules: tuple[str, ...]) -> Made:
    """Predict `score` with a model that reads coverage; the base model's genes tell the library."""
    made = prepare_target(job)
    base = predict(job, job.base, job.base_key, "score")
    called = call(job, base, "score", rules)
    covered = cover(job, "score", called.key, made / "score.h5", called / "g.gff3")

    def build(folder: Path) -> None:
        predict_by_command(job, model, covered / "covered.h5", folder)

    return job.cache.make("predictions", [covered.key, model_key], build)


def cover(job: Job, part: str, key: str, data: Path, annotation: Path) -> Made:
    """Add the RNA-seq of a target to a file of its tuning or its scoring part; genes tell the library."""
    target, made = job.target, prepare_target(job)
    sources = {"": target.tune} if part == "tune" else {f"{name}_": source for name, source in target.score.items()}
    lengths = {sequence.seqid: len(sequence.bases) for sequence in iter_sequences(made / f"{part}.fa")}

    def build(folder: Path) -> None:
        bams = [folder / f"{number}.bam" for number in range(len(target.reads))]
        for bam, name in zip(bams, target.reads, strict=True):
            files = [(genome_folder(job, source) / name, prefix) for prefix, source in sources.items()]
            # a relative may have no RNA-seq
            own = [file for file in files if file[0].exists() or file[1] != "relative_"]
            write_reads(own, lengths, bam)
        options = [word for bam in bams for word in ("--bam", bam)]
        job.command(
            "add-coverage", "--data", data, *options, "--annotation", annotation, "--output", folder / "covered.h5"
        )

    return job.cache.make("covered", [made.key, key, part, target.reads], build)


def call(job: Job, predictions: Made, part: str, rules: tuple[str, ...]) -> Made:
    """Call genes."""
    made = prepare_target(job)

    def build(folder: Path) -> None:
        options = (
            "--genome",
            made / f"{part}.h5",
            "--predictions",
            predictions / "p.h5",
            "--output",
            folder / "g.gff3",
        )
        job.command("call-genes", *options, *rules)

    return job.cache.make("genes", [predictions.key, part, rules], build)


def labels(job: Job, annotation: Path, key: str, part: str, row_bp: int) -> Made:
    """Encode labels from an annotation of a part."""
    made = prepare_target(job)

    def build(folder: Path) -> None:
        options = ("--fasta", made / f"{part}.fa", "--annotation", annotation, "--species", "target")
        job.command("encode-labels", *options, "--subsequence-length", row_bp, "--output", folder / "labels.h5")

    return job.cache.make("labels", [made.key, key, part, row_bp], build)


def select(job: Job, labelled: Made, predictions: Made, options: tuple[str, ...]) -> Made:
    """Choose subsequences."""

    def build(folder: Path) -> None:
        if options[0] == "all":
            shutil.copyfile(labelled / "labels.h5", folder / "filtered.h5")
        elif options[0] == "random":
            keep_random_places(labelled / "labels.h5", folder / "filtered.h5", float(options[1]), int(options[2]))
        else:
            files = ("--h5-to-filter", labelled / "labels.h5", "--predictions", predictions / "p.h5")
            job.command("select-confident", *files, "--output-file", folder / "filtered.h5", *options)

    return job.cache.make("selection", [labelled.key, predictions.key, options], build)


def tune(job: Job, start: Path, start_key: str, rows: Path, rows_key: str, recipe: Recipe, seed: int) -> Made:
    """Split and tune."""

    def split(folder: Path) -> None:
        files = ("--input", rows, "--train", folder / "train.h5", "--validation", folder / "val.h5")
        job.command("split-subsequences", *files, "--seed", seed, *recipe.split)

    def build(folder: Path) -> None:
        files = ("--train", parts / "train.h5", "--validation", parts / "val.h5", "--output", folder / "model.h5")
        job.command("tune-model", "--base-model", start, *files, "--seed", seed, *recipe.tune)

    parts = job.cache.make("split", [rows_key, seed, recipe.split], split)
    return job.cache.make("model", [start_key, parts.key, seed, recipe.tune], build)


def run_rounds(job: Job, recipe: Recipe, seed: int) -> tuple[Path, str]:
    """Go through the loop as often as the recipe says; return the model and its key."""
    model, key = job.base, job.base_key
    made = prepare_target(job)
    frozen_trunk = "whole-network" not in recipe.tune
    for _ in range(recipe.rounds if recipe.tune else 0):
        predictions = predict(job, model, key, "tune")
        annotation, annotation_key = made / "tune.gff3", "truth"
        if recipe.label_source == "base":
            called = call(job, predictions, "tune", recipe.label_rules)
            annotation, annotation_key = called / "g.gff3", called.key
        options = tuple(word.replace("SEED", str(seed)) for word in recipe.select)
        chosen = select(job, labels(job, annotation, annotation_key, "tune", recipe.row_bp), predictions, options)
        rows = chosen / "filtered.h5"
        if recipe.reads_coverage:
            chosen = cover(job, "tune", chosen.key, rows, annotation)
            rows = chosen / "covered.h5"
        # A head goes on from the head of the round before on the same trunk; a whole network begins anew from the base.
        start = (model, key) if frozen_trunk else (job.base, job.base_key)
        tuned = tune(job, *start, rows, chosen.key, recipe, seed)
        model, key = tuned / "model.h5", tuned.key
    return model, key


def score(job: Job, recipe: Recipe, seed: int) -> dict:
    """Return the figures of one cell."""
    made = prepare_target(job)
    if recipe.predictions == "truth":
        predictions = perfect(job)
    else:
        model, key = run_rounds(job, recipe, seed)
        covered = recipe.reads_coverage
        predictions = (
            predict_covered(job, model, key, recipe.label_rules) if covered else predict(job, model, key, "score")
        )
    called = call(job, predictions, "score", recipe.rules)
    genes = read_genes(called / "g.gff3")
    result = {"decoy_genes": sum(gene.seqid == "decoy" for gene in genes)}
    for name in job.target.score:
        output = called / f"{name}.json"
        truth = made / f"{name}.gff3"
        job.command("evaluate-genes", "--predicted", called / "g.gff3", "--reference", truth, "--output", output)
        cds = json.loads(output.read_text())["reference"]["cds"]
        result[name] = {level: cds[level]["f1"] for level in LEVELS}
        result[name] |= {
            f"{level}_{kind}": cds[level][kind] for level in LEVELS[1:] for kind in ("precision", "recall")
        }
        result[name]["genes"] = cds["gene"]["predicted"]
        result[name]["reference_genes"] = cds["gene"]["reference"]
    return result


def perfect(job: Job) -> Made:
    """Return predictions that say the truth with certainty: what is lost then is lost by the rules of calling."""
    made = prepare_target(job)

    def build(folder: Path) -> None:
        lines = [line for name in job.target.score for line in (made / f"{name}.gff3").read_text().splitlines()[1:]]
        (folder / "truth.gff3").write_text("##gff-version 3\n" + "\n".join(lines) + "\n")
        labelled = labels(job, folder / "truth.gff3", "truth", "score", 21384)
        write_perfect_predictions(labelled / "labels.h5", made / "score.h5", folder / "p.h5")

    return job.cache.make("perfect", [made.key], build)

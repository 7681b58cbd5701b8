"""Tuning from files to files: read the base model, prepare a mode, train, write model, log and card."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from helixtune import h5files
from helixtune.errors import ParameterError
from helixtune.log import logger
from helixtune.model.card import CardFacts
from helixtune.model.graph import count_parameters
from helixtune.model.weights import ModelFile, read_model_file
from helixtune.training.checkpoints import CheckpointFile
from helixtune.training.checks import Check, RowSource
from helixtune.training.embeddings import FeatureRows, FrozenPart, compute_features
from helixtune.training.labelled_rows import LabelledRows, Layout
from helixtune.training.length import OF_HEAD, OF_NETWORK, Length
from helixtune.training.loop import Outcome, TrainingRun
from helixtune.training.outputs import OutputPaths, data_files, model_attributes, warnings_of, write_outputs
from helixtune.training.run_folder import run_folder, run_key
from helixtune.training.settings import TrainingSettings
from helixtune.tuning import MODES
from helixtune.tuning.learning_rates import choose_learning_rate
from helixtune.tuning.parts import parts_of
from helixtune.tuning.plan import Plan, Wishes


@dataclass(frozen=True)
class TuningTask:
    """What to tune, on what, how, and where results go.

    Attributes:
        mode: a key of `MODES`.
        base_model: model file to start from.
        train: training files.
        validation: validation files.
        wishes: choices about the network.
        length: choices about the length of training; the learning rate is ignored when `choose_rate`.
        settings_of: learning rate, epochs, rows in a step -> all choices about training.
        choose_rate: try learning rates where that is cheap, else take the default.
        coverage_norm: of a new coverage head (None = log) or of a base model whose file does not say.
        paths: outputs.
        threads: computing threads.
        checkpoint_dir: lasting place for unfinished work, or None.
    """

    mode: str
    base_model: Path
    train: list[str]
    validation: list[str]
    wishes: Wishes
    length: Length
    settings_of: Callable[[float, int, int], TrainingSettings]
    choose_rate: bool
    coverage_norm: str | None
    paths: OutputPaths
    threads: int
    checkpoint_dir: str | None


def tune(task: TuningTask) -> Outcome:
    """Tune a model as the task says, write it, and return how the training went."""
    mode = MODES[task.mode]
    base = read_model_file(task.base_model)
    layout = input_layout(task, base)
    wishes = replace(task.wishes, coverage_tracks=layout.coverage_tracks)
    with ExitStack() as stack:
        train = stack.enter_context(LabelledRows(task.train, layout, "training"))
        validation = stack.enter_context(LabelledRows(task.validation, layout, "validation"))
        warn_of_shared_rows(train, validation)
        warn_of_other_bam_files(base, train)
        plan = mode.prepare(base, wishes)
        data = [*data_files("training", train), *data_files("validation", validation)]
        usual = OF_HEAD if plan.head_only else OF_NETWORK
        settings = task.settings_of(*usual.of_rows(len(train), train.subsequence_length_bp, task.length))
        tries_rates = task.choose_rate and plan.head_only
        described = describe(task, wishes, layout, settings, tries_rates=tries_rates)
        key = run_key({**described, "base": base.sha256, "data": [file.sha256 for file in data]})
        folder = stack.enter_context(run_folder(task.checkpoint_dir, key, task.paths.model))
        run = run_plan(plan, train, validation, settings, task, folder, tries_rates=tries_rates)
        notes = warnings_of(run.outcome, run.start, settings.monitor, start_counts=plan.start_counts)
        tuned = run.tuned
        facts = card_facts(
            task, base, plan, run, {**described, "learning_rate": run.settings.learning_rate}, data, notes
        )
        attributes = model_attributes("tune-model", facts.settings, data, run.outcome.best)
        attributes |= tuned_attributes(task, base, layout, train)
        write_outputs((tuned.graph, tuned.weights), task.paths, [*run.trials, *run.outcome.checks], facts, attributes)
    return run.outcome


def card_facts(task: TuningTask, base: ModelFile, plan: Plan, run: "FinishedRun", settings, data, notes) -> CardFacts:
    """Gather what the model card says."""
    return CardFacts(
        title=task.paths.model.name,
        made_by=f"{task.mode}: {MODES[task.mode].DESCRIPTION}",
        base=f"{task.base_model.name}, SHA-256 `{base.sha256}`",
        parameters=count_parameters(plan.start.graph),
        trained=run.trained_count,
        data=data,
        settings=settings,
        checks=run.outcome.checks,
        best=run.outcome.best,
        stopped=run.outcome.stopped,
        notes=[*run.notes, *notes],
    )


@dataclass(frozen=True)
class FinishedRun:
    """A training with the trials before it, the weights that it started from, and the whole network that it made."""

    outcome: Outcome
    tuned: ModelFile
    trained_count: int
    start: list
    settings: TrainingSettings
    trials: list[Check]
    notes: list[str]


def run_plan(
    plan: Plan,
    train: LabelledRows,
    validation: LabelledRows,
    settings: TrainingSettings,
    task: TuningTask,
    folder: Path,
    *,
    tries_rates: bool,
) -> FinishedRun:
    """Train the trained part of a plan, on stored features where a part is frozen."""
    trials, notes = [], []
    parts = parts_of(plan, settings, task.threads)
    sources = [
        features_of(parts.frozen, rows, folder / f"{rows.what}.features") if parts.frozen is not None else rows
        for rows in (train, validation)
    ]
    network = parts.network
    start = network.weights()

    def checkpoint_for(stage: str) -> CheckpointFile | None:
        return CheckpointFile(folder / f"{stage}.npz") if task.checkpoint_dir else None

    if tries_rates:
        rate, trials = choose_learning_rate(network, *sources, settings, checkpoint_for)
        settings = replace(settings, learning_rate=rate)
        notes.append(f"Learning rate {rate:g} was chosen by short trials; they are in the training log.")
    network.start_over(start, settings.learning_rate)
    run = TrainingRun(
        network, *sources, settings, stage="tune", start_counts=plan.start_counts, checkpoint=checkpoint_for("tune")
    )
    outcome = run.run()
    tuned = parts.finished(outcome.best_weights)
    return FinishedRun(outcome, tuned, network.trained_count, start, settings, trials, notes)


def features_of(frozen: FrozenPart, rows: LabelledRows, path: Path) -> RowSource:
    """Return the rows as the frozen part sees them."""
    return FeatureRows(rows, compute_features(frozen, rows, path))


def input_layout(task: TuningTask, base: ModelFile) -> Layout:
    """Return what the tuned network takes as input.

    Raises:
        ParameterError: the norm of a coverage model is not known, or contradicts the option.
    """
    if task.mode == "coverage-head":
        return Layout(
            base.graph.pool_size, coverage_tracks_of(task.train[0]), task.coverage_norm or base.coverage_norm or "log"
        )
    if not base.graph.coverage_tracks:
        return Layout(base.graph.pool_size, 0, task.coverage_norm)
    norm = base.coverage_norm or task.coverage_norm
    if norm is None:
        raise ParameterError(
            f"{task.base_model} takes coverage but does not say how it is scaled: give --coverage-norm."
        )
    if task.coverage_norm not in (None, norm):
        raise ParameterError(f"--coverage-norm {task.coverage_norm}: {task.base_model} was trained with {norm}.")
    return Layout(base.graph.pool_size, base.graph.coverage_tracks, norm)


def coverage_tracks_of(path: str) -> int:
    """Return the number of BAM files whose coverage a training file holds."""
    with h5files.open_file(path, (h5files.COVERAGE, h5files.SPLICED_COVERAGE)) as file:
        return int(file[h5files.COVERAGE].shape[-1])


def warn_of_shared_rows(train: LabelledRows, validation: LabelledRows) -> None:
    """Say so when rows are both trained on and judged by."""
    shared = len(set(train.keys()) & set(validation.keys()))
    if shared:
        logger.warning(
            "%d of %d validation rows are training rows too: validation figures flatter", shared, len(validation)
        )


def warn_of_other_bam_files(base: ModelFile, train: LabelledRows) -> None:
    """Say so when a coverage model goes on with other BAM files than it has seen: their order decides what a track means."""
    known = [Path(name).name for name in base.attributes.get("bam_files", [])]
    given = [Path(name).name for name in train.bam_files()]
    if base.graph.coverage_tracks and train.layout.coverage_tracks and known and given and known != given:
        logger.warning(
            "the base model was trained with coverage of %s, these rows have %s: number, order and library must agree",
            ", ".join(known),
            ", ".join(given),
        )


def describe(
    task: TuningTask, wishes: Wishes, layout: Layout, settings: TrainingSettings, *, tries_rates: bool
) -> dict:
    """Return every choice that decides the result, for the card, the model's attributes and the run's key."""
    chosen = asdict(settings)
    if tries_rates:
        chosen["learning_rate"] = "chosen by trials"
    return {"mode": task.mode, **asdict(wishes), "coverage_norm": layout.coverage_norm, **chosen}


def tuned_attributes(task: TuningTask, base: ModelFile, layout: Layout, train: LabelledRows) -> dict:
    """Return attributes of tuned models; those of coverage are what prediction needs."""
    attributes = {"tuning_mode": task.mode, "base_model_sha256": base.sha256}
    if layout.coverage_tracks:
        attributes |= {"coverage_norm": layout.coverage_norm, "bam_files": train.bam_files()}
    return attributes

"""Training from random weights: a network of a given shape, its rows, its outputs."""

from dataclasses import asdict

from helixtune.log import logger
from helixtune.model.card import CardFacts
from helixtune.model.graph import NetworkShape
from helixtune.model.network import build_network
from helixtune.model.weights import arrays_of
from helixtune.training.checkpoints import CheckpointFile
from helixtune.training.labelled_rows import LabelledRows
from helixtune.training.loop import Outcome, TrainingRun
from helixtune.training.optimisation import TrainableNetwork, count_trained, make_deterministic
from helixtune.training.outputs import OutputPaths, data_files, model_attributes, warnings_of, write_outputs
from helixtune.training.run_folder import run_folder, run_key
from helixtune.training.settings import TrainingSettings


def train_from_scratch(
    shape: NetworkShape,
    train: LabelledRows,
    validation: LabelledRows,
    settings: TrainingSettings,
    paths: OutputPaths,
    threads: int,
    checkpoint_dir: str | None = None,
) -> Outcome:
    """Train a new network, write model, log and card (of the best check's weights), and return how it went."""
    make_deterministic(settings.seed, threads)
    model = build_network(shape, settings.seed)
    network = TrainableNetwork(model, settings.learning_rate, settings.weight_decay)
    start = network.weights()
    data = [*data_files("training", train), *data_files("validation", validation)]
    described = {**asdict(settings), "network": asdict(shape)}
    rows = f"{len(train)} training rows, {len(validation)} validation rows"
    logger.info("train-model: %s weights, %s", f"{model.count_params():,}", rows)
    key = run_key({"task": "train-model", "settings": described, "data": [file.sha256 for file in data]})
    with run_folder(checkpoint_dir, key, paths.model) as folder:
        checkpoint = CheckpointFile(folder / "train.npz") if checkpoint_dir else None
        outcome = TrainingRun(network, train, validation, settings, start_counts=False, checkpoint=checkpoint).run()
        notes = warnings_of(outcome, start, settings.monitor, start_counts=False)
        network.set_weights(outcome.best_weights)
        facts = card_facts(model, paths, outcome, described, data, notes)
        attributes = model_attributes("train-model", described, data, outcome.best)
        write_outputs(arrays_of(model), paths, outcome.checks, facts, attributes)
    return outcome


def card_facts(model, paths: OutputPaths, outcome: Outcome, settings: dict, data: list, notes: list[str]) -> CardFacts:
    """Gather what the model card says."""
    return CardFacts(
        title=paths.model.name,
        made_by="training from random weights",
        base="",
        parameters=model.count_params(),
        trained=count_trained(model),
        data=data,
        settings=settings,
        checks=outcome.checks,
        best=outcome.best,
        stopped=outcome.stopped,
        notes=notes,
    )

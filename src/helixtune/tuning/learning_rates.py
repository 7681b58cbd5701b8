"""Choosing a learning rate by trying several: cheap where the frozen part's features are stored."""

from collections.abc import Callable
from dataclasses import replace

from helixtune.errors import ParameterError
from helixtune.log import logger
from helixtune.training.checkpoints import CheckpointFile
from helixtune.training.checks import Check, RowSource
from helixtune.training.loop import TrainingRun
from helixtune.training.optimisation import TrainableNetwork
from helixtune.training.settings import TrainingSettings

# Heads of a few ten thousand weights: below the first nothing moves on a small genome, above the last the loss jumps about.
CANDIDATES = (1e-3, 5e-3, 2e-2)
TRIAL_EPOCHS = 3


def choose_learning_rate(
    network: TrainableNetwork,
    train: RowSource,
    validation: RowSource,
    settings: TrainingSettings,
    checkpoint_for: Callable[[str], CheckpointFile | None],
) -> tuple[float, list[Check]]:
    """Train a few epochs with each candidate from the same start and return the one with the best check, and all checks.

    Args:
        network: left with its first weights.
        train: rows to learn from.
        validation: rows to judge by.
        settings: of the coming training; their learning rate is not used.
        checkpoint_for: gives the checkpoint of a named trial.

    Raises:
        ParameterError: every candidate diverged.
    """
    start, checks, found = network.weights(), [], {}
    monitor = "loss" if settings.monitor == "last" else settings.monitor  # "last" cannot compare trials
    for rate in CANDIDATES:
        network.start_over(start, rate)
        stage = f"trial-{rate:g}"
        trial = replace(
            settings, learning_rate=rate, epochs=min(TRIAL_EPOCHS, settings.epochs), patience=TRIAL_EPOCHS + 1
        )
        outcome = TrainingRun(
            network, train, validation, trial, stage=stage, start_counts=False, checkpoint=checkpoint_for(stage)
        ).run()
        checks += outcome.checks
        if not outcome.diverged:
            found[rate] = outcome.best.score(monitor)
    network.set_weights(start)
    if not found:
        raise ParameterError(
            f"Training diverged with every learning rate tried ({', '.join(map(str, CANDIDATES))}): give a lower --learning-rate."
        )
    chosen = max(found, key=found.get)
    tried = ", ".join(f"{rate:g}: {score:.4f}" for rate, score in found.items())
    logger.info("learning rate %g chosen by %s of short trials (%s)", chosen, monitor, tried)
    return chosen, checks

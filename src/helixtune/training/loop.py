"""The training loop: epochs of shuffled batches, checks on validation rows, early stopping, the best weights kept.

It trains whatever model and rows it is given: a network on bases or a head on stored features. Every decision depends on
data, settings and seed alone, and its state can be saved at any batch, so a run that was killed ends as one that was not.
"""

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np

from helixtune.errors import ModelFileError
from helixtune.log import logger
from helixtune.progress import Progress
from helixtune.training.batches import Targets, shuffled_batches
from helixtune.training.checkpoints import CheckpointFile
from helixtune.training.checks import Check, RowSource, evaluate, loaded
from helixtune.training.optimisation import TrainableNetwork
from helixtune.training.settings import TrainingSettings


@dataclass
class RunState:
    """Where a run stands, apart from the network's variables."""

    epoch: int = 0
    next_batch: int = 0
    loss_sum: float = 0.0
    loss_rows: int = 0
    since_best: int = 0
    seconds: float = 0.0
    best_check: int = 0
    stopped: str = ""
    checks: list[Check] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        checks: all of them; the first was made before training.
        best: the check whose weights are `best_weights`.
        best_weights: of the trained model, in Keras' order.
        stopped: why training stopped.
        improved: a check after the start was better than the start (always true when the start did not count).
        diverged: a loss was not finite.
    """

    checks: list[Check]
    best: Check
    best_weights: list[np.ndarray]
    stopped: str
    improved: bool
    diverged: bool

    def as_dict(self) -> dict:
        """Return how it went, for JSON."""
        return {
            "checks": len(self.checks),
            "stopped": self.stopped,
            "improved": self.improved,
            "best": {name: value for name, value in vars(self.best).items() if name != "best"},
        }


DIVERGED = "the loss is no longer a finite number"


class TrainingRun:
    """One training of one network from its present weights.

    Args:
        network: trained in place.
        train: rows to learn from.
        validation: rows to judge by.
        settings: how.
        stage: names the run in the log.
        start_counts: whether the state before training is a result to be beaten (a tuned head) or not (random weights).
        checkpoint: where to save the state and to take it up again; None = nowhere.
    """

    def __init__(
        self,
        network: TrainableNetwork,
        train: RowSource,
        validation: RowSource,
        settings: TrainingSettings,
        *,
        stage: str = "train",
        start_counts: bool = True,
        checkpoint: CheckpointFile | None = None,
    ):
        self.network, self.train, self.validation, self.settings = network, train, validation, settings
        self.stage, self.start_counts, self.checkpoint = stage, start_counts, checkpoint
        self.state = RunState()
        self.best_weights: list[np.ndarray] = []
        self._rate = settings.learning_rate
        self._since = time.monotonic()

    def run(self) -> Outcome:
        """Train until all epochs are done, patience runs out or the loss is not finite.

        Raises:
            ModelFileError: the network that is to be trained gives no finite loss at all.
        """
        self._since = time.monotonic()
        if not self._take_up():
            self._check()
        if not self.state.checks:
            raise ModelFileError(
                "The loss is not a finite number even before training: the weights are too large; give another --base-model."
            )
        while not self.state.stopped:
            self._train_epoch()
        self._save()
        state = self.state
        return Outcome(
            state.checks,
            state.checks[state.best_check],
            self.best_weights,
            state.stopped,
            improved=state.best_check > 0,
            diverged=state.stopped == DIVERGED,
        )

    def _train_epoch(self) -> None:
        state, settings = self.state, self.settings
        batches = shuffled_batches(len(self.train), settings.batch_size, settings.seed, state.epoch)
        todo = batches[state.next_batch :]
        with Progress(sum(map(len, todo)), "rows", f"{self.stage} epoch {state.epoch + 1}") as progress:
            for inputs, targets in loaded(self.train, todo, settings.weighting, settings.pieces):
                self._rate = settings.rate_at((state.epoch + state.next_batch / len(batches)) / settings.epochs)
                self._step(inputs, targets)
                if state.stopped:
                    return
                if state.next_batch == len(batches) or state.next_batch % settings.check_every_nth_batch == 0:
                    self._check()
                    self._save()
                elif self.checkpoint and self.checkpoint.is_due():
                    self._save()
                if state.stopped:
                    return
                progress.advance(len(targets.weights) // settings.pieces)
        state.epoch, state.next_batch = state.epoch + 1, 0
        if state.epoch >= settings.epochs:
            state.stopped = f"all {settings.epochs} epochs are done"

    def _step(self, inputs: list[np.ndarray], targets: Targets) -> None:
        self.network.set_learning_rate(self._rate)
        loss = self.network.train(inputs, targets)["loss"]
        if not math.isfinite(loss):
            self.state.stopped = DIVERGED
            return
        self.state.loss_sum += loss * len(targets.weights)
        self.state.loss_rows += len(targets.weights)
        self.state.next_batch += 1

    def _check(self) -> None:
        """Evaluate on validation rows, keep the weights when they are the best, stop when patience runs out."""
        state, monitor = self.state, self.settings.monitor
        check = self._evaluate()
        if not math.isfinite(check.validation_loss):
            state.stopped = DIVERGED
            return
        at_start = not state.checks
        only_the_start = len(state.checks) == 1 and not self.start_counts
        best = at_start or only_the_start or check.score(monitor) > state.checks[state.best_check].score(monitor)
        state.checks.append(replace(check, best=best))
        if best:
            state.best_check, state.since_best = len(state.checks) - 1, 0
            self.best_weights = self.network.weights()
        else:
            state.since_best += 1
        if state.since_best >= self.settings.patience:
            state.stopped = f"{self.settings.patience} checks without a better {monitor}"
        state.loss_sum, state.loss_rows = 0.0, 0
        _report(state.checks[-1], at_start)

    def _evaluate(self) -> Check:
        state = self.state
        figures = evaluate(self.network, self.validation, self.settings.batch_size)
        return Check(
            stage=self.stage,
            epoch=state.epoch + (1 if state.next_batch else 0),
            batch=state.next_batch,
            learning_rate=self._rate,
            train_loss=state.loss_sum / state.loss_rows if state.loss_rows else math.nan,
            seconds=state.seconds + time.monotonic() - self._since,
            best=False,
            **figures,
        )

    def _take_up(self) -> bool:
        """Go on from the checkpoint if there is one."""
        saved = self.checkpoint.load() if self.checkpoint else None
        if saved is None:
            return False
        progress, variables, self.best_weights = saved
        progress["checks"] = [Check(**check) for check in progress["checks"]]
        self.state = RunState(**progress)
        self.network.restore(variables)
        logger.info("%s: taken up again in epoch %d", self.stage, self.state.epoch + 1)
        return True

    def _save(self) -> None:
        now = time.monotonic()
        self.state.seconds, self._since = self.state.seconds + now - self._since, now
        if self.checkpoint:
            progress = {**vars(self.state), "checks": [vars(check) for check in self.state.checks]}
            self.checkpoint.save(progress, self.network.state(), self.best_weights)


def _report(check: Check, at_start: bool) -> None:  # noqa: FBT001
    where = (
        "before training"
        if at_start
        else f"epoch {check.epoch}, batch {check.batch}, train loss {check.train_loss:.4f}"
    )
    logger.info(
        "%s: %s, validation loss %.4f, genic F1 %.4f, macro F1 %.4f%s",
        check.stage,
        where,
        check.validation_loss,
        check.genic_f1,
        check.macro_f1,
        " (best)" if check.best and not at_start else "",
    )

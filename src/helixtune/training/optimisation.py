"""One optimisation step of a network, and one evaluation: everything that touches TensorFlow's graph while training."""

import importlib
from dataclasses import dataclass

import numpy as np

from helixtune.log import logger
from helixtune.model.keras_backend import load_keras
from helixtune.training.batches import Targets
from helixtune.training.loss import total_loss

# Helixer's optimiser: Adam moments and epsilon, gradients clipped to this norm variable by variable.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
CLIP_NORM = 3.0


def load_tensorflow():
    """Return the `tensorflow` module, set up quietly by way of Keras."""
    load_keras()
    return importlib.import_module("tensorflow")


def make_deterministic(seed: int, threads: int) -> None:
    """Make training repeat itself bit by bit on this machine with this number of threads.

    TensorFlow fixes its number of threads at first use; a later wish (a second run in one process) is ignored.
    """
    tf = load_tensorflow()
    load_keras().utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        logger.debug("TensorFlow already runs: its number of threads stays as it is")


def count_trained(model) -> int:
    """Return the number of weights that training may change by gradients."""
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


@dataclass(frozen=True)
class Evaluation:
    """What a network makes of one batch.

    Attributes:
        losses: `loss`, `genic_loss` and, with two heads, `phase_loss`.
        classes: (b, T, P) uint8 most probable class.
        phases: the same of the phase head, or None.
    """

    losses: dict[str, float]
    classes: np.ndarray
    phases: np.ndarray | None


class TrainableNetwork:
    """A Keras model with Helixer's AdamW: trains on a batch, evaluates a batch, saves and restores everything it knows.

    Each step does `w -= weight_decay * w` for every trained variable, biases and normalisation too, and then Adam's update.
    The decay is not multiplied by the learning rate as Keras' own AdamW does.

    Args:
        model: all its trainable variables are trained; normalisation in it uses batch statistics while training.
        learning_rate: constant.
        weight_decay: 0 switches it off.
        clip_norm: largest norm of any one variable's gradient.
        input_dtype: of the arrays that `train` and `evaluate` are given; computing is done in float32.
    """

    def __init__(
        self,
        model,
        learning_rate: float,
        weight_decay: float = 0.0,
        *,
        clip_norm: float = CLIP_NORM,
        input_dtype: str = "float16",
    ):
        tf = load_tensorflow()
        self.model, self.weight_decay = model, weight_decay
        self.optimizer = load_keras().optimizers.Adam(learning_rate, BETA_1, BETA_2, EPSILON, clipnorm=clip_norm)
        self.optimizer.build(model.trainable_variables)
        labels = tf.TensorSpec((None, None, None), tf.uint8)
        signature = [
            [tf.TensorSpec((None, None, tensor.shape[-1]), input_dtype) for tensor in model.inputs],
            labels,
            labels,
            tf.TensorSpec((None, None), tf.float32),
        ]
        self._train_step = tf.function(self._train, input_signature=signature, autograph=False)
        self._evaluate_step = tf.function(self._evaluate, input_signature=signature, autograph=False)

    @property
    def trained_count(self) -> int:
        """Number of weights that training may change by gradients."""
        return count_trained(self.model)

    def train(self, inputs: list[np.ndarray], targets: Targets) -> dict[str, float]:
        """Take one step on a batch and return its losses before the step."""
        losses = self._train_step(inputs, targets.classes, targets.phases, targets.weights)
        return {name: float(loss) for name, loss in losses.items()}

    def evaluate(self, inputs: list[np.ndarray], targets: Targets) -> Evaluation:
        """Return losses and predicted classes of a batch, changing nothing."""
        losses, labels = self._evaluate_step(inputs, targets.classes, targets.phases, targets.weights)
        labels = [label.numpy() for label in labels]
        phases = labels[1] if len(labels) > 1 else None
        return Evaluation({name: float(loss) for name, loss in losses.items()}, labels[0], phases)

    def weights(self) -> list[np.ndarray]:
        """Return copies of all weights, moving statistics included."""
        return [weight.copy() for weight in self.model.get_weights()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Put back what `weights` returned."""
        self.model.set_weights(weights)

    def start_over(self, weights: list[np.ndarray], learning_rate: float) -> None:
        """Set the weights, forget all moments and go on with another learning rate."""
        self.set_weights(weights)
        for variable in self.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        self.set_learning_rate(learning_rate)

    def set_learning_rate(self, learning_rate: float) -> None:
        """Take the next steps with another learning rate."""
        self.optimizer.learning_rate = learning_rate

    def state(self) -> list[np.ndarray]:
        """Return everything that decides how training goes on: weights, dropout seeds, optimiser moments."""
        return [variable.numpy().copy() for variable in self._variables()]

    def restore(self, state: list[np.ndarray]) -> None:
        """Put back what `state` returned."""
        for variable, value in zip(self._variables(), state, strict=True):
            variable.assign(value)

    def _variables(self) -> list:
        return [*self.model.variables, *self.optimizer.variables]

    def _outputs(self, inputs, *, training: bool) -> list:
        tf = load_tensorflow()
        inputs = [tf.cast(array, tf.float32) for array in inputs]
        outputs = self.model(inputs if len(inputs) > 1 else inputs[0], training=training)
        return outputs if isinstance(outputs, list) else [outputs]

    def _train(self, inputs, classes, phases, weights):
        with load_tensorflow().GradientTape() as tape:
            losses = total_loss(self._outputs(inputs, training=True), classes, phases, weights)
        variables = self.model.trainable_variables
        gradients = tape.gradient(losses["loss"], variables)
        if self.weight_decay:
            for variable in variables:
                variable.assign(variable * (1 - self.weight_decay))
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return losses

    def _evaluate(self, inputs, classes, phases, weights):
        tf = load_tensorflow()
        outputs = self._outputs(inputs, training=False)
        losses = total_loss(outputs, classes, phases, weights)
        return losses, [tf.cast(tf.argmax(output, axis=-1), tf.uint8) for output in outputs]

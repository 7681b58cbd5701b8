"""A head trained on stored features without a neural-network library: linear layers, softmax, the optimiser's own few lines.

Takes the steps that `optimisation.TrainableNetwork` takes with the same head, to rounding, in half the CPU time and without
TensorFlow's start-up. Rows are worked on one by one (they fit into a cache) and their gradients added up in order, so that
the number of threads changes no bit. Arrays have time steps last: a softmax over four classes then works on long rows.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from threadpoolctl import ThreadpoolController

from helixtune.training.batches import N_CLASSES, Targets
from helixtune.training.loss import CLASS_SHARE, CLIP, PHASE_SHARE
from helixtune.training.optimisation import BETA_1, BETA_2, CLIP_NORM, EPSILON, Evaluation


class HeadNetwork:
    """Linear layers from features (and coverage) to class probabilities; trains on a batch, evaluates a batch.

    Args:
        layers: kernel (in, out) and bias (out,) of each layer in turn, one after the other in the list.
        n_heads: 2 with phase, else 1; the last layer's values are (heads, positions of a time step, 4 classes).
        learning_rate: of Adam.
        weight_decay: share of every weight taken off at every step, not multiplied by the learning rate.
        clip_norm: largest norm of any one array's gradient.
        threads: rows at a time.
    """

    def __init__(
        self,
        layers: list[np.ndarray],
        n_heads: int,
        learning_rate: float,
        weight_decay: float = 0.0,
        *,
        clip_norm: float = CLIP_NORM,
        threads: int = 1,
    ):
        self._n_heads, self._weight_decay, self._clip_norm = n_heads, weight_decay, clip_norm
        self._shares = np.array([CLASS_SHARE, PHASE_SHARE] if n_heads == 2 else [1.0])
        self._pool, self._libraries = ThreadPoolExecutor(threads), ThreadpoolController()
        self.start_over([np.array(array, np.float32) for array in layers], learning_rate)

    @property
    def trained_count(self) -> int:
        """Number of weights that are trained."""
        return sum(array.size for array in self._weights)

    def train(self, inputs: list[np.ndarray], targets: Targets) -> dict[str, float]:
        """Take one step on a batch and return its losses before the step."""
        rows = self._each_row(self._gradients, inputs, targets)
        self._update([sum(arrays) / targets.classes.size for arrays in zip(*(row[1] for row in rows), strict=True)])
        return self._losses([row[0] for row in rows], targets)

    def evaluate(self, inputs: list[np.ndarray], targets: Targets) -> Evaluation:
        """Return losses and predicted classes of a batch, changing nothing."""
        rows = self._each_row(self._judged, inputs, targets)
        classes = np.stack([row[1] for row in rows], axis=1)
        return Evaluation(
            self._losses([row[0] for row in rows], targets), classes[0], classes[1] if self._n_heads == 2 else None
        )

    def weights(self) -> list[np.ndarray]:
        """Return copies of all weights: kernel and bias, layer by layer."""
        return [array.copy() for array in self._weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Put back what `weights` returned."""
        self._weights = [array.copy() for array in weights]

    def start_over(self, weights: list[np.ndarray], learning_rate: float) -> None:
        """Set the weights, forget all moments and go on with another learning rate."""
        self.set_weights(weights)
        self._first, self._second = ([np.zeros_like(array) for array in weights] for _ in range(2))
        self._steps = 0
        self.set_learning_rate(learning_rate)

    def set_learning_rate(self, learning_rate: float) -> None:
        """Take the next steps with another learning rate."""
        self._learning_rate = learning_rate

    def state(self) -> list[np.ndarray]:
        """Return everything that decides how training goes on: weights, optimiser moments, number of steps."""
        return [array.copy() for array in (*self._weights, *self._first, *self._second)] + [np.array(self._steps)]

    def restore(self, state: list[np.ndarray]) -> None:
        """Put back what `state` returned."""
        n = len(self._weights)
        self._weights, self._first, self._second = ([*state[i * n : (i + 1) * n]] for i in range(3))
        self._steps = int(state[3 * n])

    def _each_row(self, work, inputs: list[np.ndarray], targets: Targets) -> list:
        """Return what `work` makes of every row's (width, T) values, (heads, P, T) labels and (T,) loss weights."""
        labels = np.stack([targets.classes, targets.phases][: self._n_heads]).transpose(1, 0, 3, 2)

        def one(row: int):
            values = np.concatenate([_single(array[row]) for array in inputs], axis=-1).T
            return work(values, np.ascontiguousarray(labels[row]), targets.weights[row])

        # One thread a row: the matrix library's own threads would wait for each other between its small products.
        with self._libraries.limit(limits=1, user_api="blas"):
            return list(self._pool.map(one, range(len(targets.weights))))

    def _gradients(self, values, labels, weights) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the summed losses of each head and the gradient of their weighted sum for every array of weights."""
        entering = self._through(values)
        probs = self._probabilities(entering.pop())
        losses, own = _entropy(probs, labels, weights)
        flat = (own >= CLIP) & (own <= np.float32(1 - CLIP))  # beyond its clipping the logarithm does not change
        factors = flat * (self._shares[:, None, None] * weights).astype(np.float32)
        probs -= _one_hot(labels)
        probs *= factors[:, :, None]
        gradient, gradients = probs.reshape(-1, probs.shape[-1]), []
        for number, (kernel, _) in reversed([*enumerate(self._layers())]):
            gradients = [entering[number] @ gradient.T, gradient.sum(axis=1), *gradients]
            gradient = kernel @ gradient if number else gradient
        return losses, gradients

    def _judged(self, values, labels, weights) -> tuple[np.ndarray, np.ndarray]:
        """Return the summed losses of each head and (heads, T, P) predicted classes."""
        probs = self._probabilities(self._through(values)[-1])
        return _entropy(probs, labels, weights)[0], probs.argmax(axis=2).astype(np.uint8).transpose(0, 2, 1)

    def _through(self, values: np.ndarray) -> list[np.ndarray]:
        """Return the values before the first layer and after each."""
        found = [values]
        for kernel, bias in self._layers():
            found.append(kernel.T @ found[-1])
            found[-1] += bias[:, None]
        return found

    def _probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Return (heads, P, 4, T) softmax over classes, in the memory of the logits."""
        values = logits.reshape(self._n_heads, -1, N_CLASSES, logits.shape[-1])
        values -= values.max(axis=2, keepdims=True)
        np.exp(values, out=values)
        values /= values.sum(axis=2, keepdims=True)
        return values

    def _losses(self, sums: list[np.ndarray], targets: Targets) -> dict[str, float]:
        by_head = np.sum(sums, axis=0) / targets.classes.size
        names = ("genic_loss", "phase_loss")[: self._n_heads]
        return {"loss": float(by_head @ self._shares), **dict(zip(names, by_head.tolist(), strict=True))}

    def _update(self, gradients: list[np.ndarray]) -> None:
        """Take weight decay and a step of Adam as Keras does: the correction of both moments is in the rate."""
        self._steps += 1
        rate = self._learning_rate * np.sqrt(1 - BETA_2**self._steps) / (1 - BETA_1**self._steps)
        for weight, gradient, first, second in zip(self._weights, gradients, self._first, self._second, strict=True):
            norm = float(np.sqrt((gradient.astype(np.float64) ** 2).sum()))
            gradient *= np.float32(self._clip_norm / max(norm, self._clip_norm))
            first += (gradient - first) * np.float32(1 - BETA_1)
            second += (gradient**2 - second) * np.float32(1 - BETA_2)
            weight *= np.float32(1 - self._weight_decay)
            weight -= np.float32(rate) * first / (np.sqrt(second) + np.float32(EPSILON))

    def _layers(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return [*pairwise(self._weights)][::2]


def _single(halves: np.ndarray) -> np.ndarray:
    """Return finite half floats as single ones, four times faster than NumPy: exponents are moved and then corrected."""
    if halves.dtype != np.float16:
        return halves.astype(np.float32)
    bits = halves.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= np.int32(-0x70002000)  # the sign was copied into three bits of the exponent: 0x8fffe000 keeps it once
    values = bits.view(np.float32)
    values *= np.float32(2.0**112)  # single exponents count from -127, half ones from -15
    return values


def _one_hot(labels: np.ndarray) -> np.ndarray:
    """Return (heads, P, 4, T) bool; all False where a base has no class."""
    return labels[:, :, None] == np.arange(N_CLASSES, dtype=np.uint8)[:, None]


def _entropy(probs, labels, weights) -> tuple[np.ndarray, np.ndarray]:
    """Return each head's summed cross-entropy and every base's own probability (heads, P, T), 0 where it has no class."""
    own = (probs * _one_hot(labels)).sum(axis=2)
    entropy = -np.log(np.clip(own, CLIP, np.float32(1 - CLIP)))
    entropy *= weights * (labels < N_CLASSES)
    return entropy.sum(axis=(1, 2), dtype=np.float64), own

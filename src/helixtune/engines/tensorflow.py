"""The reference engine: the Keras model itself, compiled as one TensorFlow function, on CPU or GPU."""

from collections.abc import Iterable, Iterator

import numpy as np

from helixtune.engines import CPU_MEMORY_BUDGET, GPU_MEMORY_BUDGET, EngineSettings, bytes_per_base, cpu_batch_rows
from helixtune.engines.precision import choose_precision
from helixtune.errors import HelixtuneError, ParameterError
from helixtune.log import logger
from helixtune.model.keras_backend import load_keras, load_tensorflow
from helixtune.model.weights import ModelFile, keras_model
from helixtune.threads import available_threads


def visible_gpus() -> list:
    """Return the GPUs that TensorFlow can use."""
    return load_tensorflow().config.list_physical_devices("GPU")


def load(file: ModelFile, settings: EngineSettings, sample: np.ndarray | None = None) -> "TensorFlowEngine":
    """Build the Keras model on the device: in float32, or on a GPU in float16 if that proves itself on the sample."""
    if settings.device == "gpu" and not visible_gpus():
        raise ParameterError("--device gpu: TensorFlow sees no GPU; install tensorflow[and-cuda], or use --device cpu.")
    on_gpu = settings.device != "cpu" and bool(visible_gpus())
    _configure(available_threads(settings.threads), on_gpu=on_gpu)
    if settings.precision == "auto" and on_gpu and sample is not None:
        return choose_precision(lambda precision: TensorFlowEngine(file, precision, on_gpu=on_gpu), "float16", sample)
    precision = "float16" if settings.precision == "float16" else "float32"
    return TensorFlowEngine(file, precision, on_gpu=on_gpu)


class TensorFlowEngine:
    """Keras model with batch normalisation and dropout in inference mode; float16 keeps the weights in float32."""

    def __init__(self, file: ModelFile, precision: str, *, on_gpu: bool):
        tensorflow, keras = load_tensorflow(), load_keras()
        self.description = f"TensorFlow {tensorflow.__version__} {precision} on {'GPU' if on_gpu else 'CPU'}"
        self._on_gpu = on_gpu
        self._limit_bases = (GPU_MEMORY_BUDGET if on_gpu else CPU_MEMORY_BUDGET) // bytes_per_base(file.graph)
        self._tensorflow = tensorflow
        self._device = "/GPU:0" if on_gpu else "/CPU:0"
        with tensorflow.device(self._device):
            model = keras_model(file, "mixed_float16" if precision == "float16" else "float32")
        signature = tensorflow.TensorSpec((None, None, file.graph.input_channels), tensorflow.float16)
        n_heads = 2 if file.graph.has_phase else 1

        @tensorflow.function(input_signature=[signature], autograph=False)
        def forward(inputs):
            outputs = model(tensorflow.cast(inputs, tensorflow.float32), training=False)
            heads = outputs if n_heads == 2 else [outputs]
            shape = tensorflow.shape(inputs)
            rows = [tensorflow.reshape(head, (shape[0], shape[1], 4)) for head in heads]
            return tensorflow.cast(tensorflow.stack(rows, axis=1), tensorflow.float32)

        self._forward = forward
        logger.debug(f"Keras {keras.__version__}")

    def batch_rows(self, length_bp: int) -> int:
        """Return how many windows of a length to give at once."""
        if self._on_gpu:
            return max(1, self._limit_bases // length_bp)
        return cpu_batch_rows(self._limit_bases, length_bp)

    def predict_many(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield (b, heads, L, 4) float32 probabilities of every batch; a batch too large for memory is halved."""
        for batch in batches:
            yield self._predict(batch)

    def _predict(self, batch):
        try:
            with self._tensorflow.device(self._device):
                return self._forward(self._tensorflow.constant(batch, self._tensorflow.float16)).numpy()
        except self._tensorflow.errors.ResourceExhaustedError as error:
            if len(batch) == 1:
                raise HelixtuneError(
                    f"One subsequence of {batch.shape[1]:,} bases does not fit into the device's memory: encode the genome with "
                    "a smaller --subsequence-length, or use --device cpu."
                ) from error
            half = (len(batch) + 1) // 2
            logger.warning(f"out of memory with a batch of {len(batch)}: continuing with batches of {half}")
            self._limit_bases = half * batch.shape[1]
        return np.concatenate([self._predict(part) for part in (batch[:half], batch[half:])])


def _configure(threads, *, on_gpu):
    """Set threads, device and determinism; TensorFlow takes them only before its first use in a process."""
    tensorflow = load_tensorflow()
    if not on_gpu:
        tensorflow.config.experimental.enable_op_determinism()
    try:
        if on_gpu:
            tensorflow.config.experimental.set_memory_growth(visible_gpus()[0], True)
        else:
            tensorflow.config.set_visible_devices([], "GPU")
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        logger.debug("TensorFlow was in use before: its threads stay as they are")

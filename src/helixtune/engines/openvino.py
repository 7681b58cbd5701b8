"""The fast CPU engine: the network built from its graph in OpenVINO, in bfloat16 where the CPU has it and the model bears it.

Needs neither TensorFlow nor Keras. Several batches run side by side, each on few threads: LSTM steps follow one another, so one
batch cannot use many cores.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from helixtune.engines import CPU_MEMORY_BUDGET, EngineSettings, bytes_per_base, cpu_batch_rows
from helixtune.engines.openvino_graph import build_openvino_model, build_openvino_trunk
from helixtune.engines.openvino_library import load_openvino
from helixtune.engines.precision import choose_precision
from helixtune.model.graph import trunk_width
from helixtune.model.weights import ModelFile
from helixtune.threads import available_threads

# Each stream holds its own activations; beyond eight the share of the memory budget becomes too small for good batches.
MAX_STREAMS = 8


def load(file: ModelFile, settings: EngineSettings, sample: np.ndarray | None = None) -> "OpenVinoEngine":
    """Build and compile the network for this CPU, in bfloat16 if it is asked for or proves itself on the sample."""
    threads = available_threads(settings.threads)
    if settings.precision != "auto":
        return OpenVinoEngine(file, threads, settings.precision)
    if sample is None or not cpu_has_bfloat16():
        return OpenVinoEngine(file, threads, "float32")
    return choose_precision(lambda precision: OpenVinoEngine(file, threads, precision), "bfloat16", sample)


def cpu_has_bfloat16() -> bool:
    """Tell whether this CPU multiplies bfloat16 itself; elsewhere it would be slower than float32."""
    return "BF16" in load_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class Runner:
    """A model compiled for this CPU, and as many requests side by side as it has streams."""

    def __init__(self, model, threads: int, precision: str):
        self.streams = min(threads, MAX_STREAMS)
        hints = {
            "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[precision],
            "NUM_STREAMS": str(self.streams),
            "INFERENCE_NUM_THREADS": str(threads),
            "ENABLE_CPU_PINNING": "NO",  # on a shared machine a pinned thread waits for its core while others are free
        }
        compiled = load_openvino().Core().compile_model(model, "CPU", hints)
        self._requests = [compiled.create_infer_request() for _ in range(self.streams)]

    def run(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the output for every float16 batch, in order; it lasts until the next is asked for."""
        free, running = deque(self._requests), deque()
        for batch in batches:
            if not free:
                yield _finished(running, free)
            request = free.popleft()
            # OpenVINO reads the array while it computes: `running` keeps it alive.
            batch = np.ascontiguousarray(batch, np.float16)
            request.start_async({0: batch}, share_inputs=True)
            running.append((request, batch))
        while running:
            yield _finished(running, free)


def _finished(running, free) -> np.ndarray:
    request, _ = running.popleft()
    request.wait()
    free.append(request)
    return request.get_output_tensor(0).data


class OpenVinoEngine:
    """The network in OpenVINO; `precision` is "float32" or "bfloat16"."""

    def __init__(self, file: ModelFile, threads: int, precision: str):
        self._runner = Runner(build_openvino_model(file.graph, file.weights), threads, precision)
        version = load_openvino().__version__.split("-")[0]
        self.description = f"OpenVINO {version} {precision} on CPU"
        scale = 2 if precision == "bfloat16" else 1
        self._limit_bases = CPU_MEMORY_BUDGET * scale // bytes_per_base(file.graph) // self._runner.streams

    def batch_rows(self, length_bp: int) -> int:
        """Return how many windows of a length to give at once; each stream has one such batch."""
        return cpu_batch_rows(self._limit_bases, length_bp)

    def predict_many(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield (b, heads, L, 4) float32 probabilities of every batch, in order."""
        for found in self._runner.run(batches):
            # (b, T, heads, P, 4) -> (b, heads, T * P, 4); copied, because the request overwrites its output with the next batch
            steps = found.transpose(0, 2, 1, 3, 4).copy()
            yield steps.reshape(steps.shape[0], steps.shape[1], -1, steps.shape[4])


class OpenVinoTrunk:
    """The trunk alone, in float32: (b, L, 4) float16 bases in, (b, T, width) float32 features out."""

    pooled = True

    def __init__(self, file: ModelFile, threads: int):
        self.width = trunk_width(file.graph)
        self._runner = Runner(build_openvino_trunk(file.graph, file.weights), threads, "float32")

    def run(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the features of every batch, in order, each until the next is asked for."""
        return self._runner.run(batches)

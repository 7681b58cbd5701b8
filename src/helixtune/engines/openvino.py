"""The fast CPU engine: the network built from its graph in OpenVINO, in bfloat16 where the CPU has it and the model bears it.

Needs neither TensorFlow nor Keras. Several batches run side by side, each on few threads: LSTM steps follow one another, so one
batch cannot use many cores.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from helixtune.engines import CPU_MEMORY_BUDGET, EngineSettings, bytes_per_base, cpu_batch_rows
from helixtune.engines.openvino_graph import build_openvino_model
from helixtune.engines.openvino_library import load_openvino
from helixtune.engines.precision import choose_precision
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


class OpenVinoEngine:
    """The network in OpenVINO; `precision` is "float32" or "bfloat16"."""

    def __init__(self, file: ModelFile, threads: int, precision: str):
        openvino = load_openvino()
        self._streams = min(threads, MAX_STREAMS)
        hints = {
            "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[precision],
            "NUM_STREAMS": str(self._streams),
            "INFERENCE_NUM_THREADS": str(threads),
            "ENABLE_CPU_PINNING": "NO",  # on a shared machine a pinned thread waits for its core while others are free
        }
        compiled = openvino.Core().compile_model(build_openvino_model(file.graph, file.weights), "CPU", hints)
        self._requests = [compiled.create_infer_request() for _ in range(self._streams)]
        version = openvino.__version__.split("-")[0]
        self.description = f"OpenVINO {version} {precision} on CPU"
        scale = 2 if precision == "bfloat16" else 1
        self._limit_bases = CPU_MEMORY_BUDGET * scale // bytes_per_base(file.graph) // self._streams

    def batch_rows(self, length_bp: int) -> int:
        """Return how many windows of a length to give at once; each stream has one such batch."""
        return cpu_batch_rows(self._limit_bases, length_bp)

    def predict_many(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield (b, heads, L, 4) float32 probabilities of every batch, in order."""
        free, running = deque(self._requests), deque()
        for batch in batches:
            if not free:
                yield self._finish(running, free)
            request = free.popleft()
            # OpenVINO reads the array while it computes: `running` keeps it alive.
            batch = np.ascontiguousarray(batch, np.float16)
            request.start_async({0: batch}, share_inputs=True)
            running.append((request, batch))
        while running:
            yield self._finish(running, free)

    @staticmethod
    def _finish(running, free):
        request, _ = running.popleft()
        request.wait()
        free.append(request)
        # (b, T, heads, P, 4) -> (b, heads, T * P, 4); copied, because the request overwrites its output with the next batch
        steps = request.get_output_tensor(0).data.transpose(0, 2, 1, 3, 4).copy()
        return steps.reshape(steps.shape[0], steps.shape[1], -1, steps.shape[4])

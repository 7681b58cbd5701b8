"""The fast CPU engine: the network built from its graph in OpenVINO, in bfloat16 where the CPU has it.

Needs neither TensorFlow nor Keras. Several batches run side by side, each on few threads: LSTM steps follow one another, so one
batch cannot use many cores.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from helixtune.engines import CPU_MEMORY_BUDGET, EngineSettings, bytes_per_base
from helixtune.engines.openvino_graph import build_openvino_model
from helixtune.threads import available_threads
from helixtune.weights import ModelFile

# Each stream holds its own activations; beyond eight the share of the memory budget becomes too small for good batches.
MAX_STREAMS = 8


def load(file: ModelFile, settings: EngineSettings) -> "OpenVinoEngine":
    """Build and compile the network for this CPU."""
    import openvino

    can_bf16 = "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return OpenVinoEngine(file, available_threads(settings.threads), "bf16" if can_bf16 else "f32")


class OpenVinoEngine:
    """The network in OpenVINO; `precision` is "bf16" or "f32"."""

    def __init__(self, file: ModelFile, threads: int, precision: str):
        import openvino

        self._streams = min(threads, MAX_STREAMS)
        hints = {
            "INFERENCE_PRECISION_HINT": precision,
            "NUM_STREAMS": str(self._streams),
            "INFERENCE_NUM_THREADS": str(threads),
        }
        compiled = openvino.Core().compile_model(build_openvino_model(file.graph, file.weights), "CPU", hints)
        self._requests = [compiled.create_infer_request() for _ in range(self._streams)]
        version = openvino.__version__.split("-")[0]
        self.description = f"OpenVINO {version} {'bfloat16' if precision == 'bf16' else 'float32'} on CPU"
        scale = 2 if precision == "bf16" else 1
        self.batch_limit = CPU_MEMORY_BUDGET * scale // bytes_per_base(file.graph) // self._streams

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
        # (b, T, heads, P, 4) -> (b, heads, T * P, 4)
        steps = request.get_output_tensor(0).data.transpose(0, 2, 1, 3, 4)
        return steps.reshape(steps.shape[0], steps.shape[1], -1, steps.shape[4])

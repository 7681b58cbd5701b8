"""What runs a network on a batch of subsequences: one small interface, TensorFlow as reference, OpenVINO as the fast CPU engine.

An engine is made from a `ModelFile` and settings and has
    description   text for logs and output files: engine, version, precision and device
    batch_rows    how many windows of a length to give it at once
    predict_many  (b, L, channels) float16 batches in, in the same order one (b, heads, L, 4) float32 array each out
L is a multiple of the pool size. Heads are genic classes and, where the model has it, phase classes.
"""

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np

from helixtune.errors import ParameterError
from helixtune.log import logger
from helixtune.model.graph import BidirectionalLSTM, Convolution, NetworkGraph
from helixtune.model.weights import ModelFile
from helixtune.threads import available_threads

ENGINES = ("auto", "tensorflow", "openvino")
DEVICES = ("auto", "cpu", "gpu")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
# Activations of all batches in flight: with the libraries themselves (0.2-0.6 GiB) and a block of rows this stays below 3 GiB.
CPU_MEMORY_BUDGET = 1536 * 1024**2
GPU_MEMORY_BUDGET = 8 * 1024**3
# A CPU gains 1.4 times from 2 to 8 windows a batch and nothing beyond (measured at 21,384 bases); short windows need more of them
# before the fixed cost of a batch disappears.
CPU_BATCH_ROWS = 8
CPU_BATCH_BASES = 342_144


class Engine(Protocol):
    """Runs one network; see the module's text."""

    description: str

    def batch_rows(self, length_bp: int) -> int:
        """Return how many windows of a length make a good batch within the memory budget."""

    def predict_many(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield one (b, heads, L, 4) float32 array of probabilities for every (b, L, channels) batch, in order."""


@dataclass(frozen=True)
class EngineSettings:
    """Which engine on which device, computing how; `threads` None means all CPUs of this process."""

    name: str = "auto"
    device: str = "auto"
    precision: str = "auto"
    threads: int | None = None

    def __post_init__(self):
        if self.name not in ENGINES:
            raise ParameterError(f"--engine {self.name} is not known: use one of {', '.join(ENGINES)}.")
        if self.device not in DEVICES:
            raise ParameterError(f"--device {self.device} is not known: use one of {', '.join(DEVICES)}.")
        if self.precision not in PRECISIONS:
            raise ParameterError(f"--precision {self.precision} is not known: use one of {', '.join(PRECISIONS)}.")
        if self.name == "tensorflow" and self.precision == "bfloat16":
            raise ParameterError(
                "--precision bfloat16: TensorFlow computes in float32 or float16 here; use --engine openvino."
            )
        if self.name == "openvino" and self.precision == "float16":
            raise ParameterError("--precision float16 is for TensorFlow on a GPU: use bfloat16 with --engine openvino.")
        if self.name == "openvino" and self.device == "gpu":
            raise ParameterError("--engine openvino runs on the CPU: use --engine tensorflow with --device gpu.")
        available_threads(self.threads)


def load_engine(file: ModelFile, settings: EngineSettings, sample: np.ndarray | None = None) -> Engine:
    """Return an engine that holds the model.

    Args:
        file: the model.
        settings: what to run it with.
        sample: (b, L, channels) rows of the genome, on which a faster precision has to prove itself before it is chosen.

    Raises:
        ParameterError: the engine asked for is not installed, or no GPU is visible where one was asked for.
    """
    name = settings.name if settings.name != "auto" else choose_engine(settings)
    if find_spec(name) is None:
        extra = "model" if name == "tensorflow" else name
        raise ParameterError(
            f"Engine {name} is not installed: pip install 'helixtune[{extra}]', or use another --engine."
        )
    module = importlib.import_module(f"helixtune.engines.{name}")
    engine = module.load(file, settings, sample)
    logger.info(f"engine: {engine.description}")
    return engine


def choose_engine(settings: EngineSettings) -> str:
    """Return the fastest engine that is installed: TensorFlow on a GPU, else OpenVINO, else TensorFlow."""
    if settings.precision in ("bfloat16", "float16"):
        return "openvino" if settings.precision == "bfloat16" else "tensorflow"
    has_gpu = settings.device == "gpu" or (settings.device == "auto" and _tensorflow_sees_gpu())
    return "tensorflow" if has_gpu or find_spec("openvino") is None else "openvino"


def cpu_batch_rows(memory_limit_bases: int, length_bp: int) -> int:
    """Return the rows of a batch on a CPU: as many as pay off, if they fit into memory; at least one."""
    return max(1, min(memory_limit_bases // length_bp, max(CPU_BATCH_ROWS, CPU_BATCH_BASES // length_bp)))


def bytes_per_base(graph: NetworkGraph) -> int:
    """Estimate the memory of activations per base of a batch in float32.

    Four maps of the widest convolution (input, output and the library's copies) and, per time step, the LSTM's gates of
    both directions in and out: 2.4 KB for the full-size network; measured 2.0 (OpenVINO) and 2.6 KB (TensorFlow).
    """
    filters = max(layer.filters for layer in graph.trunk if isinstance(layer, Convolution))
    units = max((layer.units for layer in graph.trunk if isinstance(layer, BidirectionalLSTM)), default=0)
    return 4 * (4 * filters + 16 * units // graph.pool_size + 4 * graph.input_channels)


def _tensorflow_sees_gpu():
    # TensorFlow takes seconds to import: it is asked only where the machine has the driver's device file.
    if find_spec("tensorflow") is None or not Path("/dev/nvidiactl").exists():
        return False
    return bool(importlib.import_module("helixtune.engines.tensorflow").visible_gpus())

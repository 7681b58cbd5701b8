"""What runs a network on a batch of subsequences: one small interface, TensorFlow as reference, OpenVINO as the fast CPU engine.

An engine is made from a `ModelFile` and settings and has
    description   text for logs and output files: engine, version, precision and device
    batch_limit   largest number of bases (rows × length) it takes at once within its memory budget
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
from helixtune.network_graph import BidirectionalLSTM, Convolution, NetworkGraph
from helixtune.threads import available_threads
from helixtune.weights import ModelFile

ENGINES = ("auto", "tensorflow", "openvino")
DEVICES = ("auto", "cpu", "gpu")
# Activations of all batches in flight. With the libraries themselves (0.2-0.6 GiB) and a block of rows this stays below
# 3 GiB, and at 21,384 bases of the full-size network it holds 30 rows, where larger batches gain nothing.
CPU_MEMORY_BUDGET = 1536 * 1024**2
GPU_MEMORY_BUDGET = 8 * 1024**3


class Engine(Protocol):
    """Runs one network; see the module's text."""

    description: str
    batch_limit: int

    def predict_many(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield one (b, heads, L, 4) float32 array of probabilities for every (b, L, channels) batch, in order."""


@dataclass(frozen=True)
class EngineSettings:
    """Which engine on which device; `threads` None means all CPUs of this process."""

    name: str = "auto"
    device: str = "auto"
    threads: int | None = None

    def __post_init__(self):
        if self.name not in ENGINES:
            raise ParameterError(f"--engine {self.name} is not known: use one of {', '.join(ENGINES)}.")
        if self.device not in DEVICES:
            raise ParameterError(f"--device {self.device} is not known: use one of {', '.join(DEVICES)}.")
        if self.name == "openvino" and self.device == "gpu":
            raise ParameterError("--engine openvino runs on the CPU: use --engine tensorflow with --device gpu.")
        available_threads(self.threads)


def load_engine(file: ModelFile, settings: EngineSettings) -> Engine:
    """Return an engine that holds the model.

    Raises:
        ParameterError: the engine asked for is not installed, or no GPU is visible where one was asked for.
    """
    name = settings.name if settings.name != "auto" else choose_engine(settings.device)
    if find_spec(name) is None:
        extra = "model" if name == "tensorflow" else name
        raise ParameterError(
            f"Engine {name} is not installed: pip install 'helixtune[{extra}]', or use another --engine."
        )
    module = importlib.import_module(f"helixtune.engines.{name}")
    engine = module.load(file, settings)
    logger.info(f"engine: {engine.description}")
    return engine


def choose_engine(device: str) -> str:
    """Return the fastest engine that is installed: TensorFlow on a GPU, else OpenVINO, else TensorFlow.

    OpenVINO computes in bfloat16 where the CPU can, 2-3 times the rate of Keras, with 99.9 % of bases in the same class.
    """
    has_gpu = device == "gpu" or (device == "auto" and _tensorflow_sees_gpu())
    return "tensorflow" if has_gpu or find_spec("openvino") is None else "openvino"


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

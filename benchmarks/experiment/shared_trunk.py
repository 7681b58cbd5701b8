"""Models that differ in their head alone are predicted on features that their one trunk was asked for once.

Dozens of cells tune a head on the same frozen trunk, and the trunk is nine tenths of predicting a genome. Computed in float32,
as predict-classes does where a CPU has no bfloat16.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from helixtune.cli import build_parser
from helixtune.commands.predict_classes import open_prediction
from helixtune.engines import Engine
from helixtune.engines.openvino import OpenVinoTrunk
from helixtune.files import atomic_output
from helixtune.model.weights import ModelFile, read_model_file
from helixtune.prediction.write import PredictionFiles, write_predictions


class SharedTrunk:
    """An engine that keeps what the trunk made of every batch, by the batch's content.

    Args:
        model: a model without coverage and without a hidden layer.
        engine: the engine that would run it; tells how large batches are.
        folder: holds the features, (b, T, width) float32 a batch.
        threads: of the trunk.
    """

    def __init__(self, model: ModelFile, engine: Engine, folder: Path, threads: int):
        (head,) = model.graph.head
        self._kernel, self._bias = model.weights[head.name]
        self._n_heads = 2 if model.graph.has_phase else 1
        self._trunk, self._folder = OpenVinoTrunk(model, threads), folder
        self.batch_rows, self.description = engine.batch_rows, engine.description

    def predict_many(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield (b, heads, L, 4) float32 probabilities of every batch, in order."""
        for batch in batches:
            features = self._features(np.ascontiguousarray(batch))
            values = (features @ self._kernel + self._bias).reshape(*features.shape[:2], self._n_heads, -1, 4)
            np.exp(values - values.max(axis=-1, keepdims=True), out=values)
            values /= values.sum(axis=-1, keepdims=True)
            steps = values.transpose(0, 2, 1, 3, 4)
            yield steps.reshape(*steps.shape[:2], -1, 4)

    def _features(self, batch: np.ndarray) -> np.ndarray:
        path = self._folder / f"{hashlib.sha256(batch.data).hexdigest()[:16]}-{batch.shape[1]}.npy"
        if not path.exists():
            with atomic_output(path) as partial, partial.open("wb") as file:
                np.save(file, next(iter(self._trunk.run([batch]))))
        return np.load(path)


def has_trunk_of(model: Path, base: Path) -> bool:
    """Tell whether two models differ in the weights of their last layer alone."""
    one, other = read_model_file(model), read_model_file(base)
    if one.graph != other.graph:
        return False
    names = [layer.name for layer in one.graph.trunk if layer.name in one.weights]
    return all(
        np.array_equal(*arrays) for name in names for arrays in zip(one.weights[name], other.weights[name], strict=True)
    )


def predict_on_shared_trunk(model: Path, genome: Path, output: Path, features: Path, threads: int) -> None:
    """Do what `predict-classes` does, with features from the folder where they are there already."""
    features.mkdir(parents=True, exist_ok=True)
    words = ["predict-classes", "--model", str(model), "--genome", str(genome), "--output", str(output)]
    args = build_parser(("predict-classes",)).parse_args([*words, "--threads", str(threads)])
    with open_prediction(args, args.register) as setup:
        engine = SharedTrunk(read_model_file(model), setup.engine, features, threads)
        write_predictions(replace(setup, engine=engine), PredictionFiles(output), threads)

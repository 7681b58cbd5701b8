"""The two parts of a network in tuning, each with what runs it: a frozen part that is run once, a part that is trained.

A head alone needs no neural-network library: it is trained in NumPy on features that the prediction engine computes. Everything
else, dropout before a head too, is a Keras model cut in two.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from helixtune.engines import EngineSettings, choose_engine
from helixtune.model.network import head_of, trunk_of
from helixtune.model.weights import ModelFile, arrays_of, keras_model
from helixtune.training.embeddings import FrozenPart, KerasPart
from helixtune.training.head_network import HeadNetwork
from helixtune.training.optimisation import TrainableNetwork, make_deterministic
from helixtune.training.settings import TrainingSettings
from helixtune.tuning.freezing import split_after
from helixtune.tuning.plan import Plan


@dataclass(frozen=True)
class Parts:
    """A network cut in two.

    Attributes:
        frozen: what computes features; None = everything is trained.
        network: trains on features, or on bases where nothing is frozen.
        finished: the best weights of `network` -> graph and weights of the whole tuned network.
    """

    frozen: FrozenPart | None
    network: HeadNetwork | TrainableNetwork
    finished: Callable[[list[np.ndarray]], ModelFile]


def parts_of(plan: Plan, settings: TrainingSettings, threads: int) -> Parts:
    """Cut a network as its plan says, and make both parts ready to run."""
    if plan.head_only and not plan.head_has_dropout:
        return _head_parts(plan, settings, threads)
    make_deterministic(settings.seed, threads)
    model = keras_model(plan.start)
    frozen, trained = _cut(plan, model)
    network = TrainableNetwork(trained, settings.learning_rate, settings.weight_decay)

    def finished(weights: list[np.ndarray]) -> ModelFile:
        trained.set_weights(weights)
        graph, arrays = arrays_of(model)
        return replace(plan.start, graph=graph, weights=arrays)

    return Parts(frozen and KerasPart(frozen), network, finished)


def _head_parts(plan: Plan, settings: TrainingSettings, threads: int) -> Parts:
    graph, weights = plan.start.graph, plan.start.weights
    names = [layer.name for layer in graph.head]
    layers = [array for name in names for array in weights[name]]
    n_heads = 2 if graph.has_phase else 1
    network = HeadNetwork(layers, n_heads, settings.learning_rate, settings.weight_decay, threads=threads)

    def finished(best: list[np.ndarray]) -> ModelFile:
        head = {name: best[2 * i : 2 * i + 2] for i, name in enumerate(names)}
        return replace(plan.start, weights=weights | head)

    return Parts(_trunk(plan.start, settings, threads), network, finished)


def _trunk(start: ModelFile, settings: TrainingSettings, threads: int) -> FrozenPart:
    if choose_engine(EngineSettings(threads=threads)) == "openvino":
        from helixtune.engines.openvino import OpenVinoTrunk

        return OpenVinoTrunk(start, threads)
    make_deterministic(settings.seed, threads)
    return KerasPart(trunk_of(keras_model(start)))


def _cut(plan: Plan, model) -> tuple:
    """Return (frozen, trained) Keras models that share the layers of a whole one."""
    if plan.freeze_until:
        return split_after(model, plan.freeze_until)
    return (trunk_of(model), head_of(model)) if plan.head_only else (None, model)

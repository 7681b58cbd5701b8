"""Cutting a network in two: a frozen part, computed once, and the part behind it that is trained."""

from helixtune.errors import ParameterError
from helixtune.model.keras_backend import load_keras
from helixtune.model.network import head_of, trunk_of


def split_after(model, layer_name: str):
    """Return (frozen, trained): the layers up to and including the named one, and everything behind it.

    Args:
        model: a whole network.
        layer_name: a layer of its trunk, as `helixtune check-model` lists them.

    Raises:
        ParameterError: there is no such layer in the trunk.
    """
    keras, trunk = load_keras(), trunk_of(model)
    layers = trunk.layers[1:]
    names = [layer.name for layer in layers]
    if layer_name not in names:
        raise ParameterError(
            f"--freeze-until {layer_name}: no such layer below the head; choose from {', '.join(names)}."
        )
    last = names.index(layer_name)
    if last == len(names) - 1:
        return trunk, head_of(model)
    frozen = keras.Model(trunk.input, layers[last].output, name="frozen")
    features = keras.Input((None, frozen.output.shape[-1]), name="frozen_features")
    joined = features
    for layer in layers[last + 1 :]:
        joined = layer(joined)
    head = head_of(model)
    inputs = [features]
    if len(head.inputs) > 1:
        inputs.append(keras.Input((None, head.inputs[1].shape[-1]), name="coverage"))
        joined = [joined, inputs[1]]
    return frozen, keras.Model(inputs, head(joined), name="trained")

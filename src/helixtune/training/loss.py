"""The loss: cross-entropy of both heads, weighted by time step (specification of the network, section 3)."""

from helixtune.model.keras_backend import load_keras

# Upstream's shares of the two heads in the total.
CLASS_SHARE, PHASE_SHARE = 0.8, 0.2
# Keras clips probabilities to this distance from 0 and 1 before taking logarithms.
CLIP = 1e-7


def head_loss(probabilities, labels, weights):
    """Return the weighted cross-entropy of one head, averaged over all bases (not over the weights).

    Args:
        probabilities: (b, T, P, 4) rows sum to 1.
        labels: (b, T, P) uint8 class numbers; 255 = no class, which costs nothing.
        weights: (b, T) float32.
    """
    ops = load_keras().ops
    one_hot = ops.one_hot(ops.cast(labels, "int32"), probabilities.shape[-1])  # 255 is out of range: a row of zeros
    probabilities = probabilities / ops.sum(probabilities, axis=-1, keepdims=True)
    cross_entropy = -ops.sum(one_hot * ops.log(ops.clip(probabilities, CLIP, 1 - CLIP)), axis=-1)
    n_bases = ops.cast(ops.prod(ops.shape(labels)), "float32")
    return ops.sum(cross_entropy * weights[..., None]) / n_bases


def total_loss(outputs, classes, phases, weights) -> dict:
    """Return `loss`, `genic_loss` and, for a network with two heads, `phase_loss` as scalars."""
    genic = head_loss(outputs[0], classes, weights)
    if len(outputs) == 1:
        return {"loss": genic, "genic_loss": genic}
    phase = head_loss(outputs[1], phases, weights)
    return {"loss": CLASS_SHARE * genic + PHASE_SHARE * phase, "genic_loss": genic, "phase_loss": phase}

"""A lower precision has to prove itself: on the genome at hand, against float32, before an engine uses it."""

from collections.abc import Callable

import numpy as np

from helixtune.log import logger
from helixtune.model.graph import BASES

# The rule every engine has to meet. Trained models of this family keep 99.85 to 99.93 % in bfloat16, so it is measured.
MIN_SAME_CLASS = 0.999


def choose_precision(load: Callable, precision: str, sample: np.ndarray):
    """Return the engine of the lower precision if it agrees with float32 on a sample, else that of float32.

    Args:
        load: precision -> engine.
        precision: the lower one, for example "bfloat16".
        sample: (b, L, channels) rows of the genome.
    """
    exact, fast = load("float32"), load(precision)
    agreement = same_class_share(exact, fast, sample)
    chosen = fast if agreement >= MIN_SAME_CLASS else exact
    logger.info(
        f"{precision} {'chosen' if chosen is fast else 'not chosen'}: {100 * agreement:.3f} % of the sampled bases get the same "
        f"class as in float32 (needed {MIN_SAME_CLASS:.1%})"
    )
    return chosen


def same_class_share(exact, fast, sample: np.ndarray) -> float:
    """Return the share of real bases of (b, L, channels) rows for which both engines give the same genic class."""
    is_base = sample[..., :BASES].any(axis=-1)
    classes = [
        np.concatenate([probs[:, 0].argmax(axis=-1) for probs in engine.predict_many(row[None] for row in sample)])
        for engine in (exact, fast)
    ]
    same = classes[0] == classes[1]
    return float(same[is_base].mean()) if is_base.any() else 1.0

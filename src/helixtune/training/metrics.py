"""How well predicted classes agree with labels: confusion matrices and the scores made from them.

`genic` is upstream's steering figure. It is an average over bases, which a model that copies its teacher maximises;
`macro_f1` counts every class alike, so that rare introns and UTRs weigh as much as all intergenic sequence.
"""

import numpy as np

from helixtune.training.batches import NO_CLASS

CLASS_NAMES = ("intergenic", "utr", "cds", "intron")
PHASE_NAMES = ("no_phase", "phase_0", "phase_1", "phase_2")
# What decides which check is kept; "last" = none, the end of training. Validation rows that carry the base model's own
# pseudolabels always favour the base model: on them, only a fixed length of training can move away from it.
MONITORS = ("genic_f1", "macro_f1", "loss", "last")


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, is_valid: np.ndarray, n_classes: int = 4) -> np.ndarray:
    """Count bases by true class (rows) and predicted class (columns).

    Args:
        labels: (b, T, P) uint8 class numbers; 255 (no class) is not counted.
        predicted: (b, T, P) class numbers.
        is_valid: (b, T); steps that are not valid are left out with all their bases.

    Returns:
        (n_classes, n_classes) int64.
    """
    counted = (labels != NO_CLASS) & is_valid[..., None]
    cells = labels[counted].astype(np.int64) * n_classes + predicted[counted]
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def scores(true_positives: float, false_positives: float, false_negatives: float) -> dict[str, float]:
    """Return precision, recall and F1; each is 0 where its denominator is 0."""
    precision = _ratio(true_positives, true_positives + false_positives)
    recall = _ratio(true_positives, true_positives + false_negatives)
    f1 = _ratio(2 * precision * recall, precision + recall)
    return {"precision": precision, "recall": recall, "f1": f1}


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0


def _pooled(matrix: np.ndarray, classes: list[int]) -> dict[str, float]:
    """Score several classes as one by adding up their own counts (micro average)."""
    diagonal = matrix.diagonal()[classes]
    false_positives = matrix.sum(axis=0)[classes] - diagonal
    false_negatives = matrix.sum(axis=1)[classes] - diagonal
    return scores(diagonal.sum(), false_positives.sum(), false_negatives.sum())


def class_scores(matrix: np.ndarray, names: tuple[str, ...] = CLASS_NAMES) -> dict[str, dict[str, float]]:
    """Return precision, recall and F1 of each class of a confusion matrix."""
    return {name: _pooled(matrix, [number]) for number, name in enumerate(names)}


def genic_scores(matrix: np.ndarray) -> dict[str, dict[str, float]]:
    """Return upstream's scores of groups of classes.

    `genic` pools UTR, CDS and intron, `sub_genic` CDS and intron; `legacy_cds` takes CDS and intron as one class.
    """
    coding = matrix[2:, 2:].sum()
    legacy = scores(coding, matrix[:2, 2:].sum(), matrix[2:, :2].sum())
    return {"genic": _pooled(matrix, [1, 2, 3]), "sub_genic": _pooled(matrix, [2, 3]), "legacy_cds": legacy}


def macro_f1(matrix: np.ndarray) -> float:
    """Return the mean F1 of the classes that occur in the labels or the predictions."""
    present = np.flatnonzero(matrix.sum(axis=0) + matrix.sum(axis=1))
    return float(np.mean([_pooled(matrix, [number])["f1"] for number in present])) if len(present) else 0.0


def accuracy(matrix: np.ndarray) -> float:
    """Return the share of bases on the diagonal."""
    return _ratio(matrix.trace(), matrix.sum())

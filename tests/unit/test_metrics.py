"""Scores made from confusion matrices."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from helixtune.training.metrics import accuracy, class_scores, confusion_matrix, genic_scores, macro_f1


def random_labels(seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 4, (3, 10, 9)).astype(np.uint8), rng.integers(0, 4, (3, 10, 9)).astype(np.uint8)


def test_confusion_counts_valid_labelled_bases_only():
    labels, predicted = random_labels()
    labels[0, 0, 0] = 255
    is_valid = np.ones((3, 10), bool)
    is_valid[2, 5] = False
    matrix = confusion_matrix(labels, predicted, is_valid)
    assert matrix.sum() == labels.size - 1 - 9
    assert matrix[1, 2] == ((labels == 1) & (predicted == 2) & is_valid[..., None]).sum()


def test_scores_agree_with_scikit_learn():
    labels, predicted = random_labels(1)
    matrix = confusion_matrix(labels, predicted, np.ones((3, 10), bool))
    flat = labels.ravel(), predicted.ravel()
    assert [entry["f1"] for entry in class_scores(matrix).values()] == pytest.approx(f1_score(*flat, average=None))
    assert macro_f1(matrix) == pytest.approx(f1_score(*flat, average="macro"))
    assert genic_scores(matrix)["genic"]["f1"] == pytest.approx(f1_score(*flat, labels=[1, 2, 3], average="micro"))
    assert genic_scores(matrix)["sub_genic"]["f1"] == pytest.approx(f1_score(*flat, labels=[2, 3], average="micro"))
    assert accuracy(matrix) == pytest.approx((labels == predicted).mean())


def test_nothing_predicted_scores_zero_without_warning():
    matrix = np.zeros((4, 4), int)
    matrix[1, 0] = matrix[0, 0] = 5
    assert genic_scores(matrix)["genic"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert macro_f1(np.zeros((4, 4), int)) == 0.0


def test_macro_leaves_out_classes_that_do_not_occur():
    matrix = np.diag([5, 0, 5, 0])
    assert macro_f1(matrix) == 1.0

"""Import Keras on TensorFlow once, quietly; nothing else in the package imports either of them directly."""

import importlib
import os


def load_keras():
    """Return the `keras` module, running on TensorFlow, with TensorFlow's start-up messages off.

    The variables have to be set before the first import; a user's own setting wins.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"  # the only backend the engines and the training loop are written for
    return importlib.import_module("keras")

"""Import Keras and TensorFlow once, quietly; nothing else in the package imports either of them directly."""

import importlib
import os


def load_keras():
    """Return the `keras` module, running on TensorFlow, with TensorFlow's start-up messages off.

    The variables have to be set before the first import; a user's own log level wins.
    """
    _silence()
    os.environ["KERAS_BACKEND"] = "tensorflow"  # the only backend the engines and the training loop are written for
    return importlib.import_module("keras")


def load_tensorflow():
    """Return the `tensorflow` module with its start-up messages off."""
    _silence()
    return importlib.import_module("tensorflow")


def _silence():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

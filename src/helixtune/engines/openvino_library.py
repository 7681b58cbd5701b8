"""Import OpenVINO without its telemetry."""

import importlib
import sys


def load_openvino():
    """Return the `openvino` module.

    On import OpenVINO reports to its makers over the network, unless the package that does so is absent, and a command waits for
    that seconds at its end where there is no network. Whoever wants telemetry may import it first.
    """
    sys.modules.setdefault("openvino_telemetry", None)
    return importlib.import_module("openvino")

"""Saved states of training, so that a killed run goes on where it was: one file, always whole, checked when read."""

import json
import time
import zipfile
import zlib
from pathlib import Path

import numpy as np

from helixtune.files import atomic_output
from helixtune.log import logger

# A reclaimed machine loses at most this much work; saving 2 million weights takes a fraction of a second.
INTERVAL_S = 60.0


class CheckpointFile:
    """The state of one run on disk: progress, the network's and the optimiser's variables, the best weights so far."""

    def __init__(self, path: Path, interval_s: float = INTERVAL_S):
        self.path, self.interval_s = path, interval_s
        self._saved = time.monotonic()

    def is_due(self) -> bool:
        """Tell whether the last save is long ago; when it is made changes no result."""
        return time.monotonic() - self._saved >= self.interval_s

    def save(self, progress: dict, variables: list[np.ndarray], best_weights: list[np.ndarray]) -> None:
        """Replace the file by this state in one move."""
        arrays = {f"variable_{number}": array for number, array in enumerate(variables)}
        arrays |= {f"best_{number}": array for number, array in enumerate(best_weights)}
        with atomic_output(self.path) as partial, partial.open("wb") as file:
            np.savez(file, progress=np.frombuffer(json.dumps(progress).encode(), np.uint8), **arrays)
        self._saved = time.monotonic()

    def load(self) -> tuple[dict, list[np.ndarray], list[np.ndarray]] | None:
        """Return progress, variables and best weights; None when there is no usable file (a damaged one is reported)."""
        if not self.path.exists():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as file:
                progress = json.loads(file["progress"].tobytes())
                return progress, _numbered(file, "variable"), _numbered(file, "best")
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
            logger.warning("Checkpoint %s is damaged (%s): training starts over.", self.path, error)
            return None


def _numbered(file, prefix: str) -> list[np.ndarray]:
    count = sum(name.startswith(f"{prefix}_") for name in file.files)
    return [file[f"{prefix}_{number}"] for number in range(count)]

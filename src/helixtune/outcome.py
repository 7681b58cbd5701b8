"""What a command tells a program about its run (`--json`): one JSON object on standard output."""

import argparse
import json
import logging
import math
import sys
from pathlib import Path

from helixtune import __version__

# Options that name files which a command writes; in the order in which they are told.
OUTPUT_OPTIONS = (
    "output", "output_file", "output_dir", "train", "validation", "scores", "summary", "comparison", "recommended",
    "recommended_proteins", "recommended_cds", "proteins", "cds", "training_log", "model_card", "citations", "multiqc_dir",
)  # fmt: skip
# Verbs that read what these options name elsewhere.
INPUTS_OF = {
    "tune-model": {"train", "validation"},
    "train-model": {"train", "validation"},
    "evaluate-genes": {"scores"},
}


class WarningCollector(logging.Handler):
    """Keeps what was warned about, each text once, in order."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self._messages: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        self._messages[record.getMessage()] = None

    @property
    def messages(self) -> list[str]:
        """Return the texts."""
        return list(self._messages)


def written_files(verb: str, args: argparse.Namespace) -> dict[str, str]:
    """Return the outputs that were asked for and are there, by option."""
    names = [name for name in OUTPUT_OPTIONS if name not in INPUTS_OF.get(verb, ())]
    found = {name: getattr(args, name, None) for name in names}
    return {name: str(path) for name, path in found.items() if path and Path(path).exists()}


def outcome(verb: str, exit_code: int, seconds: float, warnings: list[str]) -> dict:
    """Return what every command tells."""
    return {
        "command": verb,
        "helixtune": __version__,
        "exit_code": exit_code,
        "seconds": round(seconds, 2),
        "warnings": warnings,
    }


def write_json(content: dict) -> None:
    """Print one JSON object; numbers that JSON does not have become null."""
    sys.stdout.write(json.dumps(_finite(content), indent=1, default=str) + "\n")


def _finite(value):
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value

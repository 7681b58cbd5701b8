"""Where a run keeps its unfinished work: a folder named by a hash of all that decides the result, so that only the same
run finds it again."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helixtune import __version__
from helixtune.errors import InputFileError


def run_key(facts: dict) -> str:
    """Return 16 hexadecimal digits that stand for input checksums, settings and version."""
    text = json.dumps({"helixtune": __version__, **facts}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@contextmanager
def run_folder(checkpoint_dir: str | None, key: str, beside: Path) -> Iterator[Path]:
    """Yield the folder for unfinished work of one run and remove it when the run ends well.

    Args:
        checkpoint_dir: lasting place; what is left there by a killed run is found again. None = a temporary folder beside
            the output, removed in any case.
        key: from `run_key`.
        beside: the output file.
    """
    if checkpoint_dir is None:
        if not beside.parent.is_dir():
            raise InputFileError(f"Output folder {beside.parent} does not exist: create it first.")
        with tempfile.TemporaryDirectory(prefix=".helixtune-", dir=beside.parent) as folder:
            yield Path(folder)
        return
    folder = Path(checkpoint_dir) / key
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder)

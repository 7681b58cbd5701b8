"""Base models: files of the project, or trained without the species of a target."""

import os
import subprocess
from pathlib import Path

from cache import Cache

from helixtune.files import sha256_of

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
# A base of this name and a species' is trained on the other genomes, once, in the work folder (half an hour of one core).
WITHOUT = "without "


def base_model(name: str, data: Path, cache: Cache) -> Path:
    """Return a base's file: a path in the project, or a model trained without a species."""
    if not name.startswith(WITHOUT):
        return PROJECT / name
    species = name.removeprefix(WITHOUT)

    def build(folder: Path) -> None:
        command = [HERE / "train_base.sh", folder / "work", folder / "base.h5", species]
        subprocess.run(command, check=True, env={**os.environ, "HELIXTUNE_DATA": str(data)})

    script = sha256_of(HERE / "train_base.sh")
    return cache.make("base", [species, script], build) / "base.h5"

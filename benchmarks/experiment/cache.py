"""Work shared by cells: a folder a piece of work, named by what it was made from and how; made once, then found."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def key_of(described: object) -> str:
    """Return a short name for anything that JSON can describe."""
    return hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Made:
    """A finished piece of work: its folder, and the key that later pieces are named by."""

    folder: Path
    key: str

    def __truediv__(self, name: str) -> Path:
        return self.folder / name


class Cache:
    """Pieces of work under one scratch folder; an interrupted piece leaves nothing that looks finished."""

    def __init__(self, folder: Path):
        self.folder = folder

    def make(self, kind: str, described: object, build: Callable[[Path], None]) -> Made:
        """Return the piece of work described, building it (into a folder that does not exist yet) if need be."""
        key = key_of([kind, described])
        place = self.folder / kind / key
        if not place.exists():
            partial = place.with_suffix(f".partial-{os.getpid()}")  # two runs may work side by side
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            build(partial)
            (partial / "made_from.json").write_text(json.dumps(described, indent=1, default=str) + "\n")
            if place.exists():
                shutil.rmtree(partial)
            else:
                partial.rename(place)
        return Made(place, key)

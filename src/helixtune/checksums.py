"""Sizes and SHA-256 of files, and of the package itself: `python -m helixtune.checksums [PATH ...]`.

Tasks of the pipeline run this on what they read and publish, so that no byte has to travel to the machine that Nextflow runs on.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from helixtune import __version__
from helixtune.files import sha256_of


def files_below(paths: Iterable[str | Path]) -> Iterator[Path]:
    """Yield files, and those of folders at any depth, in the order of names.

    What is not there is left out: a task names every folder that an input may lie in.
    """
    for path in filter(Path.exists, map(Path, paths)):
        yield from sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]


def fingerprint() -> str:
    """Return version and checksum of the package's code: by it the pipeline's -resume knows that the code has changed."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in files_below([package]):
        if path.suffix in {".py", ".html", ".css", ".js"}:
            digest.update(f"{path.relative_to(package)} {sha256_of(path)}\n".encode())
    return f"{__version__} {digest.hexdigest()[:12]}"


def main(paths: list[str]) -> None:
    """Print a line "sha256 bytes path" for each file; without paths, the package's fingerprint."""
    lines = [f"{sha256_of(path)} {path.stat().st_size} {path}" for path in files_below(paths)]
    sys.stdout.write("".join(f"{line}\n" for line in lines) if paths else f"{fingerprint()}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

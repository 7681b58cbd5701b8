"""Files that are either whole or not there."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helixtune.errors import InputFileError

GZIP_MAGIC = b"\x1f\x8b"
# How files of packing programs that are not read begin (bzip2's: version, level 9 or less, and the digits of pi).
PACKED = {
    **{b"BZh%d1AY&SY" % level: "bzip2" for level in range(1, 10)},
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
}


@contextmanager
def atomic_output(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes the name `path` when the block ends well, and vanishes when not.

    A killed process leaves at most a hidden `.partial-*` file, never one that looks complete: `-resume` depends on it.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise InputFileError(f"Output folder {path.parent} does not exist: create it first.")
    partial = path.parent / f".partial-{secrets.token_hex(4)}-{path.name}"
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    finally:
        # a disk that lets nothing be written lets nothing be removed: the first error is the one to tell
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """Yield a new hidden folder beside `path`; it takes the name `path` when the block ends well, and vanishes when not."""
    path = Path(path)
    partial = path.parent / f".partial-{secrets.token_hex(4)}-{path.name}"
    partial.mkdir(parents=True)
    try:
        yield partial
        partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def duplicate(source: str | Path, target: str | Path) -> None:
    """Give a finished file a second name, so that it is kept once; copy it where that cannot be (another disk, no right to)."""
    try:
        os.link(Path(source).resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def require_file(path: str | Path, what: str) -> Path:
    """Return `path` if it is a readable, non-empty file; `what` names it in the error (e.g. "genome FASTA")."""
    path = Path(path)
    if not path.exists():
        raise InputFileError(f"{what} {path} does not exist: check the path.")
    if not path.is_file():
        raise InputFileError(f"{what} {path} is not a file: give the file itself.")
    if not os.access(path, os.R_OK):
        raise InputFileError(f"{what} {path} cannot be read: check its permissions.")
    if path.stat().st_size == 0:
        raise InputFileError(f"{what} {path} is empty: check how it was made.")
    _refuse_packing(path, what)
    return path


def _refuse_packing(path: Path, what: str) -> None:
    """Refuse a file packed by a program that is not read: its bytes would be told of as if they were the content."""
    with path.open("rb") as file:
        start = file.read(max(map(len, PACKED)))
    for magic, program in PACKED.items():
        if start.startswith(magic):
            raise InputFileError(
                f"{what} {path} is packed by {program}, which is not read: unpack it, or pack it by gzip."
            )


def is_gzip(path: Path) -> bool:
    """Tell whether a file is packed by gzip or bgzip."""
    with path.open("rb") as probe:
        return probe.read(2) == GZIP_MAGIC


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

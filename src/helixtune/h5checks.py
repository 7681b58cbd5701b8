"""What an HDF5 file of rows must look like before anything in it is used: known datasets, checked when a file is opened.

Files come from strangers: a dataset may be a link to another file, be of any shape and type, claim more data than the file can
hold, or name rows that cannot be.
"""

import json
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from helixtune.errors import FormatError, InputFileError, ShapeError

# HDF5's own words about what it could not read: "Unable to synchronously open object", "Can't synchronously read data".
_H5_READING = re.compile(
    r"(?:Unable to|Can't|Couldn't|Cannot|can't) (?:synchronously )?(?!(?:write|create|flush|extend|delete)\b)"
)
# Deflate packs at most 1,032 bytes into one; below the second figure nothing can hurt.
LARGEST_EXPANSION = 1100
SMALL_BYTES = 64 * 1024**2
# No sequence is longer, and sums of such numbers fit into 64 bits.
LARGEST_COORDINATE = 1 << 40

# An attribute lies in the object header of 64 KiB, together with the others.
LARGEST_ATTRIBUTE = 16 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")
# Rounding may take a probability a little above 1.
LARGEST_PROBABILITY = 1.02
_LARGEST = {
    "data/X": 1,
    "data/y": 1,
    "data/phases": 1,
    "predictions": LARGEST_PROBABILITY,
    "predictions_phase": LARGEST_PROBABILITY,
}

_NUMBERS, _WHOLE, _TEXT = "fiub", "iu", "S"
PER_ROW, PER_BASE = "row", "base"
# Dataset -> kinds of its type, and what it has one entry for; then the sizes of its further axes (None: any).
_LAYOUT: dict[str, tuple] = {
    "data/X": (_NUMBERS, PER_BASE, 4),
    "data/y": (_NUMBERS, PER_BASE, 4),
    "data/phases": (_NUMBERS, PER_BASE, 4),
    "data/sample_weights": (_NUMBERS, PER_BASE),
    "data/gene_lengths": (_NUMBERS, PER_BASE),
    "data/transitions": (_NUMBERS, PER_BASE, 6),
    "data/err_samples": (_NUMBERS, PER_ROW),
    "data/fully_intergenic_samples": (_NUMBERS, PER_ROW),
    "data/is_annotated": (_NUMBERS, PER_ROW),
    "data/seqids": (_TEXT, PER_ROW),
    "data/full_seqids": (_TEXT, PER_ROW),
    "data/species": (_TEXT, PER_ROW),
    "data/start_ends": (_WHOLE, PER_ROW, 2),
    "evaluation/rnaseq_coverage": (_NUMBERS, PER_BASE, None),
    "evaluation/rnaseq_spliced_coverage": (_NUMBERS, PER_BASE, None),
    "evaluation/rnaseq_meta/bam_files": (_TEXT, None),
    "predictions": (_NUMBERS, PER_BASE, 4),
    "predictions_phase": (_NUMBERS, PER_BASE, 4),
    "scores/classes": (_WHOLE, PER_ROW, 7),
    "scores/phases": (_WHOLE, PER_ROW, 3),
    "scores/usable": (_WHOLE, PER_ROW),
    "scores/gene_models": (_WHOLE, None, 11),
    "first_labelled/seqids": (_TEXT, None),
    "first_labelled/lines": (_WHOLE, None),
}
# Formats with one packed number in place of four (helixtune.prediction.compact, helixtune.packed_bases).
COMPACT_PREDICTIONS, PACKED_GENOME = "helixtune compact predictions", "helixtune packed genome"
_PACKED = {
    COMPACT_PREDICTIONS: {"predictions": ("u", PER_BASE), "predictions_phase": ("u", PER_BASE)},
    PACKED_GENOME: {"data/X": ("u", PER_BASE)},
}


def says_damage(error: BaseException) -> bool:
    """Tell whether an error is HDF5's about something that it could not read."""
    return isinstance(error, OSError | RuntimeError | KeyError) and bool(_H5_READING.search(str(error)))


def damaged(path: str | Path) -> InputFileError:
    """Return the error that says so."""
    return InputFileError(f"{path} is damaged: a part of it cannot be read; make or copy it again.")


def text_attribute(file: h5py.File, name: str) -> str | None:
    """Return a root attribute as text, whatever a stranger has put there; None if there is none."""
    with readable(file.filename):
        value = file.attrs.get(name)
    if value is None or (isinstance(value, str) and value.isprintable()):
        return value
    if isinstance(value, str):  # it may end up in a comment of a GFF3 file
        return "".join(letter if letter.isprintable() else " " for letter in value)
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def checksum_attribute(file: h5py.File, name: str) -> str | None:
    """Return a root attribute that is a SHA-256; None if it is not there, or anything else."""
    found = text_attribute(file, name)
    return found if found and SHA256.fullmatch(found) else None


def json_attribute(file: h5py.File, name: str, kind: type):
    """Return what a root attribute holds as JSON; an empty `kind` if it is none, or of another kind."""
    try:
        found = json.loads(text_attribute(file, name) or "")
    except (ValueError, RecursionError):
        return kind()
    return found if isinstance(found, kind) else kind()


def copied_attributes(file: h5py.File, left_out: Collection[str]) -> dict:
    """Return the root attributes that another file can carry on; HDF5 refuses large ones and text that is no Unicode."""
    with readable(file.filename):
        found = {name: file.attrs[name] for name in file.attrs if name not in left_out}
    plain = {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in found.items()
    }
    return {name: value for name, value in plain.items() if len(np.asarray(value).tobytes()) < LARGEST_ATTRIBUTE}


def require_values(block: np.ndarray, name: str, path: str) -> None:
    """Check that numbers are what their dataset promises: shares, ones and zeros; what is no number counts as no prediction.

    Raises:
        FormatError: a number is outside.
    """
    if name not in _LARGEST or block.dtype.kind not in "fi" or not block.size:
        return
    # Half floats sort as their bits do, negative ones and NaN last: one pass over integers.
    if block.dtype == np.float16 and block.view(np.uint16).max() <= np.float16(_LARGEST[name]).view(np.uint16):
        return
    with np.errstate(invalid="ignore"):
        wrong = (block < 0) | (block > _LARGEST[name])
    wrong = (wrong | np.isnan(block)) if name == "data/X" else wrong & np.isfinite(block)
    if wrong.any():
        raise FormatError(
            f"{path}: '{name}' holds {block[wrong][0]}, where numbers from 0 to 1 are expected: it is damaged; make it again."
        )


@contextmanager
def readable(path: str | Path) -> Iterator[None]:
    """Turn what HDF5 says about damage into a sentence that names the file."""
    try:
        yield
    except (OSError, RuntimeError, KeyError) as error:
        if says_damage(error):
            raise damaged(path) from error
        raise


def require_dataset(file: h5py.File, name: str, path: Path) -> None:
    """Check that `name` is an array stored in this very file, not larger than the file can hold.

    Raises:
        FormatError: it is missing, a link, no array, or kept elsewhere.
    """
    parts = name.split("/")
    for depth in range(1, len(parts) + 1):
        partial = "/".join(parts[:depth])
        link = file.get(partial, getlink=True)
        if link is None:
            raise FormatError(f"{path} has no dataset '{name}': it is not the kind of file that this step needs.")
        if not isinstance(link, h5py.HardLink):
            raise FormatError(
                f"{path}: '{partial}' is a link to another place; refused, because data must lie in the file itself."
            )
        if depth < len(parts) and not isinstance(file[partial], h5py.Group):
            raise FormatError(f"{path} has no dataset '{name}': it is not the kind of file that this step needs.")
    dataset = file[name]
    if not isinstance(dataset, h5py.Dataset) or dataset.ndim < 1:
        raise FormatError(f"{path}: '{name}' is not an array of rows: it is not the kind of file that this step needs.")
    if dataset.external or dataset.is_virtual:
        raise FormatError(
            f"{path}: '{name}' keeps its data in another file; refused, because data must lie in the file itself."
        )
    if dataset.nbytes > max(SMALL_BYTES, LARGEST_EXPANSION * path.stat().st_size):
        raise FormatError(
            f"{path}: '{name}' claims {dataset.nbytes} bytes, more than the file can hold: it is damaged; make it again."
        )


def require_layout(file: h5py.File, path: Path) -> None:
    """Check all known datasets that a file has: stored in it, of the right type, their rows and widths in agreement.

    Raises:
        FormatError: one lies outside the file.
        ShapeError: one has another type or shape than its name promises.
    """
    n_rows = width = None
    for name, (kinds, per, *axes) in (_LAYOUT | _PACKED.get(text_attribute(file, "format"), {})).items():
        if not _has_link(file, name):
            continue
        require_dataset(file, name, path)
        dataset = file[name]
        expected = {PER_ROW: (n_rows,), PER_BASE: (n_rows, width)}.get(per, (None,)) + tuple(axes)
        fits = dataset.ndim == len(expected) and all(
            size in (None, found) for size, found in zip(expected, dataset.shape, strict=True)
        )
        if not fits or dataset.dtype.kind not in kinds:
            shape = ", ".join("any" if size is None else str(size) for size in expected)
            raise ShapeError(
                f"{path}: '{name}' has shape {dataset.shape} of {dataset.dtype}, but ({shape}) of"
                f" {'text' if kinds == _TEXT else 'numbers'} is expected: make the file again."
            )
        n_rows = dataset.shape[0] if per else n_rows
        width = dataset.shape[1] if per == PER_BASE else width


def _has_link(file: h5py.File, name: str) -> bool:
    """Tell whether something is there by that name, without following a link."""
    group, _, last = name.rpartition("/")
    if not group:
        return file.get(last, getlink=True) is not None
    if not _has_link(file, group):
        return False
    is_plain = isinstance(file.get(group, getlink=True), h5py.HardLink) and isinstance(file[group], h5py.Group)
    return not is_plain or file[group].get(last, getlink=True) is not None


def require_places(
    path: str, seqids: np.ndarray, species: np.ndarray, start_ends: np.ndarray, width: int | None
) -> None:
    """Check that rows can be where they say they are.

    Args:
        path: the file, for messages.
        seqids: (n,) bytes.
        species: (n,) bytes.
        start_ends: (n, 2) as stored.
        width: positions a row; None if the file does not tell.

    Raises:
        FormatError: names are not plain text, or coordinates cannot be.
    """
    for names, what, first in ((seqids, "sequence ids", "!"), (species, "species", " ")):
        letters = names.view(np.uint8) if names.size and names.dtype.itemsize else np.zeros(0, np.uint8)
        if ((letters > ord("~")) | ((letters < ord(first)) & (letters > 0))).any():
            raise FormatError(f"{path}: its {what} are not plain ASCII text: it is damaged; make it again.")
    lengths = np.abs(start_ends[:, 0].astype(np.float64) - start_ends[:, 1])
    limit = LARGEST_COORDINATE if width is None else width
    outside = (start_ends < 0) | (start_ends > LARGEST_COORDINATE)
    wrong = np.flatnonzero(outside.any(axis=1) | (lengths > limit) | (lengths < 1))
    if len(wrong):
        first, second = start_ends[wrong[0]].tolist()
        raise FormatError(
            f"{path}: row {wrong[0]} cannot reach from {first} to {second} in {limit} positions: the coordinates are"
            " damaged; make the file again."
        )

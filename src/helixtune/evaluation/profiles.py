"""Which residues of called proteins match profile HMMs, such as those of a BUSCO lineage; needs pyhmmer (extra `hmm`)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helixtune.errors import FormatError, InputFileError, ParameterError

MAX_EVALUE = 1e-3


class Profiles:
    """Profile HMMs to search called proteins with.

    Args:
        path: a file of profiles in HMMER3 format, or a folder with files named *.hmm (BUSCO lineages: `hmms/`).
        threads: for searching.

    Raises:
        ParameterError: pyhmmer is not installed.
        InputFileError, FormatError: nothing there, or not HMMER3.
    """

    def __init__(self, path: str | Path, threads: int = 1):
        self._threads = threads
        self._hmmer = _import_pyhmmer()
        self._profiles = [profile for file in _profile_files(Path(path)) for profile in self._read(file)]
        if not self._profiles or not all(profile.alphabet.is_amino() for profile in self._profiles):
            raise FormatError(f"{path} does not hold profiles of proteins alone: give such profiles in HMMER3 format.")
        self._alphabet = self._profiles[0].alphabet

    def __len__(self) -> int:
        return len(self._profiles)

    def match(self, proteins: Sequence[bytes]) -> list[np.ndarray]:
        """Return for each protein (n,) bool: residues that match a profile significantly (E-value at most 1e-3)."""
        distinct = list(dict.fromkeys(one for one in proteins if one))
        masks = {one: np.zeros(len(one), bool) for one in (*distinct, b"")}
        sequences = self._hmmer.easel.DigitalSequenceBlock(
            self._alphabet,
            [
                self._hmmer.easel.TextSequence(name=str(i).encode(), sequence=one.decode()).digitize(self._alphabet)
                for i, one in enumerate(distinct)
            ],
        )
        options = {"E": MAX_EVALUE, "domE": MAX_EVALUE, "incE": MAX_EVALUE, "incdomE": MAX_EVALUE}
        for hits in self._hmmer.hmmer.hmmsearch(self._profiles, sequences, cpus=self._threads, **options):
            for hit in hits.included:
                name = hit.name if isinstance(hit.name, str) else hit.name.decode()
                for domain in hit.domains.included:
                    _mark(masks[distinct[int(name)]], domain.alignment)
        return [masks[one] for one in proteins]

    def _read(self, path: Path) -> list:
        try:
            with self._hmmer.plan7.HMMFile(path) as file:
                return list(file)
        except (ValueError, OSError, EOFError) as error:
            raise FormatError(
                f"{path} cannot be read as profiles ({error}): give profiles in HMMER3 format."
            ) from error


def _mark(mask: np.ndarray, alignment) -> None:
    """Mark residues in match columns; inserts stand in lower case, deletions as dashes."""
    residues = [letter for letter in alignment.target_sequence if letter not in "-."]
    first = alignment.target_from - 1
    mask[first : first + len(residues)] |= np.array([letter.isupper() for letter in residues])


def _import_pyhmmer():
    try:
        import pyhmmer
    except ImportError as error:
        raise ParameterError(
            "--hmms needs pyhmmer, which is not installed: run `pip install 'helixtune[hmm]'`, or leave the option out."
        ) from error
    return pyhmmer


def _profile_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob("*.hmm"))
        if not files:
            raise InputFileError(f"{path} holds no *.hmm file: give a file or a folder of profiles.")
        return files
    if not path.is_file():
        raise InputFileError(f"Profiles {path} do not exist: give a file or a folder of profiles.")
    return [path]

"""Which residues of called proteins align with known proteins.

Candidates share words of a reduced alphabet on one diagonal; the best of them are aligned locally with BLOSUM62 by Biopython.
"""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from Bio.Align import PairwiseAligner, substitution_matrices
from Bio.SeqIO.FastaIO import SimpleFastaParser

from helixtune.errors import FormatError
from helixtune.files import is_gzip, require_file
from helixtune.log import logger
from helixtune.processes import in_processes
from helixtune.progress import Progress

# Murphy, Wallqvist & Levy 2000 (doi:10.1093/protein/13.3.149): ten groups that substitute for each other.
GROUPS = ("LVIM", "C", "A", "G", "ST", "P", "FYW", "EDNQ", "KR", "H")
WORD = 6
MIN_WORDS_ON_DIAGONAL = 2
DIAGONAL_BAND = 32
# The best homologue may lack an exon that the second best has.
CANDIDATES = 2
# Words that occur more often are low complexity or domains of huge families; they make candidates of everything.
MAX_OCCURRENCES = 500
# BLOSUM62 with gaps of 11 + k: Gumbel's parameters of NCBI BLAST (Altschul et al. 1997, doi:10.1093/nar/25.17.3389).
LAMBDA, K = 0.267, 0.041
GAP_OPEN, GAP_EXTEND = -12.0, -1.0
MAX_EVALUE = 1e-3
# Alignment takes memory for query times target.
PIECE = 2_000
_MARGIN = 40
# Proteins that a process aligns at a time.
BATCH = 100


def _group_codes() -> np.ndarray:
    codes = np.full(256, -1, np.int64)
    for number, letters in enumerate(GROUPS):
        for letter in letters:
            codes[ord(letter)] = number
    return codes


_GROUP_CODES = _group_codes()
# Letters that BLOSUM62 lacks.
_KNOWN_LETTERS = bytes.maketrans(b"UOJ", b"CKL")


class KnownProteins:
    """Proteins to align with, indexed by their words.

    Args:
        proteins: amino acids in one-letter code, without gaps.
        processes: to align in.
    """

    def __init__(self, proteins: Sequence[bytes], processes: int = 1):
        self._processes = processes
        self._proteins = [one.upper().translate(_KNOWN_LETTERS) for one in proteins]
        self._offsets = np.cumsum([0, *map(len, self._proteins)])
        words, places = zip(*(self._words_of(i) for i in range(len(self._proteins))), strict=True)
        words, places = np.concatenate(words), np.concatenate(places)
        order = np.argsort(words, kind="stable")
        self._words, self._places = words[order], places[order].astype(np.int32 if len(words) < 2**31 else np.int64)
        self._aligner = _make_aligner()

    @classmethod
    def read(cls, path: str | Path, processes: int = 1) -> "KnownProteins":
        """Read a protein FASTA file.

        Raises:
            InputFileError, FormatError: missing, empty, or not proteins.
        """
        return cls(read_proteins(path), processes)

    def __len__(self) -> int:
        return len(self._proteins)

    def match(self, proteins: Sequence[bytes]) -> list[np.ndarray]:
        """Return for each protein (n,) bool: residues that align with a known protein significantly."""
        distinct = list(dict.fromkeys(proteins))
        batches = [distinct[first : first + BATCH] for first in range(0, len(distinct), BATCH)]
        known: dict[bytes, np.ndarray] = {}
        with Progress(len(distinct), "proteins", "evaluate-genes") as progress:
            for batch, found in zip(batches, in_processes(self._all_covered, batches, self._processes), strict=True):
                known.update(zip(batch, found, strict=True))
                progress.advance(len(batch))
        return [known[one] for one in proteins]

    def _all_covered(self, proteins: Sequence[bytes]) -> list[np.ndarray]:
        return [self._covered(one) for one in proteins]

    def _covered(self, protein: bytes) -> np.ndarray:
        covered = np.zeros(len(protein), bool)
        for start in range(0, max(len(protein) - _MARGIN, 1), PIECE):
            piece = protein[start : start + PIECE + _MARGIN]
            for target, diagonal in self._candidates(piece):
                self._align(piece, target, diagonal, covered[start : start + len(piece)])
        return covered

    def _words_of(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        words = word_numbers(self._proteins[number])
        clear = np.flatnonzero(words >= 0)
        return words[clear], clear + self._offsets[number]

    def _candidates(self, protein: bytes) -> Iterator[tuple[int, int]]:
        """Yield (known protein, its residue opposite residue 0) of the diagonals with most words in common."""
        words = word_numbers(protein)
        positions = np.flatnonzero(words >= 0)
        first, last = (np.searchsorted(self._words, words[positions], side) for side in ("left", "right"))
        usable = (last > first) & (last - first <= MAX_OCCURRENCES)
        positions, first, counts = positions[usable], first[usable], (last - first)[usable]
        if not len(positions):
            return
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        places = self._places[np.repeat(first, counts) + within].astype(np.int64)
        targets = np.searchsorted(self._offsets, places, side="right") - 1
        bands = (places - np.repeat(positions, counts) + PIECE + _MARGIN) // DIAGONAL_BAND
        pairs, on_band = np.unique(np.stack([targets, bands], axis=1), axis=0, return_counts=True)
        yielded: set[int] = set()
        for best in np.argsort(-on_band, kind="stable"):
            if on_band[best] < MIN_WORDS_ON_DIAGONAL or len(yielded) == CANDIDATES:
                return
            target, band = pairs[best].tolist()
            if target not in yielded:
                yielded.add(target)
                yield target, band * DIAGONAL_BAND - PIECE - _MARGIN - int(self._offsets[target])

    def _align(self, protein: bytes, number: int, diagonal: int, covered: np.ndarray) -> None:
        # Opposite residues of a long target, with room for introns that were called as coding sequence or exons that were not.
        target = self._proteins[number]
        window = (
            target[max(0, diagonal - PIECE) : diagonal + len(protein) + PIECE] if len(target) > 2 * PIECE else target
        )
        query = protein.replace(b"*", b"X").decode()
        bits = (LAMBDA * self._aligner.score(query, window.decode()) - np.log(K)) / np.log(2)
        if len(protein) * float(self._offsets[-1]) * 2.0**-bits > MAX_EVALUE:
            return
        for start, end in self._aligner.align(query, window.decode())[0].aligned[0]:
            covered[start:end] = True


def word_numbers(protein: bytes) -> np.ndarray:
    """Return (n - WORD + 1,) numbers of the words of a protein in the reduced alphabet, -1 with an unclear residue."""
    codes = _GROUP_CODES[np.frombuffer(protein, np.uint8)]
    n_words = len(codes) - WORD + 1
    if n_words < 1:
        return np.zeros(0, np.int64)
    numbers, clear = np.zeros(n_words, np.int64), np.ones(n_words, bool)
    for offset in range(WORD):
        part = codes[offset : offset + n_words]
        numbers = numbers * len(GROUPS) + part
        clear &= part >= 0
    return np.where(clear, numbers, -1)


def _make_aligner() -> PairwiseAligner:
    aligner = PairwiseAligner(mode="local", substitution_matrix=substitution_matrices.load("BLOSUM62"))
    aligner.open_gap_score, aligner.extend_gap_score = GAP_OPEN, GAP_EXTEND
    return aligner


def read_proteins(path: str | Path) -> list[bytes]:
    """Return the records of a protein FASTA file (plain or gzip), without stops at their ends.

    Some programs write stops as `.`; one inside a protein becomes an unknown residue.

    Raises:
        InputFileError: missing or empty.
        FormatError: no FASTA, other letters, or nucleotides.
    """
    path = require_file(path, "Protein file")
    try:
        with (gzip.open if is_gzip(path) else open)(path, "rt", encoding="ascii") as file:
            records = [
                (title.split()[0] if title.strip() else "?", letters.upper().replace(".", "*").rstrip("*"))
                for title, letters in SimpleFastaParser(file)
            ]
    except (UnicodeDecodeError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FormatError(f"{path} is not a text file or is damaged: give proteins as FASTA, plain or gzip.") from error
    with_stops = [name for name, letters in records if "*" in letters]
    if with_stops:
        logger.warning(
            "%s: %d proteins have stops inside (e.g. %s), which count as unknown residues.",
            path, len(with_stops), with_stops[0],
        )  # fmt: skip
    for name, letters in records:
        strange = set(letters) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ*")
        if strange:
            raise FormatError(
                f"{path}: record '{name}' has letters that are no amino acids ({min(strange)!r}): give a protein FASTA file."
            )
    proteins = [letters.replace("*", "X").encode() for _, letters in records if letters]
    if not proteins:
        raise FormatError(f"{path} holds no protein: give a protein FASTA file.")
    letters = b"".join(proteins[:1000])
    if sum(map(letters.count, (b"A", b"C", b"G", b"T", b"N"))) > 0.9 * len(letters):
        raise FormatError(f"{path} looks like nucleotides: give proteins (translated sequences).")
    return proteins

"""What was learnt of a genome, as one value, and as a readable file: <id>.signals.json."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from Bio.Data import CodonTable

from helixtune import __version__
from helixtune.errors import FormatError
from helixtune.files import atomic_output, require_file
from helixtune.signals.automaton import stop_codons
from helixtune.signals.content import CONTEXTS

FORMAT, FORMAT_VERSION = "helixtune signals", 2
# Where patterns begin relative to their border (behind the exon, before the exon, before the start codon), and their widths.
DONOR_OFFSET, DONOR_WIDTH = -3, 9
ACCEPTOR_OFFSET, ACCEPTOR_WIDTH = -20, 23
START_OFFSET, START_WIDTH = -15, 21
MOST_EARLIER_STARTS = 4
BRANCH_WIDTH = 8
# Decimals that are kept: those of tables are finer than what is used (multiples of 2**-10, tracks.quantized).
DECIMALS, TABLE_DECIMALS = 10, 4


@dataclass(frozen=True)
class Weights:
    """How much the network's log2 odds of a base count: for coding sequence and introns, and for untranslated regions."""

    network: float = 0.01
    utr: float = 0.003


@dataclass(frozen=True)
class Signals:
    """Scores in bits against intergenic sequence.

    Attributes:
        coding: (3, 1024, 4) each base by codon position and the five bases before; intron: (1024, 4).
        donor, acceptor, start: (w, 4, 4) by the base before and the base; what must stand there (GT, AG, ATG) scores 0.
        start_order: (5,) of being the first, second ... start codon of an open reading frame, the last for all later ones.
        gc_donor: what GC in place of GT costs.
        branch: (8, 4) the branch point's motif, or None; branch_distance: share of introns with it so many bases before their end.
        lengths: (M + 1,) of each intron length; tail: what every base beyond costs.
        intron_prior, gene_prior: of having an intron between a GT and an AG, a gene that begins at an ATG.
        stops: {codon: bits}.
        weights: of the network.
        genetic_code: NCBI's number.
        agreement: share of the genes called with the signals alone that the network alone calls alike, base for base.
        stability: F1 of exact genes of a sample against those called there by what the other half of it tells.
        parts_per_gene: coding parts of a gene, on average.
        learned_from: what it came from, for readers: checksums, counts.
        observed: what was seen, for readers (`observed.observed`).
    """

    coding: np.ndarray
    intron: np.ndarray
    donor: np.ndarray
    acceptor: np.ndarray
    start: np.ndarray
    start_order: np.ndarray
    gc_donor: float
    branch: np.ndarray | None
    branch_distance: np.ndarray | None
    lengths: np.ndarray
    tail: float
    intron_prior: float
    gene_prior: float
    stops: dict[str, float]
    weights: Weights
    genetic_code: int = 1
    agreement: float = 0.0
    stability: float = 0.0
    parts_per_gene: float = 1.0
    learned_from: dict = field(default_factory=dict)
    observed: dict = field(default_factory=dict)


_SHAPES = {
    "coding": (3, CONTEXTS, 4),
    "intron": (CONTEXTS, 4),
    "donor": (DONOR_WIDTH, 4, 4),
    "acceptor": (ACCEPTOR_WIDTH, 4, 4),
    "start": (START_WIDTH, 4, 4),
    "start_order": (MOST_EARLIER_STARTS + 1,),
    "branch": (BRANCH_WIDTH, 4),
    "branch_distance": (None,),
    "lengths": (None,),
}
_NUMBERS = ("gc_donor", "tail", "intron_prior", "gene_prior", "agreement", "stability", "parts_per_gene")


def write_signals(signals: Signals, path: str | Path) -> None:
    """Write `<id>.signals.json`."""
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "created_by": f"helixtune {__version__}",
        "unit": "bits against intergenic sequence; bases in the order C, A, T, G",
        "learned_from": signals.learned_from,
        "observed": signals.observed,
        "genetic_code": signals.genetic_code,
        "weights": {"network": signals.weights.network, "utr": signals.weights.utr},
        "stops": {codon: round(bits, DECIMALS) for codon, bits in signals.stops.items()},
        **{name: round(float(getattr(signals, name)), DECIMALS) for name in _NUMBERS},
        **{name: _listed(getattr(signals, name)) for name in _SHAPES},
    }
    with atomic_output(path) as partial:
        partial.write_text(json.dumps(content, allow_nan=False) + "\n")


def _listed(array: np.ndarray | None) -> list | None:
    """Return nested lists; what cannot be (minus infinity) is null."""
    if array is None:
        return None
    rounded = np.round(np.asarray(array, np.float64), TABLE_DECIMALS)
    return np.where(np.isfinite(rounded), rounded, None).tolist()


def read_signals(path: str | Path) -> Signals:
    """Read what `write_signals` wrote.

    Raises:
        FormatError: it is another kind of file, of another version, or damaged.
    """
    try:
        content = json.loads(require_file(path, "signals").read_text())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FormatError(f"{path} is no JSON file: give the signals that learn-signals wrote.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise FormatError(f"{path} holds no signals: give the file that learn-signals wrote.")
    if content.get("format_version") != FORMAT_VERSION:
        raise FormatError(
            f"{path} has version {content.get('format_version')!r} of the format, not {FORMAT_VERSION}: learn the signals again."
        )
    try:
        return _signals_of(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"{path} is damaged ({error}): learn the signals again.") from error


def _signals_of(content: dict) -> Signals:
    genetic_code = content["genetic_code"]
    if genetic_code not in CodonTable.unambiguous_dna_by_id:
        raise ValueError(f"genetic code {genetic_code!r} is unknown")
    stops = {str(codon): float(bits) for codon, bits in content["stops"].items()}
    if set(stops) != set(stop_codons(genetic_code)):
        raise ValueError(f"its stop codons are not those of genetic code {genetic_code}")
    arrays = {name: _array(content[name], name, shape) for name, shape in _SHAPES.items()}
    if (arrays["branch"] is None) != (arrays["branch_distance"] is None):
        raise ValueError("branch and branch_distance go together")
    return Signals(
        **arrays,
        **{name: float(content[name]) for name in _NUMBERS},
        stops=stops,
        weights=Weights(float(content["weights"]["network"]), float(content["weights"]["utr"])),
        genetic_code=genetic_code,
        learned_from=dict(content["learned_from"]),
        observed=dict(content["observed"]),
    )


def _array(listed: list | None, name: str, shape: tuple) -> np.ndarray | None:
    if listed is None and name.startswith("branch"):
        return None
    try:
        array = np.array(listed, object)
        array = np.where(array == None, -np.inf, array).astype(np.float64)  # noqa: E711  (element by element)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} holds what is no number") from error
    if len(array.shape) != len(shape) or any(n not in (None, m) for n, m in zip(shape, array.shape, strict=True)):
        raise ValueError(f"{name} has shape {array.shape}")
    if np.isnan(array).any():
        raise ValueError(f"{name} holds what is no number")
    return array

"""The report's words: what figures are called, how sure "sure" is, and what to cite."""

import math
from collections.abc import Mapping, Sequence

# Sequences that a sentence still names.
MOST_NAMED = 6
SIMULATED = "Simulated: shows the machinery, not your gain."

METRIC_NAMES = {
    "genes": "genes", "cds_bp": "coding bases", "single_exon_genes": "genes with one coding exon",
    "exons_per_gene": "coding exons a gene", "median_cds_bp": "median coding sequence (bases)", "introns": "introns",
    "median_intron_bp": "median intron (bases)", "tiny_exons": "coding exons of at most 6 bases",
    "median_confidence": "median confidence", "missed": "missed genes", "novel": "genes that the reference lacks",
    "split": "split genes", "fused": "fused genes",
    "sequence": "exons and genes (expected F1)", "proteins": "matches to known proteins (estimated F1)",
    "profiles": "matches to profiles (estimated F1)", "junctions": "RNA-seq junctions (F1)",
    "protein_likeness": "likeness to proteins (expected F1)", "busco": "conserved genes (share complete)",
    "repeats": "coding in repeats (share)",
    "f1": "F1", "precision": "precision", "recall": "recall",
}  # fmt: skip

# Figures of which less is better; of the others without a direction, the report marks none as better.
LOW_IS_GOOD = {
    "missed", "novel", "split", "fused", "repeats", "tiny_exons",
}  # fmt: skip
HIGH_IS_GOOD = {
    "f1", "precision", "recall", "sequence", "junctions", "proteins", "profiles", "protein_likeness", "busco",
}  # fmt: skip

KIND_NAMES = {
    "unchanged": "unchanged", "restructured": "other structure", "new": "only tuned", "lost": "only base", "split": "split",
    "fused": "fused", "rearranged": "rearranged",
}  # fmt: skip


def headline(recommended: str) -> str:
    """Return the verdict in three or four words."""
    return "Use the tuned genes" if recommended == "tuned" else "Keep the base genes"


def how_sure(confidence: float) -> str:
    """Put a confidence into words."""
    for limit, words in ((0.95, "very sure"), (0.9, "sure"), (0.7, "fairly sure")):
        if confidence >= limit:
            return words
    return "not sure"


def whole_percent(share: float) -> int:
    """Return a share in percent, rounded down: 100 is told of 1 alone. (29 % of 1 is 28.999… in binary.)"""
    return math.floor(round(100 * share, 6))


def is_simulated(metrics: Mapping | None, parameters: Mapping) -> bool:
    """Tell whether a genome was made by simulate-species: its metrics, its species name or the run's parameters say so."""
    metrics = metrics or {}
    return (
        parameters.get("simulated") is True
        or metrics.get("simulated") is True
        or str(metrics.get("species", "")).lower().startswith("simulat")
    )


def compared_on(seqids: Sequence[str]) -> str:
    """Say which sequences a comparison is about; nothing if that is not known."""
    if not seqids:
        return ""
    return f" (compared on {', '.join(seqids) if len(seqids) <= MOST_NAMED else f'{len(seqids):,} sequences'})"


def level_name(level: str) -> str:
    """Name a level of comparison with a reference; "base" is a gene set on this page."""
    return "nucleotide" if level == "base" else level.replace("_", " ")


def better(metric: str, base: float | None, tuned: float | None) -> str:
    """Return "base", "tuned" or "" for a figure that has a good direction."""
    if base is None or tuned is None or base == tuned:
        return ""
    if metric in HIGH_IS_GOOD:
        return "tuned" if tuned > base else "base"
    if metric in LOW_IS_GOOD:
        return "tuned" if tuned < base else "base"
    return ""


def figure(value) -> str:
    """Write a figure of the comparison for people; a dash for none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, int) or (isinstance(value, float) and value == int(value) and abs(value) > 1):
        return f"{int(value):,}"
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3f}"
    return str(value)


def signed(value: float | None) -> str:
    """Write a difference with its sign."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    return f"{value:+,.3f}" if abs(value) < 10 and value != int(value) else f"{value:+,.0f}"


def flat_parameters(parameters: Mapping, prefix: str = "") -> list[tuple[str, str]]:
    """Turn nested parameters into sorted (name, text) pairs."""
    pairs = []
    for name, value in sorted(parameters.items()):
        if isinstance(value, Mapping):
            pairs += flat_parameters(value, f"{prefix}{name}.")
        else:
            listed = isinstance(value, Sequence) and not isinstance(value, str)
            pairs.append((prefix + name, ", ".join(map(str, value)) if listed else "" if value is None else str(value)))
    return pairs

"""comparison.tsv: every figure of base beside tuned, one a line."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from helixtune.files import atomic_output

COLUMNS = ("level", "metric", "base", "tuned", "difference")
STATISTICS = (
    "genes", "cds_bp", "single_exon_genes", "exons_per_gene", "median_cds_bp", "introns", "median_intron_bp", "tiny_exons",
    "median_confidence",
)  # fmt: skip


def comparison_rows(metrics: Mapping) -> Iterator[tuple[str, str, float | None, float | None]]:
    """Yield (level, metric, base, tuned); None where a figure does not exist."""
    statistics = metrics["gene_statistics"]
    for name in STATISTICS:
        yield "gene set", name, statistics["base"][name], statistics.get("tuned", {}).get(name)
    for vote in metrics["verdict"]["votes"]:
        yield "evidence", vote["name"], vote["base"], vote["tuned"]
    if metrics.get("coding_in_repeats"):
        yield "evidence", "repeats", metrics["coding_in_repeats"]["base"], metrics["coding_in_repeats"].get("tuned")
    reference = metrics["reference"]
    if not reference:
        return
    base, tuned = reference["base"], reference.get("tuned")
    for features in ("cds", "with_utrs"):
        for level, scores in base[features].items():
            for name in ("precision", "recall", "f1"):
                yield f"reference {features} {level}", name, scores[name], tuned and tuned[features][level][name]
    for name in ("missed", "novel", "split", "fused"):
        yield "reference genes", name, base["genes"][name], tuned and tuned["genes"][name]


def write_comparison(metrics: Mapping, path: str | Path) -> None:
    """Write the table; a missing figure is an empty cell."""
    lines = ["\t".join(COLUMNS)]
    for level, metric, base, tuned in comparison_rows(metrics):
        difference = None if base is None or tuned is None else round(tuned - base, 5)
        lines.append(
            "\t".join([level, metric, *("" if value is None else str(value) for value in (base, tuned, difference))])
        )
    with atomic_output(path) as partial:
        partial.write_text("\n".join(lines) + "\n")

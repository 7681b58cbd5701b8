"""Make the page's tables and plots from the results: between the markers of docs/experiment/README.md, and *.svg."""

import argparse
import json
import statistics
from collections import defaultdict
from pathlib import Path

BEGIN, END = "<!-- tables: made by benchmarks/experiment/tables.py -->", "<!-- end of tables -->"
COLUMNS = {"base": "CDS base", "exon": "exon", "intron": "intron", "gene": "gene"}
# Fewer rows have no ranking to speak of.
MIN_RANKED = 5
PAGE = Path(__file__).resolve().parents[2] / "docs" / "experiment" / "README.md"

Results = dict[str, dict[str, list[dict]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=PAGE.parent / "results")
    parser.add_argument("--page", type=Path, default=PAGE)
    args = parser.parse_args()
    results = read_results(args.results)
    parts = [table(target, rows) for target, rows in results.items()]
    parts += [rank_agreement(results, "pombe", target) for target in results if target != "pombe"]
    text = "\n\n".join(part for part in parts if part)
    page = args.page.read_text() if args.page.exists() else f"{BEGIN}\n{END}\n"
    before, rest = page.split(BEGIN, 1)
    args.page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END, 1)[1]}")
    plot(results, args.page.parent / "parts.svg")


def read_results(folder: Path) -> Results:
    """Return the figures of all cells: target -> row -> one dict a seed; targets and rows in the order of cells.py."""
    from cells import CELLS

    found: Results = defaultdict(lambda: defaultdict(list))
    for cell in CELLS:
        path = folder / f"{cell.name}.json"
        if path.exists():
            target, row, _ = cell.name.split("--")
            found[target][row].append(json.loads(path.read_text())["figures"])
    return {target: dict(rows) for target, rows in found.items()}


def mean_and_spread(values: list[float]) -> str:
    """Return `0.512 ± 0.004` (standard deviation over seeds), or the one value there is."""
    mean = statistics.fmean(values)
    return f"{mean:.3f} ± {statistics.stdev(values):.3f}" if len(values) > 1 else f"{mean:.3f}"


def table(target: str, rows: dict[str, list[dict]]) -> str:
    """Return the table of one target in Markdown: scores on the held-out part, and gene F1 elsewhere."""
    others = [part for part in ("dev", "relative") if part in next(iter(rows.values()))[0]]
    head = ["row", "seeds", *COLUMNS.values(), "genes", "genes in decoys", *(f"gene, {part}" for part in others)]
    lines = [f"### {target}", "", "| " + " | ".join(head) + " |", "|--|" + "--:|" * (len(head) - 1)]
    for row, runs in rows.items():
        cells = [row, str(len(runs)), *(mean_and_spread([run["test"][level] for run in runs]) for level in COLUMNS)]
        cells.append(f"{statistics.fmean(run['test']['genes'] for run in runs):.0f}")
        cells.append(f"{statistics.fmean(run['decoy_genes'] for run in runs):.1f}")
        cells += [mean_and_spread([run[part]["gene"] for run in runs]) for part in others]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(results: Results, path: Path) -> None:
    """Draw exon and gene F1 of every row of every target, a dot a seed, with the base model's as dotted lines."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "helixtune"  # the same results give the same file
    from matplotlib import pyplot

    targets = {target: rows for target, rows in results.items() if "base" in rows}
    if not targets:
        return
    height = max(len(rows) for rows in targets.values()) * 0.22 + 1
    figure, panels = pyplot.subplots(len(targets), 1, figsize=(7.5, height * len(targets)), squeeze=False)
    for panel, (target, rows) in zip(panels[:, 0], targets.items(), strict=True):
        draw_rows(panel, {name: runs for name, runs in rows.items() if not name.startswith("rules-ceiling")})
        panel.set_title(target, fontsize=9)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def draw_rows(panel, rows: dict[str, list[dict]]) -> None:
    """Draw one target."""
    for level, marker, colour in (("exon", "o", "tab:blue"), ("gene", "s", "tab:orange")):
        dots = [(run["test"][level], place) for place, runs in enumerate(rows.values()) for run in runs]
        panel.plot(*zip(*dots, strict=True), marker, color=colour, ms=4, label=level)
        panel.axvline(rows["base"][0]["test"][level], color=colour, lw=0.8, ls=":")
    panel.set(xlabel="F1 against the reference", yticks=range(len(rows)), yticklabels=rows)
    panel.invert_yaxis()
    panel.tick_params(labelsize=7)
    panel.legend(fontsize=7)


def rank_agreement(results: Results, one: str, other: str) -> str:
    """Return a line that says whether two targets rank the tuned rows alike (Spearman, gene F1, means over seeds)."""
    from scipy.stats import spearmanr

    both = [row for row in results.get(one, {}) if row in results.get(other, {}) and not row.startswith("rules-")]
    if len(both) < MIN_RANKED:
        return ""
    means = [[statistics.fmean(run["test"]["gene"] for run in results[t][row]) for row in both] for t in (one, other)]
    return (
        f"Rank correlation of gene F1, {one} against {other}: {spearmanr(*means).statistic:.2f} over {len(both)} rows."
    )


if __name__ == "__main__":
    main()

"""Make the page's tables and plots from the results: between the markers of docs/experiment/README.md, and *.svg."""

import argparse
import json
import math
import statistics
from collections import defaultdict
from pathlib import Path

BEGIN, END = "<!-- tables: made by benchmarks/experiment/tables.py -->", "<!-- end of tables -->"
COLUMNS = {"base": "CDS base", "exon": "exon", "intron": "intron", "gene": "gene"}
DEFAULT = "default"
# Rows that the default came from begin so; they stand in the targets' own tables alone.
TRIED = ("stopped", "8-epochs-weights", "whole-network-gene-rows-")
MARKERS = "osD^v<>"
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
    parts = [contributions(results), rank_agreements(results)]
    parts += [table(target, rows) for target, rows in results.items()]
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


def mean_and_spread(values: list[float], digits: int = 3) -> str:
    """Return `0.512 ± 0.004` (standard deviation over seeds), or the one value there is."""
    mean = f"{statistics.fmean(values):.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean


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


def difference(rows: dict[str, list[dict]], row: str, level: str) -> tuple[float, float]:
    """Return how many points of F1 a row is above the default, and the standard deviation of that over seeds (nan: one seed)."""
    figures = [[100 * run["test"][level] for run in rows[name]] for name in (row, DEFAULT)]
    spread = math.hypot(*(statistics.stdev(values) if len(values) > 1 else math.nan for values in figures))
    return statistics.fmean(figures[0]) - statistics.fmean(figures[1]), spread


def compared(results: Results) -> dict[str, dict[str, list[dict]]]:
    """Return the targets that have the default, without the ceilings of gene calling."""
    return {
        target: {row: runs for row, runs in rows.items() if not row.startswith("rules-")}
        for target, rows in results.items()
        if DEFAULT in rows
    }


def rows_of_all(results: Results) -> list[str]:
    """Return the rows that stand beside the default on any target, in order, but what was only tried on the way."""
    rows = [row for target in results.values() for row in target if not row.startswith(TRIED)]
    return [row for row in dict.fromkeys(rows) if row != DEFAULT]


def contributions(results: Results) -> str:
    """Return the table of gene F1 beside the default's, in points, one column a target."""
    targets = compared(results)
    lines = ["### What each part contributes", "", "| gene F1, points | " + " | ".join(targets) + " |"]
    lines += ["|--|" + "--:|" * len(targets)]
    for row in [DEFAULT, *rows_of_all(targets)]:
        cells = [contribution(rows, row) for rows in targets.values()]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines)


def contribution(rows: dict[str, list[dict]], row: str) -> str:
    """Return one cell: the default's own figure, or the difference to it; bold when larger than twice its deviation."""
    if row not in rows:
        return ""
    if row == DEFAULT:
        return mean_and_spread([100 * run["test"]["gene"] for run in rows[row]], digits=1)
    points, spread = difference(rows, row, "gene")
    if math.isnan(spread):
        return f"{points:+.1f}"
    text = f"{points:+.1f} ± {spread:.1f}"
    return f"**{text}**" if abs(points) > 2 * spread else text


def plot(results: Results, path: Path) -> None:
    """Draw how far each row's exon and gene F1 are from the default's, a marker a target, bars for deviations over seeds."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "helixtune"  # the same results give the same file
    from matplotlib import pyplot

    targets = compared(results)
    rows = rows_of_all(targets)
    if not rows:
        return
    figure, panels = pyplot.subplots(1, 2, figsize=(11, 0.42 * len(rows) + 1.2), sharey=True)
    for panel, level in zip(panels, ("exon", "gene"), strict=True):
        draw_differences(panel, targets, rows, level)
        panel.set_xlabel(f"{level} F1 beside the default's, points")
    panels[0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def draw_differences(panel, targets: Results, rows: list[str], level: str) -> None:
    """Draw one level."""
    for number, (target, found) in enumerate(targets.items()):
        shown = [row for row in rows if row in found]
        points, spreads = zip(*(difference(found, row, level) for row in shown), strict=True)
        # side by side, so that no marker hides another
        places = [rows.index(row) + 0.1 * (number - (len(targets) - 1) / 2) for row in shown]
        bars = [0 if math.isnan(spread) else spread for spread in spreads]
        panel.errorbar(points, places, xerr=bars, fmt=MARKERS[number], ms=4, lw=0.8, label=target)
    panel.axvline(0, color="grey", lw=0.8)
    panel.set(yticks=range(len(rows)), yticklabels=rows, ylim=(len(rows) - 0.5, -0.5))
    panel.grid(axis="y", lw=0.3)
    panel.tick_params(labelsize=7)


def rank_agreements(results: Results) -> str:
    """Return a table of how alike targets rank the tuned rows (Spearman, gene F1, means over seeds; number of rows)."""
    targets = {
        target: {row: runs for row, runs in rows.items() if not row.startswith(("base", *TRIED))}
        for target, rows in compared(results).items()
    }
    lines = ["### Do targets rank the rows alike?", "", "| Spearman (rows) | " + " | ".join(targets) + " |"]
    lines += ["|--|" + "--:|" * len(targets)]
    for one in targets:
        cells = [rank_agreement(targets[one], targets[other]) if one != other else "" for other in targets]
        lines.append(f"| {one} | {' | '.join(cells)} |")
    return "\n".join(lines)


def rank_agreement(one: dict[str, list[dict]], other: dict[str, list[dict]]) -> str:
    """Return the rank correlation of the rows that both targets have."""
    from scipy.stats import spearmanr

    both = [row for row in one if row in other]
    if len(both) < MIN_RANKED:
        return ""
    means = [[statistics.fmean(run["test"]["gene"] for run in rows[row]) for row in both] for rows in (one, other)]
    return f"{spearmanr(*means).statistic:.2f} ({len(both)})"


if __name__ == "__main__":
    main()

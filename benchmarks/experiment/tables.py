"""Make the page's tables and plots from the results: between the markers of docs/experiment/README.md, and *.svg."""

import argparse
import statistics
from collections import defaultdict
from pathlib import Path

from run import RESULTS, read_results

BEGIN, END = "<!-- tables: made by benchmarks/experiment/tables.py -->", "<!-- end of tables -->"
PAGE = RESULTS.parent / "README.md"
LEVELS = ("exon", "gene")
NAMES = {
    "base": "base",
    "base-signals": "base, signals",
    "tuned": "tuned",
    "tuned-signals": "tuned, signals",
    "gate": "taken by the gate",
    "upstream": "upstream's recipe",
    "augustus": "AUGUSTUS, own parameters",
    "augustus-foreign": "AUGUSTUS, nearest foreign",
    "geneml": "geneML",
}

Runs = dict[tuple[str, str], dict[str, list[dict]]]


def main() -> None:
    """Write tables into the page, and plots beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    args = parser.parse_args()
    runs, others = runs_of(args.results)
    text = "\n\n".join([main_table(runs, others), parts_table(runs)])
    page = args.page.read_text() if args.page.exists() else f"{BEGIN}\n{END}\n"
    before, rest = page.split(BEGIN, 1)
    args.page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END, 1)[1]}")
    if runs:
        plot(runs, others, args.page.parent / "table.svg")


def runs_of(results: Path) -> tuple[Runs, dict[str, dict[str, dict]]]:
    """Return figures of the pairs, (target, base) -> row -> one dict a seed, and of other callers, target -> row -> dict."""
    from cells import CELLS

    found, pairs, others = read_results(results), defaultdict(lambda: defaultdict(list)), defaultdict(dict)
    for cell in CELLS:
        if cell.name not in found:
            continue
        figures = found[cell.name]["figures"]
        if cell.base:
            pairs[cell.target.name, cell.base][cell.row].append(figures)
        else:
            others[cell.target.name][cell.row] = figures
    return {pair: dict(rows) for pair, rows in pairs.items()}, dict(others)


def mean_and_spread(values: list[float]) -> str:
    """Return `0.512 ± 0.004` (standard deviation over seeds), or the one value there is."""
    mean = f"{statistics.fmean(values):.3f}"
    return f"{mean} ± {statistics.stdev(values):.3f}" if len(values) > 1 else mean


def both_levels(runs: list[dict]) -> str:
    """Return `exon / gene`."""
    return " / ".join(mean_and_spread([run[level] for run in runs]) for level in LEVELS)


def base_name(base: str) -> str:
    """Return how a base is called in tables."""
    return base.removesuffix(".h5").rpartition("/")[2].replace("_", " ")


def main_table(runs: Runs, others: dict[str, dict[str, dict]]) -> str:
    """Return the table of all targets: ours from every base, and other callers; F1 of exact coding exons / genes."""
    rows = list(NAMES)
    lines = ["### All targets, exon / gene F1", "", "| target | base | " + " | ".join(NAMES.values()) + " |"]
    lines.append("|--|--|" + "--:|" * len(rows))
    for (target, base), found in runs.items():
        shown = found | {row: [figures] for row, figures in others.get(target, {}).items()}
        cells = [both_levels(shown[row]) if row in shown else "" for row in rows]
        lines.append(f"| {target} | {base_name(base)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def parts_table(runs: Runs) -> str:
    """Return the table of rows that differ from the default in one thing, in points of gene F1 beside it."""
    tried = list(dict.fromkeys(row for found in runs.values() for row in found if row not in NAMES))
    pairs = {pair: found for pair, found in runs.items() if any(row in found for row in tried)}
    head = " | ".join(f"{target}, {base_name(base)}" for target, base in pairs)
    lines = ["### What each part brings, exon / gene F1", "", f"| row | {head} |", "|--|" + "--:|" * len(pairs)]
    for row in ["tuned-signals", *tried]:
        cells = [both_levels(found[row]) if row in found else "" for found in pairs.values()]
        lines.append(f"| {NAMES.get(row, row)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) if tried else ""


def plot(runs: Runs, others: dict[str, dict[str, dict]], path: Path) -> None:
    """Draw exon and gene F1 of every pair: a line a pair, a marker a row."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "helixtune"  # the same results give the same file
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(11, 0.4 * len(runs) + 1.6), sharey=True)
    for panel, level in zip(panels, LEVELS, strict=True):
        for marker, row in zip("o^sD*|xX+", NAMES, strict=True):
            places = [
                (statistics.fmean(run[level] for run in shown[row]), number)
                for number, ((target, _), found) in enumerate(runs.items())
                if row in (shown := found | {name: [one] for name, one in others.get(target, {}).items()})
            ]
            if places:
                panel.plot(*zip(*places, strict=True), marker, ms=5, label=NAMES[row], ls="none")
        panel.set(xlabel=f"{level} F1", yticks=range(len(runs)), xlim=(0, 1), ylim=(len(runs) - 0.5, -0.5))
        panel.set_yticklabels([f"{target}, {base_name(base)}" for target, base in runs])
        panel.grid(lw=0.3)
        panel.tick_params(labelsize=7)
    panels[0].legend(fontsize=6)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()

"""Print what a pipeline run found: where report and genes are, one line of verdict a genome, time and memory.

python tools/show_results.py RESULTS_FOLDER
"""

import csv
import json
import re
import sys
from pathlib import Path

from helixtune.report.wording import whole_percent

TO_SECONDS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
TO_GIB = {"B": 1 / 1024**3, "KB": 1 / 1024**2, "MB": 1 / 1024, "GB": 1}


def seconds(duration: str) -> float:
    """Return a duration of Nextflow's trace, such as "1m 20s", in seconds; "-" is 0."""
    return sum(float(n) * TO_SECONDS[unit] for n, unit in re.findall(r"([\d.]+)(ms|h|m|s)", duration))


def gibibytes(size: str) -> float:
    """Return a size of Nextflow's trace, such as "1.5 GB", in GiB; "-" is 0."""
    found = re.fullmatch(r"([\d.]+) ([KMG]?B)", size)
    return float(found[1]) * TO_GIB[found[2]] if found else 0.0


def verdict_line(genome: str, metrics: dict) -> str:
    """Return the verdict on one genome, with the reference's opinion where there is one."""
    verdict = metrics["verdict"]
    line = f"{genome}: {verdict['recommended']} genes recommended (confidence {whole_percent(verdict['confidence'])} %)"
    reference = metrics.get("reference") or {}
    scores = [f"{name} {reference[name]['cds']['exon']['f1']:.3f}" for name in ("base", "tuned") if name in reference]
    return line + (f"; coding exon F1 against the reference: {', '.join(scores)}" if scores else "")


def cost_line(trace: Path) -> str:
    """Return the run's cost by Nextflow's trace; cached tasks count with the time they once took."""
    with trace.open(newline="") as lines:
        tasks = list(csv.DictReader(lines, delimiter="\t"))
    cached = sum(task["status"] == "CACHED" for task in tasks)
    total, peak = sum(seconds(task["realtime"]) for task in tasks), max(gibibytes(task["peak_rss"]) for task in tasks)
    return f"{len(tasks)} tasks ({cached} cached), {total:.0f} s of task time, largest task {peak:.2f} GiB"


def result_lines(results: Path) -> list[str]:
    """Return everything to print about a folder of results."""
    found = sorted(results.glob("*/evaluation/metrics.json"))
    lines = ["", f"report  {results / 'report.html'}"]
    lines += [f"genes   {path.parents[1] / 'genes.gff3'}" for path in found]
    lines += [verdict_line(path.parents[1].name, json.loads(path.read_text())) for path in found]
    return [*lines, cost_line(results / "pipeline_info" / "trace.tsv")]


if __name__ == "__main__":
    sys.stdout.write("\n".join(result_lines(Path(sys.argv[1]))) + "\n")

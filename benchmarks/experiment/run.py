"""Run the experiment: every cell whose result is not there yet, then the tables and plots.

    python benchmarks/experiment/run.py --data ../shared/data [--work FOLDER] [--only PATTERN] [--minutes N]

A cell is one line of docs/experiment/results.jsonl, made by a process of its own. Stop it at any time: what cells share
(predictions, labels, selections) lies in the work folder, and finished cells are not run again.
"""

import argparse
import fnmatch
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cache import key_of

HERE = Path(__file__).resolve().parent
CELL_LIMIT_S = 3600
RESULTS = HERE.parents[1] / "docs" / "experiment" / "results.jsonl"


def main() -> int:
    """Run cells, or the one cell of a child process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("HELIXTUNE_DATA", "../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "helixtune-experiment")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument(
        "--only", default="*", help="cells whose name matches one of these patterns, with commas between"
    )
    parser.add_argument("--minutes", type=float, default=0, help="start no cell after this time")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--cell", help="run this one cell in this process")
    args = parser.parse_args()
    if not args.data.is_dir():
        parser.error(f"{args.data} is no folder: give --data, the folder with the genomes.")
    from cells import CELLS

    if args.cell:
        return run_cell(next(cell for cell in CELLS if cell.name == args.cell), args)
    patterns = args.only.split(",")
    cells = [cell for cell in CELLS if any(fnmatch.fnmatch(cell.name, pattern) for pattern in patterns)]
    missing = [cell for cell in cells if not is_done(cell, args.results)]
    print(f"{len(cells)} cells, {len(cells) - len(missing)} of them done")
    if args.list:
        print("\n".join(cell.name for cell in missing))
        return 0
    return run_all(missing, args)


def run_all(cells: list, args: argparse.Namespace) -> int:
    """Run every cell in a process of its own, then make the page's tables."""
    started, failed = time.monotonic(), []
    for cell in cells:
        if args.minutes and time.monotonic() - started > 60 * args.minutes:
            break
        if is_done(cell, args.results):  # by another run, beside this one
            continue
        options = ("--data", args.data, "--work", args.work, "--results", args.results, "--cell", cell.name)
        begun = time.monotonic()
        code = run_child([sys.executable, __file__, *map(str, options)])
        print(f"{cell.name}: {'done' if code == 0 else 'FAILED'} after {time.monotonic() - begun:.0f} s", flush=True)
        failed += [cell.name] if code else []
    subprocess.run([sys.executable, HERE / "tables.py", "--results", args.results], check=True)
    return 1 if failed else 0


def run_child(command: list[str]) -> int:
    """Return a cell's exit code; 1 when it took too long."""
    try:
        return subprocess.run(command, check=False, timeout=CELL_LIMIT_S).returncode
    except subprocess.TimeoutExpired:
        return 1


def key_of_cell(cell) -> str:
    """Return a key of what a cell's result depends on."""
    return key_of([cell.target, cell.target.reads, cell.base, cell.work, cell.seed])


def read_results(path: Path) -> dict[str, dict]:
    """Return the results by the cell's name; of several the latest."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {result["name"]: result for result in map(json.loads, lines)}


def is_done(cell, results: Path) -> bool:
    """Tell whether there is a result made with these very settings."""
    return read_results(results).get(cell.name, {}).get("key") == key_of_cell(cell)


def run_cell(cell, args: argparse.Namespace) -> int:
    """Run one cell and add its result."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from cache import Cache
    from loop import Job, chosen_genes, genes_of_row, score
    from others import Other, genes_of_other
    from recipe import Choice

    from helixtune.files import sha256_of

    cache, said = Cache(args.work), {}
    if isinstance(cell.work, Other):
        job = Job(cell.target, Path(), "", args.data.resolve(), cache)
        genes, key = genes_of_other(job, cell.work)
    else:
        base = HERE.parents[1] / cell.base
        job = Job(cell.target, base, sha256_of(base), args.data.resolve(), cache)
        if isinstance(cell.work, Choice):
            called, said = chosen_genes(job, cell.work, cell.seed)
        else:
            called = genes_of_row(job, cell.work, cell.seed)
        genes, key = called.genes, called.key
    result = {"name": cell.name, "key": key_of_cell(cell), "figures": score(job, genes, key) | said}
    with args.results.open("a") as file:
        file.write(json.dumps(result) + "\n")
    print(cell.name, result["figures"], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

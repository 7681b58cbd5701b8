"""How long a run takes on a genome of any size with any number of machines: measured task times, and the order they run in.

    python benchmarks/projection.py measure --output costs.json     CPU seconds and bytes a megabase of every stage, here
        [--fasta genome.fa --model base.h5]                             on the beginning of a genome, not on a simulated species
    python benchmarks/projection.py project --costs costs.json      the table of docs/explanation/large-genomes.md
    python benchmarks/projection.py check --costs costs.json --trace results/pipeline_info/trace.tsv --megabases 200 --shards 4 \\
        --machines 1 --cores 2                                       the same for a run that was made, beside its real times

Times are CPU seconds, which a busy machine stretches less than wall time; each stage's are fitted with a straight line through
two genome sizes. Stages that use several cores are taken to use them fully, which is optimistic for the small ones.
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from helixtune.commands.tune_model import EPOCHS
from helixtune.fasta import iter_sequences

PROJECT = Path(__file__).resolve().parents[1]
MODEL = PROJECT / "assets" / "models" / "demo_base.h5"
# Cores of each stage's task (conf/resources.config) on machines of 8 cores; those that work on one thread say 1.
CORES = {
    "encode-genome": 2, "predict-classes": 8, "call-genes": 4, "gather-shards": 1, "score-shard": 2, "select-confident": 1,
    "split-subsequences": 1, "tune-model": 8, "evaluate-genes": 8,
}  # fmt: skip
# Share of a stage's work for each megabase that is done on one core, while the others wait: joining what processes found.
ALONE = {"evaluate-genes": 0.04}
SHARD_MB = 50
SELECTED_MB = 30  # --max-bases: tuning costs the same for every large genome
TRAINING_BP = 7128  # the pipeline's rows for tuning
# CPU seconds in which each score-shard task passes over the genes of other shards, for a megabase of the genome: 200 genes of
# some 20 microseconds.
OTHER_GENES_S = 0.004
# Labelling and writing what select-confident keeps: its cost goes by the megabases kept, choosing goes by the genome's.
KEPT = "kept-rows"
FEW_BASES = 100_000  # kept at both sizes when choosing alone is measured
# What a task costs beside its work: queue, container, staging.
START_S = 30.0


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a stage: `fixed_s` each task, `per_mb_s` each megabase; bytes that it leaves, per base."""

    fixed_s: float
    per_mb_s: float
    bytes_per_base: float


@dataclass(frozen=True)
class Task:
    """One task: its stage, seconds on one machine, cores, and the tasks before it."""

    stage: str
    seconds: float
    cores: int
    after: tuple[int, ...]


def task_graph(megabases: float, costs: dict[str, Cost], cores: int, shards: int | None = None) -> list[Task]:
    """Return the tasks of one round with one candidate on one genome."""
    n_shards = shards or max(1, round(megabases / SHARD_MB))
    tasks: list[Task] = []

    def add(stage: str, size_mb: float, after: tuple[int, ...], more_s: float = 0.0) -> int:
        used = min(CORES[stage], cores)
        alone = ALONE.get(stage, 0.0)
        seconds = (
            START_S + costs[stage].fixed_s + costs[stage].per_mb_s * size_mb * (alone + (1 - alone) / used) + more_s
        )
        tasks.append(Task(stage, seconds, used, after))
        return len(tasks) - 1

    encoded = add("encode-genome", megabases, ())
    selected_mb = min(SELECTED_MB, 0.2 * megabases)

    def shared(stage: str, after: tuple[int, ...], more_s: float = 0.0) -> tuple[int, ...]:
        return tuple(add(stage, megabases / n_shards, after, more_s) for _ in range(n_shards))

    def called(after: int) -> int:
        return add("gather-shards", megabases, shared("call-genes", shared("predict-classes", (after,))))

    scored = shared("score-shard", (called(encoded),), OTHER_GENES_S * megabases)
    last = add("select-confident", megabases, scored, costs[KEPT].per_mb_s * selected_mb)
    last = add("split-subsequences", selected_mb, (last,))
    last = add("tune-model", selected_mb, (last,))
    add("evaluate-genes", megabases, (called(last),))
    return tasks


def simulate(tasks: list[Task], machines: int, cores: int) -> tuple[float, list[float]]:
    """Run tasks, first come first served, on machines of so many cores; returns (makespan, end of each task) in seconds."""
    free = [[0.0] * cores for _ in range(machines)]  # when each core is free
    ends: list[float] = []
    for task in tasks:  # tasks follow what they wait for, so this order is a schedule
        ready = max((ends[i] for i in task.after), default=0.0)
        machine = min(free, key=lambda one: sorted(one)[task.cores - 1])
        machine.sort()
        end = max(ready, machine[task.cores - 1]) + task.seconds
        machine[: task.cores] = [end] * task.cores
        ends.append(end)
    return max(ends), ends


def critical_path(tasks: list[Task]) -> tuple[float, dict[str, float]]:
    """Return the longest chain with machines without end, and its seconds by stage."""
    best: list[tuple[float, int | None]] = []
    for task in tasks:
        before = max(task.after, key=lambda i: best[i][0], default=None)
        best.append((task.seconds + (best[before][0] if before is not None else 0.0), before))
    at: int | None = max(range(len(tasks)), key=lambda i: best[i][0])
    length, stages = best[at][0], {}
    while at is not None:
        stages[tasks[at].stage] = stages.get(tasks[at].stage, 0.0) + tasks[at].seconds
        at = best[at][1]
    return length, stages


def read_costs(path: Path, network: float, speed: float = 1.0) -> dict[str, Cost]:
    """Read what `measure` wrote.

    `network` multiplies the costs of the stages that run the network; `speed` divides all seconds: a machine crowded with other
    work takes more CPU seconds for the same work.
    """
    read = {name: Cost(**cost) for name, cost in json.loads(path.read_text()).items()}
    costs = {name: Cost(one.fixed_s / speed, one.per_mb_s / speed, one.bytes_per_base) for name, one in read.items()}
    for stage in ("predict-classes", "tune-model"):
        found = costs[stage]
        costs[stage] = Cost(found.fixed_s, found.per_mb_s * network, found.bytes_per_base)
    return costs


def project(args: argparse.Namespace) -> None:
    """Print the table."""
    costs = read_costs(args.costs, args.network, args.speed)
    disk = sum(
        cost.bytes_per_base for stage, cost in costs.items() if stage not in ("split-subsequences", "tune-model", KEPT)
    )
    disk += sum(
        costs[stage].bytes_per_base for stage in ("predict-classes", "call-genes", "gather-shards")
    )  # base and tuned model
    print("| genome | machines | time | cost | disk | critical path | what limits |\n|--:|--:|--:|--:|--:|--:|---|")
    for megabases in args.megabases:
        for machines in args.machines:
            tasks = task_graph(megabases, costs, args.cores)
            seconds, _ = simulate(tasks, machines, args.cores)
            longest, stages = critical_path(tasks)
            busy_h = sum(task.seconds * task.cores for task in tasks) / 3600
            stage, share = max(stages.items(), key=lambda one: one[1])
            limit = "machines" if seconds > 1.5 * longest else f"{stage} ({share / longest:.0%} of the path)"
            figures = (
                f"{megabases / 1000:g} Gb", machines, hours(seconds), f"{busy_h * args.price:.0f}",
                f"{disk * megabases / 1000:.0f} GB", hours(longest), limit,
            )  # fmt: skip
            print(f"| {' | '.join(map(str, figures))} |")


def hours(seconds: float) -> str:
    """Return hours, minutes below two hours, days above two days."""
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} d"


def check(args: argparse.Namespace) -> None:
    """Compare a run that was made with its simulation, stage by stage."""
    costs = read_costs(args.costs, args.network, args.speed)
    with args.trace.open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    real: dict[str, float] = {}
    for row in rows:
        stage = row["name"].split()[0].split(":")[-1].lower().replace("_", "-")
        cores = float(row["%cpu"].rstrip("%")) / 100 if row["%cpu"] not in ("", "-") else 1.0
        real[stage] = real.get(stage, 0.0) + cores * seconds_of(row["realtime"])
    tasks = task_graph(args.megabases[0], costs, args.cores, args.shards)
    simulated: dict[str, float] = {}
    for task in tasks:
        simulated[task.stage] = simulated.get(task.stage, 0.0) + (task.seconds - START_S) * task.cores
    print("| stage | simulated CPU s | real CPU s | real / simulated |\n|---|--:|--:|--:|")
    for stage, seconds in simulated.items():
        print(f"| {stage} | {seconds:.0f} | {real.get(stage, 0):.0f} | {real.get(stage, 0) / max(seconds, 1e-9):.2f} |")
    total, _ = simulate(tasks, args.machines[0], args.cores)
    known = sum(real.get(stage, 0.0) for stage in simulated)
    print(f"| all | {sum(simulated.values()):.0f} | {known:.0f} | {known / sum(simulated.values()):.2f} |")
    print(f"\nsimulated, start to end: {hours(total)}; critical path {hours(critical_path(tasks)[0])}")


def seconds_of(text: str) -> float:
    """Read Nextflow's `1h 2m 3.4s` or `250ms`."""
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
    total = 0.0
    for word in text.split():
        number = word.rstrip("mshd")
        total += float(number) * units[word[len(number) :]] if number.replace(".", "").isdigit() else 0.0
    return total


def measure(args: argparse.Namespace) -> None:
    """Run every stage on two genome sizes and fit a line."""
    with tempfile.TemporaryDirectory(prefix="projection") as name:
        runs = [measure_size(genome_of(Path(name), size, args), size, args.model) for size in sorted(args.sizes)]
    (small, low), (large, high) = ((run, size) for run, size in zip(runs, sorted(args.sizes), strict=True))
    costs = {}
    for stage, (cpu_s, n_bytes, amount) in large.items():
        slope = max(0.0, (cpu_s - small[stage][0]) / (amount - small[stage][2]))  # of a few tenths of a second: noise
        costs[stage] = asdict(Cost(max(0.0, small[stage][0] - slope * small[stage][2]), slope, n_bytes / (high * 1e6)))
    assert low < high
    args.output.write_text(json.dumps(costs, indent=1) + "\n")


def genome_of(folder: Path, size_mb: float, args: argparse.Namespace) -> Path:
    """Make a folder with a genome of a size: a simulated one, or the beginning of the first sequence of a real one."""
    here = folder / f"{size_mb}"
    here.mkdir()
    if args.fasta is None:
        words = ("--seed", 7, "--size-mb", size_mb, "--preset", args.preset, "--read-depth", 0, "--output-dir", here)
        subprocess.run([sys.executable, "-m", "helixtune", "simulate-species", *map(str, words), "--quiet"], check=True)
        return here
    bases = next(iter_sequences(args.fasta)).bases[: round(size_mb * 1e6)].decode()
    (here / "genome.fa").write_text(f">s1\n{bases}\n")
    return here


def measure_size(here: Path, size_mb: float, model_file: Path) -> dict[str, tuple[float, int, float]]:
    """Return for every stage: CPU seconds, bytes written, megabases worked on."""
    found: dict[str, tuple[float, int, float]] = {}

    def run(verb: str, amount: float, *words: str, name: str = "") -> None:
        before, present = cpu_seconds(), set(here.iterdir())
        subprocess.run([sys.executable, "-m", "helixtune", verb, *words, "--quiet"], cwd=here, check=True)
        made = sum(path.stat().st_size for path in set(here.iterdir()) - present)
        found[name or verb] = used, _, _ = cpu_seconds() - before, made, amount
        print(
            f"{size_mb} Mb {name or verb}: {used:.1f} CPU s, {made / size_mb / 1e6:.3f} bytes a base", file=sys.stderr
        )

    genome, model = ("--genome", "genome.h5"), ("--model", str(model_file.resolve()))
    selected_mb = 0.2 * size_mb
    run(
        "encode-genome", size_mb, "--fasta", "genome.fa", "--species", "x", "--bases", "packed", "--output", "genome.h5"
    )
    run("predict-classes", size_mb, *model, *genome, "--compact", "compact.h5")
    run("call-genes", size_mb, *genome, "--predictions", "compact.h5", "--shard", "1/1", "--output", "part.gff3.gz")
    run("gather-shards", size_mb, *genome, "--genes", "part.gff3.gz", "--output", "genes.gff3")
    genes = ("--annotation", "genes.gff3")
    rows = ("--subsequence-length", str(TRAINING_BP))
    run("score-shard", size_mb, *genome, *genes, "--predictions", "compact.h5", *rows, "--output", "scores.h5")
    select = ("--row-scores", "scores.h5", *genes, *genome, "--scores", "scores.tsv", "--output-file")
    run("select-confident", size_mb, *select, "few.h5", "--max-bases", str(FEW_BASES))
    run("select-confident", selected_mb, *select, "filtered.h5", name=KEPT)
    parts = ("--train", "train.h5", "--validation", "validation.h5")
    run("split-subsequences", selected_mb, "--input", "filtered.h5", *parts)
    options = ("--mode", "new-head", "--epochs", str(EPOCHS), "--output", "tuned.h5")
    run("tune-model", selected_mb, "--base-model", model[1], *parts, *options)
    run("evaluate-genes", size_mb, *genome, "--base-genes", "genes.gff3", "--base-predictions", "compact.h5", "--tuned-genes",
        "genes.gff3", "--tuned-predictions", "compact.h5", "--output", "metrics.json",
        "--recommended-proteins", "proteins.fa", "--recommended-cds", "cds.fa")  # fmt: skip
    return found


def cpu_seconds() -> float:
    """CPU time of all finished child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("measure")
    one.add_argument("--sizes", type=float, nargs=2, default=[0.3, 1.5], metavar="MB")
    one.add_argument("--preset", default="demo-base-sparse")
    one.add_argument("--fasta", type=Path)
    one.add_argument("--model", type=Path, default=MODEL)
    one.add_argument("--output", type=Path, required=True)
    for name in ("project", "check"):
        one = verbs.add_parser(name)
        one.add_argument("--costs", type=Path, required=True)
        one.add_argument("--network", type=float, default=1.0, help="cost of the network, as a multiple of the demo's")
        one.add_argument(
            "--speed", type=float, default=1.0, help="of the machines, as a multiple of the one measured on"
        )
        one.add_argument("--megabases", type=float, nargs="+", default=[500, 3100, 17_000])
        one.add_argument("--machines", type=int, nargs="+", default=[1, 10, 100])
        one.add_argument("--cores", type=int, default=8, help="of a machine")
        one.add_argument("--price", type=float, default=0.05, help="of a core hour")
    one.add_argument("--trace", type=Path, required=True)
    one.add_argument("--shards", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    arguments = parse()
    {"measure": measure, "project": project, "check": check}[arguments.verb](arguments)

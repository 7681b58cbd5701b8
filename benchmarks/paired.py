"""Time two commands against each other in one run: alternately, so that a busy machine slows both alike.

Every figure helixtune states is such a ratio. Used by the scripts beside this file; also on its own:
    python benchmarks/paired.py --runs 3 --ours 'helixtune …' --theirs 'other …'
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Usage:
    wall_s: float
    cpu_s: float
    peak_mb: float


def measure(command: str) -> Usage:
    """Run one shell command; its output is thrown away, a failure is fatal."""
    start = time.monotonic()
    process = subprocess.Popen(["bash", "-c", command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed ({status}): {command}\n{message.decode()[-2000:]}")
    return Usage(time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare(ours: str, theirs: str, runs: int = 3) -> dict:
    """Return medians of both and the ratio theirs / ours of wall time (above 1: ours is faster)."""
    pairs = [(measure(ours), measure(theirs)) for _ in range(runs)]
    sides = {name: [asdict(pair[i]) for pair in pairs] for i, name in enumerate(("ours", "theirs"))}
    medians = {
        name: {key: round(statistics.median(run[key] for run in side), 2) for key in side[0]}
        for name, side in sides.items()
    }
    ratios = [theirs.wall_s / ours.wall_s for ours, theirs in pairs]
    return {
        **medians,
        "wall_ratio": round(statistics.median(ratios), 2),
        "wall_ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
        "cpu_ratio": round(medians["theirs"]["cpu_s"] / max(medians["ours"]["cpu_s"], 1e-9), 2),
        "runs": runs,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--theirs", required=True)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    print(json.dumps(compare(args.ours, args.theirs, args.runs), indent=1))


if __name__ == "__main__":
    main()

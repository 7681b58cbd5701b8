"""Command-line options that `train-model` and `tune-model` share."""

import argparse
import re
from pathlib import Path

from helixtune.errors import ParameterError
from helixtune.training.batches import N_CLASSES, N_TRANSITIONS, Weighting
from helixtune.training.metrics import MONITORS
from helixtune.training.settings import SCHEDULES, TrainingSettings

# What upstream's documentation recommends for tuning (its program's default is no weights at all).
CLASS_WEIGHTS = "0.7,1.6,1.2,1.2"
TRANSITION_WEIGHTS = "1,12,3,1,12,3"


def add_training_options(
    parser: argparse.ArgumentParser,
    *,
    epochs: int | None,
    patience: int,
    batch_size: int | None,
    schedule: str,
    class_weights: str = CLASS_WEIGHTS,
    transition_weights: str = TRANSITION_WEIGHTS,
    monitor: str = "genic_f1",
):
    """Declare data, outputs and training knobs; some defaults differ between commands, and may depend on the data (None)."""
    files = parser.add_argument_group("files")
    files.add_argument("--train", required=True, action="append", metavar="H5", help="training rows; may be repeated")
    files.add_argument(
        "--validation", required=True, action="append", metavar="H5", help="validation rows; may be repeated"
    )
    files.add_argument("--output", required=True, metavar="H5", help="model file to write")
    files.add_argument("--training-log", metavar="TSV", help="one line a check (default: OUTPUT.training_log.tsv)")
    files.add_argument("--model-card", metavar="MD", help="what was made from what (default: OUTPUT.model_card.md)")
    files.add_argument("--checkpoint-dir", metavar="D", help="save states here; the same run started again goes on")
    knobs = parser.add_argument_group("training")
    by_data = "by mode and number of bases"
    knobs.add_argument(
        "--epochs", type=int, default=epochs, metavar="N", help=f"at most (default: {epochs or by_data})"
    )
    knobs.add_argument(
        "--patience", type=int, default=patience, metavar="N", help="checks without gain (default %(default)s)"
    )
    knobs.add_argument(
        "--batch-size",
        type=int,
        default=batch_size,
        metavar="N",
        help=f"rows in a step (default: {batch_size or by_data})",
    )
    knobs.add_argument(
        "--pieces",
        type=int,
        default=1,
        metavar="N",
        help="cut training rows into N equal parts: faster, less context (default %(default)s)",
    )
    knobs.add_argument(
        "--check-every-nth-batch",
        type=int,
        default=1_000_000,
        metavar="N",
        help="check on validation rows after every N batches too, not only after each epoch (default %(default)s)",
    )
    knobs.add_argument(
        "--schedule", default=schedule, choices=SCHEDULES, help="of the learning rate (default %(default)s)"
    )
    knobs.add_argument(
        "--weight-decay", type=float, default=3.5e-5, metavar="X", help="a step, of every weight (default %(default)s)"
    )
    knobs.add_argument(
        "--class-weights",
        default=class_weights,
        metavar="LIST",
        help="for intergenic,UTR,CDS,intron, or none (default %(default)s)",
    )
    knobs.add_argument(
        "--transition-weights",
        default=transition_weights,
        metavar="LIST",
        help="for TSS,start codon,donor,TTS,stop codon,acceptor, or none (default %(default)s)",
    )
    knobs.add_argument(
        "--monitor",
        default=monitor,
        choices=MONITORS,
        help="which check is kept: the best by this figure, or the last (default %(default)s)",
    )
    knobs.add_argument("--seed", type=int, default=0, metavar="N", help="same seed, same model (default %(default)s)")
    knobs.add_argument("--threads", type=int, metavar="N", help="computing threads (default: all)")


def settings_of(args: argparse.Namespace, learning_rate: float, epochs: int, batch_size: int) -> TrainingSettings:
    """Turn parsed options into settings; those that depend on the data are given."""
    return TrainingSettings(
        learning_rate=learning_rate,
        schedule=args.schedule,
        weight_decay=args.weight_decay,
        batch_size=batch_size,
        epochs=epochs,
        patience=args.patience,
        check_every_nth_batch=args.check_every_nth_batch,
        monitor=args.monitor,
        pieces=args.pieces,
        seed=args.seed,
        weighting=Weighting(
            parse_weights("--class-weights", args.class_weights, N_CLASSES),
            parse_weights("--transition-weights", args.transition_weights, N_TRANSITIONS),
        ),
    )


def parse_weights(option: str, text: str, count: int) -> tuple[float, ...] | None:
    """Read weights from `0.7,1.6,1.2,1.2` or, as upstream writes them, `[0.7, 1.6, 1.2, 1.2]`; `none` gives None."""
    if text.strip().lower() == "none":
        return None
    words = [word for word in re.split(r"[\s,]+", text.strip().strip("[]()")) if word]
    try:
        weights = tuple(float(word) for word in words)
    except ValueError:
        weights = ()
    if len(weights) != count:
        raise ParameterError(f"{option} {text!r}: {count} numbers separated by commas, or none, are needed.")
    return weights


def beside(output: str, given: str | None, suffix: str) -> Path:
    """Return the path given, or `tuned<suffix>` beside `tuned.h5`."""
    return Path(given) if given else Path(output).with_suffix(suffix)

"""Tune a model on selected rows: its head alone, a new head, a head with RNA-seq coverage, or the whole network."""

import argparse
from functools import partial
from pathlib import Path

from helixtune.threads import available_threads
from helixtune.training.length import OF_HEAD, OF_NETWORK, Length
from helixtune.training.options import add_training_options, beside, settings_of

HELP = "train.h5 + validation.h5 -> tuned.h5"
MODES = ("new-head", "whole-network", "coverage-head", "continue-head")
TRY = "try"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--mode", required=True, choices=MODES, help="what is trained")
    parser.add_argument("--base-model", required=True, metavar="H5", help="model to start from; never changed")
    # A training of fixed length without weights: what helped on real truth (docs/adr/003-tuning-defaults.md).
    add_training_options(
        parser,
        epochs=None,
        patience=5,
        batch_size=None,
        schedule="cosine",
        class_weights="none",
        transition_weights="none",
        monitor="last",
    )
    parser.add_argument(
        "--learning-rate",
        type=_rate,
        metavar="X",
        help=f"of Adam; {TRY}: the best of short trials where only a head is trained"
        f" (default: {OF_HEAD.learning_rate} for a head, else {OF_NETWORK.learning_rate})",
    )
    network = parser.add_argument_group("network")
    network.add_argument(
        "--hidden-units",
        type=int,
        default=0,
        metavar="N",
        help="a linear layer before a new output layer (default: none)",
    )
    network.add_argument("--freeze-until", metavar="LAYER", help="last layer that is frozen (default: by mode)")
    network.add_argument(
        "--head-init", default="base", choices=("base", "random"), help="start of a new head (default %(default)s)"
    )
    network.add_argument(
        "--coverage-norm", choices=("log", "linear"), help="ln(x + 1.1) or x / 100 (default: the base model's, or log)"
    )


def _rate(text: str) -> float | str:
    try:
        return text if text == TRY else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor {TRY}") from None


def run(args: argparse.Namespace) -> dict:
    """Tune the model."""
    from helixtune.training.outputs import OutputPaths
    from helixtune.tuning.plan import Wishes
    from helixtune.tuning.procedure import TuningTask, tune

    length = Length(None if args.learning_rate == TRY else args.learning_rate, args.epochs, args.batch_size)
    settings_of(args, *OF_HEAD.of_rows(1, 1, length))  # what cannot work is refused before any file is read
    outcome = tune(
        TuningTask(
            mode=args.mode,
            base_model=Path(args.base_model),
            train=args.train,
            validation=args.validation,
            wishes=Wishes(args.hidden_units, args.freeze_until, args.head_init, seed=args.seed),
            length=length,
            settings_of=partial(settings_of, args),
            choose_rate=args.learning_rate == TRY,
            coverage_norm=args.coverage_norm,
            paths=OutputPaths(
                Path(args.output),
                beside(args.output, args.training_log, ".training_log.tsv"),
                beside(args.output, args.model_card, ".model_card.md"),
            ),
            threads=available_threads(args.threads),
            checkpoint_dir=args.checkpoint_dir,
        )
    )
    return outcome.as_dict()

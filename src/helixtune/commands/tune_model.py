"""Tune a model on selected rows: its head alone, a new head, a head with RNA-seq coverage, or the whole network."""

import argparse
from pathlib import Path

from helixtune.threads import available_threads
from helixtune.training.options import add_training_options, beside, settings_of

HELP = "train.h5 + validation.h5 -> tuned.h5"
MODES = ("new-head", "whole-network", "coverage-head", "continue-head")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--mode", required=True, choices=MODES, help="what is trained")
    parser.add_argument("--base-model", required=True, metavar="H5", help="model to start from; never changed")
    add_training_options(parser, epochs=30, patience=5, batch_size=4, schedule="constant")
    parser.add_argument(
        "--learning-rate",
        type=float,
        metavar="X",
        help="of Adam (default: the best of short trials where only a head is trained, else 0.0003)",
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


def run(args: argparse.Namespace) -> dict:
    """Tune the model."""
    from helixtune.training.outputs import OutputPaths
    from helixtune.tuning.plan import Wishes
    from helixtune.tuning.procedure import WHOLE_NETWORK_RATE, TuningTask, tune

    outcome = tune(
        TuningTask(
            mode=args.mode,
            base_model=Path(args.base_model),
            train=args.train,
            validation=args.validation,
            wishes=Wishes(args.hidden_units, args.freeze_until, args.head_init, seed=args.seed),
            settings=settings_of(args, WHOLE_NETWORK_RATE if args.learning_rate is None else args.learning_rate),
            choose_rate=args.learning_rate is None,
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

"""Train a network from random weights on labelled rows."""

import argparse
from contextlib import ExitStack
from pathlib import Path

from helixtune.model.graph import NetworkShape
from helixtune.threads import available_threads
from helixtune.training.labelled_rows import LabelledRows, Layout
from helixtune.training.options import add_training_options, beside, settings_of

HELP = "training.h5 -> a new model"
SHAPE_OPTIONS = (
    "cnn_layers",
    "lstm_layers",
    "units",
    "filter_depth",
    "kernel_size",
    "pool_size",
    "dropout1",
    "dropout2",
)
# Random weights need larger steps than upstream's 3e-4 to get somewhere on a few million bases.
LEARNING_RATE = 2e-3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_training_options(parser, epochs=20, patience=10, batch_size=8, schedule="cosine")
    parser.add_argument(
        "--learning-rate", type=float, default=LEARNING_RATE, metavar="X", help="of Adam (default %(default)s)"
    )
    shape = parser.add_argument_group("network")
    for name in SHAPE_OPTIONS:
        default = getattr(NetworkShape, name)
        shape.add_argument(
            f"--{name.replace('_', '-')}",
            type=type(default),
            default=default,
            metavar="N",
            help="(default %(default)s)",
        )


def run(args: argparse.Namespace) -> dict:
    """Train the network."""
    from helixtune.training.outputs import OutputPaths
    from helixtune.training.scratch import train_from_scratch

    shape = NetworkShape(**{name: getattr(args, name) for name in SHAPE_OPTIONS})
    settings = settings_of(args, args.learning_rate, args.epochs, args.batch_size)
    paths = OutputPaths(
        Path(args.output),
        beside(args.output, args.training_log, ".training_log.tsv"),
        beside(args.output, args.model_card, ".model_card.md"),
    )
    with ExitStack() as stack:
        layout = Layout(shape.pool_size)
        train = stack.enter_context(LabelledRows(args.train, layout, "training"))
        validation = stack.enter_context(LabelledRows(args.validation, layout, "validation"))
        outcome = train_from_scratch(
            shape, train, validation, settings, paths, available_threads(args.threads), args.checkpoint_dir
        )
    return outcome.as_dict()

"""Print a script that completes the verbs, options and choices of `helixtune` in bash, zsh or fish.

bash: `source <(helixtune completion bash)`; zsh: write it to `_helixtune` in a folder of $fpath;
fish: write it to ~/.config/fish/completions/helixtune.fish
"""

import argparse
import sys

HELP = "shell completion for bash, zsh or fish"
SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("shell", choices=SHELLS)


def run(args: argparse.Namespace) -> dict:
    """Print the script."""
    from helixtune.cli import build_parser
    from helixtune.completion import SCRIPTS, describe_parser

    script = SCRIPTS[args.shell](describe_parser(build_parser()))
    if not args.json:
        sys.stdout.write(script)
    return {"script": script}

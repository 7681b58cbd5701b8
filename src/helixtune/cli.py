"""The command `helixtune`: finds the subcommand, turns errors into one sentence and an exit code."""

import argparse
import importlib
import logging
import signal
import sys
import time
import traceback

from helixtune import __version__, log
from helixtune.errors import HelixtuneError
from helixtune.log import plain_text
from helixtune.outcome import WarningCollector, outcome, write_json, written_files
from helixtune.refusals import ProcessKilledError, StopRequestedError, refusal, stoppable

# In the order of the pipeline, then the tools around it. Explicit, so that `--help` never imports what is not asked for.
COMMANDS = (
    "encode-genome",
    "predict-classes",
    "call-genes",
    "gather-shards",
    "learn-signals",
    "agree-genes",
    "score-shard",
    "encode-labels",
    "add-coverage",
    "select-confident",
    "split-subsequences",
    "tune-model",
    "evaluate-genes",
    "choose-candidate",
    "write-report",
    "train-model",
    "simulate-species",
    "export-tracks",
    "inspect",
    "check-model",
    "doctor",
    "completion",
)


def command_module(verb: str):
    """Import the module behind a subcommand."""
    return importlib.import_module(f"helixtune.commands.{verb.replace('-', '_')}")


def build_parser(verbs: tuple[str, ...] = COMMANDS) -> argparse.ArgumentParser:
    """Build the parser with the given subcommands' options."""
    parser = argparse.ArgumentParser(prog="helixtune", description=sys.modules["helixtune"].__doc__)
    parser.add_argument("--version", action="version", version=f"helixtune {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show a traceback when something fails")
    common.add_argument("--quiet", action="store_true", help="warnings and errors only")
    common.add_argument("--json", action="store_true", help="print one JSON object about the run on standard output")
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in verbs:
        module = command_module(verb)
        subparser = subparsers.add_parser(verb, help=module.HELP, description=module.__doc__, parents=[common])
        module.add_arguments(subparser)
        subparser.set_defaults(run=module.run)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; return its exit code (0 done, 1 bad input, 2 wrong usage, 130, 137, 143 stopped by a signal)."""
    argv = sys.argv[1:] if argv is None else argv
    chosen = next((word for word in argv if word in COMMANDS), None)
    try:
        args = build_parser((chosen,) if chosen else COMMANDS).parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    log.configure(logging.WARNING if args.quiet else logging.INFO)
    return run_and_tell(args) if args.json else run_guarded(args.verb, args.run, args)


def run_and_tell(args: argparse.Namespace) -> int:
    """Run one subcommand and print a JSON object: what it found and wrote, or the sentence that says why not."""
    warnings, facts, begun = WarningCollector(), {}, time.monotonic()

    def run(args: argparse.Namespace) -> None:
        facts.update(args.run(args) or {})

    log.logger.addHandler(warnings)
    try:
        code, sentence = _guarded(args.verb, run, args)
    finally:
        log.logger.removeHandler(warnings)
    told = outcome(args.verb, code, time.monotonic() - begun, warnings.messages)
    write_json(told | ({"error": sentence} if code else {"files": written_files(args.verb, args), **facts}))
    return code


def run_guarded(name: str, run, args) -> int:
    """Call `run(args)`; a user's error becomes one sentence on standard error and exit code 1."""
    return _guarded(name, run, args)[0]


def _guarded(name: str, run, args) -> tuple[int, str]:
    """Return exit code and, of an error, its sentence."""
    code = 1
    try:
        with stoppable():
            run(args)
    except HelixtuneError as error:
        sentence = plain_text(" ".join(str(error).split()))
    except BrokenPipeError:
        return 1, "whoever read the output stopped reading"
    except (KeyboardInterrupt, StopRequestedError) as stop:
        number = signal.SIGINT if isinstance(stop, KeyboardInterrupt) else signal.SIGTERM
        code, sentence = 128 + number, f"stopped by {number.name}: nothing half-written is left, start it again."
    except Exception as error:
        sentence = refusal(error)
        if sentence is None:
            raise  # a defect: its traceback is wanted
        sentence = " ".join(sentence.split())
        code = 128 + signal.SIGKILL if isinstance(error, ProcessKilledError) else code
    else:
        return 0, ""
    _report(name, sentence, args.debug)
    return code, sentence


def _report(name: str, sentence: str, debug: bool) -> None:  # noqa: FBT001
    if debug:
        traceback.print_exc()
    print(f"helixtune {name}: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

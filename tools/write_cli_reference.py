"""Write docs/reference/cli.md (from the parsers) and docs/reference/errors.md (from the package's source and its tests).

python tools/write_cli_reference.py
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tools"))

from list_errors import Site, sites  # noqa: E402

from helixtune.cli import COMMANDS, build_parser, command_module  # noqa: E402

PROVOKED = PROJECT / "tests/errors_provoked.json"

CLI_HEAD = """# Commands

`helixtune VERB --help` says the same. Made from the parsers (`python tools/write_cli_reference.py`).

Every verb also takes:

| option | what |
|---|---|
| `--quiet` | warnings and errors only, no progress |
| `--json` | print one JSON object on standard output: `command`, `exit_code`, `warnings`, `files`, findings, `error` |
| `--debug` | show a traceback when something fails |

Exit code 0: done; 1: bad input, one sentence on standard error ([all of them](errors.md)), no output left behind; 2: wrong usage.
Long work shows rate and time left: as a line that is drawn anew on a terminal, as a plain line every half minute in a log.
`source <(helixtune completion bash)` completes verbs, options and choices; zsh and fish likewise.
"""

ERRORS_HEAD = """# Errors

Every sentence that bad input can cause, with `<name>` for what is filled in. Made from the source and the tests that provoke them
(`python tools/write_cli_reference.py`). The exit code is 1; the command has written nothing.

| class | means |
|---|---|
| InputFileError | a file is missing, unreadable or truncated |
| FormatError | a file was read, but its content is not what its format promises |
| ShapeError | two arrays or files that belong together differ in shape |
| ParameterError | an option has a value that cannot work with this input |
| ModelFileError | a file is not a model that can be read safely |
| EmptyResultError | there is nothing to work on, and going on would hide it |
| of the machine | space, rights or memory are short |

Besides: wrong usage, such as an option that does not exist, is told by the parser with exit code 2. After SIGINT or SIGTERM
(exit code 130 or 143) the sentence is "stopped by SIGTERM: nothing half-written is left, start it again." What the pipeline says
of a samplesheet or a parameter before anything starts, `tests/pipeline/test_wrong_input.py` provokes.
"""
COMMON = {"help", "quiet", "json", "debug"}


def cli_page() -> str:
    """Return the page on commands."""
    subparsers = next(a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    page = CLI_HEAD
    for verb in COMMANDS:
        page += f"\n## {verb}\n\n{command_module(verb).__doc__.strip()}\n"
        parser = subparsers.choices[verb]
        for group in parser._action_groups:
            actions = [action for action in group._group_actions if action.dest not in COMMON]
            if actions:
                title = "" if group.title in ("positional arguments", "options") else f"\n**{group.title}**\n"
                rows = "".join(_option_row(action, parser) for action in actions)
                page += f"{title}\n| option | what |\n|---|---|\n{rows}"
    return page


def _option_row(action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    value = " ".join(value) if isinstance(value, tuple) else value
    if action.nargs == 0:
        value = ""
    named = ", ".join(f"`{flag}{' ' + value if value else ''}`" for flag in action.option_strings) or f"`{value}`"
    text = " ".join(((action.help or "") % {**vars(action), "prog": parser.prog}).split())
    told = [text] if text else []
    if action.required and action.option_strings:
        told.append("**needed**")
    if action.nargs in ("+", "*") or isinstance(action, argparse._AppendAction):
        told.append("one or more")
    return _escaped(named, told)


def _escaped(named: str, told: list[str]) -> str:
    """A bar within a cell would end it."""
    return f"| {named.replace('|', chr(92) + '|')} | {'; '.join(told)} |\n"


def provoked() -> dict[str, str]:
    """Return {key of a site: test that provokes it}, as the last full check found."""
    return json.loads(PROVOKED.read_text()) if PROVOKED.is_file() else {}


def errors_page() -> str:
    """Return the page on errors: sentences by module, each with the test that provokes it."""
    tests = provoked()
    modules: dict[str, list[Site]] = defaultdict(list)
    for site in sites():
        modules[site.module].append(site)
    known = sum(site.key in tests for found in modules.values() for site in found)
    total = sum(map(len, modules.values()))
    page = ERRORS_HEAD + f"\n{total} sentences; {known} of them are provoked by the test named beside them.\n"
    for module, found in modules.items():
        rows = [f"| {_cell(site.sentence)} | {site.kind} | {_test(tests.get(site.key))} |" for site in found]
        page += f"\n## {module}\n\n| sentence | class | provoked by |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    return page


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def _test(name: str | None) -> str:
    return f"`{name.removeprefix('tests/')}`" if name else "–"


PAGES = {"docs/reference/cli.md": cli_page, "docs/reference/errors.md": errors_page}

if __name__ == "__main__":
    for path, page in PAGES.items():
        (PROJECT / path).write_text(page())

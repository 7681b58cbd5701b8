"""Completion scripts made from the parser itself: what it takes is what is completed."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One option of a verb, or a positional argument (no flags).

    Attributes:
        flags: spellings, e.g. ("--overlap", "--no-overlap").
        takes_value: whether a word follows.
        choices: the words allowed, empty = a file or a number.
    """

    flags: tuple[str, ...]
    help: str
    takes_value: bool
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Verb:
    """One subcommand."""

    name: str
    help: str
    options: tuple[Option, ...]


def describe_parser(parser: argparse.ArgumentParser) -> list[Verb]:
    """Return all subcommands of a parser with their options."""
    subparsers = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    helps = {choice.dest: choice.help or "" for choice in subparsers._choices_actions}
    return [Verb(name, helps[name], _options(sub)) for name, sub in subparsers.choices.items()]


def _options(parser: argparse.ArgumentParser) -> tuple[Option, ...]:
    return tuple(
        Option(
            tuple(action.option_strings),
            _plain(action, parser),
            action.nargs != 0,
            tuple(map(str, action.choices or ())),
        )
        for action in parser._actions
    )


def _plain(action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    text = (action.help or "") % {**vars(action), "prog": parser.prog}
    return " ".join(text.split())


def _words(verb: Verb) -> str:
    return " ".join(flag for option in verb.options for flag in option.flags)


def bash_script(verbs: Sequence[Verb]) -> str:
    """Return a script for bash 4 and later."""
    options = "\n".join(f"    {verb.name}) words='{_words(verb)}' ;;" for verb in verbs)
    choices = "\n".join(
        f"    '{verb.name} {flag}') COMPREPLY=($(compgen -W '{' '.join(option.choices)}' -- \"$cur\")); return ;;"
        for verb in verbs
        for option in verb.options
        if option.choices
        for flag in option.flags or ("",)
        if flag
    )
    positional = "\n".join(
        f"    {verb.name}) COMPREPLY=($(compgen -W '{' '.join(option.choices)}' -- \"$cur\")); return ;;"
        for verb in verbs
        for option in verb.options
        if option.choices and not option.flags
    )
    return f"""# bash completion of helixtune
_helixtune() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} verb=${{COMP_WORDS[1]}} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{" ".join(verb.name for verb in verbs)} --version --help' -- "$cur")); return
  fi
  case "$verb $prev" in
{choices}
  esac
  case "$verb" in
{options}
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); return; fi
  case "$verb" in
{positional}
  esac
  COMPREPLY=($(compgen -f -- "$cur"))
}}
complete -o filenames -F _helixtune helixtune
"""


def zsh_script(verbs: Sequence[Verb]) -> str:
    """Return a script for zsh, to be a file `_helixtune` in a folder of $fpath (or to be sourced)."""
    named = " ".join(_zsh_quoted(f"{verb.name}:{verb.help}") for verb in verbs)
    cases = "\n".join(
        f"    {verb.name}) _arguments {' '.join(_zsh_spec(option) for option in verb.options if option.flags)}"
        f" {_zsh_positional(verb)} ;;"
        for verb in verbs
    )
    return f"""#compdef helixtune
_helixtune() {{
  local -a verbs
  verbs=({named})
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  shift words; (( CURRENT-- ))
  case $words[1] in
{cases}
  esac
}}
compdef _helixtune helixtune
"""


def _zsh_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _zsh_spec(option: Option) -> str:
    described = option.help.replace("\\", "").replace("[", "(").replace("]", ")").replace(":", "\\:")
    value = f":value:{_zsh_values(option)}" if option.takes_value else ""
    return " ".join(_zsh_quoted(f"*{flag}[{described}]{value}") for flag in option.flags)


def _zsh_values(option: Option) -> str:
    return f"({' '.join(option.choices)})" if option.choices else "_files"


def _zsh_positional(verb: Verb) -> str:
    found = [option for option in verb.options if not option.flags]
    return _zsh_quoted(f"1:value:{_zsh_values(found[0])}") if found else _zsh_quoted("*:file:_files")


def fish_script(verbs: Sequence[Verb]) -> str:
    """Return a script for fish."""
    lines = ["# fish completion of helixtune"]
    for verb in verbs:
        lines.append(f"complete -c helixtune -n __fish_use_subcommand -f -a {verb.name} -d {_fish_quoted(verb.help)}")
    for verb in verbs:
        seen = f"complete -c helixtune -n '__fish_seen_subcommand_from {verb.name}'"
        for option in verb.options:
            values = f" -x -a '{' '.join(option.choices)}'" if option.choices else " -r" if option.takes_value else ""
            if not option.flags and option.choices:
                lines.append(f"{seen} -f -a '{' '.join(option.choices)}'")
            for flag in option.flags:
                named = f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
                lines.append(f"{seen} {named}{values} -d {_fish_quoted(option.help)}")
    return "\n".join(lines) + "\n"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SCRIPTS = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}

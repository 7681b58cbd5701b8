import shutil
import subprocess
import warnings

import pytest

from helixtune.cli import COMMANDS, build_parser
from helixtune.completion import SCRIPTS, describe_parser


@pytest.fixture(scope="module")
def verbs():
    return describe_parser(build_parser())


def bash_completes(script, *words):
    """Return what bash would offer for the last word."""
    line = " ".join(f"'{word}'" for word in words)
    asked = f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _helixtune; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", f"{script}\n{asked}"], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_the_parser_is_described(verbs):
    assert tuple(verb.name for verb in verbs) == COMMANDS
    options = {
        flag: option
        for verb in verbs
        if verb.name == "predict-classes"
        for option in verb.options
        for flag in option.flags
    }
    assert options["--engine"].choices == ("auto", "tensorflow", "openvino")
    assert not options["--no-overlap"].takes_value
    assert "99.9 % of" in options["--precision"].help


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["helixtune", "enc"], ["encode-genome", "encode-labels"]),
        (["helixtune", "call-genes", "--pe"], ["--peak-threshold"]),
        (["helixtune", "tune-model", "--mode", "new"], ["new-head"]),
        (["helixtune", "completion", "z"], ["zsh"]),
    ],
)
def test_bash_offers_what_fits(verbs, words, offered):
    assert bash_completes(SCRIPTS["bash"](verbs), *words) == offered


def test_bash_offers_files_for_options_that_take_one(verbs, tmp_path):
    (tmp_path / "genome.fa").write_text(">a\nA\n")
    assert bash_completes(SCRIPTS["bash"](verbs), "helixtune", "encode-genome", "--fasta", f"{tmp_path}/gen") == [
        str(tmp_path / "genome.fa")
    ]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_can_read_their_scripts(verbs, tmp_path, shell):
    program = shutil.which(shell)
    script = SCRIPTS[shell](verbs)
    assert all(name in script for name in COMMANDS)
    if not program:
        warnings.warn(f"{shell} is not installed: its completion script was not parsed", stacklevel=1)
        pytest.skip(f"{shell} not found on PATH")
    (tmp_path / "script").write_text(script)
    assert subprocess.run([program, "-n", tmp_path / "script"], capture_output=True, check=False).stderr == b""


def test_fish_completes(verbs):
    fish = shutil.which("fish")
    if not fish:
        warnings.warn("fish is not installed: its completion was not tried", stacklevel=1)
        pytest.skip("fish not found on PATH")
    asked = SCRIPTS["fish"](verbs) + "\ncomplete -C 'helixtune tune-model --mode new'"
    done = subprocess.run([fish, "--no-config", "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("new-head\t")

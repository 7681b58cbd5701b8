"""One folder in which the commands have run undisturbed; tests start from its files and compare with its outputs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from verbs import VERBS, Verb, contents, run_undisturbed


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> Path:
    """The outputs of every command that another reads."""
    folder = tmp_path_factory.mktemp("undisturbed")
    for verb in VERBS.values():
        if not verb.is_last:
            run_undisturbed(verb, folder)
    return folder


@pytest.fixture(scope="session")
def expected_of(undisturbed) -> Callable[[Verb], dict[str, bytes]]:
    """What a command writes when nothing disturbs it: {path: bytes}."""

    def expected(verb: Verb) -> dict[str, bytes]:
        if not contents(undisturbed, verb):
            run_undisturbed(verb, undisturbed)
        return contents(undisturbed, verb)

    return expected

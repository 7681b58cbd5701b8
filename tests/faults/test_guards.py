"""Guards broken on purpose in a copy of the package: the suite has to notice each of them."""

import sys

import pytest

from pipeline_runs import PROJECT

sys.path.insert(0, str(PROJECT / "tools"))

from break_guards import GUARDS, noticed_by, run_tests


@pytest.mark.full
@pytest.mark.parametrize("guard", GUARDS, ids=[guard.name for guard in GUARDS])
def test_a_broken_guard_is_noticed(guard, reliability):
    failed = noticed_by(guard)
    assert failed, f"{guard.name} is broken, and {' '.join(guard.tests)} passes"
    reliability(
        "guards",
        f"{guard.what}: taken out",
        "a test of the suite fails",
        f"fails: {failed}",
        f"python tools/break_guards.py {guard.name}",
    )


def test_the_tests_pass_on_an_intact_package():
    tests = ("tests/unit/test_h5files.py::test_links_out_of_the_file_are_refused",)
    assert run_tests(tests, PROJECT / "src") == (True, "")

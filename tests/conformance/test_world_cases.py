"""Files as the world writes them: situations from public reports, each with the outcomes that are right.

The cases' own checks run here with the command in this process; a new process for each would take minutes.
"""

import importlib.util
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "data/cases/world"
CASES = sorted(path.name for path in (FOLDER / "cases").iterdir() if (path / "check.py").exists())
# Those of a network are about other parts; timing has a test of its own.
NEED_MODEL = ("30-", "55-", "60-")
TIMED = ("59-",)


def load(name: str, path: Path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def world():
    before = sys.modules.get("world")
    yield load("world", FOLDER / "world.py")
    sys.modules.pop("world")
    if before:
        sys.modules["world"] = before


@pytest.fixture
def check(world, monkeypatch, tmp_path, run_cli):
    def run(case, *arguments, outputs=()):
        monkeypatch.chdir(case.place)
        before = case.files()
        code, told = run_cli(*arguments)
        found = world.Run(arguments[0], code, "", told)
        assert code in (0, 1)
        assert code == 0 or (case.files() == before and len(found.sentences) == 1), told
        assert code == 1 or all(case.path(name).exists() for name in outputs)
        return found

    def check_case(name: str):
        monkeypatch.setattr(world.Case, "run", run)
        monkeypatch.setattr(world, "main", lambda check: None)
        script = load(f"check_{name}", FOLDER / "cases" / name / "check.py")
        try:
            script.check(world.Case(FOLDER / "cases" / name, tmp_path))
        except world.Wrong as wrong:
            pytest.fail(str(wrong))

    return check_case


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith((*NEED_MODEL, *TIMED))])
def test_the_outcome_is_a_right_one(check, name):
    check(name)


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in CASES if name.startswith(NEED_MODEL)])
def test_the_outcome_of_a_case_with_a_model_is_a_right_one(check, name):
    check(name)

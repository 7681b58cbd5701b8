"""The cases of tests/nextflow/cases.json through Nextflow; nf-test runs the same table (tests/nextflow/cases.nf.test)."""

import json
from collections import Counter

import pytest

from pipeline_runs import PROJECT, run_pipeline

DATA = PROJECT / "tests" / "nextflow" / "data"
CASES = json.loads((PROJECT / "tests" / "nextflow" / "cases.json").read_text())


def options_of(case: dict, folder) -> list:
    """Write the case's samplesheet into `folder`; return the pipeline's options."""
    sheet = folder / "samplesheet.csv"
    sheet.write_text("\n".join(case["sheet"]).replace("DATA", str(DATA)) + "\n")
    options = ["--input", sheet, "--base_model", PROJECT / "assets" / "models" / "demo_base.h5"]
    options += [word for name, value in case.get("params", {}).items() for word in (f"--{name}", value)]
    options += ["-profile", case["profile"]] if "profile" in case else []
    return [*options, "-stub-run"] if case.get("stub") else options


def stage(task: dict[str, str]) -> str:
    """Return the name of a task's stage."""
    return task["name"].split()[0].split(":")[-1]


def parameters() -> list:
    """Return one test a case; long ones, and those that another test here resembles, are left to `make test-full`."""
    return [pytest.param(case, id=case["name"], marks=pytest.mark.full if case.get("full") else ()) for case in CASES]


@pytest.mark.parametrize("case", parameters())
def test_case(case, tmp_path):
    run = run_pipeline(tmp_path, *options_of(case, tmp_path))
    assert (run.code != 0) == case.get("fails", False), run.text
    assert [sentence for sentence in case.get("says", []) if sentence not in run.text] == []
    assert "Traceback" not in run.text
    counts = Counter(stage(task) for task in run.tasks())
    assert {name: counts[name] for name in case.get("tasks", {})} == case.get("tasks", {})
    assert set(case.get("files", [])) <= run.tree()
    assert bool([path for path in run.tree() if path.endswith("genes.gff3")]) == bool(case.get("files"))
    if "again" in case:
        check_again(case, tmp_path)


def check_again(case: dict, folder) -> None:
    """Run a case once more with -resume and other parameters: only what they concern is computed."""
    changed = case["again"]
    words = [word for name, value in changed["params"].items() for word in (f"--{name}", value)]
    run = run_pipeline(folder, *options_of(case, folder), *words, "-resume")
    assert run.code == 0, run.text
    status = {(stage(task), task["status"]) for task in run.tasks()}
    assert {(name, "CACHED") for name in changed["cached"]} <= status
    assert {(name, "COMPLETED") for name in changed["computed"]} <= status
    assert not {(name, "COMPLETED") for name in changed["cached"]} & status

"""What the launcher, tools/nextflow, does before Nextflow starts; played by a `java` that writes its command line down."""

import os
import subprocess

import pytest

from pipeline_runs import LAUNCHER

JAVA = """#!/bin/bash
if [[ "$*" == -version ]]; then echo 'openjdk version "RELEASE" 2020-01-01' >&2; exit 0; fi
echo "LC_ALL=$LC_ALL $*"
"""


def launched(folder, release: str, **environment: str):
    (folder / "java").write_text(JAVA.replace("RELEASE", release))
    (folder / "java").chmod(0o755)
    (folder / "jars").mkdir()
    (folder / "jars" / ".complete").touch()
    known = {"JAVA_CMD": str(folder / "java"), "NEXTFLOW_DIST": str(folder / "jars"), "NEXTFLOW_FORCE_MAVEN": "1"}
    return subprocess.run(
        [LAUNCHER, "-v"], env=os.environ | known | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("release", ["11.0.2", "1.8.0_352"])
def test_an_old_java_is_told_in_one_sentence(release, tmp_path):
    run = launched(tmp_path, release)
    assert run.returncode == 127
    assert "Nextflow needs 17 or newer" in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize(("locale", "seen"), [("C", "C.UTF-8"), ("C.UTF-8", "C.UTF-8")])
def test_names_with_accents_are_read_in_a_job_without_a_locale(locale, seen, tmp_path):
    run = launched(tmp_path, "17.0.1", LC_ALL=locale)
    assert run.returncode == 0
    assert f"LC_ALL={seen} " in run.stdout

"""The profile conda: environments are made from conf/conda, and the genes are those of a run without.

`conda` here is a program that makes an environment of this Python: conda's channels cannot be reached from everywhere.
"""

import hashlib
import os
import sys

import pytest

from pipeline_runs import PROJECT, Run, run_pipeline

CONDA = f"""#!/bin/bash
echo "$@" >> "${{0%/*}}/../commands"
if [[ $1 == info ]]; then echo '  "conda_prefix": "'"$(cd "${{0%/*}}/.." && pwd)"'",'; exit; fi
while (($#)); do [[ $1 == --prefix ]] && prefix=$2; shift; done
mkdir -p "$prefix/bin"
for name in python python3; do printf '#!/bin/bash\\nexec {sys.executable} "$@"\\n' > "$prefix/bin/$name"; done
chmod +x "$prefix"/bin/*
"""


def checksums(run: Run) -> dict[str, str]:
    paths = sorted(run.results.rglob("*.gff3"))
    return {str(path.relative_to(run.results)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.mark.full
def test_genes_are_those_of_a_run_without_conda(tmp_path, monkeypatch):
    folders = [tmp_path / name for name in ("local", "conda", "tools")]
    for folder in folders:
        folder.mkdir()
    local = run_pipeline(folders[0], "-profile", "test", "--engine", "tensorflow")
    (folders[2] / "bin").mkdir()
    (folders[2] / "bin" / "conda").write_text(CONDA)
    (folders[2] / "bin" / "activate").write_text('PATH="$1/bin:$PATH"\n')
    (folders[2] / "bin" / "conda").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folders[2] / 'bin'}:{os.environ['PATH']}")
    run = run_pipeline(folders[1], "-profile", "test,conda", "--engine", "tensorflow")
    assert run.code == 0, run.text
    assert checksums(run) == checksums(local) != {}
    made = (folders[2] / "commands").read_text()
    for name in ("data", "model"):
        assert f"--file {PROJECT}/conf/conda/{name}.yml" in made
    scripts = [script.read_text() for script in (folders[1] / "work").glob("*/*/.command.run")]
    assert all("conf/conda" in script for script in scripts)

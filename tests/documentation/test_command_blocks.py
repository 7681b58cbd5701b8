"""Every command block of README and tutorial is run, and of the other pages those that can run anywhere.

A comment before a block of another page says what becomes of it: `<!-- test: data -->`, run beside a small simulated genome;
`<!-- test: preview -->`, run there by Nextflow without starting a task; `<!-- not run: why -->`, listed as a warning. Blocks of
README and tutorial run in a copy of the project, and what the page shows as their output must come out, but for numbers.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>.+?) -->\n)?^```(?P<language>bash|python)\n(?P<code>.*?)^```$(?:\n\n```text\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
# Fences of pages: commands, which are run or say why not, and what is none.
COMMANDS, OTHERS = {"bash", "python"}, {"", "text", "csv", "groovy"}
IN_ORDER = ("README.md", "docs/tutorial.md")
# README has no comments; its block that would test itself is named here.
NOT_RUN = {"make demo ": "runs for minutes and then this very test suite; CI runs both (.ci/run)"}
# What depends on the machine or on chance: numbers, the precision that a CPU is fast in, and on a genome this small the verdict.
VARYING = re.compile(r"[\d.]+|float32|bfloat16 where the model bears it|(?:base|tuned) genes recommended")
TIME_LIMIT_S = 1800


@dataclass(frozen=True)
class Block:
    page: str
    number: int
    mark: str
    language: str
    code: str
    output: str

    @property
    def name(self) -> str:
        return f"{self.page}-{self.number}"

    @property
    def reason(self) -> str:
        """Why it is not run; empty if it is."""
        if self.mark.startswith("not run:"):
            return self.mark.removeprefix("not run:").strip()
        return next(
            (why for start, why in NOT_RUN.items() if self.page == "README.md" and self.code.startswith(start)), ""
        )


def blocks_of(page: str) -> list[Block]:
    found = BLOCK.finditer((PROJECT / page).read_text())
    return [
        Block(page, i, one["mark"] or "", one["language"], one["code"], one["output"] or "")
        for i, one in enumerate(found, start=1)
    ]


ALL = [
    block
    for page in sorted((PROJECT / "docs").rglob("*.md"))
    for block in blocks_of(page.relative_to(PROJECT).as_posix())
]
ON_DATA = [block for block in ALL if block.mark in ("test: data", "test: preview")]


def environment(root: Path) -> dict[str, str]:
    path = f"{root / 'tools'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {
        **os.environ,
        "PATH": path,
        "NXF_OFFLINE": "true",
        "NXF_DISABLE_CHECK_LATEST": "true",
        "NXF_ANSI_LOG": "false",
    }


def run(block: Block, folder: Path, root: Path = PROJECT) -> None:
    program = ["bash", "-euo", "pipefail", "-c"] if block.language == "bash" else [sys.executable, "-c"]
    code = (
        block.code.replace("nextflow run .", f"nextflow run {PROJECT} -preview")
        if "preview" in block.mark
        else block.code
    )
    done = subprocess.run(
        [*program, code],
        cwd=folder,
        env=environment(root),
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{block.name}:\n{code}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    came = {_without_varying(line) for line in (done.stdout + done.stderr).splitlines()}
    assert [line for line in block.output.splitlines() if _without_varying(line) not in came] == [], (
        done.stdout + done.stderr
    )


def _without_varying(line: str) -> str:
    return " ".join(VARYING.sub("…", line).split())


@pytest.fixture(scope="session")
def small_data(tmp_path_factory) -> Path:
    """The files that the pages name, of a simulated genome of 80 kb."""
    folder = tmp_path_factory.mktemp("data")
    words = ["simulate-species", "--seed", "1", "--size-mb", "0.08", "--output-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "helixtune", *words], check=True, capture_output=True)
    for name in ("genes.gff3", "reference.gff3"):
        shutil.copy(folder / "annotation.gff3", folder / name)
    for name in ("base.h5", "fungi.h5"):
        shutil.copy(PROJECT / "assets/models/demo_base.h5", folder / name)
    for name, source in (("genome.fa.gz", "genome.fa"), ("reference.gff3.gz", "reference.gff3")):
        (folder / name).write_bytes(gzip.compress((folder / source).read_bytes()))
    (folder / "samplesheet.csv").write_text("id,species,fasta\nmyfungus,My fungus,genome.fa.gz\n")
    return folder


@pytest.fixture
def project_copy(tmp_path) -> Path:
    """A copy of the project as git has it, with the same virtual environment."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (PROJECT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    return tmp_path


@pytest.mark.full
@pytest.mark.parametrize("block", ON_DATA, ids=lambda block: block.name)
def test_a_marked_block_runs(block, small_data, tmp_path):
    folder = tmp_path / "here"
    shutil.copytree(small_data, folder)
    run(block, folder)


@pytest.mark.full
@pytest.mark.parametrize("page", IN_ORDER)
def test_all_blocks_of_a_page_run_in_order(page, project_copy, small_data):
    if page == "README.md":
        for name in ("genome.fa.gz", "reference.gff3.gz", "fungi.h5"):
            shutil.copy(small_data / name, project_copy / name)
    for block in blocks_of(page):
        if block.reason:
            warnings.warn(f"{block.name} was not run: {block.reason}", stacklevel=1)
        else:
            run(block, project_copy, project_copy)


def test_what_is_not_run_is_told():
    """Pages other than README and tutorial may have blocks that need a cluster, a cloud or a container runtime."""
    left = [block for block in ALL if block.page not in IN_ORDER and block not in ON_DATA]
    for block in left:
        warnings.warn(f"{block.name} was not run: {block.reason}", stacklevel=1)
    assert [block.name for block in left if not block.reason] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *sorted({block.page for block in ALL})])
def test_no_command_hides_from_these_tests(page):
    """A fence of another language, or an indented one, would not be seen."""
    fences = re.findall(r"^( *)```(.*)$", (PROJECT / page).read_text(), re.MULTILINE)
    opening = fences[::2]
    assert {indent for indent, _ in fences} <= {""}
    assert {language for _, language in opening} <= COMMANDS | OTHERS
    assert sum(language in COMMANDS for _, language in opening) == len(blocks_of(page))

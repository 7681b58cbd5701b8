"""Every command block of README and tutorial is run, and of the other pages those that are marked `<!-- test: data -->`.

A comment before a block says what becomes of it: `<!-- test: data -->`, run beside a small simulated genome;
`<!-- not run: why -->`, listed as a warning. Blocks of README and tutorial without a comment run in a copy of the project.
"""

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
    r"(?:^<!-- (?P<mark>.+?) -->\n)?^```(?P<language>bash|python)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
IN_ORDER = ("README.md", "docs/tutorial.md")
# README has no comments; its blocks that would test themselves, or need files that only a user has, are named here.
NOT_RUN = {
    "make demo ": "runs for minutes and then this very test suite; CI runs both (.ci/run)",
    "make demo-real": "needs a real genome, annotation and model (see CONTRIBUTING.md)",
}
TIME_LIMIT_S = 1800

pytestmark = pytest.mark.full


@dataclass(frozen=True)
class Block:
    page: str
    number: int
    mark: str
    language: str
    code: str

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
    return [Block(page, i, one["mark"] or "", one["language"], one["code"]) for i, one in enumerate(found, start=1)]


ALL = [
    block
    for page in sorted((PROJECT / "docs").rglob("*.md"))
    for block in blocks_of(page.relative_to(PROJECT).as_posix())
]
ON_DATA = [block for block in ALL if block.mark == "test: data"]


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
    done = subprocess.run(
        [*program, block.code],
        cwd=folder,
        env=environment(root),
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{block.name}:\n{block.code}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.fixture(scope="session")
def small_data(tmp_path_factory) -> Path:
    """The files that the pages name, of a simulated genome of 80 kb."""
    folder = tmp_path_factory.mktemp("data")
    words = ["simulate-species", "--seed", "1", "--size-mb", "0.08", "--output-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "helixtune", *words], check=True, capture_output=True)
    for name in ("genes.gff3", "reference.gff3"):
        shutil.copy(folder / "annotation.gff3", folder / name)
    shutil.copy(PROJECT / "assets/models/demo_base.h5", folder / "base.h5")
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


@pytest.mark.parametrize("block", ON_DATA, ids=lambda block: block.name)
def test_a_marked_block_runs(block, small_data, tmp_path):
    folder = tmp_path / "here"
    shutil.copytree(small_data, folder)
    run(block, folder)


@pytest.mark.parametrize("page", IN_ORDER)
def test_all_blocks_of_a_page_run_in_order(page, project_copy, small_data):
    if page == "README.md":
        subprocess.run(
            ["gzip", "-kc", small_data / "genome.fa"], stdout=(project_copy / "genome.fa.gz").open("wb"), check=True
        )
        shutil.copy(small_data / "base.h5", project_copy / "fungi.h5")
    for block in blocks_of(page):
        if block.reason:
            warnings.warn(f"{block.name} was not run: {block.reason}", stacklevel=1)
        else:
            run(block, project_copy, project_copy)


def test_what_is_not_run_is_told():
    """Pages other than README and tutorial may have blocks that need a cluster, a cloud or a container runtime."""
    left = [block for block in ALL if block.page not in IN_ORDER and block not in ON_DATA]
    for block in left:
        warnings.warn(f"{block.name} was not run: {block.reason or 'not marked to be run'}", stacklevel=1)
    assert len(ON_DATA) >= 6

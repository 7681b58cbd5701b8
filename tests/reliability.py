"""What the tests on hostile inputs and faults found, for docs/reliability.md: one row a test.

A test takes the fixture `reliability` and calls it last, when its assertions have held:

    reliability("faults", "call-genes killed while it writes", promised="no output; a second run gives the same bytes",
                outcome="exit -9, no genes.gff3; same bytes")

HELIXTUNE_RELIABILITY=rows.jsonl pytest tests/hostile tests/faults -m "full or not full"
python tools/write_reliability.py rows.jsonl
"""

import json
import os
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

# Section of the page: its title there.
SECTIONS = {
    "fasta": "Hostile inputs: FASTA",
    "annotation": "Hostile inputs: GFF3 and GTF",
    "bam": "Hostile inputs: BAM",
    "hdf5": "Hostile inputs: HDF5",
    "models": "Hostile inputs: models",
    "tables": "Hostile inputs: tables, BED, protein FASTA, profiles",
    "samplesheet": "Hostile inputs: samplesheets and names",
    "fuzz": "Fuzzing",
    "faults": "Faults",
    "guards": "Guards broken on purpose",
}
RECORDED = Path(__file__).with_name("reliability.json")
ROWS_TO = "HELIXTUNE_RELIABILITY"
TESTS_TO = "HELIXTUNE_RELIABILITY_TESTS"


@dataclass(frozen=True)
class Row:
    """One thing that was tried.

    Attributes:
        section: a key of SECTIONS.
        tried: what the input, the fault or the broken guard is.
        promised: what has to come out, e.g. a sentence with exit code 1.
        outcome: what came out, without anything that differs from run to run (times, temporary names).
        test: its node id.
        command: what anyone can run in a clone; the test itself by default.
        cases: how many inputs it stands for (fuzzing).
    """

    section: str
    tried: str
    promised: str
    outcome: str
    test: str
    command: str
    cases: int = 1


@pytest.fixture
def reliability(request):
    """Note one row of docs/reliability.md; fails if the page says something else of this test."""

    def note(section: str, tried: str, promised: str, outcome: str, command: str = "", cases: int = 1) -> None:
        assert section in SECTIONS, f"no section {section}: one of {', '.join(SECTIONS)}"
        test = request.node.nodeid
        full = "-m full " if request.node.get_closest_marker("full") else ""
        row = Row(section, tried, promised, outcome, test, command or f"pytest {full}{shlex.quote(test)}", cases)
        target = os.environ.get(ROWS_TO)
        if target:
            with Path(target).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(row)) + "\n")
        else:
            _require_same(row)

    return note


def recorded() -> list[Row]:
    """Return the rows on the page."""
    return [Row(**row) for row in json.loads(RECORDED.read_text(encoding="utf-8"))] if RECORDED.is_file() else []


def _require_same(row: Row) -> None:
    known = [other for other in recorded() if other.test == row.test]
    same = {(other.section, other.tried, other.promised, other.command) for other in known}
    if known and (row.section, row.tried, row.promised, row.command) not in same:
        pytest.fail("docs/reliability.md says something else of this test: see tests/reliability.py on how it is made")


def pytest_collection_finish(session) -> None:
    """Write {node id: whether it is a long one} of the tests that note rows, if asked; conftest.py makes this a hook."""
    target = os.environ.get(TESTS_TO)
    if target:
        noting = [item for item in session.items if "reliability" in getattr(item, "fixturenames", ())]
        names = {item.nodeid: item.get_closest_marker("full") is not None for item in noting}
        Path(target).write_text(json.dumps(names), encoding="utf-8")

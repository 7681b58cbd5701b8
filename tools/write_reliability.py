"""Write docs/reliability.md from tests/reliability.json, after adding what a run of the tests noted.

HELIXTUNE_RELIABILITY=rows.jsonl pytest tests/hostile tests/faults -m "full or not full"
python tools/write_reliability.py rows.jsonl
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

from reliability import RECORDED, SECTIONS, TESTS_TO, Row, recorded  # noqa: E402

PAGE = PROJECT / "docs/reliability.md"
# Rows may also come from tests elsewhere: their files are added from the rows themselves.
FOLDERS = ("tests/hostile", "tests/faults")

HEAD = """# Reliability

What was thrown at helixtune, and what came out. Every row is a test: its command runs it in a clone (after `make setup`, with
`.venv/bin` on the `PATH`). An input must end in the right result or in one sentence and exit code 1, without a
traceback, without anything left behind, in bounded time and memory; a fault must leave no half-written file that is taken
for a whole one. Written by the tests themselves (`python tools/write_reliability.py`), never by hand.
"""


def tests_that_note() -> dict[str, bool]:
    """Return {node id: whether it is a long one} of all tests that note rows, in the order in which they run."""
    files = {row.test.split("::")[0] for row in recorded()} | set(FOLDERS)
    outside = [name for name in sorted(files) if name in FOLDERS or not name.startswith(FOLDERS)]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "tests.json"
        command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-m", "full or not full"]
        subprocess.run(
            [*command, *(name for name in outside if (PROJECT / name).exists())],
            cwd=PROJECT, env={**os.environ, TESTS_TO: str(target)}, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        return json.loads(target.read_text())


def merged(old: list[Row], new: list[Row], tests: Collection[str]) -> list[Row]:
    """Return the rows of `tests`, in their order; new ones in place of the old ones of the same test."""
    by_test: dict[str, list[Row]] = {}
    for row in old:
        by_test.setdefault(row.test, []).append(row)
    for test in {row.test for row in new}:
        by_test[test] = list(dict.fromkeys(row for row in new if row.test == test))
    return [row for test in tests for row in by_test.get(test, [])]


def page(rows: list[Row]) -> str:
    """Return docs/reliability.md."""
    inputs = sum(SECTIONS[row.section].startswith("Hostile") for row in rows)
    cases = sum(row.cases for row in rows if row.section == "fuzz")
    faults, guards = (sum(row.section == name for row in rows) for name in ("faults", "guards"))
    text = HEAD + (
        f"\n**{inputs} hostile inputs, {cases:,} fuzzed ones, {faults} faults, {guards} guards broken on purpose:"
        " nothing lost, nothing let in.**\n"
    )
    for section, title in SECTIONS.items():
        found = [row for row in rows if row.section == section]
        if found:
            text += f"\n## {title}\n\n| tried | promised | came out | command |\n|---|---|---|---|\n"
            text += "".join(_line(row) for row in found)
    return text


def _line(row: Row) -> str:
    tried = f"{row.tried} ({row.cases:,} cases)" if row.cases > 1 else row.tried
    return f"| {_cell(tried)} | {_cell(row.promised)} | {_cell(row.outcome)} | `{row.command}` |\n"


def _cell(text: str) -> str:
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "|*`[]":  # none of them is meant as markup
        plain = plain.replace(mark, f"&#{ord(mark)};")
    return plain


def main(noted: list[str]) -> None:
    """Add the rows of the named files of JSON lines, and write the page."""
    new = [Row(**json.loads(line)) for path in noted for line in Path(path).read_text(encoding="utf-8").splitlines()]
    rows = merged(recorded(), new, tests_that_note())
    lines = ",\n".join(json.dumps(asdict(row), ensure_ascii=False) for row in rows)
    RECORDED.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    PAGE.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

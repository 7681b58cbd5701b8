"""The documentation: links and anchors lead somewhere, generated pages are up to date, all pages are in the site."""

import importlib.util
import re
import subprocess
import warnings
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [PROJECT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted((PROJECT / "docs").rglob("*.md"))
LINK = re.compile(r"(?<!\\)!?\[[^\]]*\]\(([^)\s]+)\)")


def generator():
    spec = importlib.util.spec_from_file_location("write_cli_reference", PROJECT / "tools/write_cli_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def without_code(text: str) -> str:
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MkDocs make them."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_link_leads_to_a_file_and_a_heading(page):
    for link in LINK.findall(without_code(page.read_text())):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page.name}: {link}"


def test_every_entry_of_the_menu_is_a_page_and_pages_without_are_told():
    entries = set(re.findall(r":\s+(\S+\.md)$", (PROJECT / "mkdocs.yml").read_text(), re.MULTILINE))
    pages = {page.relative_to(PROJECT / "docs").as_posix() for page in (PROJECT / "docs").rglob("*.md")}
    assert entries <= pages
    for page in sorted(pages - entries):
        warnings.warn(f"docs/{page} is not in the site's menu (mkdocs.yml)", stacklevel=1)


def test_pictures_are_small_and_used():
    pictures = list((PROJECT / "docs/img").iterdir())
    text = "".join(page.read_text() for page in PAGES)
    assert sum(picture.stat().st_size for picture in pictures) < 600_000
    assert [picture.name for picture in pictures if picture.name not in text] == []


@pytest.mark.parametrize("name", ["docs/reference/cli.md", "docs/reference/errors.md"])
def test_generated_pages_are_up_to_date(name):
    page = generator().PAGES[name]()
    assert (PROJECT / name).read_text() == page, "run python tools/write_cli_reference.py"


def test_datasets_of_the_format_page_are_those_of_the_code():
    from helixtune import h5files

    page = (PROJECT / "docs/reference/file-formats.md").read_text()
    names = [
        value
        for value in vars(h5files).values()
        if isinstance(value, str) and re.fullmatch(r"(data|evaluation|predictions)[\w/]*", value)
    ]
    assert len(names) > 10
    assert [name for name in names if f"`{name}`" not in page] == []


def test_documentation_speaks_of_the_project_alone():
    tracked = subprocess.run(
        ["git", "ls-files", "docs", "mkdocs.yml"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout
    for name in tracked.split():
        if name.endswith((".md", ".yml")):
            assert not re.search(r"/(root|work|tmp)/\w", (PROJECT / name).read_text()), name


def figure_of_data_flow() -> list[str]:
    page = (PROJECT / "docs/explanation/how-data-flows.md").read_text()
    return re.search(r"```text\n(.*?)```", page, re.DOTALL)[1].splitlines()


def test_the_workflow_begins_with_the_figure_of_how_data_flows():
    comments = [
        line for line in (PROJECT / "workflows/self_training.nf").read_text().splitlines() if line.startswith("//")
    ]
    expected = [f"// {line}".rstrip() for line in figure_of_data_flow()]
    assert comments[-len(expected) :] == expected


def test_the_figure_of_how_data_flows_has_every_stage():
    """A module may stand there by the name that it is included by."""
    shown = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", "\n".join(figure_of_data_flow())))
    workflows = "".join(path.read_text() for path in [*(PROJECT / "workflows").glob("*.nf"), PROJECT / "main.nf"])
    included = dict(re.findall(r"include \{ (?:\w+ as )?(\w+) \} from '.*?/modules/(\w+)/main'", workflows))
    assert shown == set(included)
    assert set(included.values()) == {path.name for path in (PROJECT / "modules").iterdir()}

"""The report in a real browser: accessible in light and dark, no wider than a phone, printable, small."""

import html
import json
import os
import re
import shutil
import subprocess
import warnings
from pathlib import Path

import pytest

from report_figures import rich_metrics, training_log

AXE_PLACES = ("node_modules/axe-core/axe.min.js", ".cache/axe/node_modules/axe-core/axe.min.js")
DARK = "--blink-settings=preferredColorScheme=0"
SERIOUS = {"serious", "critical"}
PROJECT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.full


def skip_loudly(what):
    warnings.warn(f"{what}: the report was not looked at in a browser", stacklevel=2)
    pytest.skip(what)


@pytest.fixture(scope="module")
def chromium():
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return program or skip_loudly("chromium not found on PATH")


@pytest.fixture(scope="module")
def axe() -> str:
    places = [os.environ.get("HELIXTUNE_AXE", ""), *(str(PROJECT / place) for place in AXE_PLACES)]
    found = next((Path(place) for place in places if place and Path(place).is_file()), None)
    if found is None:
        skip_loudly("axe-core not found (npm install --prefix .cache/axe axe-core, or HELIXTUNE_AXE=axe.min.js)")
    return found.read_text(encoding="utf-8")


@pytest.fixture
def page(tmp_path, run_cli) -> Path:
    (tmp_path / "first.metrics.json").write_text(json.dumps(rich_metrics()))
    (tmp_path / "second.metrics.json").write_text(json.dumps(rich_metrics(species="simulated two")))
    (tmp_path / "first.training_log.tsv").write_text(training_log())
    (tmp_path / "first.model_card.md").write_text("# card\n" + "a long line " * 40)
    words = [
        tmp_path / name
        for name in ("first.metrics.json", "second.metrics.json", "first.training_log.tsv", "first.model_card.md")
    ]
    assert run_cli("write-report", "--inputs", *words, "--output", tmp_path / "report.html")[0] == 0
    return tmp_path / "report.html"


def run_chromium(program, page, *options) -> str:
    command = [
        program,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=60000",
        *options,
        page.as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout


def with_script(page: Path, script: str) -> Path:
    """Return a copy of the page whose body becomes what `script` finds out; only this copy may run scripts."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text())
    probed = page.with_name("probed.html")
    escaped = script.replace("</script", r"<\/script")
    probed.write_text(
        text.replace("<details>", "<details open>").replace("</body>", f"<script>{escaped}</script></body>")
    )
    return probed


def answer(dom: str):
    return json.loads(html.unescape(re.search(r'<pre id="answer">(.*?)</pre>', dom, re.DOTALL)[1]))


TELL = 'const tell = found => { document.body.innerHTML = "<pre id=answer></pre>";\
 document.getElementById("answer").textContent = JSON.stringify(found) };'


@pytest.mark.parametrize("options", [[], [DARK]], ids=["light", "dark"])
def test_axe_finds_nothing_serious(chromium, axe, page, options):
    ask = "axe.run().then(r => tell(r.violations.map(v => [v.impact, v.id, v.nodes[0].html.slice(0, 200)])))"
    found = answer(run_chromium(chromium, with_script(page, axe + TELL + ask), *options, "--dump-dom"))
    assert [violation for violation in found if violation[0] in SERIOUS] == []


@pytest.mark.parametrize("width", [1280, 500])  # headless Chromium makes no window narrower than 500
def test_the_page_is_no_wider_than_the_window(chromium, page, width):
    ask = TELL + "tell([document.documentElement.scrollWidth, innerWidth])"
    dom = run_chromium(chromium, with_script(page, ask), f"--window-size={width},900", "--dump-dom")
    content, window = answer(dom)
    assert content <= window == width


def test_the_scheme_of_the_reader_is_followed(chromium, page):
    ask = TELL + "tell(getComputedStyle(document.body).backgroundColor)"
    colours = [answer(run_chromium(chromium, with_script(page, ask), *extra, "--dump-dom")) for extra in ([], [DARK])]
    assert colours == ["rgb(255, 255, 255)", "rgb(18, 22, 27)"]


def test_it_prints_whole(chromium, page, tmp_path):
    run_chromium(chromium, page, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'report.pdf'}")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    if not shutil.which("pdftotext"):
        skip_loudly("pdftotext not found on PATH")
    text = subprocess.run(
        ["pdftotext", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    for words in ("Use the tuned genes", "How far each figure moved", "a long line", "Please cite"):
        assert words in text  # folded parts are printed too


def test_it_is_small_even_with_all_examples(page):
    assert page.stat().st_size < 5_000_000

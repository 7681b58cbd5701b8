"""Write what is made from declarations: the pages on outputs and parameters, conda's environments, the modules' meta.yml.

python tools/write_reference.py
"""

import json
from functools import partial
from pathlib import Path

from module_meta import module_meta

PROJECT = Path(__file__).resolve().parents[1]
CONDITIONS = {
    "always": "always",
    "tuned": "there was something to learn from",
    "candidates": "there were several candidates (`--tune_modes`)",
    "signals": "`--signals on`, the default",
    "learnt": "there were enough genes to learn from",
    "tuned_learnt": "the same, and there is a tuned model",
    "candidates_learnt": "the same, and there were several candidates (`--tune_modes`)",
    "rounds": "`--rounds` 2 or 3",
    "failed": "`--on_error skip`, and something failed",
    "kept": "`--keep_predictions`",
}

OUTPUTS_HEAD = """# Outputs

What `--outdir` holds after a run; `<id>` is a genome's id in the samplesheet. Declared in `assets/outputs.json`, from
which this page is made (`python tools/write_reference.py`); the pipeline's tests compare a real run with it.

With `--rounds` 2 or 3 a genome's folder also has `rounds/<n>/`: for every round that ran, what the genome's folder would hold if
the run had ended there (all but `base/`). The genome's folder itself is that of the last round that the gate accepted.

| file | kind | stage | there when | what |
|---|---|---|---|---|
"""

PARAMETERS_HEAD = """# Parameters

`nextflow run . --<name> <value>`, or `-params-file params.yml`. Made from `nextflow_schema.json`
(`python tools/write_reference.py`), where each group is a stage. No default: the stage's command decides.
"""

SAMPLESHEET_HEAD = """
## Samplesheet (`--input`)

CSV, one genome a line; lines that start with `#` are skipped. Tabs or semicolons between the cells, quotes around them, UTF-16 and
a spreadsheet's empty columns are understood, and so are YAML and JSON (`.yml`, `.json`): a list of maps, `bam` and `library` as
text with `;` or as lists. Relative paths start from the samplesheet's own folder (on https, s3 or gs, too).
Everything wrong with it is reported at once, before any work. Made from `assets/schema_input.json`.

| column | needed | what |
|---|---|---|
"""


def outputs_page() -> str:
    """Return the page on results."""
    outputs = json.loads((PROJECT / "assets/outputs.json").read_text())
    rows = [f"| `{o['path']}` | {o['kind']} | {o['stage']} | {CONDITIONS[o['when']]} | {o['what']} |" for o in outputs]
    return OUTPUTS_HEAD + "\n".join(rows) + "\n"


def parameter_row(name: str, rule: dict) -> str:
    """Return one line of a table of parameters."""
    choices = [f"`{choice}`" for choice in rule.get("enum", ()) if choice is not None]
    default = rule.get("default")
    shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    text = rule["description"] + (f" One of {', '.join(choices)}." if choices else "")
    return f"| `--{name}` | {shown} | {text} |"


def parameters_page() -> str:
    """Return the page on parameters and the samplesheet."""
    groups = json.loads((PROJECT / "nextflow_schema.json").read_text())["$defs"].values()
    page = PARAMETERS_HEAD
    for group in groups:
        rows = [parameter_row(name, rule) for name, rule in group["properties"].items()]
        page += f"\n## {group['title']}\n\n| parameter | default | what |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    sheet = json.loads((PROJECT / "assets/schema_input.json").read_text())["items"]
    rows = [
        f"| `{name}` | {'yes' if name in sheet['required'] else 'no'} | {rule['description']} |"
        for name, rule in sheet["properties"].items()
    ]
    return page + SAMPLESHEET_HEAD + "\n".join(rows) + "\n"


def conda_environment(image: str) -> str:
    """Return an environment file for conda with the versions that an image of this name has."""
    lines = (PROJECT / "requirements" / f"{image}.txt").read_text().splitlines()
    pins = [line.removesuffix("\\").strip() for line in lines if "==" in line]
    head = f"# The packages of requirements/{image}.txt, for the profiles conda and mamba. Made by tools/write_reference.py\n"
    head += "channels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n"
    return head + "".join(f"      - {pin}\n" for pin in pins)


PAGES = {
    "docs/reference/outputs.md": outputs_page,
    "docs/reference/parameters.md": parameters_page,
    "conf/conda/data.yml": lambda: conda_environment("data"),
    "conf/conda/model.yml": lambda: conda_environment("model"),
} | {
    f"modules/{path.name}/meta.yml": partial(module_meta, path.name) for path in sorted((PROJECT / "modules").iterdir())
}

if __name__ == "__main__":
    for path, page in PAGES.items():
        (PROJECT / path).write_text(page())

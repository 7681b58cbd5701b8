"""Schema, configuration, modules and documentation say the same; every profile resolves."""

import json
import re
import sys

import pytest

from helixtune.cli import COMMANDS, build_parser
from pipeline_runs import PROJECT, configuration

sys.path.insert(0, str(PROJECT / "tools"))
import write_reference

SCHEMA = json.loads((PROJECT / "nextflow_schema.json").read_text())
GROUPS = SCHEMA["$defs"]
RULES = {name: rule for group in GROUPS.values() for name, rule in group["properties"].items()}
OPTIONS = json.loads((PROJECT / "assets" / "stage_options.json").read_text())
STAGES = [verb for verb in COMMANDS if (PROJECT / "modules" / verb.replace("-", "_")).is_dir()]


def test_defaults_of_schema_and_configuration_agree():
    found = {
        name.removeprefix("params."): v for name, v in configuration("standard").items() if name.startswith("params.")
    }
    assert found.keys() == RULES.keys()
    for name, rule in RULES.items():
        default = rule.get("default")
        shown = "null" if default is None else f"'{default}'" if isinstance(default, str) else str(default).lower()
        assert found[name] == shown, name


def test_schema_includes_every_group():
    """Other readers of the schema (nf-core's linter, launchers) know only the groups of `allOf`, in that order."""
    assert [group["$ref"] for group in SCHEMA["allOf"]] == [f"#/$defs/{name}" for name in GROUPS]


def test_the_schema_has_only_words_of_the_official_one():
    """Others make forms refuse it. By the meta-schema of nextflow-io/schema-spec, which also wants a description everywhere."""
    words = {
        "type",
        "format",
        "pattern",
        "description",
        "default",
        "enum",
        "schema",
        "maxLength",
        "hidden",
        "help_text",
    }
    words |= {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    assert {word for rule in RULES.values() for word in rule} <= words
    assert all(rule["description"] for rule in RULES.values())
    assert all({"title", "type", "properties"} <= group.keys() for group in GROUPS.values())
    assert GROUPS["input_output"]["required"] == ["input"]  # the samplesheet may name the models


def test_a_default_is_of_the_one_type_that_its_parameter_has():
    """nf-core's linter reads a default beside ["integer", "null"] as text, and stops."""
    assert [
        name for name, rule in RULES.items() if rule.get("default") is not None and isinstance(rule["type"], list)
    ] == []


def stages_of(name: str) -> list[str]:
    group = next(group for group, content in GROUPS.items() if name in content["properties"])
    return OPTIONS[name].get("stages", [group])


@pytest.mark.parametrize("name", OPTIONS)
def test_every_parameter_is_an_option_of_its_stage(name):
    option = OPTIONS[name]["option"]
    for stage in stages_of(name):
        verb = stage.replace("_", "-")
        known = build_parser((verb,))._subparsers._group_actions[0].choices[verb]._option_string_actions
        assert set(option.values() if isinstance(option, dict) else [option]) <= known.keys()


@pytest.mark.parametrize("verb", STAGES)
def test_a_stage_has_one_name_everywhere(verb):
    stage = verb.replace("-", "_")
    module = (PROJECT / "modules" / stage / "main.nf").read_text()
    assert f"process {stage.upper()} {{" in module
    assert f"helixtune {verb} " in module or "select_confident.py " in module
    assert "stub:" in module or "// no stub:" in module


def test_every_module_is_a_command():
    assert {path.name for path in (PROJECT / "modules").iterdir()} == {verb.replace("-", "_") for verb in STAGES}


@pytest.mark.parametrize("verb", STAGES)
def test_modules_choose_nothing_themselves(verb):
    module = (PROJECT / "modules" / verb.replace("-", "_") / "main.nf").read_text()
    assert not re.search(r"\bparams\.(?!json)|publishDir|^\s*(container|when:)", module, re.MULTILINE)


@pytest.mark.parametrize("page", write_reference.PAGES)
def test_reference_pages_are_up_to_date(page):
    assert (PROJECT / page).read_text() == write_reference.PAGES[page](), "run: python tools/write_reference.py"


def test_pipeline_texts_are_ascii():
    """Java reads them in the locale's encoding: without a locale, any other character ends the run at once."""
    texts = [path for pattern in ("*.nf", "*.config") for path in PROJECT.glob(pattern)]
    texts += [path for folder in ("conf", "workflows", "modules") for path in (PROJECT / folder).rglob("*.*")]
    texts += [PROJECT / "nextflow_schema.json", PROJECT / "assets" / "schema_input.json"]
    assert len(texts) > 30
    for path in texts:
        assert path.read_bytes().isascii(), path

"""Which engine and precision computed one prediction, in a small file, so that another is computed the same way.

`auto` asks a sample which precision a model bears; base and tuned model may answer differently, and then genes would differ
for another reason than tuning.
"""

import json
from dataclasses import replace
from pathlib import Path

from helixtune.engines import DEVICES, ENGINES, PRECISIONS, Engine, EngineSettings
from helixtune.errors import FormatError, ParameterError
from helixtune.files import atomic_output, require_file


def write_record(path: str | Path, engine: Engine) -> None:
    """Write what an engine says of itself: "OpenVINO 2025.1 bfloat16 on CPU" becomes engine, precision and device."""
    name, _, precision, _, device = engine.description.split()
    facts = {"engine": name.lower(), "precision": precision, "device": device.lower()}
    with atomic_output(path) as partial:
        partial.write_text(json.dumps(facts | {"description": engine.description}, indent=1) + "\n")


def settings_like(path: str | Path, asked: EngineSettings) -> EngineSettings:
    """Return the settings asked for, with the record's engine and precision where they say "auto".

    The device is left to the machine: a GPU there may be none here.

    Raises:
        FormatError: the file is no record.
        ParameterError: the settings name another engine or precision.
    """
    path = require_file(path, "record of an engine")
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        recorded = (facts["engine"], facts["precision"], facts["device"])
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(
            f"{path} is no record of an engine: give one that predict-classes --engine-record wrote."
        ) from error
    if any(fact not in known for fact, known in zip(recorded, (ENGINES, PRECISIONS, DEVICES), strict=True)):
        raise FormatError(f"{path} names an engine that is not known ({', '.join(map(str, recorded))}): make it again.")
    for option, wanted, found in (("engine", asked.name, recorded[0]), ("precision", asked.precision, recorded[1])):
        if wanted not in ("auto", found):
            raise ParameterError(f"--{option} {wanted}: {path} says {found}; leave one of the two options out.")
    return replace(asked, name=recorded[0], precision=recorded[1])

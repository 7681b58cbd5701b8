"""Say what a model file is, whether it can be used, and which engine would run it. Nothing in the file is executed."""

import argparse
import sys
from importlib.util import find_spec

HELP = "what a model file is, and whether it can be used"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("model", metavar="M.h5", help="model file (Helixer's or helixtune's)")


def run(args: argparse.Namespace) -> dict:
    """Print the description; a file that is no usable model is an error."""
    from helixtune.model.weights import read_model_file

    facts = describe(read_model_file(args.model))
    if not args.json:
        sys.stdout.write(as_text(facts))
    return facts


def describe(file) -> dict:
    """Return what there is to say about a `ModelFile`."""
    graph = file.graph
    told = ("created_by", "format_version", "task", "base_model_sha256")
    return {
        "file": str(file.path),
        "sha256": file.sha256,
        "parameters": file.parameter_count,
        "predicts": "classes and phases" if graph.has_phase else "classes",
        "pool size": graph.pool_size,
        "input": _input(file),
        "layers": [f"{layer.name}: {_layer(layer)}" for layer in (*graph.trunk, *graph.head)],
        "engine": _engine(),
        **{name: file.attributes[name] for name in told if name in file.attributes},
        "unsupported content": "none: only known layers, all weights present and finite",
    }


def as_text(facts: dict) -> str:
    """Return the facts one a line, lists indented below their name."""
    lines = []
    for name, value in facts.items():
        if isinstance(value, list):
            lines += [f"{name}:", *(f"    {item}" for item in value)]
        else:
            lines.append(f"{name + ':':21} {value}")
    return "\n".join(lines) + "\n"


def _input(file):
    tracks = file.graph.coverage_tracks
    if not tracks:
        return f"{file.graph.input_channels} channels (bases)"
    norm = file.coverage_norm or "not recorded: give --coverage-norm"
    names = ", ".join(file.attributes.get("bam_files", [])) or "not recorded"
    return (
        f"{file.graph.input_channels} channels (bases, coverage and spliced coverage of {tracks} BAM files; normalisation {norm}; "
        f"files {names})"
    )


def _layer(layer):
    values = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in vars(layer).items() if name != "name")
    return f"{type(layer).__name__}, {values}"


def _engine():
    from helixtune.engines import EngineSettings, choose_engine

    name = choose_engine(EngineSettings())
    if find_spec(name) is None:
        return "none installed: pip install 'helixtune[model]' or 'helixtune[openvino]'"
    if name == "openvino":
        from helixtune.engines.openvino import cpu_has_bfloat16

        return "openvino, " + ("bfloat16 where the model bears it" if cpu_has_bfloat16() else "float32")
    return f"{name}, float32"

"""The `meta.yml` beside each module, in nf-core's form, made from the module itself: python tools/write_reference.py."""

import json
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

# What names of inputs and outputs stand for, in every module. A name that is not here is an error.
VALUES = {
    "meta": ("map", "The genome: [id: 'pombe', species: 'S_pombe'], the key of every join"),
    "options": ("string", "Command-line options of the stage, as assets/stage_options.json makes them of parameters"),
    "role": ("string", "'base' or a candidate's name, part of the file names"),
    "content": ("string", "What the data are: 'training', 'genome' or 'filtered'"),
    "shard": ("string", "A part of the genome, '3/17'"),
    "mode": ("string", "Way of tuning: new-head, whole-network, coverage-head or continue-head"),
    "bases": ("string", "'one-hot' as Helixer reads them, or 'packed'"),
    "subsequence_length": ("integer", "Bases a row"),
    "is_complete": ("boolean", "Whether the annotation holds all genes"),
    "with_bases": ("boolean", "Whether the bases are written, too"),
    "keep_predictions": ("boolean", "Whether full predictions are kept"),
    "libraries": (
        "list",
        "Strandedness of the BAMs: auto, unstranded, fr-firststrand, fr-secondstrand; one for all, or one each",
    ),
    "round": ("integer", "This round"),
    "rounds": ("integer", "The last round asked for"),
    "ids": ("list", "All genomes of the run"),
}
FILES = {
    "fasta": "Genome, plain, gzip or bgzip",
    "genome": "The genome's subsequences (genome.h5)",
    "data": "Subsequences that coverage is added to (HDF5)",
    "annotation": "Genes (GFF3)",
    "genes": "Genes (GFF3), of a shard compressed",
    "predictions": "Class and phase probabilities (HDF5)",
    "signals": "What was learnt of the genome (JSON, and how that went, TSV), or an empty list",
    "model": "Network (HDF5)",
    "base_model": "Network to start from (HDF5)",
    "like": "Record of the engine to be used (JSON), or an empty list",
    "labels": "Subsequences with classes and phases (training.h5), or an empty list",
    "start": "Genes called so far (GFF3), or signals learnt before (JSON)",
    "teachers": "Genes of other callers (GFF3 or GTF)",
    "row_scores": "Scores of all shards' rows (HDF5), or an empty list",
    "subsequences": "Selected subsequences (HDF5)",
    "train": "Subsequences to learn from (HDF5)",
    "validation": "Subsequences that decide when tuning stops (HDF5)",
    "bams": "RNA-seq alignments, sorted",
    "indexes": "Their indexes",
    "base_genes": "Genes of the base model (GFF3)",
    "base_predictions": "Predictions of the base model (HDF5)",
    "tuned_genes": "Genes of the tuned model (GFF3), or an empty list",
    "tuned_predictions": "Predictions of the tuned model (HDF5), or an empty list",
    "scores": "Why each subsequence was kept or not (TSV), or scores of a shard's rows (HDF5)",
    "reference": "Independent genes to judge against (GFF3), or an empty list",
    "repeats": "Repeats (BED), or an empty list",
    "proteins": "Known proteins of related species (FASTA), or an empty list",
    "hmms": "Profile HMMs (HMMER 3), or an empty list",
    "files": "Everything judged on the candidates of this round: <id>.<candidate>.<content>",
    "earlier": "round_<n> of the rounds before, or an empty list",
    "inputs": "What was measured on all genomes: <id>.<content>",
    "versions": "Stage, tool and version a line (TSV)",
    "parameters": "Every parameter of the run (JSON)",
    "engine": "What computed the predictions (JSON)",
    "full_predictions": "Full predictions of the shard (HDF5)",
    "summary": "Shapes, types and sums of the file beside it (JSON)",
    "record": "Log of every check during tuning (TSV), and the model's card",
    "metrics": "The verdict and what it rests on (JSON), and every figure side by side (TSV)",
    "choice": "Who won (JSON), and the round's files where another follows",
    "results": "The genome's folder of results",
    "report_files": "What the report reads",
    "report": "The report: one page (HTML)",
    "multiqc": "Tables for MultiQC (JSON)",
    "citations": "What to cite (BibTeX)",
    "split": "Two parts of the subsequences (HDF5)",
}


def statements(block: str) -> list[str]:
    """Return the declarations of an input or output block, each in one line, without comments."""
    found: list[str] = []
    for line in block.splitlines():
        code = re.sub(r"\s//.*|^\s*//.*", "", line).strip()
        is_open = bool(found) and (found[-1].count("(") > found[-1].count(")") or found[-1].endswith(","))
        if code and is_open:
            found[-1] += " " + code
        elif code:
            found.append(code)
    return found


def described(name: str, kind: str = "val") -> dict:
    """Return the entry of one input."""
    if kind == "path":
        return {name: {"type": "file", "description": FILES[name]}}
    type_, text = VALUES[name]
    return {name: {"type": type_, "description": text}}


def inputs_of(block: str) -> list:
    """Return `input`: a list for each tuple, an entry for each single value."""
    found = []
    for line in statements(block):
        entries = [described(name, kind) for kind, name in re.findall(r"\b(val|path)[( ]\s*(\w+)", line)]
        found.append(entries if line.startswith("tuple") else entries[0])
    return found


def outputs_of(block: str) -> dict:
    """Return `output`: {name: list of what each element holds}; versions and checksums go to topics."""
    found: dict[str, list] = {}
    for line in statements(block):
        name = re.search(r"emit: (\w+)", line)
        if not name:
            continue
        entries: list[dict] = []
        for kind, text in re.findall(r"\b(val|path)[( ]\s*(\w+|\"[^\"]+\"|'[^']+')", line):
            pattern = text.strip("\"'")
            known = {"type": "file", "description": FILES[name[1]], "pattern": re.sub(r"\$\{[^}]*\}", "*", pattern)}
            entries.append({pattern: known} if kind == "path" else described(pattern))
        found[name[1]] = [entries] if line.startswith("tuple") else entries
    return found


def yaml_lines(value, indent: int = 0) -> list[str]:
    """Return nested lists and maps as YAML; texts in JSON's quotes, which YAML reads."""
    space = " " * indent
    if isinstance(value, dict):
        lines = []
        for key, inner in value.items():
            key_text = key if re.fullmatch(r"\w+", key) else json.dumps(key)
            if isinstance(inner, dict | list):
                lines += [f"{space}{key_text}:", *yaml_lines(inner, indent + 2)]
            else:
                lines.append(f"{space}{key_text}: {json.dumps(inner, ensure_ascii=False)}")
        return lines
    lines = []
    for inner in value:
        if isinstance(inner, dict | list):
            first, *rest = yaml_lines(inner, indent + 2)
            lines += [f"{space}- {first.strip()}", *rest]
        else:
            lines.append(f"{space}- {json.dumps(inner, ensure_ascii=False)}")
    return lines


def module_meta(module: str) -> str:
    """Return the text of a module's meta.yml."""
    text = (PROJECT / "modules" / module / "main.nf").read_text()
    header = " ".join(re.findall(r"^// (.*)", text.partition("process ")[0], re.MULTILINE))
    blocks = re.search(r"\n    input:\n(.*?)\n    output:\n(.*?)\n    (?:script:|// no stub)", text, re.DOTALL)
    tool = {
        "description": "Adapts a gene-calling network to a genome, and measures whether that helped",
        "homepage": "https://github.com/helixtune/helixtune",
        "licence": ["MIT"],
    }
    content = {
        "name": module,
        "description": header,
        "keywords": ["genome annotation", "gene prediction", *module.split("_")],
        "tools": [{"helixtune": tool}],
        "input": inputs_of(blocks[1]),
        "output": outputs_of(blocks[2]),
        "topics": {
            "versions": [[{"process": {"type": "string", "description": "Stage, tool and version of each program"}}]],
            "checksums": [
                [{"process": {"type": "string", "description": "Stage, id, and SHA-256 and bytes of files"}}]
            ],
        },
        "authors": ["@helixtune"],
        "maintainers": ["@helixtune"],
    }
    return "# Made from main.nf by tools/write_reference.py\n" + "\n".join(yaml_lines(content)) + "\n"

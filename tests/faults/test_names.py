"""Names are data: what looks like a command in the name of a file or a sequence is never one; images need no root."""

import re
import shutil

import pytest

from conftest import random_bases
from pipeline_runs import PROJECT, run_pipeline, write_samplesheet

MODEL = PROJECT / "assets" / "models" / "demo_base.h5"
# column of the samplesheet -> a name that runs `touch pwned` wherever a shell reads it as code
NAMES = {
    "fasta": "a $(touch pwned) b.fa",
    "base_model": "it's; touch pwned; '.h5",
    "reference": "`touch pwned`.gff3",
    "repeats": "x|touch pwned&.bed",
    "proteins": 'x"; touch pwned; ".fa',
}
SEQIDS = ("s;touch${IFS}pwned", "$(touch${IFS}pwned)", "`touch${IFS}pwned`", "it's\"|touch${IFS}pwned&", "../../pwned")


@pytest.mark.full
def test_commands_in_the_names_of_files_and_sequences(tmp_path, reliability):
    silent = (
        random_bases(9_000, seed=5).replace("C", "A").replace("G", "T")
    )  # no start codon, no genes: nothing is tuned
    (tmp_path / NAMES["fasta"]).write_text("".join(f">{name}\n{silent}\n" for name in SEQIDS))
    shutil.copyfile(MODEL, tmp_path / NAMES["base_model"])
    lines = [
        f"{SEQIDS[1]}\tx\t{kind}\t1\t90\t.\t+\t.\t{ids}" for kind, ids in (("gene", "ID=g"), ("mRNA", "ID=t;Parent=g"))
    ]
    (tmp_path / NAMES["reference"]).write_text("\n".join(["##gff-version 3", *lines]) + "\n")
    (tmp_path / NAMES["repeats"]).write_text(f"{SEQIDS[1]}\t10\t90\n")
    (tmp_path / NAMES["proteins"]).write_text(">p1 $(touch pwned)\nMKLVWWAA\n")
    sheet = write_samplesheet(tmp_path, f"id,species,{','.join(NAMES)}", f"odd,Odd (1),{','.join(NAMES.values())}")
    run = run_pipeline(tmp_path, "--input", sheet, "--subsequence_length", 7128)
    assert run.code == 0, run.text
    assert not list(tmp_path.rglob("pwned"))
    genes = (run.results / "odd" / "genes.gff3").read_text()
    assert genes.count("##sequence-region") == len(SEQIDS)
    reliability(
        "samplesheet",
        "files and sequences whose names are commands ($(touch pwned), backticks, ; | & and quotes), in a whole run",
        "the run ends well and no command in a name is run",
        "exit 0; nothing was touched",
    )


@pytest.mark.parametrize("image", ["data", "model"])
def test_image_runs_as_a_user_without_rights(image, reliability):
    stages = (PROJECT / "containers/Dockerfile").read_text().split("\nFROM ")[1:]
    by_name = {stage.split()[2]: stage for stage in stages}  # "base AS name", and what is done there
    built_on = by_name[image].split()[0]
    lines = (by_name[built_on] + by_name[image]).splitlines()
    [user] = [line.split()[1] for line in lines if line.startswith("USER")]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert not [line for line in lines if re.search(r"\b(pip|sudo|setuid|chmod)\b", line)]
    reliability(
        "samplesheet",
        f"image {image}: its user; and a run with a read-only root, no network, no capabilities, another user id",
        "it needs no root",
        "user 1000; the run itself needs podman and the images: its command",
        "python -m pytest -m full tests/containers",
    )

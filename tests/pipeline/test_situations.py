"""Situations that users told of, each on stubs: what a run says, and what it leaves.

Samplesheets of many kinds are read in previews, which stop before the first task.
"""

import http.server
import json
import os
import shutil
import subprocess
import threading
from functools import partial
from pathlib import Path

import pytest

from pipeline_runs import PROJECT, run_pipeline, write_samplesheet

TABLE = [("id", "species", "fasta"), ("tiny", "Tiny", "genome.fa")]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "genome.fa").write_text(">1\nACGT\n")
    (tmp_path / "model.h5").write_text("x\n")
    return tmp_path


def run_stub(folder, *options, sheet="samplesheet.csv", **more):
    return run_pipeline(folder, "-stub-run", "--input", sheet, "--base_model", folder / "model.h5", *options, **more)


def text_of(separator: str) -> str:
    return "\n".join(separator.join(line) for line in TABLE) + "\n"


def listed(path) -> list[str]:
    return [line.split("\t")[2] for line in path.read_text().splitlines()[1:]]


def test_samplesheets_of_every_kind_are_one(folder):
    """One run: a group joins nothing, so all sheets are read by the pipeline's own reader in one script."""
    sheets = {
        "comma.csv": text_of(",").encode(),
        "crlf_bom.csv": b"\xef\xbb\xbf" + text_of(",").replace("\n", "\r\n").encode(),
        "semicolon.csv": text_of(";").encode(),
        "tabs.tsv": text_of("\t").encode(),
        "utf16.csv": text_of("\t").encode("utf-16"),
        "quoted.csv": b'"id","species","fasta"\n"tiny", "Tiny","genome.fa"\n',
        "empty_columns.csv": b"id,species,fasta,,\ntiny,Tiny,genome.fa,,\n,,,,\n\n",
        "star[1].csv": text_of(",").encode(),
        "list.yml": b"- id: tiny\n  species: Tiny\n  fasta: genome.fa\n  bam:\n",
        "list.json": json.dumps([dict(zip(*TABLE, strict=True))]).encode(),
    }
    refused = {
        "latin1.csv": (text_of(",") + "b,Caf\xe9,genome.fa\n").encode("latin-1"),
        "open_quote.csv": b'id,species,fasta\ntiny,"Tiny,genome.fa\n',
        "nameless.csv": b"id,species,fasta,\ntiny,Tiny,genome.fa,x\n",
        "map.yml": b"id: tiny\n",
        "wrong.json": b"[{\n",
        "wrong.yml": b"- id: [\n",
    }
    for name, content in (sheets | refused).items():
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()
    names = [*sheets, *refused, "folder"]
    (folder / "read.nf").write_text(
        f"include {{ sheet_rows }} from '{PROJECT}/workflows/sheet_text'\n"
        "workflow {\n"
        f"    {json.dumps(names)}.each {{ name ->\n"
        "        try {\n"
        "            def (columns, rows) = sheet_rows(file(name, glob: false))\n"
        "            rows.each { row -> println(groovy.json.JsonOutput.toJson([name, columns, row])) }\n"
        "        }\n"
        "        catch (Exception problem) {\n"
        "            println(groovy.json.JsonOutput.toJson([name, (problem.cause ?: problem).message]))\n"
        "        }\n"
        "    }\n"
        "}\n"
    )
    done = subprocess.run(
        [PROJECT / "tools" / "nextflow", "run", "read.nf", "-ansi-log", "false"],
        cwd=folder,
        env=os.environ | {"NXF_OFFLINE": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = {
        name: rest for name, *rest in map(json.loads, (line for line in done.stdout.splitlines() if line[:1] == "["))
    }
    expected = dict(zip(*TABLE, strict=True)) | {"complete": True, "quote_ends": True}
    for name in sheets:
        columns, row = found[name]
        assert [column for column in columns if column != "bam"] == list(TABLE[0]), name
        assert {key: value for key, value in row.items() if key not in ("line", "at")} == expected, name
    assert "is no text in UTF-8" in found["latin1.csv"][0]
    assert not found["open_quote.csv"][1]["quote_ends"]
    assert not found["nameless.csv"][1]["complete"]
    assert "is no list of maps" in found["map.yml"][0]
    assert "is no JSON" in found["wrong.json"][0]
    assert "is no YAML" in found["wrong.yml"][0]
    assert "is a folder" in found["folder"][0]


def test_a_used_folder_two_bams_of_one_name_and_an_accession(folder):
    """Index and checksums list this run alone; brackets and spaces in --outdir keep nothing from being listed."""
    for place in ("runA", "runB"):
        (folder / place).mkdir()
        for name in ("Aligned.out.bam", "Aligned.out.bam.bai"):
            (folder / place / name).write_text(f"{place}\n")
    long_name = "Saccharomyces cerevisiae strain S288C, é"
    write_samplesheet(
        folder,
        "id,species,fasta,bam",
        f'GCF_000146045.2,"{long_name}",genome.fa,runA/Aligned.out.bam;runB/Aligned.out.bam',
    )
    (folder / "out [1] {a}" / "old").mkdir(parents=True)
    (folder / "out [1] {a}" / "old" / "genes.gff3").touch()
    run = run_stub(folder, "--outdir", "out [1] {a}", "--keep_predictions", "true", "--judge_bams", 1)
    assert run.code == 0, run.text
    info = folder / "out [1] {a}" / "pipeline_info"
    names = listed(info / "index.tsv")
    assert "GCF_000146045.2/predictions/coverage-head.h5" in names
    assert "GCF_000146045.2/base/genes.gff3" in names
    assert "old/genes.gff3" not in names
    assert "old/genes.gff3" not in (info / "checksums.sha256").read_text()
    assert "1 files that are not of this run, old/genes.gff3 among them" in run.text
    assert (
        subprocess.run(
            ["sha256sum", "-c", "--quiet", info / "checksums.sha256"], cwd=info.parent, check=False
        ).returncode
        == 0
    )
    bams = [line.split("\t") for line in (info / "inputs.tsv").read_text().splitlines() if "\tbams\t" in line]
    assert len(bams) == 2
    assert all(len(line[4]) == 64 for line in bams)
    scripts = [script.read_text() for script in (folder / "work").glob("*/*/.command.run")]
    assert any("bam1/Aligned.out.bam" in script and "bam2/Aligned.out.bam" in script for script in scripts)


def test_paths_with_odd_letters(folder):
    """Spaces, quotes, &, # and letters of other alphabets, in inputs, work folder and launch folder."""
    odd = folder / 'it\'s "a" & b #1 é'
    odd.mkdir()
    shutil.move(folder / "genome.fa", odd / "genome é's #1.fa")
    write_samplesheet(odd, "id,species,fasta", "tiny,Tiny,genome é's #1.fa")
    shutil.copy(folder / "model.h5", odd / "model [1].h5")
    run = run_pipeline(
        odd, "-stub-run", "--input", "samplesheet.csv", "--base_model", "model [1].h5", "-work-dir", "work & é"
    )
    assert run.code == 0, run.text
    inputs = (odd / "results" / "pipeline_info" / "inputs.tsv").read_text()
    assert all(len(line.split("\t")[4]) == 64 for line in inputs.splitlines()[1:]), inputs


@pytest.mark.full
def test_relative_paths_start_from_the_address_of_the_samplesheet(folder):
    served = folder / "served"
    served.mkdir()
    write_samplesheet(served, "id,species,fasta", "tiny,Tiny,genome.fa")
    shutil.copy(folder / "genome.fa", served)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(http.server.SimpleHTTPRequestHandler, directory=served)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    run = run_stub(folder, "-preview", sheet=f"http://127.0.0.1:{server.server_port}/samplesheet.csv")
    server.shutdown()
    assert run.code == 0, run.text


def test_parameters_of_configuration_files_that_nobody_knows_are_a_warning(folder):
    """As nearly every institution's configuration sets them; those of YAML and the command line are errors."""
    (folder / "site.config").write_text("params.config_profile_contact = 'me'\nparams { max_memory = 1.GB }\n")
    (folder / "params.yml").write_text("overlap: no\nmax_padings: 3\n")
    write_samplesheet(folder, *[",".join(line) for line in TABLE])
    run = run_stub(folder, "-preview", "-c", "site.config", "-params-file", "params.yml")
    assert run.code == 1
    assert "without effect: config_profile_contact, max_memory" in run.text
    assert "--max_padings is no parameter of this pipeline (did you mean --max_padding?)" in run.text
    assert "1 problem in the parameters" in run.text  # `no` is one of the two choices


def test_an_unknown_parameter_of_a_one_line_json_file_is_an_error(folder):
    write_samplesheet(folder, *[",".join(line) for line in TABLE])
    (folder / "params.json").write_text('{"overlap":"no","min_introns":60}\n')
    run = run_stub(folder, "-preview", "-params-file", "params.json")
    assert run.code == 1
    assert "--min_introns is no parameter of this pipeline (did you mean --min_intron?)" in run.text


def test_a_run_without_tools_names_the_profiles_before_any_work(folder, monkeypatch):
    """As after `nextflow run <git address>`, or where a site's own beforeScript stands in place of the pipeline's."""
    write_samplesheet(folder, *[",".join(line) for line in TABLE])
    project = folder / "o'brien & co"
    project.mkdir()
    for name in ("main.nf", "nextflow.config", "nextflow_schema.json", "assets", "bin", "conf", "modules", "workflows"):
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy(PROJECT / name, project / name)
    monkeypatch.setenv("PATH", f"{Path(shutil.which('java')).parent}:/usr/bin:/bin")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    run = run_stub(folder, project=project)
    assert run.code == 1
    assert "-profile docker, podman, singularity" in run.text
    assert "make setup" in run.text
    assert not (folder / "work").exists() or not list((folder / "work").iterdir())
    (project / ".venv").symlink_to(PROJECT / ".venv")
    monkeypatch.setenv("PYTHONPATH", str(PROJECT / "src"))
    run = run_stub(folder, project=project)  # a quote in the project's path breaks nothing
    assert run.code == 0, run.text


@pytest.mark.full
def test_a_results_folder_that_cannot_be_written_is_told_before_any_work(folder):
    write_samplesheet(folder, *[",".join(line) for line in TABLE])
    (folder / "file").touch()
    run = run_stub(folder, "--outdir", "file/results")
    assert run.code == 1
    assert "nothing can be written to --outdir" in run.text or "file/results" in run.text
    assert "Submitted process" not in run.text


def test_a_task_killed_three_times_says_for_want_of_what(folder):
    write_samplesheet(folder, *[",".join(line) for line in TABLE])
    (folder / "killed.config").write_text(
        "process { withName: ENCODE_GENOME { beforeScript = 'exit 137' } }\nprocess.resourceLimits = [memory: 2.GB]\n"
    )
    run = run_stub(folder, "-c", "killed.config")
    assert run.code == 1
    last = next(line for line in run.text.splitlines() if "helixtune: stopped." in line)
    for words in ("ENCODE_GENOME (tiny) was killed (exit code 137)", "2 GB", "memory", "process.resourceLimits"):
        assert words in last


def test_other_code_computes_again_with_resume(folder, monkeypatch, tmp_path_factory):
    """Without containers nothing else in a task's key tells one version of the package from another."""
    write_samplesheet(folder, *[",".join(line) for line in TABLE])
    assert run_stub(folder).code == 0
    newer = tmp_path_factory.mktemp("newer")
    shutil.copytree(PROJECT / "src" / "helixtune", newer / "helixtune")
    version = newer / "helixtune" / "__init__.py"
    version.write_text(version.read_text().replace('__version__ = "', '__version__ = "9.'))
    foreign = tmp_path_factory.mktemp("foreign")
    (foreign / "json.py").write_text("raise ImportError('of another Python')\n")
    monkeypatch.setenv("PYTHONPATH", f"{foreign}:{newer}")  # a cluster's module leaks in, too
    again = run_stub(folder, "-resume")
    assert again.code == 0, again.text
    assert {task["status"] for task in again.tasks()} == {"COMPLETED"}
    assert "\thelixtune\t9." in (again.results / "pipeline_info" / "versions.tsv").read_text()

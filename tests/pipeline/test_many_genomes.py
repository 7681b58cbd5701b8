"""A samplesheet of 200 genomes, with stubs: Nextflow's own memory is bounded, and a failing genome takes no other down."""

import pytest

from pipeline_runs import PROJECT, QUICK_JAVA, run_pipeline, write_samplesheet

GENOMES, BROKEN = 200, "g007"
HEAP_MIB = 512
# beside the heap: classes, compiled code, thread stacks, buffers
REST_MIB = 400


@pytest.mark.full
def test_two_hundred_genomes_and_a_broken_one(tmp_path, monkeypatch):
    for name in ("genome.fa", "model.h5"):
        (tmp_path / name).write_text("x\n")
    lines = [f"g{number:03d},Species {number},genome.fa" for number in range(GENOMES)]
    sheet = write_samplesheet(tmp_path, "id,species,fasta", *lines)
    tools = f'export PATH="{PROJECT}/.venv/bin:$PATH"'
    (tmp_path / "broken.config").write_text(
        f"process {{ withName: ENCODE_GENOME {{ beforeScript = {{ (meta.id == '{BROKEN}' ? 'exit 3; ' : '') + '{tools}' }} }} }}\n"
        "process.resourceLimits = [cpus: 1, memory: 1.GB]\n"
    )
    monkeypatch.setenv("NXF_OPTS", f"{QUICK_JAVA} -Xmx{HEAP_MIB}m")
    options = ("--base_model", tmp_path / "model.h5", "--on_error", "skip", "-c", tmp_path / "broken.config")
    run = run_pipeline(tmp_path, "-stub-run", "--input", sheet, *options, limit_s=7200)
    assert run.code == 1
    assert f"1 of {GENOMES} genomes have no result: {BROKEN}" in run.text
    done = {path.parent.name for path in run.results.glob("*/genes.gff3")}
    assert done == {f"g{number:03d}" for number in range(GENOMES)} - {BROKEN}
    assert (run.results / "report.html").exists()
    assert run.peak_mib < HEAP_MIB + REST_MIB

"""What every profile resolves to: `nextflow config -profile X` against a table of what matters in it."""

import re

import pytest

from pipeline_runs import PROJECT, configuration, run_pipeline, write_samplesheet

ROOTLESS = "$([ $(id -u) = 0 ] || echo --userns=keep-id)"
GPU = "process.'withLabel:process_gpu'"
CALLER = "'-u $(id -u):$(id -g)'"

# profile -> settings that its users rely on; what is a closure here is watched at work in test_same_genes.py
EXPECTED = {
    "docker": {"docker.enabled": "true", "docker.runOptions": CALLER},
    "podman": {"podman.enabled": "true", "podman.runOptions": f"{CALLER[:-1]} {ROOTLESS}'"},
    "singularity": {"singularity.enabled": "true", "singularity.autoMounts": "true"},
    "apptainer": {"apptainer.enabled": "true", "apptainer.autoMounts": "true"},
    "charliecloud": {"charliecloud.enabled": "true"},
    "slurm": {"process.executor": "'slurm'", "executor.queueSize": "200", f"{GPU}.maxForks": "0"},
    "awsbatch": {
        "process.executor": "'awsbatch'",
        "docker.enabled": "true",
        "aws.batch.maxSpotAttempts": "3",
        f"{GPU}.maxForks": "0",
    },
    "googlebatch": {
        "process.executor": "'google-batch'",
        "docker.enabled": "true",
        "google.batch.spot": "true",
        "google.batch.maxSpotAttempts": "3",
        "process.containerOptions": "'--user 0:0'",
        "process.'withLabel:process_medium|process_high|process_sized'.disk": "{ 200.GB * task.attempt }",
        f"{GPU}.maxForks": "0",
    },
    "k8s": {
        "process.executor": "'k8s'",
        "k8s.runAsUser": "0",
        "process.disk": "{ 10.GB * task.attempt }",
        f"{GPU}.maxForks": "0",
    },
    "conda": {"conda.enabled": "true"},
    "mamba": {"conda.enabled": "true", "conda.useMamba": "true"},
    "pbs": {"process.executor": "'pbspro'", f"{GPU}.maxForks": "0"},
    "lsf": {"process.executor": "'lsf'", f"{GPU}.maxForks": "0"},
    "sge": {"process.executor": "'sge'", "process.penv": "'smp'", f"{GPU}.maxForks": "0"},
    "azurebatch": {
        "process.executor": "'azurebatch'",
        "docker.enabled": "true",
        "process.containerOptions": "'--user 0:0'",
        f"{GPU}.maxForks": "0",
    },
    "arm64": {"process.arch": "'linux/arm64'"},
    "gpu": {
        "process.'withLabel:process_(gpu)'.maxForks": "1",
        f"{GPU}.accelerator": "{ task.executor == 'google-batch' ? [request: 1, type: 'nvidia-tesla-t4'] : 1 }",
        f"{GPU}.machineType": "{ task.executor == 'google-batch' ? 'n1-highmem-8' : null }",
    },
    "test": {
        "params.input": f"'{PROJECT}/tests/nextflow/data/samplesheet.csv'",
        "params.epochs": "1",
        "process.resourceLimits.cpus": "2",
        "process.resourceLimits.memory": "'6 GB'",
        "process.resourceLimits.time": "'1h'",
    },
    "test_full": {"params.input": f"'{PROJECT}/.cache/demo/samplesheet.csv'", "params.epochs": "4"},
}


# Every profile keeps what stages ask for, and retries what was killed, with more memory.
ALWAYS = {
    "process.maxRetries": "2",
    "process.'withLabel:process_medium'.cpus": "4",
    "process.'withLabel:process_high'.cpus": "8",
    "process.'withLabel:process_high'.memory": "{ 24.GB * task.attempt }",
}


@pytest.mark.full
@pytest.mark.parametrize("profile", EXPECTED)
def test_profile_resolves(profile):
    found = configuration(profile)
    expected = ALWAYS | EXPECTED[profile]
    assert {name: found.get(name) for name in expected} == expected


def test_all_profiles_resolve_together():
    """The quick version: one start of Nextflow; of settings that several profiles make, any of theirs."""
    found = configuration(",".join(EXPECTED))
    assert {name: found.get(name) for name in ALWAYS} == ALWAYS
    for name in {name for settings in EXPECTED.values() for name in settings}:
        assert found.get(name) in [settings[name] for settings in EXPECTED.values() if name in settings], name


@pytest.mark.parametrize(
    ("profiles", "at_a_time"),
    [
        ("slurm,gpu", "0"),
        pytest.param("gpu,slurm", "0", marks=pytest.mark.full),
        pytest.param("gpu", "1", marks=pytest.mark.full),
    ],
)
def test_a_cluster_lifts_the_limit_of_one_gpu_task(profiles, at_a_time, tmp_path):
    """Whatever the order: Nextflow 26 takes profiles in that of the command line. Its log says what a process got."""
    (tmp_path / "genome.fa").write_text(">a\nACGT\n")
    sheet = write_samplesheet(tmp_path, "id,species,fasta", "plain,Species one,genome.fa")
    inputs = ("--input", sheet, "--base_model", tmp_path / "genome.fa")
    run = run_pipeline(tmp_path, "-preview", "-profile", profiles, *inputs)
    assert run.code == 0, run.text
    created = re.findall(
        r"Creating process '\S*(?:PREDICT\w+|TUNE\w+)': maxForks=(\d)", (tmp_path / ".nextflow.log").read_text()
    )
    assert set(created) == {at_a_time}
    assert "the report is" not in run.text  # a preview makes none


@pytest.mark.parametrize("folder", ["conf", "conf/platforms"])
def test_shipped_settings_know_no_machine(folder):
    """Settings that only one test machine needs (runc, host network, ...) belong into a configuration of its own."""
    for path in (PROJECT / folder).glob("*.config"):
        text = path.read_text()
        assert not any(word in text for word in ("runc", "--network", "--no-privs", "writeFake", "/tmp")), path


def test_the_version_stands_in_one_place_for_the_images():
    """In the pipeline's manifest, which a test of the package compares with its own."""
    version = next(line for line in (PROJECT / "pyproject.toml").read_text().splitlines() if line.startswith("version"))
    number = version.split('"')[1]
    assert f"version         = '{number}'" in (PROJECT / "nextflow.config").read_text()
    for path in ("conf/containers.config", "workflows/containers.nf", "containers/Dockerfile", "containers/build.sh"):
        assert number not in (PROJECT / path).read_text(), path


def test_images_are_named_where_they_are_published():
    """So that -profile docker pulls what the workflow pushed."""
    registry = "ghcr.io/helixtune/helixtune"
    for path in ("conf/containers.config", ".github/workflows/containers.yml", "containers/build.sh"):
        assert registry in (PROJECT / path).read_text(), path

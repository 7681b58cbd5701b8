"""What every profile resolves to: `nextflow config -profile X` against a table of what matters in it."""

import pytest

from pipeline_runs import PROJECT, configuration

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
        "process.'withLabel:process_medium|process_high|process_sized'.disk": "{ 200.GB * task.attempt }",
        f"{GPU}.maxForks": "0",
    },
    "k8s": {
        "process.executor": "'k8s'",
        "process.disk": "{ 10.GB * task.attempt }",
        f"{GPU}.maxForks": "0",
    },
    "gpu": {
        f"{GPU}.maxForks": "1",
        f"{GPU}.accelerator": "{ task.executor == 'google-batch' ? [request: 1, type: 'nvidia-tesla-t4'] : 1 }",
        f"{GPU}.clusterOptions": "{ task.executor == 'slurm' ? '--gres=gpu:1' : null }",
        f"{GPU}.machineType": "{ task.executor == 'google-batch' ? 'n1-highmem-8' : null }",
    },
    "test": {
        "params.input": f"'{PROJECT}/tests/nextflow/data/samplesheet.csv'",
        "params.epochs": "1",
        "process.resourceLimits": "[cpus:2, memory:'6 GB', time:'1h']",
    },
    "test_full": {"params.input": f"'{PROJECT}/.cache/demo/samplesheet.csv'", "params.subsequence_length": "7128"},
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


def test_a_cluster_lifts_the_limit_of_one_gpu_task():
    found = configuration("gpu,slurm,singularity")
    assert found["process.executor"] == "'slurm'"
    assert found["singularity.enabled"] == "true"
    assert found[f"{GPU}.maxForks"] == "0"


@pytest.mark.parametrize("folder", ["conf", "conf/platforms"])
def test_shipped_settings_know_no_machine(folder):
    """Settings that only one test machine needs (runc, host network, ...) belong into a configuration of its own."""
    for path in (PROJECT / folder).glob("*.config"):
        text = path.read_text()
        assert not any(word in text for word in ("runc", "--network", "--no-privs", "writeFake", "/tmp")), path


def test_images_carry_the_version_of_the_package():
    version = next(line for line in (PROJECT / "pyproject.toml").read_text().splitlines() if line.startswith("version"))
    number = version.split('"')[1]
    for path in (
        "conf/containers.config",
        "workflows/containers.nf",
        "containers/data/Dockerfile",
        "containers/model/Dockerfile",
    ):
        assert f"{number}" in (PROJECT / path).read_text(), path

"""The pipeline on a Slurm of one node: every task is a job, and jobs that predict or tune hold the (fake) GPU.

Needs root, and Debian's slurm-wlm and munge; skipped, loudly, without.
"""

import os
import re
import subprocess
import warnings
from pathlib import Path

import pytest

from pipeline_runs import run_pipeline

pytestmark = pytest.mark.full

NODE = Path(__file__).with_name("slurm_node.sh")
GPU_STAGES = ("PREDICT_CLASSES", "TUNE_MODEL")

# Tests should not wait for the pace that suits a cluster. No GPU is there, so no CUDA image either: tools of this machine.
QUICK = """
executor {
    pollInterval = '1 sec'
    queueStatInterval = '2 sec'
}
process {
    resourceLimits = [cpus: 2, memory: 6.GB, time: 1.h]
    withLabel: process_gpu {
        accelerator = null
    }
}
"""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """Start a cluster, with SLURM_CONF set; stop it in the end."""
    folder = tmp_path_factory.mktemp("slurm")
    started = subprocess.run([NODE, "start", folder], capture_output=True, text=True, check=False)
    if started.returncode == 3 or os.getuid() != 0:
        warnings.warn(f"NOT TESTED: Slurm: {started.stderr.strip() or 'not root'}", stacklevel=1)
        pytest.skip("a Slurm of one node needs root, slurm-wlm and munge")
    assert started.returncode == 0, started.stderr
    os.environ["SLURM_CONF"] = re.search(r"SLURM_CONF=(\S+)", started.stdout)[1]
    yield
    subprocess.run([NODE, "stop", folder], check=False)
    del os.environ["SLURM_CONF"]


def jobs() -> dict[str, str]:
    """Return job name -> its description by `scontrol show job`."""
    told = subprocess.run(["scontrol", "show", "job"], capture_output=True, text=True, check=True).stdout
    return {re.search(r"JobName=(\S+)", job)[1]: job for job in told.split("\n\n") if "JobName" in job}


def test_pipeline_runs_as_jobs_with_gpus_where_they_are_needed(slurm, tmp_path):
    (tmp_path / "quick.config").write_text(QUICK)
    run = run_pipeline(tmp_path, "-profile", "test,gpu,slurm", "-c", tmp_path / "quick.config")
    assert run.code == 0, run.text
    seen = jobs()
    assert len(seen) == len(run.tasks())
    for name, job in seen.items():
        needs_gpu = any(f"{stage}_(" in name for stage in GPU_STAGES)  # nf-<workflows>_PREDICT_CLASSES_(tiny_base)
        assert "JobState=COMPLETED" in job
        assert ("TresPerNode=gres:gpu:1" in job) == needs_gpu, name
    assert (run.results / "tiny" / "genes.gff3").stat().st_size > 0

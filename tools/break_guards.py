"""Break guards on purpose, one at a time in a copy of the package, and see whether the tests notice.

python tools/break_guards.py               every guard; exit code 1 if a broken one passes
python tools/break_guards.py NAME …        only these

A guard whose tests pass although it is broken is not tested; a guard whose text is not found has changed: adapt the list.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SOURCE = PROJECT / "src"


@dataclass(frozen=True)
class Guard:
    """One guard, and how it is broken.

    Attributes:
        name: of the guard, for the command line.
        what: what it does.
        module: file below src/helixtune.
        text: what stands there, once.
        broken: what is put in its place.
        tests: those that have to notice.
    """

    name: str
    what: str
    module: str
    text: str
    broken: str
    tests: tuple[str, ...]


GUARDS = (
    Guard(
        "atomic-rename",
        "outputs are written under a hidden name and renamed when whole",
        "files.py",
        '    partial = path.parent / f".partial-{secrets.token_hex(4)}-{path.name}"\n    try:\n        yield partial\n        with',
        "    yield path\n    return\n    partial = path\n    try:\n        yield partial\n        with",
        ("tests/unit/test_h5files.py::test_a_failed_writer_leaves_nothing_behind",),
    ),
    Guard(
        "hdf5-links",
        "links out of an HDF5 file are refused",
        "h5checks.py",
        "not isinstance(link, h5py.HardLink)",
        "False",
        ("tests/unit/test_h5files.py::test_links_out_of_the_file_are_refused",),
    ),
    Guard(
        "model-layers",
        "layers of a model that are not on the list are refused",
        "model/config.py",
        "if kind not in ALLOWED_CLASSES:",
        "if False:",
        ("tests/hostile/test_model_inputs.py", "-k", "Lambda"),
    ),
    Guard(
        "model-links",
        "links out of a model file are refused",
        "model/legacy_hdf5.py",
        "not isinstance(link, h5py.HardLink)",
        "False",
        ("tests/hostile/test_model_inputs.py", "-k", "soft and link"),
    ),
    Guard(
        "model-nan",
        "weights that are not finite are refused",
        "model/legacy_hdf5.py",
        "if not np.isfinite(array).all():",
        "if False:",
        ("tests/hostile/test_model_inputs.py", "-k", "nan"),
    ),
    Guard(
        "register",
        "predictions that name an unknown register of padding are refused",
        "gene_calling/prediction_source.py",
        'elif register == "auto" and stored not in REGISTERS[1:]:',
        "elif False:",
        ("tests/commands/test_errors.py", "-k", "register"),
    ),
    Guard(
        "feature-checksums",
        "stored features of the frozen part are used only if their checksums fit",
        "training/embeddings.py",
        "if line == _block_line(start, stop, features[start:stop]):",
        "if True:",
        ("tests/unit/test_embeddings.py", "-k", "damaged"),
    ),
    Guard(
        "annotation-seqids",
        "an annotation of another genome is refused",
        "annotation/gff3.py",
        "        if not self.known_as:\n            raise",
        "        if False:\n            raise",
        ("tests/commands/test_errors.py", "-k", "genome"),
    ),
    Guard(
        "hdf5-values",
        "numbers outside of 0 to 1 where shares are expected are refused",
        "h5checks.py",
        "    if wrong.any():",
        "    if False:",
        ("tests/hostile/test_hdf5_inputs.py", "-k", "negative"),
    ),
    Guard(
        "shard-set",
        "genes of some shards alone are not joined",
        "sharding/gather.py",
        "present != list(range(1, count + 1))",
        "False",
        ("tests/commands/test_gather_shards.py::test_what_does_not_belong_together_is_not_joined",),
    ),
)


def run_tests(tests: tuple[str, ...], source: Path) -> tuple[bool, str]:
    """Run tests on a copy of the package; returns whether they pass, and the first one that does not."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HELIXTUNE_RELIABILITY")}
    environment["PYTHONPATH"] = str(source)
    ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    lines = [line.partition(" ") for line in ended.stdout.splitlines()]
    failed = [rest.split(" - ")[0] for kind, _, rest in lines if kind in ("FAILED", "ERROR")]
    if ended.returncode not in (0, 1) or (ended.returncode and not failed):
        sys.exit(f"the tests could not be run:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    return ended.returncode == 0, failed[0] if failed else ""


def broken_copy(guard: Guard, folder: Path) -> Path:
    """Copy the package and break one guard in the copy; returns the folder to import from."""
    shutil.copytree(SOURCE, folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    path = folder / "src" / "helixtune" / guard.module
    text = path.read_text(encoding="utf-8")
    if text.count(guard.text) != 1:
        sys.exit(
            f"{guard.name}: its text stands {text.count(guard.text)} times in {guard.module}, not once: adapt GUARDS"
        )
    path.write_text(text.replace(guard.text, guard.broken), encoding="utf-8")
    return folder / "src"


def noticed_by(guard: Guard) -> str:
    """Break a guard; returns the test that notices, or an empty text."""
    with tempfile.TemporaryDirectory() as folder:
        passes, failed = run_tests(guard.tests, broken_copy(guard, Path(folder)))
        return "" if passes else failed


def main(names: list[str]) -> int:
    """Break the named guards, or all; returns the exit code."""
    unnoticed = 0
    for guard in GUARDS:
        if names and guard.name not in names:
            continue
        found = noticed_by(guard)
        unnoticed += not found
        sys.stdout.write(f"{guard.name}: {f'noticed by {found}' if found else 'NOT NOTICED'}\n")
    return int(bool(unnoticed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

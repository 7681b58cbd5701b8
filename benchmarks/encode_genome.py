"""encode-genome against upstream's fasta2h5, both writing the same rows of the same genome.

    python benchmarks/encode_genome.py GENOME.fa --theirs 'ORACLE/bin/python …/fasta2h5.py'

`--theirs` is the command that runs upstream's program up to its options (from a virtual environment outside this project).
"""

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path

from paired import compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fasta", type=Path)
    parser.add_argument("--theirs", required=True, metavar="COMMAND")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    fasta = shlex.quote(str(args.fasta.resolve()))
    with tempfile.TemporaryDirectory() as folder:
        ours = (
            f"{sys.executable} -m helixtune encode-genome --fasta {fasta} --species x"
            f" --threads {args.threads} --output {folder}/ours.h5"
        )
        theirs = f"{args.theirs} --fasta-path {fasta} --species x --h5-output-path {folder}/theirs.h5"
        print(json.dumps(compare(ours, theirs, args.runs), indent=1))


if __name__ == "__main__":
    main()

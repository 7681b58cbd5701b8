"""Every command that writes, in the order of the pipeline, on a simulated genome; each reads what those before it wrote."""

import shutil
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import pytest

from helixtune.cli import main

PROJECT = Path(__file__).resolve().parents[1]
MODEL = PROJECT / "assets" / "models" / "demo_base.h5"
TRAINING = "--train train.h5 --validation validation.h5 --epochs 1 --threads 1 --learning-rate 0.001 --quiet"


@dataclass(frozen=True)
class Verb:
    """One command line.

    Attributes:
        name: of the case.
        words: command and options; paths are relative to the folder with all files, outputs are new there.
        outputs: what it writes: files, or folders with a slash at the end.
        slow: starts TensorFlow.
        is_last: no other command reads what it writes.
    """

    name: str
    words: str
    outputs: tuple[str, ...]
    slow: bool = False
    is_last: bool = False

    def argv(self) -> list[str]:
        """Return the words of the command line."""
        return [word.replace("MODEL", str(MODEL)) for word in self.words.split()]


def _h5(*stems: str) -> tuple[str, ...]:
    return tuple(name for stem in stems for name in (f"{stem}.summary.json", f"{stem}.h5"))


def _trained(stem: str) -> tuple[str, ...]:
    return (f"{stem}.training_log.tsv", f"{stem}.model_card.md", f"{stem}.h5")


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "simulate-species",
            "simulate-species --preset demo-same --seed 3 --size-mb 0.06 --output-dir species",
            tuple(
                f"species/{name}"
                for name in [
                    "genome.fa",
                    "annotation.gff3",
                    "repeats.bed",
                    "decoys.bed",
                    "species.json",
                    "reads.bam",
                    "reads.bam.bai",
                ]
            ),
        ),
        Verb(
            "encode-genome",
            "encode-genome --fasta species/genome.fa --species Tiny --subsequence-length 7128 --output genome.h5",
            _h5("genome"),
        ),
        Verb(
            "predict-classes",
            "predict-classes --model MODEL --genome genome.h5 --engine tensorflow --threads 1 --output predictions.h5",
            _h5("predictions"),
            slow=True,
        ),
        Verb(
            "call-genes",
            "call-genes --genome genome.h5 --predictions predictions.h5 --output genes.gff3 --proteins proteins.fa --cds cds.fa",
            ("proteins.fa", "cds.fa", "genes.gff3"),
        ),
        Verb(
            "predict-classes 1/2",
            "predict-classes --model MODEL --genome genome.h5 --shard 1/2 --engine tensorflow --threads 1 --compact part1.h5",
            _h5("part1"),
            slow=True,
        ),
        Verb(
            "predict-classes 2/2",
            "predict-classes --model MODEL --genome genome.h5 --shard 2/2 --engine tensorflow --threads 1 --compact part2.h5",
            _h5("part2"),
            slow=True,
        ),
        *(
            Verb(
                f"call-genes {number}/2",
                f"call-genes --genome genome.h5 --predictions part1.h5 part2.h5 --shard {number}/2 --output part{number}.gff3.gz",
                (f"part{number}.gff3.gz",),
            )
            for number in (1, 2)
        ),
        Verb(
            "gather-shards",
            "gather-shards --genome genome.h5 --genes part1.gff3.gz part2.gff3.gz --output gathered.gff3",
            ("gathered.gff3",),
        ),
        Verb(
            "encode-labels",
            "encode-labels --fasta species/genome.fa --annotation genes.gff3 --species Tiny --subsequence-length 7128"
            " --output training.h5",
            _h5("training"),
        ),
        Verb(
            "score-shard",
            "score-shard --genome genome.h5 --annotation genes.gff3 --predictions part1.h5 --shard 1/2 --subsequence-length 7128"
            " --repeats species/repeats.bed --threads 1 --output scored1.h5",
            _h5("scored1"),
        ),
        Verb(
            "add-coverage",
            "add-coverage --data training.h5 --bam species/reads.bam --library fr-firststrand --output covered.h5",
            _h5("covered"),
        ),
        Verb(
            "select-confident",
            "select-confident --h5-to-filter covered.h5 --predictions predictions.h5 --genome genome.h5 --keep-fraction 0.9"
            " --strata 2 --scores scores.tsv --summary selection.json --output-file filtered.h5",
            (*_h5("filtered"), "scores.tsv", "selection.json"),
        ),
        Verb(
            "split-subsequences",
            "split-subsequences --input filtered.h5 --validation-fraction 0.3 --train train.h5 --validation validation.h5",
            _h5("train", "validation"),
        ),
        *(
            Verb(
                f"tune-model --mode {mode}",
                f"tune-model --mode {mode} --base-model MODEL --output {mode}.h5 {TRAINING}{more}",
                _trained(mode),
                slow=True,
                is_last=True,
            )
            for mode, more in (
                ("new-head", ""),
                ("whole-network", ""),
                ("coverage-head", " --coverage-norm log"),
                ("continue-head", ""),
            )
        ),
        Verb(
            "train-model",
            f"train-model --units 8 --filter-depth 8 --output scratch.h5 {TRAINING}",
            _trained("scratch"),
            slow=True,
            is_last=True,
        ),
        Verb(
            "evaluate-genes",
            "evaluate-genes --genome genome.h5 --base-genes genes.gff3 --base-predictions predictions.h5"
            " --reference species/annotation.gff3 --output tiny.none.metrics.json --comparison tiny.none.comparison.tsv"
            " --recommended tiny.none.genes.gff3 --recommended-proteins tiny.none.proteins.fa --recommended-cds tiny.none.cds.fa",
            tuple(
                f"tiny.none.{name}"
                for name in ["proteins.fa", "cds.fa", "genes.gff3", "comparison.tsv", "metrics.json"]
            ),
        ),
        Verb(
            "choose-candidate",
            "choose-candidate --id tiny --files tiny.none.metrics.json tiny.none.comparison.tsv tiny.none.genes.gff3"
            " tiny.none.proteins.fa tiny.none.cds.fa --choice choice.json --round-dir round_1 --results-dir results"
            " --report-dir report",
            ("results/", "report/", "choice.json"),
        ),
        Verb(
            "write-report",
            "write-report --inputs report/tiny.metrics.json report/tiny.comparison.tsv --citations citations.bib"
            " --multiqc-dir multiqc --output report.html",
            ("report.html", "citations.bib", "multiqc/"),
        ),
        Verb(
            "export-tracks",
            "export-tracks --predictions predictions.h5 --genome genome.h5 --format bedgraph --output-dir tracks",
            tuple(
                f"tracks/{name}.{strand}.bedgraph" for strand in ("plus", "minus") for name in ("CDS", "intron", "UTR")
            ),
        ),
    )
}


def run_undisturbed(verb: Verb, folder: Path) -> None:
    """Run a command in this process, in a folder."""
    with chdir(folder):
        assert main(verb.argv()) == 0, verb.name


def contents(folder: Path, verb: Verb) -> dict[str, bytes]:
    """Return the bytes of a command's outputs that are there: {path: bytes}, hidden files aside.

    Of a training log the column of seconds is left out.
    """
    found = {}
    for name in verb.outputs:
        paths = sorted((folder / name).rglob("*")) if name.endswith("/") else [folder / name]
        found |= {
            str(path.relative_to(folder)): _without_seconds(path.read_bytes())
            if path.suffix == ".tsv"
            else path.read_bytes()
            for path in paths
            if path.is_file() and not path.name.startswith(".")
        }
    return found


def _without_seconds(table: bytes) -> bytes:
    rows = [line.split(b"\t") for line in table.splitlines(keepends=True)]
    left_out = rows[0].index(b"seconds") if b"seconds" in rows[0] else len(rows[0])
    return b"".join(b"\t".join(row[:left_out] + row[left_out + 1 :]) for row in rows)


def copy_inputs(verb: Verb, source: Path, target: Path) -> None:
    """Link everything but a command's own outputs into a fresh folder."""
    own = {
        path for name in verb.outputs for path in (name.rstrip("/"), name.split("/")[0] if name.endswith("/") else name)
    }
    shutil.copytree(
        source,
        target,
        copy_function=lambda path, copy: Path(copy).hardlink_to(path),
        ignore=lambda folder, names: [
            name for name in names if str((Path(folder) / name).relative_to(source)) in own or name.startswith(".")
        ],
        dirs_exist_ok=True,
    )


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> Path:
    """A folder with the outputs of every command that another reads, each run without a fault."""
    folder = tmp_path_factory.mktemp("undisturbed")
    for verb in VERBS.values():
        if not verb.is_last:
            run_undisturbed(verb, folder)
    return folder


@pytest.fixture(scope="session")
def expected_of(undisturbed) -> Callable[[Verb], dict[str, bytes]]:
    """What a command writes when nothing disturbs it: {path: bytes}."""

    def expected(verb: Verb) -> dict[str, bytes]:
        if not contents(undisturbed, verb):
            run_undisturbed(verb, undisturbed)
        return contents(undisturbed, verb)

    return expected

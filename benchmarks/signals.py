"""What signals add, genome by genome: F1 of exact coding exons and genes by the network alone, with signals, and by other callers.

    python signals.py --data FOLDER --work FOLDER [--only PAIR ...] [--table results/signals.tsv]
    python signals.py --data FOLDER --work FOLDER --ablate [--table results/signal_ablation.tsv]

Every step is the command that a user would type; what lies in the work folder is not made again. `--data` holds one folder a
genome with genome.fa.gz and annotation.gff3.gz. Genes of AUGUSTUS or others are scored where they lie in the work folder as
<genome>.other.<caller>.gff3. `--ablate` leaves out one part of the signals after the other.
"""

import argparse
import gzip
import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from signal_ablation import ablated

# Where parts are left out: sequences that nothing was chosen on.
ABLATED = {"pombe.small": ("II",), "yeast.small": ("chrV", "chrVII"), "arab.small": ()}
MODELS = Path(__file__).parent.parent / "assets" / "models"
SMALL, DEMO = MODELS / "eukaryote_small.h5", MODELS / "demo_base.h5"


@dataclass(frozen=True)
class Pair:
    """A genome, a base, and where genes are scored; `seen`: the base was trained on the species."""

    genome: str
    folder: str
    base: str
    model: Path
    seqids: tuple[str, ...] = ()
    seen: bool = False

    @property
    def name(self) -> str:
        return f"{self.genome}.{self.base}"


def pairs(yeast_base: Path | None) -> list[Pair]:
    """Return all pairs; `yeast_base`: a network that was trained on baker's yeast alone."""
    samples = {
        "arab": "arabidopsis_thaliana_1pct",
        "worm": "caenorhabditis_elegans_1pct",
        "fly": "drosophila_melanogaster_demo1mb",
    }
    found = [
        Pair("pombe", "schizosaccharomyces_pombe", "small", SMALL, ("III",)),
        Pair("zymo", "zymoseptoria_tritici", "small", SMALL, ("chr4", "chr8")),
        Pair("napus", "brassica_napus", "small", SMALL, ("LK031800", "LK031804")),
        *(Pair(genome, folder, "demo", DEMO) for genome, folder in samples.items()),
        Pair("fly4", "drosophila_melanogaster_chr4", "demo", DEMO),
        Pair("human", "homo_sapiens_8mb", "demo", DEMO),
        Pair("yeast", "saccharomyces_cerevisiae", "small", SMALL, seen=True),
        *(Pair(genome, folder, "small", SMALL, seen=True) for genome, folder in samples.items()),
    ]
    if yeast_base:
        found.append(Pair("pombe", "schizosaccharomyces_pombe", "yeastbase", yeast_base, ("III",)))
        found.append(Pair("yeast", "saccharomyces_cerevisiae", "yeastbase", yeast_base, seen=True))
    return found


def run(*words) -> None:
    """Run a helixtune command, told on standard error."""
    print("helixtune", *words, file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "helixtune", *map(str, words), "--quiet"], check=True)


def make(path: Path, *words) -> Path:
    """Run a command that writes a file, unless it is there."""
    if not path.exists():
        run(*words)
    return path


def scores(genes: Path, reference: Path, seqids: tuple[str, ...]) -> tuple[float, float]:
    """Return F1 of exact coding exons and of genes."""
    metrics = genes.with_suffix(".scores.json")
    chosen = ["--seqid", *seqids] if seqids else []
    run("evaluate-genes", "--predicted", genes, "--reference", reference, *chosen, "--output", metrics)
    cds = json.loads(metrics.read_text())["reference"]["cds"]
    return cds["exon"]["f1"], cds["gene"]["f1"]


def measure(pair: Pair, data: Path, work: Path, reference: Path, sample_mb: float) -> list[tuple[str, float, float]]:
    """Return (caller, exon F1, gene F1) of the network alone and with signals."""
    genome = work / f"{pair.genome}.genome.h5"
    make(
        genome,
        "encode-genome",
        "--fasta",
        data / pair.folder / "genome.fa.gz",
        "--species",
        pair.genome,
        "--output",
        genome,
    )
    predictions = work / f"{pair.name}.pred.h5"
    make(
        predictions,
        "predict-classes",
        "--model",
        pair.model,
        "--genome",
        genome,
        "--max-padding",
        0,
        "--output",
        predictions,
    )
    both = ["--genome", genome, "--predictions", predictions]
    alone = work / f"{pair.name}.gff3"
    make(alone, "call-genes", *both, "--rules", "improved", "--output", alone)
    signals = work / f"{pair.name}.signals.json"
    make(
        signals,
        "learn-signals",
        *both,
        "--genes",
        alone,
        "--sample-mb",
        sample_mb,
        "--on-empty",
        "skip",
        "--output",
        signals,
    )
    if not signals.exists():
        return [("network alone", *scores(alone, reference, pair.seqids)), ("too few genes to learn from", 0.0, 0.0)]
    with_signals = work / f"{pair.name}.with_signals.gff3"
    make(with_signals, "call-genes", *both, "--signals", signals, "--output", with_signals)
    return [
        ("network alone", *scores(alone, reference, pair.seqids)),
        ("network and signals", *scores(with_signals, reference, pair.seqids)),
    ]


def ablate(pair: Pair, data: Path, work: Path, reference: Path, sample_mb: float) -> list[tuple[str, float, float]]:
    """Return (what is left out, exon F1, gene F1)."""
    files = [
        work / f"{name}"
        for name in (f"{pair.genome}.genome.h5", *(f"{pair.name}.{end}" for end in ("pred.h5", "gff3", "signals.json")))
    ]
    if not all(path.exists() for path in files):
        measure(pair, data, work, reference, sample_mb)
    return list(ablated(*files, reference, pair.seqids))


def complete_models(reference: Path, work: Path) -> Path:
    """Return the reference without genes that its SOURCE.md calls fragments."""
    path = work / f"{reference.parent.name}.complete.gff3"
    lines = gzip.decompress(reference.read_bytes()).decode().splitlines()
    fragments = [_names(line) for line in lines if "partial=true" in line and "\tmRNA\t" in line]
    left_out = set().union(*fragments)
    path.write_text("".join(f"{line}\n" for line in lines if not _names(line) & left_out))
    return path


def _names(line: str) -> set[str]:
    """Return ids of a feature and its parent."""
    cells = [] if line.startswith("#") else line.split("\t")[8].split(";")
    return {cell.partition("=")[2] for cell in cells if cell.startswith(("ID=", "Parent="))}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--yeast-base", type=Path, help="a network trained on baker's yeast alone: the cold start")
    parser.add_argument("--only", nargs="+", metavar="PAIR", help="as in pombe.small")
    parser.add_argument("--sample-mb", type=float, default=50)
    parser.add_argument("--ablate", action="store_true", help="leave out one part of the signals after the other")
    parser.add_argument("--table", type=Path)
    args = parser.parse_args()
    args.work.mkdir(exist_ok=True)
    rows = [("genome", "base", "base_saw_species", "scored_on", "caller", "exon_f1", "gene_f1")]
    chosen = [pair for pair in pairs(args.yeast_base) if not args.only or pair.name in args.only]
    if args.ablate:
        chosen = [replace(pair, seqids=ABLATED[pair.name]) for pair in chosen if pair.name in ABLATED]
    for pair in chosen:
        reference = args.data / pair.folder / "annotation.gff3.gz"
        if pair.genome == "zymo":
            reference = complete_models(reference, args.work)
        measured = ablate if args.ablate else measure
        found = measured(pair, args.data, args.work, reference, args.sample_mb)
        others = [] if args.ablate else sorted(args.work.glob(f"{pair.genome}.other.*.gff3"))
        for other in others:
            found.append((other.name.split(".")[2], *scores(other, reference, pair.seqids)))
        for caller, exon, gene in found:
            where = ",".join(pair.seqids) or "all"
            rows.append(
                (pair.genome, pair.base, "yes" if pair.seen else "no", where, caller, f"{exon:.3f}", f"{gene:.3f}")
            )
            print(*rows[-1], sep="\t", flush=True)
    if args.table:
        args.table.write_text("".join("\t".join(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()

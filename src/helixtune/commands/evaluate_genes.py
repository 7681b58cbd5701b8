"""Judge one gene set (by a reference, by RNA-seq, by its own soundness), or decide between base and tuned genes.

The decision rests on evidence that a gene caller cannot fake; a reference is judged by, but never decides.
"""

import argparse
import json

from helixtune.errors import ParameterError
from helixtune.files import atomic_output, duplicate
from helixtune.log import logger
from helixtune.outcome import WarningCollector
from helixtune.threads import available_threads

HELP = "gene sets -> metrics.json, verdict, recommended genes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of both uses."""
    score = parser.add_argument_group("judge one set")
    score.add_argument("--predicted", metavar="GFF3", help="genes to judge, by whatever else is given")
    score.add_argument("--per-sequence", metavar="TSV", help="scores of every sequence against the reference")
    gate = parser.add_argument_group("decide between two sets")
    gate.add_argument("--base-genes", metavar="GFF3")
    gate.add_argument("--base-predictions", nargs="+", metavar="H5", help="full or compact; several: of all shards")
    gate.add_argument("--tuned-genes", metavar="GFF3", help="leave out when nothing was tuned: the base is recommended")
    gate.add_argument("--tuned-predictions", nargs="+", metavar="H5")
    gate.add_argument(
        "--library", action="append", metavar="NAME",
        help="auto (default), unstranded, fr-firststrand or fr-secondstrand: once, or once a BAM",
    )  # fmt: skip
    gate.add_argument("--proteins", metavar="FASTA", help="known proteins of this or related species")
    gate.add_argument("--hmms", metavar="HMM", help="profile HMMs (file or folder), e.g. of a BUSCO lineage")
    gate.add_argument(
        "--busco", nargs=2, metavar=("BASE", "TUNED"),
        help="what BUSCO, compleasm or OMArk said of the proteins of either set (short_summary.txt, summary.txt, *.sum)",
    )  # fmt: skip
    gate.add_argument(
        "--protein-likeness", action="store_true",
        help="ask PSAURON's network, too, which genes look like proteins of any species (some 10 s more)",
    )  # fmt: skip
    gate.add_argument("--seed", type=int, default=1, help="of the bootstrap (default %(default)s)")
    gate.add_argument("--comparison", metavar="TSV", help="every figure of base beside tuned")
    gate.add_argument("--recommended", metavar="GFF3", help="the better gene set")
    gate.add_argument("--recommended-proteins", metavar="FASTA")
    gate.add_argument("--recommended-cds", metavar="FASTA")
    both = parser.add_argument_group("both")
    both.add_argument("--genome", metavar="H5", help="genome.h5 that was predicted on; for one set, FASTA will do")
    both.add_argument("--bam", action="append", default=[], metavar="BAM", help="RNA-seq that no model was tuned on")
    both.add_argument("--repeats", metavar="BED", help="repeats of this assembly; needs --genome")
    both.add_argument("--reference", metavar="GFF3", help="trusted genes; never decides between base and tuned")
    both.add_argument("--seqid", nargs="+", action="extend", metavar="ID", help="compare with --reference only here")
    both.add_argument("--threads", type=int, metavar="N", help="threads and processes (default: all CPUs)")
    both.add_argument("--output", required=True, metavar="JSON", help="metrics to write")


def run(args: argparse.Namespace) -> dict:
    """Judge one set, or compare two."""
    warnings = WarningCollector()
    logger.addHandler(warnings)
    try:
        metrics = _judge_one_set(args) if args.predicted else _compare_two_sets(args)
    finally:
        logger.removeHandler(warnings)
    metrics["warnings"] = warnings.messages
    with atomic_output(args.output) as partial:
        partial.write_text(json.dumps(metrics, indent=1) + "\n")
    return {name: value for name, value in metrics.items() if name not in ("warnings", "changed_genes")}


def _judge_one_set(args: argparse.Namespace) -> dict:
    from helixtune.evaluation.one_set import OneSetInputs, judge_one_set, write_per_sequence

    if args.base_genes or args.tuned_genes:
        raise ParameterError("--predicted judges one set: leave --base-genes and --tuned-genes out.")
    if args.per_sequence and not args.reference:
        raise ParameterError("--per-sequence needs --reference: give the annotation to score against.")
    if args.repeats and not args.genome:
        raise ParameterError("--repeats needs --genome: give the genome that the genes were called on.")
    metrics, scores = judge_one_set(
        OneSetInputs(
            args.predicted,
            args.reference,
            args.seqid,
            args.genome,
            tuple(args.bam),
            args.repeats,
            tuple(args.library) if args.library else OneSetInputs.libraries,
            available_threads(args.threads),
        )
    )
    if args.per_sequence:
        write_per_sequence(scores, args.per_sequence)
    if args.reference:
        cds = metrics["reference"]["cds"]
        logger.info(
            "evaluate-genes: CDS F1 %.3f by base, %.3f by exon, %.3f by gene; %s",
            cds["base"]["f1"], cds["exon"]["f1"], cds["gene"]["f1"], args.output,
        )  # fmt: skip
    else:
        genes = metrics["gene_statistics"]["predicted"]["genes"]
        logger.info("evaluate-genes: %d coding genes described without a reference; %s", genes, args.output)
    return metrics


def _compare_two_sets(args: argparse.Namespace) -> dict:
    from helixtune.evaluation.compare import ComparisonInputs, compare
    from helixtune.evaluation.comparison_table import write_comparison
    from helixtune.evaluation.genome import read_genome
    from helixtune.evaluation.homologues import KnownProteins
    from helixtune.evaluation.profiles import Profiles
    from helixtune.evaluation.votes.busco import read_busco
    from helixtune.repeats import read_repeats
    from helixtune.report.wording import whole_percent

    _check_options(args)
    threads = available_threads(args.threads)
    lengths = read_genome(args.genome).lengths
    inputs = ComparisonInputs(
        genome=args.genome,
        base_genes=args.base_genes,
        base_predictions=args.base_predictions,
        tuned_genes=args.tuned_genes,
        tuned_predictions=args.tuned_predictions,
        reference=args.reference,
        seqids=args.seqid,
        junctions=_read_junctions(args, lengths),
        repeats=read_repeats(args.repeats, lengths) if args.repeats else None,
        proteins=KnownProteins.read(args.proteins, threads) if args.proteins else None,
        profiles=Profiles(args.hmms, threads) if args.hmms else None,
        busco=tuple(read_busco(path) for path in args.busco) if args.busco else None,
        protein_likeness=args.protein_likeness,
        seed=args.seed,
        threads=threads,
    )
    metrics, genes = compare(inputs)
    _write_recommended(args, metrics["verdict"]["recommended"], genes)
    if args.comparison:
        write_comparison(metrics, args.comparison)
    verdict = metrics["verdict"]
    sure = whole_percent(verdict["confidence"])
    logger.info("evaluate-genes: %s (confidence %d %%). %s", verdict["recommended"], sure, verdict["reason"])
    return metrics


def _check_options(args: argparse.Namespace) -> None:
    missing = [
        f"--{name.replace('_', '-')}"
        for name in ("genome", "base_genes", "base_predictions")
        if getattr(args, name) is None
    ]
    if missing:
        raise ParameterError(
            f"evaluate-genes lacks {missing[0]}: give --predicted to judge one set, or --genome,"
            " --base-genes and --base-predictions to compare two."
        )
    if (args.tuned_genes is None) != (args.tuned_predictions is None):
        raise ParameterError("--tuned-genes and --tuned-predictions belong together: give both or neither.")
    if args.seed < 0:
        raise ParameterError(f"--seed {args.seed} is negative: give 0 or more.")


def _read_junctions(args: argparse.Namespace, lengths: dict[str, int]) -> dict:
    from helixtune.annotation.gff3 import read_genes
    from helixtune.evaluation.junctions import read_junctions
    from helixtune.rnaseq.strandedness import AUTO

    if not args.bam:
        return {}
    libraries = args.library or [AUTO]
    return read_junctions(
        args.bam, lengths, libraries, read_genes(args.base_genes, lengths) if AUTO in libraries else ()
    )


def _write_recommended(args: argparse.Namespace, name: str, genes: dict[str, list]) -> None:
    from helixtune.annotation.sequence_files import write_sequences

    if args.recommended_proteins or args.recommended_cds:
        write_sequences(
            genes[name],
            args.genome,
            args.recommended_proteins,
            args.recommended_cds,
            processes=available_threads(args.threads),
        )
    if args.recommended:
        with atomic_output(args.recommended) as partial:
            duplicate(args.tuned_genes if name == "tuned" else args.base_genes, partial)

"""Predict the class and phase probabilities of every base with a model.

A shard is a nearly equal part of the genome file's rows; all parts, in any number, hold bit by bit what the whole holds.
"""

import argparse
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helixtune import h5files
from helixtune.errors import ParameterError
from helixtune.files import require_file
from helixtune.log import logger

HELP = "model + genome.h5 -> predictions.h5, full or compact"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--model", required=True, metavar="M", help="model file (Helixer's or helixtune's .h5)")
    parser.add_argument("--genome", required=True, metavar="H5", help="genome.h5 from encode-genome")
    parser.add_argument("--output", type=Path, metavar="H5", help="full predictions to write, 26 bytes a base")
    parser.add_argument(
        "--compact", type=Path, metavar="H5",
        help="compact predictions to write, about a byte a base: all commands read them, and genes and selection stay the same but"
        " for noise",
    )  # fmt: skip
    parser.add_argument("--shard", metavar="I/N", help="predict part I of N alone (default: the whole genome)")
    parser.add_argument(
        "--register",
        default="last",
        choices=("last", "upstream"),
        help="padding of partial minus rows: last as in genome.h5 (default), or first as Helixer writes it",
    )
    parser.add_argument("--threads", type=int, metavar="N", help="threads (default: all)")
    add_prediction_options(parser)


def add_prediction_options(parser) -> None:
    """Declare the options that decide what is predicted; `parser` may be a group of options."""
    parser.add_argument(
        "--overlap",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="mean of overlapping windows (default) or row by row",
    )
    parser.add_argument("--overlap-offset", type=int, metavar="BP", help="distance of windows (default: half a row)")
    parser.add_argument("--core-length", type=int, metavar="BP", help="kept part of a window (default: three quarters)")
    parser.add_argument(
        "--coverage-norm",
        choices=("log", "linear", "none"),
        help="only for coverage models whose file does not say it (Helixer's)",
    )
    parser.add_argument(
        "--engine", default="auto", choices=("auto", "tensorflow", "openvino"), help="default %(default)s"
    )
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "gpu"), help="default %(default)s")
    parser.add_argument(
        "--precision",
        default="auto",
        choices=("auto", "float32", "bfloat16", "float16"),
        help="auto: bfloat16 where the CPU has it (float16 on a GPU) if 99.9 %% of sampled bases keep their class",
    )
    parser.add_argument("--engine-record", metavar="JSON", help="write here which engine and precision were used")
    parser.add_argument("--engine-of", metavar="JSON", help="use the engine and precision of such a record, not auto")
    parser.add_argument("--batch-size", type=int, metavar="N", help="windows a batch (default: by memory)")
    parser.add_argument(
        "--max-padding", type=int, metavar="BP",
        help="padding beside a sequence that the network sees (default: all that it can feel, as Helixer does); the pipeline"
        " gives 0, which finds genes of short sequences better and sooner",
    )  # fmt: skip


def run(args: argparse.Namespace) -> dict:
    """Predict a genome file, or a shard of it."""
    from helixtune.gene_calling.places import Shard
    from helixtune.prediction.write import PredictionFiles, write_predictions

    if not (args.output or args.compact):
        raise ParameterError("Nothing would be written: give --output, --compact, or both.")
    shard = Shard.parse(args.shard) if args.shard else None
    with open_prediction(args, args.register) as setup:
        stretches = _stretches_of(setup.source, shard) if shard else None
        return write_predictions(setup, PredictionFiles(args.output, args.compact), args.threads, stretches)


def _stretches_of(source, shard) -> list:
    from helixtune.gene_calling.places import cut_shard, require_whole_strands
    from helixtune.gene_calling.sequences import group_sequences

    sequences = group_sequences(source.rows, str(source.path))
    require_whole_strands(sequences, source.runs(), str(source.path))
    return [part.stretch for part in cut_shard(sequences, shard)[1]]


@dataclass(frozen=True)
class PredictionSetup:
    """A genome, a model in an engine, and what a file of their predictions says about itself."""

    source: Any
    graph: Any
    engine: Any
    settings: Any
    settings_record: dict
    attributes: dict


@contextmanager
def open_prediction(args: argparse.Namespace, register: str) -> Iterator[PredictionSetup]:
    """Open genome and model and start the engine, as the options say; writes the record of the engine at the end."""
    from helixtune.engines import EngineSettings, load_engine
    from helixtune.engines.record import settings_like, write_record
    from helixtune.model.weights import read_model_file
    from helixtune.prediction.genome_source import GenomeSource, PredictionSettings

    engine_settings = EngineSettings(args.engine, args.device, args.precision, args.threads)
    if args.engine_of:
        engine_settings = settings_like(args.engine_of, engine_settings)
    model = read_model_file(args.model)
    graph = model.graph
    required = [h5files.BASES, h5files.SPECIES, h5files.SEQIDS, h5files.START_ENDS]
    if graph.coverage_tracks:
        required += [h5files.COVERAGE, h5files.SPLICED_COVERAGE]
    with h5files.open_file(args.genome, tuple(required)) as genome:
        length = int(genome[h5files.BASES].shape[1])
        windowing, norm = _windowing(args, length, graph.pool_size), _coverage_norm(args, model, genome)
        settings = PredictionSettings(windowing, register, norm, args.batch_size, args.max_padding)
        source = GenomeSource(genome, graph, settings, args.threads)
        source.runs()  # a file that cannot be predicted is refused before the engine starts
        engine = load_engine(model, engine_settings, source.sample())
        attributes = _attributes(args, register, model, engine, source)
        yield PredictionSetup(source, graph, engine, settings, _record(args, settings), attributes)
    if args.engine_record:
        write_record(args.engine_record, engine)


def _windowing(args, length, pool_size):
    from helixtune.prediction.overlap import overlapping, row_by_row

    clipped = length % pool_size
    if clipped:
        logger.warning(
            f"{clipped} bases at the end of every subsequence get no prediction: {length} is not a multiple of the model's "
            f"pool size {pool_size}"
        )
    if not args.overlap:
        if args.overlap_offset is not None or args.core_length is not None:
            raise ParameterError(
                "--overlap-offset and --core-length mean nothing with --no-overlap: leave one of them out."
            )
        return row_by_row(length, clipped)
    windowing = overlapping(length, args.overlap_offset, args.core_length, clipped)
    if length % windowing.offset_bp:
        logger.warning(f"--overlap-offset {windowing.offset_bp} does not divide the subsequence length {length}")
    return windowing


def _coverage_norm(args, model, genome):
    if not model.graph.coverage_tracks:
        if args.coverage_norm:
            raise ParameterError(f"--coverage-norm: model {args.model} does not use coverage; leave the option out.")
        return None
    asked = args.coverage_norm
    if asked and model.coverage_norm and asked != model.coverage_norm:
        raise ParameterError(
            f"--coverage-norm {asked}: model {args.model} was tuned with {model.coverage_norm}; leave the option out."
        )
    if not asked and not model.coverage_norm:
        raise ParameterError(
            f"Model {args.model} does not say how its coverage was normalised: give --coverage-norm as it was tuned (log, linear "
            "or none)."
        )
    _check_bam_order(model, genome)
    norm = asked or model.coverage_norm
    return None if norm == "none" else norm


def _check_bam_order(model, genome):
    tuned = [Path(name).name for name in model.attributes.get("bam_files", [])]
    found = [Path(name.decode()).name for name in genome[h5files.BAM_FILES][:]] if h5files.BAM_FILES in genome else []
    if tuned != found and sorted(tuned) == sorted(found):
        raise ParameterError(
            f"{genome.filename} has coverage of {', '.join(found)}, the model was tuned with them in the order {', '.join(tuned)}: "
            "add coverage in that order."
        )


def _record(args, settings):
    windowing = settings.windowing
    return {
        "overlap": windowing.is_overlapping,
        "overlap_offset": windowing.offset_bp,
        "core_length": windowing.core_bp,
        "coverage_norm": settings.coverage_norm,
        "register": settings.register,
        "device": args.device,
        "batch_size": settings.batch_size,
        "max_padding": settings.max_padding_bp,
    }


def _attributes(args, register, model, engine, source):
    """Return upstream's root attributes and ours; names instead of paths, so that the place does not change the bytes."""
    digest = hashlib.md5(require_file(args.model, "model file").read_bytes()).hexdigest()
    return {
        "register": register,
        "engine": engine.description,
        **({"fasta_sha256": source.fasta_sha256} if source.fasta_sha256 else {}),
        "model_sha256": model.sha256,
        "model_md5sum": f"{digest}  {Path(args.model).name}",
        "model_config": model.model_config,
        "model_path": Path(args.model).name,
        "test_data_path": Path(args.genome).name,
        "n_bases_removed": source.length % model.graph.pool_size,
    }

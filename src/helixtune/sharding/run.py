"""One shard from files to files: predicted, its genes called, its probabilities kept coarsely, fully or not at all."""

import gzip
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helixtune.class_order import ClassOrder, spread_rows
from helixtune.errors import ModelFileError
from helixtune.files import atomic_output
from helixtune.gene_calling.calling import call_regions
from helixtune.gene_calling.output import helixtune_lines, provenance_of
from helixtune.gene_calling.prediction_source import describe_origin
from helixtune.gene_calling.sequences import group_sequences
from helixtune.gene_calling.settings import CallSettings
from helixtune.h5checks import COARSE_PREDICTIONS
from helixtune.h5files import CLASS_PROBS, DEFLATE_FAST, DEFLATE_RUNS, PHASE_PROBS, RowWriter, identity_of
from helixtune.log import logger
from helixtune.prediction import coarse
from helixtune.prediction.predict import Predictor
from helixtune.progress import Progress
from helixtune.sharding.owned_regions import iter_owned_regions
from helixtune.sharding.places import Shard, StrandPart, count_places, cut_shard, require_whole_strands
from helixtune.subsequences import Rows

FULL_FORMAT = "helixtune predictions"
# Rows held before they are written, 32 MiB of float16 probabilities.
WRITE_BUDGET = 32 * 1024**2


@dataclass(frozen=True)
class ShardFiles:
    """What is written; None = not wanted."""

    genes: Path
    coarse: Path | None
    predictions: Path | None


def call_shard(setup, shard: Shard, settings: CallSettings, files: ShardFiles, threads: int) -> dict:
    """Predict the rows of a shard and call the genes that begin in it.

    Args:
        setup: genome, engine and how to predict (`commands.predict_classes.PredictionSetup`), register "last".
        shard: which part of the genome.
        settings: how genes are called.
        files: outputs, which appear together or not at all.
        threads: for reading, gene calling and writing.

    Raises:
        ModelFileError: the model predicts no phases, which gene calling needs.
        FormatError: the genome file is not a whole one.
    """
    if not setup.graph.has_phase:
        raise ModelFileError("The model predicts no phases, so no genes can be called with it: give another --model.")
    name = str(setup.source.path)
    sequences = group_sequences(setup.source.rows, name)
    predictor = Predictor(setup.engine, setup.graph, setup.source, setup.settings)
    require_whole_strands(sequences, predictor.runs, name)
    touched, parts = cut_shard(sequences, shard)
    with ExitStack() as outputs:
        partial = outputs.enter_context(atomic_output(files.genes))
        sink = outputs.enter_context(_RowSink(setup, files, threads))
        total = sum(int(predictor.valid_lengths[part.rows[part.first_row : part.end_row]].sum()) for part in parts)
        progress = outputs.enter_context(Progress(total, "bases", f"call-shard {shard}"))

        order, looked_at = ClassOrder(), _rows_looked_at(parts)

        def take_row(number: int, probs: np.ndarray) -> None:
            sink.add(number, probs)
            if number in looked_at:
                order.add(*probs)
            progress.advance(int(predictor.valid_lengths[number]))

        regions = iter_owned_regions(predictor, parts, settings.thresholds(), setup.source.read_bases, take_row)
        called, tally = call_regions(regions, touched, settings, threads)
        order.warn(setup.attributes["model_path"])
        md5sum = setup.attributes["model_md5sum"]
        origin = describe_origin(setup.engine.description, setup.settings_record)
        checksums = {"fasta_sha256": setup.source.fasta_sha256, "model_sha256": setup.attributes["model_sha256"]}
        provenance = provenance_of(settings, setup.source.path.name, origin, md5sum, checksums)
        provenance["shard"] = f"{shard} of {count_places(sequences)} places"
        lines = helixtune_lines(setup.source.rows.species[0].decode(errors="replace"), provenance, called)
        text = "".join(f"{line}\n" for line in lines).encode()
        partial.write_bytes(gzip.compress(text, mtime=0) if files.genes.suffix == ".gz" else text)
    genes = sum(len(sequence.genes) for sequence in called)
    logger.info(
        "call-shard %s: %d genes on %d bases of %d sequences; %d regions", shard, genes, total // 2, len(touched), tally.regions
    )  # fmt: skip
    return {
        "genes": genes,
        "bases_of_both_strands": total,
        "sequences": len(touched),
        "engine": setup.engine.description,
    }


def _rows_looked_at(parts: list[StrandPart]) -> set[int]:
    """Return the numbers of the rows of a shard that tell the order of the model's classes."""
    rows = np.concatenate([np.zeros(0, np.int64), *(part.rows[part.first_row : part.end_row] for part in parts)])
    return set(rows[spread_rows(len(rows))].tolist())


class _RowSink:
    """Write the rows of a shard to the files that are wanted, in blocks; a context manager."""

    def __init__(self, setup, files: ShardFiles, threads: int):
        self._rows: Rows = setup.source.rows
        self._width = setup.source.length
        self._block_rows = max(1, WRITE_BUDGET // (self._width * 16))
        self._waiting: list[tuple[int, np.ndarray]] = []
        self._stack = ExitStack()
        self._writers = []
        for path, file_format, pack, more, deflate in (
            (
                files.coarse,
                COARSE_PREDICTIONS,
                coarse.store_rows,
                {"levels": coarse.LEVELS, "coding": coarse.CODING},
                DEFLATE_RUNS,
            ),
            (files.predictions, FULL_FORMAT, lambda probs, _name: probs, {}, DEFLATE_FAST),
        ):
            facts = (setup.settings_record, {**setup.attributes, **more})
            writer = path and RowWriter(path, file_format, *facts, threads, deflate)
            self._writers += [(writer, pack)] if writer else []

    def __enter__(self) -> "_RowSink":
        for writer, _ in self._writers:
            self._stack.enter_context(writer)
        return self

    def __exit__(self, kind, error, trace) -> bool | None:
        if kind is None:
            self._flush()  # also when there is no row: the files have datasets then
        return self._stack.__exit__(kind, error, trace)

    def add(self, number: int, probs: np.ndarray) -> None:
        self._waiting.append((number, probs))
        if len(self._waiting) == self._block_rows:
            self._flush()

    def _flush(self) -> None:
        numbers = np.array([number for number, _ in self._waiting], np.int64)
        probs = np.zeros((len(numbers), 2, self._width, 4), np.float16)
        for i, (_, row) in enumerate(self._waiting):
            probs[i] = row
        identity = identity_of(self._rows[numbers])
        for writer, pack in self._writers:
            heads = {name: pack(probs[:, head], name) for head, name in enumerate((CLASS_PROBS, PHASE_PROBS))}
            writer.append({**identity, **heads})
        self._waiting = []

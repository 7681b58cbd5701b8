"""Whole genomes through an engine: blocks, runs, registers, short sequences."""

import itertools
from pathlib import Path

import h5py
import numpy as np
import pytest

from conftest import random_bases
from helixtune.encoding import encode_species, iter_genome_blocks
from helixtune.engines import EngineSettings, load_engine
from helixtune.errors import EmptyResultError, FormatError, ParameterError
from helixtune.fasta import iter_sequences
from helixtune.h5files import RowWriter
from helixtune.model.weights import read_model_file
from helixtune.prediction import genome_source, layout
from helixtune.prediction import predict as prediction
from helixtune.prediction.genome_source import GenomeSource, PredictionSettings
from helixtune.prediction.layout import Stretch
from helixtune.prediction.overlap import overlapping, row_by_row
from helixtune.prediction.predict import Predictor, predict_rows

PLAIN = Path(__file__).parents[1] / "data" / "cases" / "model" / "01-plain" / "model.h5"
pytest.importorskip("openvino")


@pytest.fixture(scope="module")
def model():
    return read_model_file(PLAIN)


@pytest.fixture(scope="module")
def engine(model):
    return load_engine(model, EngineSettings("openvino", precision="float32", threads=2))


@pytest.fixture
def genome(tmp_path, write_fasta):
    def encode(sequences: dict[str, str], length: int) -> Path:
        path = tmp_path / "genome.h5"
        with RowWriter(path, "helixtune genome", {}, width_bp=length) as writer:
            blocks = iter_genome_blocks(iter_sequences(write_fasta(sequences)), encode_species("test"), length, 10)
            for block in blocks:
                writer.append(block)
        return path

    return encode


def predict(path, model, engine, settings) -> np.ndarray:
    with h5py.File(path) as file:
        source = GenomeSource(file, model.graph, settings, threads=1)
        return np.concatenate([probs for _, probs in predict_rows(engine, model.graph, source, settings)])


SEQUENCES = {"a": random_bases(2500, 1), "b": random_bases(700, 2), "c": random_bases(900 * 3, 3)}


@pytest.mark.parametrize("windowing", [overlapping(900), row_by_row(900)], ids=["overlap", "rows"])
def test_block_and_batch_sizes_change_nothing(windowing, genome, model, engine, monkeypatch):
    path = genome(SEQUENCES, 900)
    whole = predict(path, model, engine, PredictionSettings(windowing))
    monkeypatch.setattr(layout, "BLOCK_BASES", 1900)
    monkeypatch.setattr(genome_source, "READ_BUDGET", 1)
    monkeypatch.setattr(prediction, "OUTPUT_BUDGET", 1)
    for batch_size in (1, 3):
        np.testing.assert_array_equal(
            predict(path, model, engine, PredictionSettings(windowing, batch_size=batch_size)), whole
        )
    assert whole.shape == (14, 2, 900, 4)
    assert whole.dtype == np.float16


def stretches_of(parts: list[tuple[int, int, int]]) -> list[Stretch]:
    return [Stretch(*part) for part in parts]


# Runs (strands) of SEQUENCES have 3, 3, 1, 1, 3, 3 rows, the file 14.
PARTS = {
    "the middle": [(0, 1, 2)],
    "ends": [(0, 2, 3), (1, 0, 1), (5, 2, 3)],
    "several strands": [(1, 1, 3), (2, 0, 1), (4, 0, 2)],
    "everything": [(0, 0, 3), (1, 0, 3), (2, 0, 1), (3, 0, 1), (4, 0, 3), (5, 0, 3)],
}


@pytest.mark.parametrize("batch_size", [1, 2, 3])
@pytest.mark.parametrize("windowing", [overlapping(900), overlapping(900, 180, 540), row_by_row(900)], ids=str)
def test_any_rows_are_predicted_as_in_the_whole_genome(windowing, batch_size, genome, model, engine):
    settings = PredictionSettings(windowing, batch_size=batch_size)
    path = genome(SEQUENCES, 900)
    whole = predict(path, model, engine, settings)
    with h5py.File(path) as file:
        predictor = Predictor(engine, model.graph, GenomeSource(file, model.graph, settings, threads=1), settings)
        for parts in PARTS.values():
            asked = stretches_of(parts)
            wanted = [predictor.runs[one.run].first_row + k for one in asked for k in range(one.first_row, one.end_row)]
            found = list(predictor.rows(asked))
            assert [number for number, _ in found] == wanted
            np.testing.assert_array_equal(np.stack([probs for _, probs in found]), whole[wanted])


@pytest.mark.parametrize("windowing", [overlapping(900), row_by_row(900)], ids=["overlap", "rows"])
def test_a_part_is_computed_in_the_very_batches_of_the_whole(windowing, genome, model, engine, monkeypatch):
    """So that nothing depends on how an engine rounds in batches of another shape."""
    settings = PredictionSettings(windowing, batch_size=2)
    path, seen = genome(SEQUENCES, 900), []
    predict_many = engine.predict_many

    def watched(batches):
        kept, passed_on = itertools.tee(batches)
        seen.append([batch.tobytes() for batch in kept])
        return predict_many(passed_on)

    monkeypatch.setattr(engine, "predict_many", watched)
    predict(path, model, engine, settings)
    with h5py.File(path) as file:
        predictor = Predictor(engine, model.graph, GenomeSource(file, model.graph, settings, threads=1), settings)
        for parts in PARTS.values():
            list(predictor.rows(stretches_of(parts)))
    for part in seen[1:]:
        assert set(part) <= set(seen[0])
    assert len(seen[1]) < len(seen[0])


def test_a_minus_strand_is_predicted_like_the_plus_strand_of_its_reverse_complement(genome, model, engine):
    """Of a sequence whose length is a multiple of L: elsewhere padding lies on the other side."""
    letters = SEQUENCES["c"]
    flipped = letters[::-1].translate(str.maketrans("ACGT", "TGCA"))
    settings = PredictionSettings(overlapping(900))
    forward = predict(genome({"c": letters}, 900), model, engine, settings)
    backward = predict(genome({"c": flipped}, 900), model, engine, settings)
    np.testing.assert_array_equal(forward[3:], backward[:3])


def test_registers_differ_only_in_where_padding_lies(genome, model, engine):
    path = genome(SEQUENCES, 900)
    last, upstream = (
        predict(path, model, engine, PredictionSettings(overlapping(900), register))
        for register in ("last", "upstream")
    )
    partial_minus = {3: 700, 7: 700}  # row: bases; sequence a has 2500 = 2 x 900 + 700, b has 700
    for row in range(len(last)):
        bases = partial_minus.get(row, 900)
        np.testing.assert_array_equal(last[row, :, :bases], upstream[row, :, 900 - bases :])
        np.testing.assert_array_equal(last[row, :, bases:], upstream[row, :, : 900 - bases])


def test_probabilities_sum_to_one(genome, model, engine):
    probs = predict(genome(SEQUENCES, 900), model, engine, PredictionSettings(overlapping(900)))
    np.testing.assert_allclose(probs.astype(float).sum(axis=-1), 1, atol=2e-3)


def test_short_sequences_get_the_probabilities_of_full_rows(genome, model, engine, monkeypatch):
    """Padding beyond what the network can feel is not computed, and the bases' predictions stay the same."""
    sequences = {f"s{i}": random_bases(500 + 150 * i, i) for i in range(6)} | {"long": random_bases(30_000, 99)}
    path = genome(sequences, 21_384)
    seen = []
    predict_many = engine.predict_many

    def watched(batches):
        kept, passed_on = itertools.tee(batches)
        seen.extend(batch.shape[1] for batch in kept)
        return predict_many(passed_on)

    monkeypatch.setattr(engine, "predict_many", watched)
    short = predict(path, model, engine, PredictionSettings(row_by_row(21_384)))
    assert min(seen) < 21_384 // 3
    full = predict(path, model, engine, PredictionSettings(row_by_row(21_384), "upstream"))
    for i in range(6):
        bases = 500 + 150 * i
        np.testing.assert_allclose(short[2 * i, :, :bases], full[2 * i, :, :bases], atol=1e-3)
        np.testing.assert_allclose(short[2 * i + 1, :, :bases], full[2 * i + 1, :, -bases:], atol=1e-3)


def test_padding_can_be_capped(genome, model, engine):
    """A contig of 1 kb then costs 1.3 kb, not a row; long sequences stay as they are but for the end of the last row."""
    path = genome({"short": random_bases(1000, 1), "long": random_bases(6480, 2)}, 2160)
    settings = PredictionSettings(overlapping(2160), max_padding_bp=270)
    with h5py.File(path) as file:
        predictor = Predictor(engine, model.graph, GenomeSource(file, model.graph, settings, threads=1), settings)
        assert predictor._kept_length(predictor.runs[0], 0) == 1296
    capped, whole = (predict(path, model, engine, one) for one in (settings, PredictionSettings(overlapping(2160))))
    np.testing.assert_array_equal(capped[2:], whole[2:])
    np.testing.assert_allclose(capped[:2, :, :1000].astype(float).sum(axis=-1), 1, atol=2e-3)
    with pytest.raises(ParameterError, match="--max-padding"):
        PredictionSettings(overlapping(2160), max_padding_bp=-1)


def test_filtered_files_need_row_by_row_prediction(genome, model, engine, tmp_path):
    path = genome(SEQUENCES, 900)
    with h5py.File(path) as file, RowWriter(tmp_path / "filtered.h5", "test", {}) as writer:
        writer.append(
            {name: file[name][[0, 2, 5]] for name in ("data/X", "data/species", "data/seqids", "data/start_ends")}
        )
    with pytest.raises(FormatError):
        predict(tmp_path / "filtered.h5", model, engine, PredictionSettings(overlapping(900)))
    kept = predict(tmp_path / "filtered.h5", model, engine, PredictionSettings(row_by_row(900)))
    np.testing.assert_array_equal(kept, predict(path, model, engine, PredictionSettings(row_by_row(900)))[[0, 2, 5]])


def test_an_empty_genome_is_an_error(genome, model, tmp_path):
    path = genome(SEQUENCES, 900)
    with h5py.File(path, "r+") as file:
        for name in ("data/X", "data/species", "data/seqids", "data/start_ends"):
            file[name].resize(0, axis=0)
    with h5py.File(path) as file, pytest.raises(EmptyResultError, match="has no rows"):
        GenomeSource(file, model.graph, PredictionSettings(row_by_row(900)))


@pytest.mark.parametrize(("register", "batch_size"), [("first", None), ("last", 0)])
def test_settings_check_themselves(register, batch_size):
    with pytest.raises(ParameterError):
        PredictionSettings(row_by_row(900), register, batch_size=batch_size)

"""Engines: the fast one against the reference, and each against itself with other batches and threads."""

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from helixtune.engines import EngineSettings, bytes_per_base, choose_engine, cpu_batch_rows, load_engine, precision
from helixtune.errors import HelixtuneError, ParameterError
from helixtune.model.graph import NetworkShape, graph_of_shape
from helixtune.model.weights import read_model_file

CASES = Path(__file__).parents[1] / "data" / "cases" / "model"
MODELS = ("01-plain", "03-coverage", "04-coverage-hidden-lost-lstm", "05-no-phase-clipped")


def model_of(name):
    return read_model_file(CASES / name / "model.h5")


def inputs_for(model, rows=6, length=1800) -> np.ndarray:
    with h5py.File(CASES / "genome.h5") as file:
        bases = file["data/X"][:rows, :length]
    coverage = np.random.default_rng(0).random((rows, length, model.graph.input_channels - 4)).astype(np.float16)
    return np.concatenate([bases, coverage], axis=-1)


def predict(engine, inputs, batch=6) -> np.ndarray:
    return np.concatenate(list(engine.predict_many(inputs[i : i + batch] for i in range(0, len(inputs), batch))))


@pytest.mark.parametrize("name", MODELS)
def test_openvino_in_float32_agrees_with_tensorflow(name):
    pytest.importorskip("tensorflow")
    pytest.importorskip("openvino")
    model = model_of(name)
    inputs = inputs_for(model)
    reference = predict(load_engine(model, EngineSettings("tensorflow", "cpu")), inputs)
    found = predict(load_engine(model, EngineSettings("openvino", precision="float32")), inputs)
    assert reference.shape == (6, 2 if model.graph.has_phase else 1, 1800, 4)
    np.testing.assert_allclose(found, reference, atol=1e-5)


@pytest.mark.parametrize(("name", "tolerance"), [("tensorflow", 1e-6), ("openvino", 0)])
@pytest.mark.parametrize("case", ["01-plain", "05-no-phase-clipped"])
def test_repetition_changes_no_bit_and_batch_size_next_to_nothing(name, tolerance, case):
    """A single head once came out as a view of the engine's own memory, overwritten by the next batch."""
    pytest.importorskip(name)
    engine = load_engine(model_of(case), EngineSettings(name, "cpu", threads=2))
    inputs = inputs_for(model_of(case))
    whole = predict(engine, inputs)
    np.testing.assert_array_equal(predict(engine, inputs), whole)
    for batch in (1, 4):
        np.testing.assert_allclose(predict(engine, inputs, batch), whole, rtol=0, atol=tolerance)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_threads_do_not_change_a_bit_with_openvino(precision):
    pytest.importorskip("openvino")
    model = model_of("01-plain")
    one, two = (
        predict(
            load_engine(model, EngineSettings("openvino", precision=precision, threads=threads)), inputs_for(model), 2
        )
        for threads in (1, 2)
    )
    np.testing.assert_array_equal(one, two)


def test_bfloat16_has_to_prove_itself(monkeypatch):
    openvino = pytest.importorskip("openvino") and pytest.importorskip("helixtune.engines.openvino")
    if not openvino.cpu_has_bfloat16():
        pytest.skip("this CPU has no bfloat16")
    model = model_of("01-plain")
    share = precision.same_class_share(
        *(openvino.OpenVinoEngine(model, 1, kind) for kind in ("float32", "bfloat16")), inputs_for(model)
    )
    assert 0.99 < share < 1
    for needed, chosen in ((share, "bfloat16"), (share + 1e-6, "float32")):
        monkeypatch.setattr(precision, "MIN_SAME_CLASS", needed)
        assert chosen in load_engine(model, EngineSettings("openvino"), inputs_for(model)).description


def test_tensorflow_in_float16_agrees_with_float32_and_keeps_its_weights():
    """What a GPU computes in float16 a CPU can too, slowly: networks this small lose next to nothing."""
    pytest.importorskip("tensorflow")
    model = model_of("01-plain")
    exact, half = (load_engine(model, EngineSettings("tensorflow", "cpu", kind)) for kind in ("float32", "float16"))
    assert "float16 on CPU" in half.description
    a, b = (predict(engine, inputs_for(model), 2) for engine in (exact, half))
    assert b.dtype == np.float32
    assert 0 < np.abs(a - b).max() < 0.02
    assert precision.same_class_share(exact, half, inputs_for(model)) > 0.99


def test_openvino_is_loaded_without_its_telemetry():
    pytest.importorskip("openvino")
    code = (
        "import sys; from helixtune.engines.openvino_library import load_openvino; load_openvino().Core();"
        "print([name for name in sys.modules if name.startswith('openvino_telemetry.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_batch_that_is_too_large_is_halved(monkeypatch):
    tensorflow = pytest.importorskip("tensorflow")
    engine = load_engine(model_of("01-plain"), EngineSettings("tensorflow", "cpu"))
    inputs = inputs_for(model_of("01-plain"))
    expected, forward = predict(engine, inputs), engine._forward

    def small_memory(batch, largest=2):
        if batch.shape[0] > largest:
            raise tensorflow.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        return forward(batch)

    monkeypatch.setattr(engine, "_forward", small_memory)
    # some CPUs sum in another order when the batch has another size
    np.testing.assert_allclose(predict(engine, inputs), expected, rtol=0, atol=2e-6)
    assert engine.batch_rows(1800) == 2
    monkeypatch.setattr(engine, "_forward", lambda batch: small_memory(batch, 0))
    with pytest.raises(HelixtuneError, match="does not fit into the device's memory"):
        predict(engine, inputs)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "torch"}, "--engine torch is not known"),
        ({"device": "tpu"}, "--device tpu is not known"),
        ({"precision": "int8"}, "--precision int8 is not known"),
        ({"name": "openvino", "device": "gpu"}, "runs on the CPU"),
        ({"name": "tensorflow", "precision": "bfloat16"}, "TensorFlow computes in float32 or float16"),
        ({"name": "openvino", "precision": "float16"}, "for TensorFlow on a GPU"),
        ({"threads": 0}, "at least one thread"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, message):
    with pytest.raises(ParameterError, match=message):
        EngineSettings(**settings)


def test_an_engine_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("helixtune.engines.find_spec", lambda name: None)
    assert choose_engine(EngineSettings()) == "tensorflow"
    with pytest.raises(ParameterError, match=r"pip install 'helixtune\[openvino\]'"):
        load_engine(model_of("01-plain"), EngineSettings("openvino"))


def test_memory_grows_with_the_network():
    small, large = (
        bytes_per_base(graph_of_shape(shape)) for shape in (NetworkShape(), NetworkShape(4, 96, 10, 9, 3, 128))
    )
    assert small < large
    assert 2000 < large < 3000


def test_batches_hold_what_pays_off_and_fits():
    assert [cpu_batch_rows(10**6, length) for length in (2_304, 21_384, 64_152, 213_840, 10**7)] == [148, 16, 8, 4, 1]

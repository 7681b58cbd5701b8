"""Settings and arrays that cannot work are refused where they are made, each in one sentence."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from helixtune.commands.choose_candidate import _check as check_rounds
from helixtune.errors import HelixtuneError
from helixtune.evaluation.junctions import read_junctions
from helixtune.evaluation.predictions import require_genome
from helixtune.gene_calling.places import Shard, require_whole_strands
from helixtune.gene_calling.sequences import group_sequences
from helixtune.h5files import BASES, COVERAGE
from helixtune.model.graph import NetworkShape, graph_of_shape
from helixtune.model.inputs import network_input, normalise_coverage
from helixtune.model.weights import _write_root, write_arrays
from helixtune.prediction.genome_source import PredictionSettings, _check_source
from helixtune.rnaseq.alignments import check_library
from helixtune.selection.genome_bases import GenomeBases
from helixtune.selection.pairing import pair_rows
from helixtune.selection.row_names import read_prediction_rows, read_register
from helixtune.selection.settings import SelectionSettings
from helixtune.selection.upstream import upstream_sums
from helixtune.sharding.gather import _require_all
from helixtune.simulation.parameters import Composition
from helixtune.splitting.partition import split_as_upstream
from helixtune.subsequences import Rows, strand_runs
from helixtune.training.batches import cut_batch
from helixtune.training.labelled_rows import Layout
from helixtune.training.run_folder import run_folder
from helixtune.training.settings import TrainingSettings
from helixtune.tuning import continue_head, coverage_head, new_head, whole_network
from helixtune.tuning.plan import Wishes
from helixtune.tuning.procedure import input_layout


def rows(*places, seqid=b"a", species=b"x"):
    n = len(places)
    return Rows(np.full(n, species, "S25"), np.full(n, seqid, "S50"), np.array(places, np.int64).reshape(n, 2))


def rounds(number, total=2, n_earlier=None, folder="/nowhere"):
    folders = dict.fromkeys(("round_dir", "results_dir", "report_dir"), folder)
    asked = SimpleNamespace(round=number, rounds=total, **folders)
    check_rounds(asked, number - 1 if n_earlier is None else n_earlier)


def part(number, count=2, places=9, settings="x"):
    return SimpleNamespace(
        path=f"p{number}", shard=Shard(number, count), places=places, header=[f"##helixtune {settings}"]
    )


def model(tracks=0, norm=None):
    return SimpleNamespace(graph=SimpleNamespace(coverage_tracks=tracks, pool_size=9), coverage_norm=norm)


def task(mode="continue-head", norm=None):
    return SimpleNamespace(mode=mode, base_model="m.h5", coverage_norm=norm, train=["t.h5"])


def shards(width, n_rows):
    return SimpleNamespace(width_bp=width, n_rows=n_rows, name="f.h5")


def windows(**settings):
    return PredictionSettings(windowing=None, **settings)


BOTH = rows((0, 40), (40, 0))
TARGETS = SimpleNamespace(weights=np.zeros((1, 5)))


class OpenFile(dict):
    """Datasets by name, as an open file has them."""

    filename = "f.h5"


def predicted_as(*registers):
    files = [SimpleNamespace(attrs={"register": name}, filename="p.h5") for name in registers]
    return SimpleNamespace(files=files, name="p.h5, q.h5", has=lambda _: False)


def one_name_twice():
    parts = [
        SimpleNamespace(seqid="a", strands={"+": [0], "-": [1]}),
        SimpleNamespace(seqid="a", strands={"+": [2], "-": [3]}),
    ]
    require_whole_strands(parts, [SimpleNamespace(first_row=row, n_rows=1) for row in range(4)], "f.h5")


CASES = {
    "p.h5, q.h5 differ in their register": lambda: read_register(predicted_as("last", "upstream")),
    "do not name their rows (Helixer's files never do)": lambda: read_prediction_rows(
        predicted_as("last", "last"), [], None, "last", 1
    ),
    "f.h5 holds two sequences of one name": one_name_twice,
    "f.h5: rows of 4 bases are shorter than one time step": lambda: _check_source(
        OpenFile({BASES: np.zeros((2, 4, 4))}), model().graph, BOTH
    ),
    "the model needs (2, 40, 1) (one layer a BAM file)": lambda: _check_source(
        OpenFile({BASES: np.zeros((2, 40, 4)), COVERAGE: np.zeros((2, 40, 3))}), model(1).graph, BOTH
    ),
    'layer "x" holds values that are not finite': lambda: write_arrays(None, {"x": [np.array([np.nan])]}, "m.h5", {}),
    'Attribute "keras_version" is written by Keras': lambda: _write_root(
        SimpleNamespace(attrs={}), graph_of_shape(NetworkShape()), {"keras_version": "9"}
    ),
    "--round 3 of --rounds 2": lambda: rounds(3),
    "--earlier: 0 folders for round 2": lambda: rounds(2, n_earlier=0),
    "exists already: give a new folder": lambda: rounds(1, folder="/"),
    "3 times --library for 2 BAM files": lambda: read_junctions(["a", "b"], {}, ["auto"] * 3),
    "f.h5 holds no subsequence": lambda: require_genome(SimpleNamespace(filename="f.h5"), rows()),
    "f.h5 holds no subsequences": lambda: group_sequences(rows(), "f.h5"),
    "holds 2 species (x, y, …)": lambda: group_sequences(
        Rows(np.array([b"x", b"y"]), np.array([b"a", b"a"]), BOTH.start_ends), "f.h5"
    ),
    "Coverage norm 'sqrt' is not known": lambda: normalise_coverage(np.zeros(3), "sqrt"),
    "differ in rows, length or number of BAMs": lambda: network_input(
        np.zeros((1, 9, 4)), np.zeros((1, 9, 2)), np.zeros((1, 9, 1)), "log"
    ),
    "--register sideways is not known": lambda: windows(register="sideways"),
    "--max-padding -1: it must not be negative": lambda: windows(max_padding_bp=-1),
    "--max-padding means nothing with --register upstream": lambda: windows(max_padding_bp=9, register="upstream"),
    "Library 'dUTP' is unknown": lambda: check_library("dUTP"),
    "t.h5 has no bases: give --genome": lambda: GenomeBases([], BOTH, 40, "t.h5"),
    "t.h5: a:60-100(+) does not fit into its row": lambda: pair_rows(
        rows((60, 100)), rows((0, 100), (100, 0)), (40, 80), "last", ("t.h5", "p.h5")
    ),
    "--method best: give one of": lambda: SelectionSettings(method="best"),
    "--max-bases 0: it must be at least": lambda: SelectionSettings(max_bases=0),
    "--method upstream pairs rows by position": lambda: upstream_sums(shards(40, 9), shards(40, 8), 1),
    "p1 is shard 1/2, but the files are shards 1/2": lambda: _require_all([part(1)], 9, "g.h5"),
    "p1 was made from a genome of 9 places, g.h5 has 8": lambda: _require_all([part(1), part(2)], 8, "g.h5"),
    "were made with different models or settings": lambda: _require_all([part(1), part(2, settings="y")], 9, "g.h5"),
    "--shard 3/2: the first number must be 1 to the second": lambda: Shard(3, 2),
    "--shard three: give the shard's number": lambda: Shard.parse("three"),
    "f.h5 was filtered or sorted anew": lambda: require_whole_strands(group_sequences(BOTH, "f.h5"), [], "f.h5"),
    'There is no codon table "x"': lambda: Composition(codon_table="x"),
    "leaves nothing to train on: lower it": lambda: split_as_upstream(
        Rows(np.full(4, b"x"), np.array([b"a", b"b", b"c", b"d"]), np.zeros((4, 2))),
        SimpleNamespace(validation_fraction=0.99, seed=0),
    ),
    "has 40 bases on its plus and 0 on its minus strand": lambda: strand_runs(rows((0, 40))),
    "--pieces 2: rows of 5 time steps cannot be cut": lambda: cut_batch([], TARGETS, 2),
    "--coverage-norm belongs to models that take RNA-seq": lambda: Layout(9, 0, "log"),
    "--coverage-norm sqrt: choose from": lambda: Layout(9, 1, "sqrt"),
    "Output folder /nowhere does not exist": lambda: run_folder(None, "k", Path("/nowhere/x.h5")).__enter__(),
    "--monitor luck: choose from": lambda: TrainingSettings(0.1, monitor="luck"),
    "--schedule sometimes: choose from": lambda: TrainingSettings(0.1, schedule="sometimes"),
    "--mode continue-head keeps the head as it is": lambda: continue_head.prepare(model(), Wishes(hidden_units=3)),
    "--mode whole-network keeps the head as it is": lambda: whole_network.prepare(model(), Wishes(hidden_units=3)),
    "the training data hold no RNA-seq coverage": lambda: coverage_head.prepare(model(), Wishes()),
    "--mode new-head: the base model takes RNA-seq coverage": lambda: new_head.prepare(model(2), Wishes()),
    "--head-init zero: choose from": lambda: Wishes(head_init="zero"),
    "m.h5 takes coverage but does not say how it is scaled": lambda: input_layout(task(), model(1)),
    "--coverage-norm linear: m.h5 was trained with log": lambda: input_layout(task(norm="linear"), model(1, "log")),
}


@pytest.mark.parametrize("sentence", CASES)
def test_refused(sentence):
    with pytest.raises(HelixtuneError) as caught:
        CASES[sentence]()
    assert sentence in str(caught.value)

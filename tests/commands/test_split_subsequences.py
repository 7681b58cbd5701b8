"""`helixtune split-subsequences`: files, strands, gaps, errors."""

import h5py
import numpy as np
import pytest

from helixtune import h5files
from selection_files import World


@pytest.fixture
def split(tmp_path, run_cli):
    def run(*inputs, options=()):
        return run_cli(
            "split-subsequences", "--input", *inputs, "--train", tmp_path / "train.h5", "--validation",
            tmp_path / "validation.h5", *options,
        )  # fmt: skip

    return run


def places(path) -> set:
    with h5py.File(path) as file:
        return {
            (species, seqid, min(pair))
            for species, seqid, pair in zip(
                file["data/species"], file["data/seqids"], file["data/start_ends"][:].tolist(), strict=True
            )
        }


def row_names(file) -> list:
    return list(zip(file["data/seqids"], file["data/start_ends"][:].tolist(), strict=True))


AWKWARD = {
    "all intergenic": World({"one": 900, "two": 450}, genic=0.0),
    "sixteen rows": World({"one": 720}),
    "one contig": World({"one": 2000}),
    "two places": World({"one": 180}),
    "two short contigs": World({"one": 30, "two": 40}),
    "contigs shorter than a row": World({f"c{i}": 20 + 5 * i for i in range(12)}),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_inputs_fill_both_files(name, split, tmp_path):
    source = AWKWARD[name].training(tmp_path / "in.h5", 90)
    code, message = split(source)
    assert code == 0, message
    train, validation = places(tmp_path / "train.h5"), places(tmp_path / "validation.h5")
    assert train
    assert validation
    assert train.isdisjoint(validation)
    assert train | validation <= places(source)


def test_all_datasets_are_carried_along(split, tmp_path):
    source = World({f"s{i}": 900 for i in range(6)}).training(tmp_path / "in.h5", 90)
    with h5py.File(source, "a") as file:
        n = len(file[h5files.CLASSES])
        file[h5files.COVERAGE] = np.arange(n * 90).reshape(n, 90, 1)
        file[h5files.BAM_FILES] = np.array(["a.bam"], "S512")
        file.attrs["library"] = "unstranded"
    code, message = split(source, options=["--validation-fraction", "0.3", "--seed", "4"])
    assert code == 0, message
    with h5py.File(source) as whole:
        order = row_names(whole)
        for name in ("train.h5", "validation.h5"):
            with h5py.File(tmp_path / name) as part:
                rows = [order.index(row) for row in row_names(part)]
                assert rows == sorted(rows)
                for dataset in (*(f"data/{name}" for name in whole["data"]), h5files.COVERAGE):
                    assert np.array_equal(part[dataset][:], whole[dataset][:][rows])
                assert part[h5files.BAM_FILES][:].tolist() == [b"a.bam"]
                assert part.attrs["library"] == "unstranded"


def test_files_of_a_group_are_joined(split, tmp_path):
    inputs = [
        World({"one": 900}, species=species, seed=seed).training(tmp_path / f"{seed}.h5", 90)
        for seed, species in enumerate((b"first", b"second"))
    ]
    code, message = split(*inputs)
    assert code == 0, message
    both = places(tmp_path / "train.h5") | places(tmp_path / "validation.h5")
    assert {species for species, *_ in both} == {b"first", b"second"}


def test_upstreams_method_is_seeded(split, tmp_path):
    source = World({f"s{i}": 900 for i in range(6)}).training(tmp_path / "in.h5", 90)
    found = []
    for seed in ("1", "1", "2"):
        code, message = split(source, options=["--method", "upstream", "--seed", seed])
        assert code == 0, message
        found.append(places(tmp_path / "validation.h5"))
    assert found[0] == found[1]


@pytest.mark.parametrize("method", ["blocks", "upstream"])
def test_one_place_fails_or_is_skipped_with_a_warning(method, split, tmp_path):
    source = World({"one": 80}).training(tmp_path / "in.h5", 90)
    before = set(tmp_path.iterdir())
    code, message = split(source, options=["--method", method])
    assert code == 1
    assert "helixtune split-subsequences:" in message
    code, message = split(source, options=["--method", method, "--on-empty", "skip"])
    assert code == 0
    assert "Nothing was split" in message
    assert set(tmp_path.iterdir()) == before


def test_errors_are_one_sentence(split, tmp_path):
    source = World({"one": 900}).training(tmp_path / "in.h5", 90)
    narrow = World({"two": 900}).training(tmp_path / "narrow.h5", 45)
    cases = [
        ((source,), ["--validation-fraction", "1"], "--validation-fraction 1.0"),
        ((source,), ["--write-by", "0"], "--write-by 0"),
        ((source, narrow), [], "Row lengths differ"),
        ((tmp_path / "none.h5",), [], "does not exist"),
        ((source,), ["--train", source], "must be different files"),
    ]
    for inputs, options, message in cases:
        code, said = split(*inputs, options=options)
        assert code == 1
        assert message in said
    assert not (tmp_path / "train.h5").exists()

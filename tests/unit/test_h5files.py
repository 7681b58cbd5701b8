import json

import h5py
import numpy as np
import pytest

from helixtune import h5files
from helixtune.errors import FormatError, InputFileError, ShapeError
from helixtune.h5files import RowWriter, iter_blocks, open_file, read_block
from helixtune.subsequences import Rows, seqid_array


def write_rows(path, arrays, blocks=3, **options):
    with RowWriter(path, "test", {"a": 1}, **options) as writer:
        for piece in np.array_split(np.arange(len(next(iter(arrays.values())))), blocks):
            writer.append({name: array[piece] for name, array in arrays.items()})
    return path


@pytest.fixture
def arrays():
    rng = np.random.default_rng(1)
    return {
        h5files.BASES: rng.random((10, 700, 4)).astype(np.float16),
        h5files.WEIGHTS: rng.integers(0, 2, (10, 700)).astype(np.int8),
        h5files.COVERAGE: rng.integers(-1, 9, (10, 700, 2)),
        h5files.IS_ANNOTATED: rng.random(10) < 0.5,
        h5files.SEQIDS: np.array([f"chr{i}".encode() for i in range(10)], "S50"),
        h5files.START_ENDS: rng.integers(0, 99, (10, 2)),
    }


@pytest.mark.parametrize("threads", [1, 3])
def test_what_is_written_is_read_back_by_us_and_by_h5py(tmp_path, arrays, threads):
    path = write_rows(tmp_path / "x.h5", arrays, threads=threads)
    with open_file(path) as file:
        for name, array in arrays.items():
            assert file[name].dtype == array.dtype
            assert (file[name][:] == array).all()
            assert (read_block(file, name, slice(2, 9), threads) == array[2:9]).all()
            assert (read_block(file, name, np.array([7, 0, 3]), threads) == array[[7, 0, 3]]).all()


def test_block_size_never_matters(tmp_path, arrays):
    one, many = (write_rows(tmp_path / f"{n}.h5", arrays, blocks=n) for n in (1, 7))
    assert one.with_suffix(".summary.json").read_text() == many.with_suffix(".summary.json").read_text()
    with open_file(one) as a, open_file(many) as b:
        for (_, left), (_, right) in zip(
            iter_blocks(a, tuple(arrays), 4), iter_blocks(b, tuple(arrays), 4), strict=True
        ):
            assert all((left[name] == right[name]).all() for name in arrays)


def test_the_same_rows_give_the_same_bytes(tmp_path, arrays):
    first, second = (write_rows(tmp_path / f"{n}.h5", arrays) for n in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_a_smaller_file_holds_the_same(tmp_path):
    bases = np.eye(4, dtype=np.float16)[np.random.default_rng(1).integers(0, 4, (3, 20_000))]
    for name, deflate in (("fast", h5files.DEFLATE_FAST), ("small", h5files.DEFLATE_SMALL)):
        with RowWriter(tmp_path / f"{name}.h5", "test", {}, deflate=deflate) as writer:
            writer.append({"data/X": bases})
        with h5py.File(tmp_path / f"{name}.h5") as file:
            np.testing.assert_array_equal(file["data/X"][:], bases)
    assert (tmp_path / "small.h5").stat().st_size < 0.9 * (tmp_path / "fast.h5").stat().st_size


def test_a_failed_writer_leaves_nothing_behind(tmp_path, arrays):
    def fail_midway():
        with RowWriter(tmp_path / "x.h5", "test", {}) as writer:
            writer.append(arrays)
            raise InputFileError("the disk is gone")

    with pytest.raises(InputFileError):
        fail_midway()
    assert list(tmp_path.iterdir()) == []


def test_blocks_must_agree_in_their_rows(tmp_path, arrays):
    with pytest.raises(ShapeError), RowWriter(tmp_path / "x.h5", "test", {}) as writer:
        writer.append({h5files.BASES: arrays[h5files.BASES], h5files.WEIGHTS: arrays[h5files.WEIGHTS][:3]})


def test_the_summary_counts_classes(tmp_path):
    classes = np.zeros((3, 500, 4), np.int8)
    classes[..., 2] = 1
    path = write_rows(tmp_path / "x.h5", {h5files.CLASSES: classes})
    summary = json.loads(path.with_suffix(".summary.json").read_text())
    assert summary["datasets"][h5files.CLASSES]["sums"] == [0, 0, 1500, 0]


def test_upstream_style_files_are_read_too(tmp_path):
    data = np.random.default_rng(0).random((5, 90, 4)).astype(np.float16)
    with h5py.File(tmp_path / "u.h5", "w") as file:
        file.create_dataset("data/X", data=data, chunks=(1, 90, 4), compression="gzip", shuffle=True)
        file.create_dataset("data/lzf", data=data, chunks=(1, 90, 4), compression="lzf", shuffle=True)
        file.create_dataset("data/plain", data=data)
        file.create_dataset("data/sparse", shape=(5, 90, 4), dtype="i1", chunks=(1, 90, 4), compression="gzip")
    with open_file(tmp_path / "u.h5") as file:
        for name in ("data/X", "data/lzf", "data/plain"):
            assert (read_block(file, name, np.array([4, 1])) == data[[4, 1]]).all()
        assert not read_block(file, "data/sparse", slice(None)).any()


def test_files_that_are_not_whole_hdf5_are_refused_in_one_sentence(tmp_path, arrays):
    path = write_rows(tmp_path / "x.h5", arrays)
    (tmp_path / "cut.h5").write_bytes(path.read_bytes()[:4000])
    (tmp_path / "text.h5").write_text("hello")
    (tmp_path / "empty.h5").write_bytes(b"")
    for name, words in {
        "cut.h5": "truncated",
        "text.h5": "not an HDF5",
        "empty.h5": "is empty",
        "no.h5": "exist",
    }.items():
        with pytest.raises(InputFileError, match=words):
            open_file(tmp_path / name)


def test_a_damaged_row_is_named(tmp_path, arrays):
    path = write_rows(tmp_path / "x.h5", arrays)
    with h5py.File(path, "r") as file:
        place = file[h5files.BASES].id.get_chunk_info(4)
    raw = bytearray(path.read_bytes())
    raw[place.byte_offset + 20 : place.byte_offset + 60] = b"\xff" * 40
    path.write_bytes(bytes(raw))
    with open_file(path) as file, pytest.raises(InputFileError, match="row 4 of '/data/X' is damaged"):
        read_block(file, h5files.BASES, slice(None))


def test_links_out_of_the_file_are_refused(tmp_path):
    with h5py.File(tmp_path / "l.h5", "w") as file:
        file["data/X"] = h5py.ExternalLink("/etc/passwd", "/x")
        file["data/y"] = h5py.SoftLink("/data/X")
    for name in ("data/X", "data/y"):
        with pytest.raises(FormatError, match="link"):
            open_file(tmp_path / "l.h5", (name,))
    with pytest.raises(FormatError, match="no dataset 'data/z'"):
        open_file(tmp_path / "l.h5", ("data/z",))


@pytest.mark.parametrize("deflate", [h5files.DEFLATE_FAST, h5files.DEFLATE_SMALL, h5files.DEFLATE_RUNS])
@pytest.mark.parametrize(("width", "longest"), [(21384, 1500), (21384, 21384), (700, 300), (60, 20)])
def test_rows_without_their_padding_are_written_as_rows_with_it(tmp_path, deflate, width, longest):
    rng = np.random.default_rng(3)
    lengths = rng.integers(1, longest + 1, 9)
    lengths[0] = longest
    is_base = np.arange(width) < lengths[:, None]
    whole = {
        h5files.BASES: (rng.random((9, width, 4)) * is_base[..., None]).astype(np.float16),
        h5files.WEIGHTS: (rng.integers(0, 2, (9, width)) * is_base).astype(np.int8),
        h5files.GENE_LENGTHS: (rng.integers(0, 9000, (9, width)) * is_base).astype(np.uint32),
        h5files.START_ENDS: np.stack([np.zeros(9, np.int64), lengths], axis=1),
    }
    short = {name: array[:, :longest] for name, array in whole.items()}
    plain = write_rows(tmp_path / "plain.h5", whole, deflate=deflate)
    padded = write_rows(tmp_path / "padded.h5", short, deflate=deflate, width_bp=width)
    with h5py.File(padded) as file:  # HDF5's own filters
        for name, array in whole.items():
            np.testing.assert_array_equal(file[name][:], array)
    with open_file(padded) as file:
        for name, array in whole.items():
            np.testing.assert_array_equal(read_block(file, name, slice(0, 9)), array)
    assert json.loads(padded.with_suffix(".summary.json").read_text()) == json.loads(
        plain.with_suffix(".summary.json").read_text()
    )


def test_long_names_begin_where_they_are_needed(tmp_path):
    names = [b"a", b"b", b"x" * 60 + b"1", b"x" * 60 + b"2", b"c"]
    path = tmp_path / "x.h5"
    with RowWriter(path, "test", {}) as writer:
        for name in names:
            rows = Rows(np.array([b"sp"], "S25"), seqid_array([name]), np.array([[0, 5]]))
            writer.append(h5files.identity_of(rows))
    with open_file(path) as file:
        assert file[h5files.SEQIDS].dtype == "S50"
        assert h5files.read_rows(file).seqids.tolist() == names
    with RowWriter(path, "test", {}) as writer:
        writer.append(h5files.identity_of(Rows(np.array([b"sp"], "S25"), seqid_array([b"a"]), np.array([[0, 5]]))))
    with open_file(path) as file:
        assert h5files.FULL_SEQIDS not in file

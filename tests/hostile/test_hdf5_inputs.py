"""Hostile HDF5 files through the commands that read them: refused in one sentence, or read rightly."""

import json
import shutil

import h5py
import numpy as np
import pytest

from attempts import Case
from bam_files import write_bam
from helixtune.cli import main
from small_files import LENGTH, write_small_files

ROWS = 10
# Verb -> its words; {given} stands for the hostile file, other names for good ones.
CALL = "call-genes --genome {g.h5} --predictions {p.h5} --output {made}"
SELECT = "select-confident --h5-to-filter {t.h5} --predictions {p.h5} --keep-fraction 1 --output-file {made}"
SPLIT = "split-subsequences --input {t.h5} --train {made} --validation validation.h5"
COVER = "add-coverage --data {g.h5} --bam {r.bam} --library unstranded --output {made}"
TRACKS = "export-tracks --genome {g.h5} --predictions {p.h5} --format bedgraph --output-dir {made}"
SCORE = "score-shard --genome {g.h5} --annotation {g.gff3} --predictions {p.h5} --subsequence-length 40 --output {made}"
JUDGE = "evaluate-genes --genome {g.h5} --base-genes {g.gff3} --base-predictions {p.h5} --output {made}"
INSPECT = "inspect {g.h5}"
CHOOSE = "select-confident --row-scores {s.h5} {u.h5} --genome {g.h5} --annotation {g.gff3} --keep-fraction 1 --output-file {made}"


def put(name: str, value, **options):
    """Return a change that puts other data in place of a dataset."""

    def change(file: h5py.File) -> None:
        if name in file:
            del file[name]
        file.create_dataset(name, data=value, **options)

    return change


def altered(name: str, change):
    """Return a change of a dataset's values, type or shape."""
    return lambda file: put(name, change(file[name][:]))(file)


def filled(name: str, value, where=slice(None)):
    """Return a change of some of a dataset's values."""

    def change(file: h5py.File) -> None:
        values = file[name][:]
        values[where] = value
        file[name][...] = values

    return change


def linked(name: str, link):
    """Return a change that puts a link in place of a dataset or group."""

    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = link

    return change


def absurd(name: str, shape: tuple, kind: str):
    """Return a change after which a dataset of a few bytes claims terabytes."""

    def change(file: h5py.File) -> None:
        del file[name]
        file.create_dataset(name, shape=shape, dtype=kind, chunks=(1, *shape[1:]), compression="gzip")

    return change


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout(shape=(ROWS, LENGTH, 4), dtype="f2")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(ROWS, LENGTH, 4))
    del file["data/X"]
    file.create_virtual_dataset("data/X", layout)


def outside(file: h5py.File) -> None:
    del file["data/X"]
    file.create_dataset("data/X", (ROWS, LENGTH, 4), "f2", external=[("/etc/passwd", 0, 2 * ROWS * LENGTH * 4)])


def attribute(name: str, value):
    return lambda file: file.attrs.__setitem__(name, value)


def other_coding(file: h5py.File) -> None:
    for name in ("predictions", "predictions_phase"):
        put(name, np.zeros((ROWS, LENGTH), "<u2"))(file)
    file.attrs["format"] = "helixtune compact predictions"


def packed(code: int):
    """Return a change of the bases to packed ones, all of this code."""

    def change(file: h5py.File) -> None:
        put("data/X", np.full((ROWS, LENGTH), code, np.uint8), chunks=(1, LENGTH), compression="gzip")(file)
        file.attrs["format"] = "helixtune packed genome"

    return change


def packed_and_cut_differently(file: h5py.File) -> None:
    packed(1)(file)
    filled("data/start_ends", [(0, 40), (40, 80), (80, 100), (100, 70), (70, 30), (30, 0)], slice(6))(file)


def reversed_rows(file: h5py.File) -> None:
    for name in ("data/seqids", "data/species", "data/start_ends", "predictions", "predictions_phase"):
        file[name][...] = file[name][:][::-1]


def scrambled(name: str):
    """Return a maker of a copy in which the packed bytes of row 2 are overwritten."""

    def spoil(path) -> None:
        with h5py.File(path) as file:
            info = file[name].id.get_chunk_info(0)
        content = bytearray(path.read_bytes())
        content[info.byte_offset + 2 : info.byte_offset + info.size] = b"\xa5" * (info.size - 2)
        path.write_bytes(content)

    return spoil


def cut(size: int):
    return lambda path: path.write_bytes(path.read_bytes()[:size])


def written(content: bytes):
    return lambda path: path.write_bytes(content)


def labelled(**settings):
    """Return a change of what row scores say about how their labels were made."""
    return attribute("settings", json.dumps(settings))


KINDS = {"g.h5": "genome", "t.h5": "training rows", "p.h5": "predictions", "s.h5": "row scores"}
IN_FILE = "data must lie in the file itself"
KIND = "is not an array of rows"
# what it is: command line, file that is changed, change of its bytes or content, sentence ("" = read rightly)
FILES = {
    "empty file": (CALL, "g.h5", written(b""), "is empty"),
    "text": (CALL, "g.h5", written(b"hello\n"), "is not an HDF5 file"),
    "random bytes": (CALL, "g.h5", written(bytes((i * 37) % 256 for i in range(999))), "is not an HDF5 file"),
    "HDF5 signature alone": (CALL, "g.h5", written(b"\x89HDF\r\n\x1a\n"), "is a damaged or truncated HDF5 file"),
    "cut in the middle": (CALL, "g.h5", cut(3000), "is a damaged or truncated HDF5 file"),
    "cut by one byte": (CALL, "g.h5", cut(-1), "is a damaged or truncated HDF5 file"),
    "predictions cut in the middle": (SELECT, "p.h5", cut(3000), "is a damaged or truncated HDF5 file"),
    "row overwritten": (CALL, "p.h5", scrambled("predictions"), "is damaged"),
    "names overwritten": (SELECT, "t.h5", scrambled("data/seqids"), "is damaged"),
}
CONTENT = {
    "dataset missing": (CALL, "g.h5", lambda file: file.__delitem__("data/X"), "has no dataset 'data/X'"),
    "no phases": (CALL, "p.h5", lambda file: file.__delitem__("predictions_phase"), "genes need a model that predicts"),
    "all datasets missing": (SELECT, "t.h5", lambda file: file.clear(), "has no dataset"),
    "group in place of a dataset": (
        CALL,
        "g.h5",
        lambda file: (file.__delitem__("data/X"), file.create_group("data/X")),
        KIND,
    ),
    "dataset in place of a group": (CALL, "g.h5", put("data", 3), "has no dataset 'data/X'"),
    "number in place of an array": (SPLIT, "t.h5", put("data/y", 3), KIND),
    "text in place of numbers": (
        SELECT,
        "p.h5",
        altered("predictions", lambda v: np.full(v.shape, b"x")),
        "of numbers is expected",
    ),
    "complex numbers": (
        CALL,
        "p.h5",
        altered("predictions", lambda v: v.astype(np.complex64)),
        "of numbers is expected",
    ),
    "compound type": (
        CALL,
        "g.h5",
        altered("data/X", lambda v: np.zeros(v.shape, [("a", "f4")])),
        "of numbers is expected",
    ),
    "numbers in place of names": (
        COVER,
        "g.h5",
        altered("data/seqids", lambda v: np.arange(len(v))),
        "of text is expected",
    ),
    "text of any length as names": (
        COVER,
        "g.h5",
        put("data/seqids", ["a"] * ROWS, dtype=h5py.string_dtype()),
        "of text is expected",
    ),
    "coordinates with fractions": (
        JUDGE,
        "g.h5",
        altered("data/start_ends", lambda v: v + 0.5),
        "of numbers is expected",
    ),
    "one axis more": (CALL, "g.h5", altered("data/X", lambda v: v[..., None]), "is expected: make the file again"),
    "one axis less": (CALL, "p.h5", altered("predictions", lambda v: v[..., 0]), "is expected: make the file again"),
    "three classes": (SELECT, "p.h5", altered("predictions", lambda v: v[..., :3]), "any, 4) of numbers is expected"),
    "five kinds of transitions": (
        SPLIT,
        "t.h5",
        altered("data/transitions", lambda v: v[..., :5]),
        "6) of numbers is expected",
    ),
    "one row less than names": (CALL, "g.h5", altered("data/X", lambda v: v[:-1]), "of text is expected"),
    "labels narrower than bases": (SELECT, "t.h5", altered("data/y", lambda v: v[:, :-1]), "4) of numbers is expected"),
    "rows of no width": (
        CALL,
        "g.h5",
        altered("data/X", lambda v: v[:, :0]),
        "cannot reach from 0 to 40 in 0 positions",
    ),
    "no rows": (
        CALL,
        "g.h5",
        lambda file: [altered(f"data/{name}", lambda v: v[:0])(file) for name in list(file["data"])],
        "give the genome file that",
    ),
    "predictions of another width": (
        CALL,
        "p.h5",
        lambda file: [altered(n, lambda v: v[:, :7])(file) for n in ("predictions", "predictions_phase")],
        "give the genome file that",
    ),
    "data link to elsewhere in the file": (CALL, "g.h5", linked("data/X", h5py.SoftLink("/data/y")), IN_FILE),
    "dangling link": (SPLIT, "t.h5", linked("data/phases", h5py.SoftLink("/nowhere")), IN_FILE),
    "link into another file": (CALL, "g.h5", linked("data/X", h5py.ExternalLink("/etc/passwd", "/x")), IN_FILE),
    "group that is a link into another file": (
        JUDGE,
        "g.h5",
        linked("data", h5py.ExternalLink("other.h5", "/data")),
        IN_FILE,
    ),
    "group that links to the root": (CALL, "g.h5", linked("data", h5py.SoftLink("/")), IN_FILE),
    "link where nothing was asked for": (
        TRACKS,
        "p.h5",
        lambda file: file.__setitem__("data/X", h5py.SoftLink("/x")),
        IN_FILE,
    ),
    "data kept in /etc/passwd": (CALL, "g.h5", outside, "keeps its data in another file"),
    "virtual dataset over another file": (CALL, "g.h5", virtual, "keeps its data in another file"),
    "350 terabytes of bases in 20 kB": (
        CALL,
        "g.h5",
        absurd("data/X", (2**40, 40, 4), "f2"),
        "more than the file can hold",
    ),
    "55 terabytes of names in 20 kB": (
        SELECT,
        "t.h5",
        absurd("data/seqids", (2**40,), "S50"),
        "more than the file can hold",
    ),
    "100 gigabytes of predictions in 20 kB": (
        TRACKS,
        "p.h5",
        absurd("predictions", (10, 2**29, 4), "f4"),
        "more than the file can hold",
    ),
    "negative probabilities": (
        SELECT,
        "p.h5",
        filled("predictions", -1, (3, 4)),
        "holds -1.0, where numbers from 0 to 1",
    ),
    "percent in place of shares": (TRACKS, "p.h5", filled("predictions", 25), "holds 25.0, where numbers from 0 to 1"),
    "labels that are no ones and zeros": (
        SELECT,
        "t.h5",
        filled("data/y", 100),
        "holds 100, where numbers from 0 to 1",
    ),
    "names that are no text": (
        COVER,
        "g.h5",
        filled("data/seqids", b"\xff\xfe"),
        "its sequence ids are not plain ASCII",
    ),
    "names with line ends": (CALL, "g.h5", filled("data/seqids", b"a\nchr\t1"), "its sequence ids are not plain ASCII"),
    "terminal escapes as species": (
        INSPECT,
        "g.h5",
        filled("data/species", b"\x1b[2J"),
        "its species are not plain ASCII",
    ),
    "two species": (COVER, "g.h5", filled("data/species", b"other", 0), "holds several species (other, x)"),
    "negative coordinates": (CALL, "g.h5", filled("data/start_ends", (-5, 35), 0), "cannot reach from -5 to 35"),
    "coordinates of 2**62": (COVER, "g.h5", filled("data/start_ends", (2**62, 2**62 + 40), 0), "cannot reach from"),
    "row longer than its width": (SELECT, "t.h5", filled("data/start_ends", (0, 4000), 0), "to 4000 in 40 positions"),
    "row of no base": (SPLIT, "t.h5", filled("data/start_ends", 0), "cannot reach from 0 to 0"),
    "row twice": (CALL, "g.h5", filled("data/start_ends", (0, 40), 1), "holds a:0-40(+) twice"),
    "gap between rows": (CALL, "g.h5", filled("data/start_ends", (41, 80), 1), "lacks"),
    "end of a strand missing": (
        CALL,
        "g.h5",
        lambda file: [altered(f"data/{name}", lambda v: v[1:])(file) for name in list(file["data"])],
        "give the genome file that",
    ),
    "predictions of another genome": (
        CALL,
        "p.h5",
        altered("data/seqids", lambda v: np.where(v == b"a", b"q", v)),
        "lacks",
    ),
    "predictions of another species": (SELECT, "p.h5", filled("data/species", b"other"), "lacks"),
    "unknown register": (CALL, "p.h5", attribute("register", "sideways"), "register is 'sideways'"),
    "register that is an array": (
        SELECT,
        "p.h5",
        attribute("register", np.arange(5)),
        "unknown register '[0 1 2 3 4]'",
    ),
    "compact predictions of another version": (SELECT, "p.h5", other_coding, "keeps its levels in another way"),
    "packed base of no code": (
        SCORE,
        "g.h5",
        packed(16),
        "'data/X' holds 16, where numbers from 0 to 15 are expected",
    ),
    "packed strands cut at other bases": (COVER, "g.h5", packed_and_cut_differently, "not cut at the same bases"),
    "training file in place of predictions": (
        CALL,
        "p.h5",
        lambda file: [file.__delitem__(n) for n in ("predictions", "predictions_phase")],
        "has no dataset 'predictions'",
    ),
}
UNLABELLED, UNSOUND = "does not say how its rows were labelled", "does not fit the file's rows: it is damaged"
SCORES = {
    "unknown setting": (CHOOSE, "s.h5", labelled(subsequence_length=40, colour="red"), UNLABELLED),
    "no row length": (CHOOSE, "s.h5", labelled(partial_annotation=False), UNLABELLED),
    "row length that is text": (CHOOSE, "s.h5", labelled(subsequence_length="40"), UNLABELLED),
    "settings that are no JSON": (CHOOSE, "s.h5", attribute("settings", "{no"), UNLABELLED),
    "other format": (CHOOSE, "s.h5", attribute("format", "x"), "holds no row scores"),
    "shard of no number": (CHOOSE, "s.h5", attribute("shard", "x"), "holds no row scores"),
    "shard 0": (CHOOSE, "s.h5", attribute("shard", "0/2"), "holds no row scores"),
    "shard of 5,000 digits": (CHOOSE, "s.h5", attribute("shard", f"1/{'9' * 5000}"), "holds no row scores"),
    "one of 900 million shards": (CHOOSE, "s.h5", attribute("shard", "1/900000000"), "of every shard once"),
    "other genome's checksum": (CHOOSE, "s.h5", attribute("fasta_sha256", "0"), "differ in 'fasta_sha256'"),
    "other model's checksum": (CHOOSE, "s.h5", attribute("model_sha256", "0"), "differ in 'model_sha256'"),
    "no phases, unlike the other part": (
        CHOOSE, "s.h5", lambda file: file.__delitem__("scores/phases"), "differ in 'scores/phases'",
    ),
    "no gene models, unlike the other part": (
        CHOOSE, "s.h5", lambda file: file.__delitem__("scores/gene_models"), "differ in 'scores/gene_models'",
    ),
    "no sums": (CHOOSE, "s.h5", lambda file: file.__delitem__("scores/classes"), "has no dataset 'scores/classes'"),
    "no first genes": (CHOOSE, "s.h5", lambda file: file.__delitem__("first_labelled"), "has no dataset 'first_labelled"),
    "sums with fractions": (CHOOSE, "s.h5", altered("scores/classes", lambda v: v + 0.5), "is expected"),
    "a sum less": (CHOOSE, "s.h5", altered("scores/classes", lambda v: v[:, :-1]), "is expected"),
    "a row of sums less": (CHOOSE, "s.h5", altered("scores/phases", lambda v: v[:-1]), "is expected"),
    "negative sums": (CHOOSE, "s.h5", filled("scores/classes", -1, 1), UNSOUND),
    "gene model of row 2**40": (CHOOSE, "s.h5", filled("scores/gene_models", 1 << 40, (0, 0)), UNSOUND),
    "gene model of row -1": (CHOOSE, "s.h5", filled("scores/gene_models", -1, (0, 0)), UNSOUND),
    "gene models of 64 bits": (CHOOSE, "s.h5", altered("scores/gene_models", lambda v: v.astype("u8") - 1), UNSOUND),
    "first gene on another sequence": (CHOOSE, "s.h5", filled("first_labelled/seqids", b"\xff"), UNSOUND),
    "line without its sequence": (CHOOSE, "s.h5", altered("first_labelled/lines", lambda v: np.append(v, 9)), UNSOUND),
    "rows elsewhere": (CHOOSE, "s.h5", filled("data/start_ends", (1, 41), 0), "is not the genome that the rows"),
    "rows on another sequence": (CHOOSE, "s.h5", filled("data/seqids", b"q"), UNSOUND),
}  # fmt: skip
READ = {
    "NaN in a row of probabilities": (CALL, "p.h5", filled("predictions", np.nan, 0), "no gene is called there"),
    "infinite probabilities": (CALL, "p.h5", filled("predictions", np.inf), "no gene is called there"),
    "line ends in attributes": (CALL, "p.h5", attribute("engine", "x\nchr1\tx\tgene"), "they reach no GFF3 file"),
    "rows in another order": (CALL, "p.h5", reversed_rows, "rows are found by name, never by position"),
    "big-endian numbers": (CALL, "p.h5", altered("predictions", lambda v: v.astype(">f4")), "read as they are"),
    "64-bit numbers": (SELECT, "p.h5", altered("predictions", lambda v: v.astype("f8")), "read as they are"),
    "settings that are no JSON": (COVER, "g.h5", attribute("settings", "{no"), "left out"),
    "settings nested 30,000 deep": (COVER, "g.h5", attribute("settings", "[" * 30_000), "left out"),
    "attribute that is no Unicode": (SPLIT, "t.h5", attribute("engine", b"\xff"), "carried on as far as it is text"),
    "attribute of 60 kB": (SPLIT, "t.h5", attribute("notes", "x" * 60_000), "left out"),
    "libraries that are no JSON": (COVER, "g.h5", attribute("coverage_libraries", "{"), "left out"),
    "format that is an array": (SELECT, "p.h5", attribute("format", np.arange(5)), "taken as no compact predictions"),
    "group that holds itself": (INSPECT, "g.h5", lambda file: file.__setitem__("loop", file["/"]), "told once"),
    "300 further groups": (COVER, "g.h5", lambda file: [file.create_group(f"junk/{i}") for i in range(300)], "left out"),
}  # fmt: skip


def no_gene(path) -> None:
    assert all(line.startswith("#") for line in path.read_text().splitlines())


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    made = write_small_files(folder)
    common = ["--genome", made["g.h5"], "--annotation", made["g.gff3"], "--predictions", made["p.h5"], "--gene-models"]
    for number, name in enumerate(("s.h5", "u.h5"), start=1):
        made[name] = folder / name
        words = [*common, "--shard", f"{number}/2", "--subsequence-length", LENGTH, "--output", made[name], "--quiet"]
        assert main(["score-shard", *map(str, words)]) == 0
    return made | {"r.bam": write_bam(folder / "r.bam", {"a": 100, "b": 50}, [(0, "a", 1, "9M")])}


def trial(good, row):
    """Return the case and the words of one row."""
    line, name, change, promise = row
    is_bytes = row in FILES.values()

    def make(path) -> None:
        shutil.copy(good[name], path)
        if is_bytes:
            change(path)
            return
        with h5py.File(path, "a") as file:
            change(file)

    def words(given, made) -> list[str]:
        paths = {**good, name: given, "made": made}
        return [str(paths[word[1:-1]]) if word.startswith("{") else word for word in line.split()]

    is_read = row in READ.values()
    right = no_gene if line == CALL else lambda _: None
    return Case(make, "" if is_read else promise, right, promise if is_read else ""), words


@pytest.mark.parametrize("name", FILES | CONTENT | READ)
def test_hdf5(table, reliability, good, name):
    check(table, reliability, good, (FILES | CONTENT | READ)[name], name)


@pytest.mark.parametrize("name", SCORES)
def test_row_scores(table, reliability, good, name):
    check(table, reliability, good, SCORES[name], name)


def test_whole_row_scores_are_read(table, good):
    """What the table above rests on."""
    row = (CHOOSE, "s.h5", lambda file: None, "")
    case, words = trial(good, row)
    table.check(case, "given.h5", words, "o.out")


def check(table, reliability, good, row: tuple, name: str) -> None:
    case, words = trial(good, row)
    outcome = table.check(case, "given.h5", words, "o.out")
    reliability("hdf5", f"{row[0].split()[0]}, {KINDS[row[1]]}: {name}", case.promised, outcome)

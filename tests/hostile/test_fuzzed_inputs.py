"""Fuzzing: valid files with bytes, lines or fields changed at random, through the commands. Success or one sentence, no more.

Every case is drawn from a seed, so that a failure names what makes it again: `fuzz(reader, seed)`. The default suite runs a
few hundred cases in all, `-m full` thousands.
"""

import contextlib
import gzip
import io
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pytest
from annotations import GENOME, SECOND, WHOLE

from bam_files import write_bam
from helixtune.cli import build_parser
from helixtune.errors import HelixtuneError
from small_files import write_small_files

MODEL = Path(__file__).parents[1] / "data" / "cases" / "model" / "05-no-phase-clipped" / "model.h5"
# Words that parsers stumble over.
WORDS = [b"", b"\t", b"\n", b"\r", b"\0", b" ", b"-1", b"0", b"nan", b"1e308", b"9" * 30, b";", b"=", b"%", b">", b"##FASTA",
         b"Parent=t", b"ID=g", b"\xff\xfe", "é".encode(), b"'", b'"', b",", b"{", b"[" * 2000, b"null", b"true"]  # fmt: skip


def changed_bytes(content: bytes, draw: random.Random) -> bytes:
    """Return a file with one to four things changed: bytes flipped, cut, doubled, or words put in."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(data) + 1)
        length = draw.choice([1, 1, 2, 8, 60])
        match draw.randrange(6):
            case 0:
                for i in range(place, min(place + length, len(data))):
                    data[i] ^= 1 << draw.randrange(8)
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = data[place : place + length]
            case 3:
                data[place:place] = draw.choice(WORDS)
            case 4:
                data[place : place + length] = draw.choice(WORDS)
            case 5 if draw.random() < 0.2:
                del data[place:]
    return bytes(data)


def changed_fields(content: bytes, draw: random.Random) -> bytes:
    """Return a table with fields exchanged, lines moved, or words in place of fields."""
    lines = [line.split(b"\t") for line in content.split(b"\n")]
    for _ in range(draw.randint(1, 4)):
        line, other = draw.choice(lines), draw.choice(lines)
        match draw.randrange(4):
            case 0:
                line[draw.randrange(len(line))] = draw.choice(other)
            case 1:
                line[draw.randrange(len(line))] = draw.choice(WORDS)
            case 2:
                lines.insert(draw.randrange(len(lines)), list(line))
            case 3:
                draw.shuffle(lines)
    return b"\n".join(b"\t".join(line) for line in lines)


def changed_layout(path: Path, draw: random.Random) -> None:
    """Change datasets and attributes of an HDF5 file."""
    with h5py.File(path, "a") as file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        for name in draw.sample(names, min(len(names), draw.randint(1, 2))):
            values = file[name][()]
            attributes = dict(file[name].attrs)
            del file[name]
            changed = changed_array(values, draw)
            if changed is not None:
                file[name] = changed
                file[name].attrs.update(attributes)
        if draw.random() < 0.3:
            value = draw.choice(["x", "{", 5, np.arange(3), b"\xff", "[1]", np.nan, ""])
            file.attrs[draw.choice([*file.attrs, "register", "format", "settings"])] = value


def changed_array(values, draw: random.Random):
    """Return an array of another type, shape or content; None to leave it out."""
    values = np.asarray(values)
    is_number = values.dtype.kind in "fiub"
    match draw.randrange(8):
        case 0:
            return None
        case 1:
            return values[: draw.randrange(len(values) + 1)] if values.ndim else values
        case 2:
            return values[..., None]
        case 3 if is_number:
            return values.astype(draw.choice(["f8", "i1", "u8", "?", "S4", "c8"]))
        case 4 if values.ndim > 1:
            return values[:, : draw.randrange(values.shape[1] + 1)]
        case 5:
            return values.reshape(-1)
        case _ if is_number and values.size and values.dtype.kind != "b":
            flat = values.reshape(-1).copy()
            with np.errstate(all="ignore"):
                odd = np.array(draw.choice([-1, 0, 1, 2**40, -(2**62), 1e30, np.nan, np.inf])).astype(flat.dtype)
            flat[draw.randrange(len(flat)) :: draw.choice([1, 7, 10**9])] = odd
            return flat.reshape(values.shape)
    return values[::-1] if values.ndim else values


@dataclass(frozen=True)
class Reader:
    """A command and the file that is changed.

    Attributes:
        section: what is fuzzed, in words.
        given: name of the good file.
        line: command line; {given} and names of good files are filled in, {made} is the output.
        changes: ways of changing it: (bytes, random) -> bytes.
        cases: how many in the default suite; ten times as many in the full one.
        layout: changes content by HDF5's own means instead of bytes.
    """

    section: str
    given: str
    line: str
    changes: tuple[Callable[[bytes, random.Random], bytes], ...]
    cases: int
    layout: bool = False


SELECT = "select-confident --h5-to-filter {t.h5} --predictions {p.h5} --keep-fraction 1 --output-file {made}"
CALL = "call-genes --genome {g.h5} --predictions {p.h5} --output {made}"
COVER = "add-coverage --data {g.h5} --bam {r.bam} --library unstranded --output {made}"
LABEL = "encode-labels --fasta {long.fa} --annotation {given} --species x --subsequence-length 40 --output {made}"
ENCODE = "encode-genome --fasta {given} --species x --subsequence-length 40 --output {made}"
READERS = {
    "FASTA": Reader("FASTA, bytes", "long.fa", ENCODE, (changed_bytes,), 80),
    "packed FASTA": Reader("FASTA, gzip, bytes", "long.fa.gz", ENCODE, (changed_bytes,), 40),
    "GFF3": Reader("GFF3, bytes and fields", "two.gff3", LABEL, (changed_bytes, changed_fields), 120),
    "GTF": Reader("GTF, bytes and fields", "two.gtf", LABEL, (changed_bytes, changed_fields), 40),
    "judged genes": Reader(
        "GFF3 without a genome, bytes and fields", "two.gff3",
        "evaluate-genes --predicted {given} --reference {two.gff3} --output {made}", (changed_bytes, changed_fields), 60),
    "BED": Reader(
        "BED, bytes and fields", "r.bed",
        "evaluate-genes --predicted {g.gff3} --genome {g.fa} --repeats {given} --output {made}",
        (changed_bytes, changed_fields), 40),
    "proteins": Reader(
        "protein FASTA, bytes", "p.fa",
        "evaluate-genes --genome {g.h5} --base-genes {g.gff3} --base-predictions {p.h5} --proteins {given} --output {made}",
        (changed_bytes,), 15),
    "BAM": Reader("BAM, bytes", "r.bam", COVER.replace("{r.bam}", "{given}"), (changed_bytes,), 40),
    "genome bytes": Reader("genome HDF5, bytes", "g.h5", COVER, (changed_bytes,), 40),
    "prediction bytes": Reader("prediction HDF5, bytes", "p.h5", CALL, (changed_bytes,), 40),
    "genome": Reader("genome HDF5, datasets", "g.h5", CALL, (), 40, layout=True),
    "predictions": Reader("prediction HDF5, datasets", "p.h5", CALL, (), 40, layout=True),
    "training rows": Reader("training HDF5, datasets", "t.h5", SELECT, (), 40, layout=True),
    "rows to split": Reader(
        "training HDF5 to split, datasets", "t.h5",
        "split-subsequences --input {given} --train {made} --validation {other}", (), 40, layout=True),
    "model bytes": Reader("model, bytes", "m.h5", "check-model {given}", (changed_bytes,), 60),
    "model": Reader("model, datasets and attributes", "m.h5", "check-model {given}", (), 40, layout=True),
}  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("good")
    made = write_small_files(folder)
    (folder / "long.fa").write_text(GENOME)
    (folder / "long.fa.gz").write_bytes(gzip.compress(GENOME.encode(), mtime=0))
    (folder / "two.gff3").write_text(WHOLE + SECOND)
    names = 'gene_id "g"; transcript_id "t";'
    (folder / "two.gtf").write_text(
        "".join(f"a\tx\t{kind}\t61\t150\t.\t+\t0\t{names}\n" for kind in ("gene", "transcript", "exon", "CDS"))
    )
    (folder / "r.bed").write_text("a\t5\t20\nb\t0\t9\n# note\na\t30\t40\tname\t0\t+\n")
    (folder / "p.fa").write_text(">p one\nMKLVEEFWQRST\n>q\nMAAAGHKLWY\n")
    shutil.copy(MODEL, folder / "m.h5")
    write_bam(folder / "r.bam", {"a": 100, "b": 50}, [(0, "a", i, "9M") for i in range(40)])
    return made | {path.name: path for path in folder.iterdir()}


def fuzz(reader: Reader, good: dict[str, Path], folder: Path, seed: int) -> bool:
    """Run one case; returns whether the command worked. Anything but success or one sentence is an error."""
    draw = random.Random(seed)
    given = folder / f"given{''.join(Path(reader.given).suffixes)}"
    if reader.layout:
        shutil.copy(good[reader.given], given)
        changed_layout(given, draw)
    else:
        given.write_bytes(draw.choice(reader.changes)(good[reader.given].read_bytes(), draw))
    if reader.given == "r.bam":
        shutil.copy(f"{good['r.bam']}.bai", f"{given}.bai")
    paths = {**good, reader.given: given, "given": given, "made": folder / "out" / "o", "other": folder / "out" / "p"}
    paths["two.gff3"] = good["two.gff3"] if "--predicted" in reader.line else paths["two.gff3"]
    words = [str(paths[word[1:-1]]) if word[0] == "{" else word for word in reader.line.split()]
    (folder / "out").mkdir()
    arguments = build_parser((words[0],)).parse_args([*words, "--quiet"])
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            arguments.run(arguments)
    except HelixtuneError:
        assert list((folder / "out").iterdir()) == [], "something was left behind"
        return False
    return True


def run_cases(name: str, good, tmp_path, count: int) -> None:
    reader = READERS[name]
    for seed in range(count):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            fuzz(reader, good, folder, seed)
        except Exception as error:
            error.add_note(f"{name}, seed {seed}, in {folder}")
            raise
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", READERS)
def test_fuzzed(reliability, good, tmp_path, name):
    count = READERS[name].cases
    run_cases(name, good, tmp_path, count)
    promised = "success, or one sentence and nothing left behind"
    reliability("fuzz", READERS[name].section, promised, "so in every case", cases=count)


@pytest.mark.full
@pytest.mark.parametrize("name", READERS)
def test_fuzzed_at_length(good, tmp_path, name):
    run_cases(name, good, tmp_path, 10 * READERS[name].cases)

"""A GFF3 file read in parts: genes, warnings and refusals of the file read as a whole."""

import pytest

from helixtune.annotation import gff3_parts
from helixtune.annotation.gff3 import read_genes
from helixtune.annotation.gff3_parts import read_genes_in_processes
from helixtune.errors import FormatError

LENGTHS = {f"s{i}": 100_000 for i in range(12)}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(gff3_parts, "PART_BYTES", 700)


def lines_of(seqid: str, n_genes: int) -> list[str]:
    lines = [f"{seqid}\tx\tregion\t1\t100000\t.\t+\t.\tID=region_{seqid}"]
    for i in range(n_genes):
        start, strand, name = 1000 * i + 1, "+-"[i % 2], f"{seqid}_g{i}"
        lines += [
            f"{seqid}\tx\tgene\t{start}\t{start + 299}\t0.5\t{strand}\t.\tID={name};gene_biotype=protein_coding",
            f"{seqid}\tx\tmRNA\t{start}\t{start + 299}\t.\t{strand}\t.\tID={name}.1;Parent={name}",
            f"{seqid}\tx\texon\t{start}\t{start + 99}\t.\t{strand}\t.\tParent={name}.1",
            f"{seqid}\tx\texon\t{start + 200}\t{start + 299}\t.\t{strand}\t.\tParent={name}.1",
            f"{seqid}\tx\tCDS\t{start}\t{start + 99}\t.\t{strand}\t0\tParent={name}.1",
            f"{seqid}\tx\tCDS\t{start + 200}\t{start + 299}\t.\t{strand}\t1\tParent={name}.1",
        ]
    return lines


def awkward_lines() -> list[str]:
    """All that is warned about at the end of a file, and sequences that the genome lacks."""
    lines = ["##gff-version 3"]
    for i in range(12):
        lines += ["", "# next", *lines_of(f"s{i}", 1 + 5 * (i % 3))]
        lines.append(f"s{i}\tx\twonder_{i % 4}\t1\t9\t.\t+\t.\tID=w{i}")
        lines.append(f"s{i}\tx\tmRNA\t90001\t90300\t.\t+\t.\tID=free{i}")
        lines.append(f"s{i}\tx\tbiological_region\t80001\t80300\t.\t+\t.\tID=odd{i}")
        lines.append(f"s{i}\tx\texon\t80001\t80300\t.\t+\t.\tParent=odd{i}")
        lines.append(f"s{i}\tx\texon\t70001\t70300\t.\t+\t.\tName=lost")
    return [*lines, *lines_of("moon", 2), *lines_of("mars", 1)]


def lines_with_blocks(end: list[str]) -> list[str]:
    """Comments before, between and after the features, so long that parts of the file hold nothing else."""
    block = [f"##sequence-region s{i} 1 100000" for i in range(12)]
    lines = ["##gff-version 3", *block]
    for i in range(4):
        lines += [*lines_of(f"s{i}", 1 + i % 2), "###", *(block if i in (1, 2) else ["# é"])]
        lines.append(f"s{i}\tx\texon\t80001\t80300\t.\t+\t.\tName=lost")
    return [*lines, *block, *["###"] * 20, *end]


def outcome(read, path, caplog):
    """Return genes, or the sentence of the refusal, and the warnings."""
    caplog.clear()
    try:
        found = read(path)
    except FormatError as error:
        found = str(error)
    return found, [record.getMessage() for record in caplog.records]


def both(path, caplog):
    expected = outcome(lambda path: read_genes(path, LENGTHS), path, caplog)
    for processes in (2, 4):
        assert outcome(lambda path, n=processes: read_genes_in_processes(path, LENGTHS, n), path, caplog) == expected
    return expected


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "##FASTA\n>s0\nACGT\nno line of GFF3\n", ">s0\nACGT\n"])
def test_genes_and_warnings_are_those_of_the_whole_file(tmp_path, caplog, newline, last):
    path = tmp_path / "a.gff3"
    path.write_bytes(("\n".join([*awkward_lines(), last])).replace("\n", newline).encode())
    genes, warnings = both(path, caplog)
    assert len(genes) == 12 + 4 * (1 + 6 + 11)
    assert any("3 genes on 2 sequences that are not in the genome" in one for one in warnings)
    assert any("unknown types" in one for one in warnings)
    assert any("12 exons or CDS without Parent" in one for one in warnings)


def test_the_file_is_read_in_parts(tmp_path, monkeypatch):
    path = tmp_path / "a.gff3"
    path.write_text("\n".join(awkward_lines()) + "\n")
    monkeypatch.setattr(gff3_parts, "read_genes", None)
    assert len(read_genes_in_processes(path, LENGTHS, 2)) == 84


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("s7\tx\texon\t1", "4 tab-separated columns"),
        ("s7\tx\tgene\t1\t300\t.\t+\t.\tID=s2_g0", "was used before, on another sequence in line"),
        ("s7\tx\texon\t1\t300\t.\t+\t.\tParent=s2_g0.1", "lies on another sequence than its Parent"),
        ("s7\tx\tgene\t1\t300000\t.\t+\t.\tID=far", "ends at 300000 but sequence 's7' has 100000"),
        ("s7\tx\tgene\t9\t3\t.\t+\t.\tID=back", "is no interval"),
    ],
)
def test_refusals_are_those_of_the_whole_file(tmp_path, caplog, wrong, sentence):
    lines = awkward_lines()
    at = max(i for i, line in enumerate(lines) if line.startswith("s7\t")) + 1
    path = tmp_path / "a.gff3"
    path.write_text("\n".join([*lines[:at], wrong, *lines[at:]]) + "\n")
    told, _ = both(path, caplog)
    assert sentence in told


def test_sequences_whose_lines_lie_apart_are_read_as_a_whole(tmp_path, caplog):
    path = tmp_path / "a.gff3"
    apart = [line.replace("g0", "again") for line in lines_of("s0", 1)[1:]]
    path.write_text("\n".join([*awkward_lines(), *apart]) + "\n")
    genes, _ = both(path, caplog)
    assert len(genes) == 85


def test_one_sequence_and_small_files_are_read_as_a_whole(tmp_path, caplog):
    path = tmp_path / "a.gff3"
    for lines in (lines_of("s1", 20), lines_of("s1", 1)):
        path.write_text("\n".join(lines) + "\n")
        genes, _ = both(path, caplog)
        assert len(genes) == (len(lines) - 1) // 6


ENDS = {
    "comments": [],
    "FASTA": ["##FASTA", ">s0", "ACGT", "no line of GFF3"],
    "bare FASTA": [">s0", "ACGT" * 20, "ACGT"],
}
WRONG = {
    "nothing": None,
    "an interval": "{seqid}\tx\tgene\t9\t3\t.\t+\t.\tID=back",
    "columns": "{seqid}\tx\tgene",
    "a far gene": "{seqid}\tx\tgene\t1\t300000\t.\t+\t.\tID=far",
    "a lost sequence": "{seqid}\tx\texon\t1\t300\t.\t+\t.\tParent=s1_g0.1",
    "an ID": "{seqid}\tx\tgene\t1\t300\t.\t+\t.\tID={seqid}_g0",
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("wrong", WRONG)
def test_any_size_of_the_parts_gives_what_the_whole_file_gives(tmp_path, caplog, monkeypatch, end, wrong):
    lines = lines_with_blocks(ENDS[end])
    if WRONG[wrong]:
        at = max(i for i, line in enumerate(lines) if line.startswith("s2\t")) + 1
        lines.insert(at, WRONG[wrong].format(seqid="s2"))
    path = tmp_path / "a.gff3"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    expected = outcome(lambda path: read_genes(path, LENGTHS), path, caplog)
    assert isinstance(expected[0], str) == bool(WRONG[wrong])
    if wrong != "columns":
        monkeypatch.setattr(gff3_parts, "read_genes", None)
    monkeypatch.setattr(gff3_parts, "in_processes", lambda work, items, _: map(work, items))
    size = path.stat().st_size
    for part_bytes in [*range(1, 400), *range(400, size, 23)]:
        monkeypatch.setattr(gff3_parts, "PART_BYTES", part_bytes)
        found = outcome(lambda path: read_genes_in_processes(path, LENGTHS, 2), path, caplog)
        assert found == expected, part_bytes  # lines of genes are compared with the rest of them


@pytest.mark.parametrize("end", ENDS)
def test_parts_of_comments_are_read_in_processes(tmp_path, caplog, monkeypatch, end):
    monkeypatch.setattr(gff3_parts, "PART_BYTES", 150)
    path = tmp_path / "a.gff3"
    path.write_text("\n".join(lines_with_blocks(ENDS[end])) + "\n", encoding="utf-8")
    genes, warnings = both(path, caplog)
    assert len(genes) == 6
    assert len(warnings) == 1


@pytest.mark.parametrize("part_bytes", [50, 700, 4000])
def test_a_feature_on_a_sequence_named_like_fasta_ends_nothing(tmp_path, caplog, monkeypatch, part_bytes):
    monkeypatch.setattr(gff3_parts, "PART_BYTES", part_bytes)
    lines = awkward_lines()
    at = lines.index("# next", 9)
    path = tmp_path / "a.gff3"
    path.write_text("\n".join([*lines[:at], ">x\tx\tregion\t1\t9\t.\t+\t.\tID=x", *lines[at:]]) + "\n")
    genes, _ = both(path, caplog)
    assert len(genes) == 84


@pytest.mark.parametrize("end", ["FASTA", "bare FASTA"])
def test_features_behind_sequence_are_those_of_the_whole_file(tmp_path, caplog, monkeypatch, end):
    path = tmp_path / "a.gff3"
    late = [line.replace("_g0", "_late") for line in lines_of("s0", 1)[1:]]
    path.write_text("\n".join([*awkward_lines(), *ENDS[end], *late]) + "\n")
    expected = outcome(lambda path: read_genes(path, LENGTHS), path, caplog)
    assert [gene.id for gene in expected[0] if "late" in gene.id] == ["s0_late"]
    monkeypatch.setattr(gff3_parts, "in_processes", lambda work, items, _: map(work, items))
    for part_bytes in (60, 150, 700, 4000, 30_000):
        monkeypatch.setattr(gff3_parts, "PART_BYTES", part_bytes)
        assert outcome(lambda path: read_genes_in_processes(path, LENGTHS, 2), path, caplog) == expected

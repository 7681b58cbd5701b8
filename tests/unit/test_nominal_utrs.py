"""UTRs of nominal length: where they go and how long they get."""

import pytest

from helixtune.annotation.genes import Gene, Transcript
from helixtune.annotation.nominal_utrs import UtrLengths, add_nominal_utrs
from helixtune.errors import ParameterError

UTRS = UtrLengths(50, 110)
LENGTHS = {"c1": 10_000}


def gene(name: str, start: int, end: int, strand: str = "+", cds: tuple[int, int] | None = None) -> Gene:
    first, last = cds or (start, end)
    transcript = Transcript(f"{name}.1", "mRNA", strand, start, end, ((start, end),), ((first, last, 0),))
    return Gene(name, "c1", strand, start, end, transcripts=(transcript,))


def borders(genes: list[Gene]) -> list[tuple[int, int]]:
    for one in genes:
        (transcript,) = one.transcripts
        assert (
            (one.start, one.end)
            == (transcript.start, transcript.end)
            == (transcript.exons[0][0], transcript.exons[-1][1])
        )
    return [(one.start, one.end) for one in genes]


def test_five_prime_is_left_on_plus_and_right_on_minus():
    genes, added = add_nominal_utrs([gene("a", 1000, 2000), gene("b", 5000, 6000, "-")], LENGTHS, UTRS)
    assert borders(genes) == [(950, 2110), (4890, 6050)]
    assert added == 4
    assert genes[0].transcripts[0].cds == ((1000, 2000, 0),)


def test_at_most_a_third_of_the_gap_to_the_next_coding_sequence_of_the_strand():
    genes, _ = add_nominal_utrs(
        [gene("a", 1000, 2000), gene("b", 2090, 3000), gene("c", 2030, 2060, "-")], LENGTHS, UTRS
    )
    assert borders(genes)[:2] == [(950, 2030), (2060, 3110)]


def test_sequence_ends_count_as_neighbours():
    genes, _ = add_nominal_utrs([gene("a", 30, 9970)], LENGTHS, UTRS)
    assert borders(genes) == [(20, 9980)]


def test_existing_utrs_and_touching_genes_stay():
    before = [gene("a", 1000, 2000, cds=(1100, 1900)), gene("b", 3000, 4000), gene("c", 4000, 5000)]
    genes, added = add_nominal_utrs(before, LENGTHS, UTRS)
    assert borders(genes) == [(1000, 2000), (2950, 4000), (4000, 5110)]
    assert added == 2


def test_a_gene_inside_another_gets_none():
    genes, added = add_nominal_utrs([gene("a", 1000, 3000), gene("b", 1500, 2000)], LENGTHS, UTRS)
    assert borders(genes) == [(950, 3110), (1500, 2000)]
    assert added == 2


def test_non_coding_genes_are_left_alone():
    other = Gene("n", "c1", "+", 10, 90, transcripts=(Transcript("n.1", "tRNA", "+", 10, 90, ((10, 90),)),))
    assert add_nominal_utrs([other], LENGTHS, UTRS) == ([other], 0)


@pytest.mark.parametrize("text", ["50", "50,", "a,b", "-1,5", "1,2,3", "1.5,2"])
def test_lengths_must_be_two_whole_numbers(text):
    with pytest.raises(ParameterError, match="two lengths"):
        UtrLengths.parse(text)
    assert UtrLengths.parse(" 50, 110") == UTRS

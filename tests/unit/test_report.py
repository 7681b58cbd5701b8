import math
import xml.etree.ElementTree as ET

import pytest

from helixtune.report import wording
from helixtune.report.figures import calibration_figure
from helixtune.report.inputs import split_name
from helixtune.report.logos import draw_logo, information
from helixtune.report.signal_figures import signal_figures
from helixtune.report.svg import Axis, Series, axis_over, bar_chart, line_chart, nice_step, number, scatter_chart
from helixtune.report.tracks import draw_tracks


def parsed(drawing):
    return ET.fromstring(str(drawing))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("pombe.metrics.json", ("pombe", "metrics.json")),
        ("a.b.c.training_log.tsv", ("a.b.c", "training_log.tsv")),
        ("base.base.gff3", ("base", "base.gff3")),
        (".metrics.json", (".metrics.json", None)),
        ("metrics.json", ("metrics.json", None)),
        ("reads.bam", ("reads.bam", None)),
    ],
)
def test_a_file_is_known_by_its_name(name, parts):
    assert split_name(name) == parts


@pytest.mark.parametrize(("raw", "nice"), [(0.13, 0.2), (1, 1), (2.1, 5), (700, 1000), (0.05, 0.05)])
def test_ticks_are_round(raw, nice):
    assert nice_step(raw) == pytest.approx(nice)


def test_an_axis_holds_every_value_even_when_all_are_equal_or_missing():
    for values in ([3.0, 3.0], [math.nan], [], [-1.0, 5.0]):
        axis = axis_over(values, 0, 100)
        assert axis.low < axis.high
        assert all(0 <= axis(value) <= 100 for value in values if math.isfinite(value))
    assert Axis(0, 3, 0, 90).ticks(5, least_step=1) == [0, 1, 2, 3]


def test_charts_are_well_formed_and_escape_names():
    series = [
        Series("<b>&", [0, 1, 2], [1.0, math.nan, 3.0], "base"),
        Series("tuned", [0, 1, 2], [2.0, 2.5, 2.0], "tuned"),
    ]
    line = parsed(line_chart("a < b", series, ("x & y", "z"), [1]))
    assert line.find("title").text == "a < b"
    assert len(line.findall("polyline")) == 2
    assert len(line.findall("circle")) == 5  # no dot for a missing value
    bars = parsed(bar_chart("bars", ["<1", "2"], [Series("base", (), [3, 4], "base")], ("x", "y")))
    assert [bar.find("title").text for bar in bars.findall("rect") if bar.find("title") is not None] == [
        "base, <1: 3",
        "base, 2: 4",
    ]
    assert parsed(scatter_chart("none", [Series("kept", [], [], "tuned")], ("x", "y"))) is not None


def test_tracks_show_models_of_every_set_and_cut_them_to_the_window():
    track = {"CDS": [0.1, 0.9, 0.8], "UTR": [0.2, 0.1, 0.1], "intron": [0.0, 0.0, 0.1], "intergenic": [0.7, 0.0, 0.0]}
    gene = {"id": "g<1>", "confidence": 0.5, "exons": [[50, 150], [180, 400]], "cds": [[100, 150], [180, 250]]}
    example = {
        "kind": "restructured", "seqid": "I", "strand": "+", "start": 100, "end": 300, "changed_bp": 9,
        "genes": {"base": [gene], "tuned": [gene, gene], "reference": []}, "tracks": {"base": track, "tuned": track},
    }  # fmt: skip
    drawing = parsed(draw_tracks(example))
    boxes = [(float(box.get("x")), float(box.get("width"))) for box in drawing.iter("rect")]
    assert len(boxes) == 3 * 4
    assert min(x for x, _ in boxes) >= 86
    assert max(x + width for x, width in boxes) <= 640
    assert len(list(drawing.iter("polyline"))) == 6
    assert "g<1>, confidence 0.50" in [title.text for title in drawing.iter("title")]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (12345, "12,345"), (0.5, "0.500"), (3.0, "3"), (0.0, "0.000"), (1057.5, "1,057.5"), ("", "–")],
)
def test_figures_are_written_for_people(value, text):
    assert wording.figure(value) == text


def test_differences_carry_their_sign():
    assert [wording.signed(value) for value in (0.01, -2.5, 1200, 0, None)] == ["+0.010", "-2.500", "+1,200", "0", ""]
    assert number(0.00001) == "1e-05"


def test_percent_never_tell_more_than_there_is():
    shares = (0, 0.29, 0.57, 0.975, 0.9999, 1)
    assert [wording.whole_percent(share) for share in shares] == [0, 29, 57, 97, 99, 100]


def test_what_counts_as_simulated():
    assert wording.is_simulated({"species": "Simulated shifted"}, {})
    assert wording.is_simulated({"species": "Simulata shifted"}, {})
    assert wording.is_simulated({"simulated": True}, {})
    assert wording.is_simulated(None, {"simulated": True})
    assert not wording.is_simulated({"species": "S. pombe", "simulated": False}, {"simulated": "no"})


def test_less_is_better_only_where_it_is():
    assert wording.better("f1", 0.5, 0.6) == "tuned"
    assert wording.better("missed", 5, 9) == "base"
    assert wording.better("genes", 5, 9) == wording.better("f1", 0.5, None) == wording.better("f1", 0.5, 0.5) == ""


def test_parameters_are_flattened():
    nested = {"b": {"y": [1, 2], "x": None}, "a": True}
    assert wording.flat_parameters(nested) == [("a", "True"), ("b.x", ""), ("b.y", "1, 2")]


def test_confidence_is_drawn_beside_the_line_on_which_it_would_hold():
    bins = [{"mean_confidence": 0.2, "exactly_right": 0.1}, {"mean_confidence": 0.8, "exactly_right": 0.7}]
    drawing = parsed(calibration_figure({"base": {"confidence": bins}}).drawing)
    lines = {line.get("class"): line.get("points") for line in drawing.iter("polyline")}
    assert set(lines) == {"line base", "line diagonal"}
    (left, bottom), (right, top) = (map(float, point.split(",")) for point in lines["line diagonal"].split())
    assert left < right
    assert top < bottom
    assert calibration_figure({"base": {}}) is None


OBSERVED = {
    "donor": {"first": -1, "sites": 200, "frequencies": [[0.25, 0.25, 0.25, 0.25], [0, 0, 0, 1], [0.02, 0, 0.98, 0]]},
    "acceptor": None,
    "branch": None,
    "start": {"first": 0, "sites": 90, "frequencies": [[0, 1, 0, 0]]},
    "introns": {"number": 12, "median_bp": 51.0, "edges_bp": [40, 50, 60], "counts": [5, 6]},
}


def test_a_column_of_a_logo_is_as_high_as_what_it_tells():
    assert information([0, 0, 0, 1], 10**6) == pytest.approx(2, abs=1e-4)
    assert information([0.5, 0.5, 0, 0], 10**6) == pytest.approx(1, abs=1e-4)
    assert information([0.25] * 4, 10**6) == 0
    assert information([0, 0, 0, 1], 10) < 1.8  # ten sites may be alike by chance


def test_logos_show_the_letters_that_were_seen_at_their_places():
    logo = parsed(draw_logo("<Donor>", OBSERVED["donor"], "base"))
    columns = [[path.get("class") for path in column.iter("path")] for column in logo.iter("g")]
    assert columns == [[], ["base-G"], ["base-C", "base-T"]]  # the most frequent on top
    assert [column.find("title").text.split(",")[0] for column in logo.iter("g")][1:] == ["G 100 %", "T 98 %"]
    places = [text.text for text in logo.iter("text") if text.get("y") == "232"]
    assert places == ["-1", "1", "2"]  # there is no place 0


def test_what_was_learnt_is_drawn_where_something_was():
    figures = signal_figures({"observed": OBSERVED})
    assert [figure.title for figure in figures] == ["Donor: where introns begin", "Start codon", "Lengths of introns"]
    assert figures[0].note == "From 200 introns."
    assert figures[-1].note.endswith("half of them shorter than 51 bases; 1 longer ones are not shown.")
    assert signal_figures({"observed": dict.fromkeys(OBSERVED)}) == []

"""A changed gene drawn as tracks: gene models of each set, and the raw probabilities below them."""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from helixtune.report.svg import WIDTH, Axis, x_ticks

LEFT, RIGHT = 86, 8
MODEL_HEIGHT, TRACK_HEIGHT, GAP = 18, 54, 8
SETS = ("reference", "base", "tuned")
CLASSES = ("UTR", "intron", "CDS")


def draw_tracks(example: dict) -> Markup:
    """Draw one entry of `changed_genes` of metrics.json."""
    x = Axis(example["start"], example["end"], LEFT, WIDTH - RIGHT)
    parts, y = [], 4.0
    for name in SETS:
        models = example["genes"].get(name)
        if models is not None:
            drawn, y = _models(name, models, x, y)
            parts += drawn
    for name in SETS:
        track = example["tracks"].get(name)
        if track:
            parts += _track(name, track, example, y)
            y += TRACK_HEIGHT + GAP
    parts.append(x_ticks(x, y + 14, 4))
    height = int(y + 24)
    title = f"{example['kind']} at {example['seqid']}:{example['start'] + 1:,}-{example['end']:,} ({example['strand']})"
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _models(name: str, models: Sequence[dict], x: Axis, y: float) -> tuple[list[str], float]:
    parts = [f'<text class="tick" x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{name}</text>']
    lanes = _lanes(models)
    for model, lane in zip(models, lanes, strict=True):
        top = y + lane * MODEL_HEIGHT
        tip = model["id"] + (f", confidence {model['confidence']:.2f}" if model["confidence"] is not None else "")
        spans = [_clip(x, *exon) for exon in model["exons"]]
        parts.append(f"<g><title>{escape(tip)}</title>")
        parts.append(
            f'<line class="thread {name}" x1="{spans[0][0]}" x2="{spans[-1][1]}" y1="{top + 8}" y2="{top + 8}"/>'
        )
        parts += [_box(span, top + 5, 6, f"utr {name}") for span in spans]
        parts += [_box(_clip(x, *cds), top + 2, 12, f"bar {name}") for cds in model["cds"]]
        parts.append("</g>")
    return parts, y + MODEL_HEIGHT * (max(lanes, default=0) + 1)


def _lanes(models: Sequence[dict]) -> list[int]:
    """Put models that overlap into lanes below each other."""
    ends: list[int] = []
    lanes = []
    for model in models:
        start, end = model["exons"][0][0], model["exons"][-1][1]
        lane = next((i for i, reached in enumerate(ends) if reached <= start), len(ends))
        ends[lane : lane + 1] = [end]
        lanes.append(lane)
    return lanes


def _clip(x: Axis, start: int, end: int) -> tuple[float, float]:
    """Return pixels of an interval, cut to the window."""
    return x(min(max(start, x.low), x.high)), x(min(max(end, x.low), x.high))


def _box(span: tuple[float, float], top: float, height: float, style: str) -> str:
    width = max(span[1] - span[0], 0.8)
    return f'<rect class="{style}" x="{span[0]}" y="{top}" width="{round(width, 1)}" height="{height}"/>'


def _track(name: str, track: dict, example: dict, y: float) -> list[str]:
    n = len(track["CDS"])
    x, height = Axis(0, n, LEFT, WIDTH - RIGHT), Axis(0, 1, y + TRACK_HEIGHT, y)
    label = f'<text class="tick" x="{LEFT - 8}" y="{y + 14}" text-anchor="end">p, {name}</text>'
    parts = [label, *(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height(p)}" y2="{height(p)}"/>' for p in (0, 1)
    )]  # fmt: skip
    for style in CLASSES:
        points = " ".join(f"{x(i + 0.5)},{height(p)}" for i, p in enumerate(track[style]))
        parts.append(f'<polyline class="line class-{style}" points="{points}"/>')
    return parts

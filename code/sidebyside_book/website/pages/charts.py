"""Small charts as SVG, drawn while the site is built; colours come from the page."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from sidebyside_book.chapter import LANES

WIDTH, ROW, LEFT, RIGHT, TOP, BOTTOM = 300, 26, 84, 52, 6, 20
MARKERS = {
    "pytorch": '<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/>',
    "tensorflow": '<rect x="{x0:.1f}" y="{y0:.1f}" width="9" height="9"/>',
    "keras": '<path d="M{x:.1f} {y1:.1f} l6 10.5 h-12 z"/>',
}


@dataclass(frozen=True)
class Point:
    """A value with its spread, as a ratio to the smallest value of the chart."""

    value: float
    low: float
    high: float


def ratio_chart(points: Mapping[str, Point], largest: float, label: str) -> str:
    """Return a chart of ratios on a logarithmic axis, one row a lane.

    Args:
        points: Lane -> ratio to the best lane and its quartiles.
        largest: The right end of the axis, shared by all charts of a row.
        label: What a screen reader says in the place of the picture.
    """
    height = TOP + ROW * len(points) + BOTTOM
    body = [_axis(largest, height)]
    for index, lane in enumerate(lane for lane in LANES if lane in points):
        body.append(_row(lane, points[lane], largest, TOP + ROW * (index + 0.5)))
    return (
        f'<svg class="sidebyside-chart" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(label, quote=True)}">{"".join(body)}</svg>'
    )


def _row(lane: str, point: Point, largest: float, y: float) -> str:
    x = _place(point.value, largest)
    marker = MARKERS[lane].format(x=x, y=y, x0=x - 4.5, y0=y - 4.5, y1=y - 6)
    low, high = _place(point.low, largest), _place(point.high, largest)
    return (
        f'<g class="lane-{lane}"><text x="0" y="{y + 4:.1f}">{LANES[lane]}</text>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>{marker}'
        f'<text class="value" x="{x + 9:.1f}" y="{y + 4:.1f}">'
        f"{_short(point.value)}×</text></g>"
    )


def _axis(largest: float, height: int) -> str:
    bottom = height - BOTTOM
    lines = []
    for tick in _ticks(largest):
        x = _place(tick, largest)
        lines.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>'
            f'<text x="{x:.1f}" y="{height - 5}">{tick:g}×</text>'
        )
    return f'<g class="axis">{"".join(lines)}</g>'


def _ticks(largest: float) -> list[float]:
    steps = [s * 10**k for k in range(6) for s in (1, 2, 5)]
    ticks = [step for step in steps if step <= largest * 1.001]
    return ticks if len(ticks) <= 5 else [t for t in ticks if math.log10(t) % 1 == 0]


def _short(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}"


def _place(ratio: float, largest: float) -> float:
    """Return the place of a ratio on the axis, which begins at 1."""
    share = math.log(max(ratio, 1.0)) / math.log(max(largest, 1.5))
    return LEFT + min(share, 1.0) * (WIDTH - LEFT - RIGHT)

"""Boxes, arrows and words, placed by hand on a narrow sheet and written as SVG."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sidebyside.plots import LANES

WIDTH = 380
"""The widest sheet [units]. A phone is 390 pixels wide: there a unit is a pixel."""
FONT = 13.0
"""The height of words [units]; small words are `SMALL` units high."""
SMALL = 11.0
LEADING = 1.3
"""From line to line, in heights of the font."""
NARROW = 0.56
"""The mean width of a letter, in heights of the font; measured on sans-serif fonts."""
HEAD = 7.0
"""The length of an arrow's head [units]."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Where a box lies [units], with the middles of its four sides."""

    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> Point:
        """The middle of its upper side."""
        return self.x + self.width / 2, self.y

    @property
    def bottom(self) -> Point:
        """The middle of its lower side."""
        return self.x + self.width / 2, self.y + self.height

    @property
    def left(self) -> Point:
        """The middle of its left side."""
        return self.x, self.y + self.height / 2

    @property
    def right(self) -> Point:
        """The middle of its right side."""
        return self.x + self.width, self.y + self.height / 2


class Diagram:
    """A sheet on which boxes, arrows and words are placed.

    A notebook shows it as SVG; a terminal, and who can't see it, get the description.

    Args:
        title: What it is, in a few words.
        description: What one sees, for those who don't: whole sentences.
        height: Of the sheet [units].
        width: Of the sheet [units], at most `WIDTH`.

    Raises:
        ValueError: If the sheet is too wide, or the description has less than 40
            letters.
    """

    def __init__(
        self, title: str, description: str, *, height: float, width: float = WIDTH
    ) -> None:
        if not 0 < width <= WIDTH:
            raise ValueError(
                f"Diagram: expected a width of at most {WIDTH}, received {width}"
            )
        if len(description) < 40:
            raise ValueError(
                "Diagram: expected a description of 40 letters or more, received "
                f"{description!r}"
            )
        self.title, self.description = title, description
        self.width, self.height = width, height
        self._parts: list[str] = []

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        words: str = "",
        *,
        lane: str | None = None,
        dashed: bool = False,
        small: bool = False,
    ) -> Box:
        """Draw a box with words in its middle, one line each.

        Args:
            x: Its left side [units].
            y: Its upper side [units].
            width: How wide it is [units].
            height: How high it is [units].
            words: What stands in it; a line break begins a new line.
            lane: Takes this lane's colour, with a thicker line, since colour alone says
                nothing in print.
            dashed: Draws a dashed outline without a ground: a part of something larger.
            small: Writes smaller.

        Returns:
            The box, for arrows.

        Raises:
            ValueError: If the box lies outside the sheet, its words are too long for
                it, or there is no such lane.
        """
        box = Box(x, y, width, height)
        if x < 0 or y < 0 or x + width > self.width or y + height > self.height:
            raise ValueError(
                f"box: expected a box on the sheet of {self.width} by {self.height}, "
                f"received {box}"
            )
        ink = _ink(lane)
        ground = 'fill="none"' if dashed else 'fill="currentColor" fill-opacity="0.05"'
        dashes = ' stroke-dasharray="4 4"' if dashed else ""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" '
            f'{ground} stroke="{ink}" stroke-width="{2 if lane else 1}"{dashes}/>'
        )
        if words:
            size = SMALL if small else FONT
            _check_fit(words, width, height, size)
            middle, lines = y + height / 2, words.count("\n")
            first = middle - lines * LEADING * size / 2
            self.words(box.top[0], first, words, small=small)
        return box

    def words(
        self,
        x: float,
        y: float,
        words: str,
        *,
        small: bool = False,
        anchor: str = "middle",
        bold: bool = False,
        lane: str | None = None,
    ) -> None:
        """Write words; `y` is the middle of the first line.

        Args:
            x: Where they begin, end, or have their middle: see `anchor` [units].
            y: The middle of the first line [units].
            words: A line break begins a new line.
            small: Writes smaller.
            anchor: `"start"`, `"middle"` or `"end"`.
            bold: Writes bold.
            lane: Takes this lane's colour.

        Raises:
            ValueError: If there is no such anchor or lane.
        """
        if anchor not in ("start", "middle", "end"):
            raise ValueError(
                f"words: expected the anchor 'start', 'middle' or 'end', received "
                f"{anchor!r}"
            )
        size = SMALL if small else FONT
        lines = "".join(
            f'<tspan x="{x:g}" dy="{LEADING * size if index else 0:g}">'
            f"{html.escape(line)}</tspan>"
            for index, line in enumerate(words.split("\n"))
        )
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(
            f'<text x="{x:g}" y="{y + 0.36 * size:g}" font-size="{size:g}" '
            f'text-anchor="{anchor}" fill="{_ink(lane)}"{weight}>{lines}</text>'
        )

    def arrow(self, *points: Point, lane: str | None = None) -> None:
        """Draw a line through points, with a head at the last one.

        Raises:
            ValueError: If there are fewer than two points, or no such lane.
        """
        self.line(*points, lane=lane)
        (x0, y0), (x1, y1) = points[-2:]
        angle, ink = math.degrees(math.atan2(y1 - y0, x1 - x0)), _ink(lane)
        self._parts.append(
            f'<path d="M0 0 L{-HEAD:g} {HEAD / 2:g} L{-HEAD:g} {-HEAD / 2:g} Z" '
            f'fill="{ink}" transform="translate({x1:g} {y1:g}) rotate({angle:g})"/>'
        )

    def line(
        self, *points: Point, lane: str | None = None, dashed: bool = False
    ) -> None:
        """Draw a line through points.

        Raises:
            ValueError: If there are fewer than two points, or no such lane.
        """
        if len(points) < 2:
            raise ValueError(
                f"line: expected at least 2 points, received {len(points)}"
            )
        path = " L".join(f"{x:g} {y:g}" for x, y in points)
        dashes = ' stroke-dasharray="4 4"' if dashed else ""
        self._parts.append(
            f'<path d="M{path}" fill="none" stroke="{_ink(lane)}" '
            f'stroke-width="{2 if lane else 1.2}"{dashes}/>'
        )

    def turned(self, x: float, y: float, words: str) -> None:
        """Write small words from the bottom to the top; (x, y) is their middle."""
        self._parts.append(
            f'<text x="0" y="{0.36 * SMALL:g}" font-size="{SMALL:g}" '
            f'text-anchor="middle" fill="currentColor" '
            f'transform="translate({x:g} {y:g}) rotate(-90)">'
            f"{html.escape(words)}</text>"
        )

    def svg(self) -> str:
        """Return the diagram as SVG that can stand in a page of HTML."""
        return (
            f'<svg class="sidebyside-diagram" role="img" xmlns="{_NAMESPACE}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" '
            f'aria-label="{html.escape(f"{self.title}. {self.description}")}" '
            f'style="display: block; margin: 1rem auto; width: 100%; '
            f'max-width: {1.4 * self.width:g}px; height: auto">'
            f"{''.join(self._parts)}</svg>"
        )

    def _repr_html_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        """Return what a terminal shows: the description."""
        return f"Diagram: {self.title}. {self.description}"


_NAMESPACE = "http://www.w3.org/2000/svg"


def lane_name(lane: str) -> str:
    """Return the name of a lane, short enough for a column of a diagram."""
    return "TF core" if lane == "tensorflow" else LANES[lane].label


def _ink(lane: str | None) -> str:
    """Return a colour: the page's own for words, or a lane's."""
    if lane is None:
        return "currentColor"
    if lane not in LANES:
        raise ValueError(f"diagram: expected one of {list(LANES)}, received {lane!r}")
    return f"var(--lane-{lane}, {LANES[lane].color})"


def _check_fit(words: str, width: float, height: float, size: float) -> None:
    lines: Sequence[str] = words.split("\n")
    longest = max(lines, key=len)
    needed = NARROW * size * len(longest), LEADING * size * len(lines)
    if needed[0] > width or needed[1] > height:
        raise ValueError(
            f"box: expected words that fit into {width:g} by {height:g}, received "
            f"{longest!r}, {len(lines)} lines, about {needed[0]:.0f} by {needed[1]:.0f}"
        )

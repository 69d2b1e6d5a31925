"""The cells of a notebook: what stands in each one, and to which lane it belongs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from nbformat import NotebookNode

LANES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras"}
"""The lanes in their order, with their names."""
SUFFIXES = {"pytorch": "_pt", "tensorflow": "_tf", "keras": "_ks"}
"""How the names of a lane's variables end."""

_LANE_TAG = "lane-"
_NO_TEXT = re.compile(r"(?ms)^(`{3,}|~{3,}).*?^\1[ \t]*$|^\$\$.*?\$\$")
_HEADING = re.compile(r"(?P<marks>#{1,6}) +(?P<text>\S.*)")
_TASK = re.compile(
    r"(?P<fence>`{3,}|:{3,})\{exercise\} +(?P<title>\S.*)\n:label: *(?P<label>\S+)"
    r"(?:(?s:.*?)\n\n(?P<text>(?s:.*))\n(?P=fence)\s*\Z)?"
)


@dataclass(frozen=True)
class Heading:
    """A heading in a cell of text."""

    level: int
    text: str


@dataclass(frozen=True)
class Task:
    """What an exercise asks."""

    title: str
    label: str
    text: str
    """In Markdown, without the fence around it."""


@dataclass(frozen=True)
class Cell:
    """A cell as it stands in a notebook's file."""

    id: str
    kind: str
    """`code`, `markdown` or `raw`."""
    source: str
    tags: tuple[str, ...] = ()
    turn: int | None = None
    """Which number the cell has when the notebook runs from the top; None for text."""
    node: NotebookNode = field(default_factory=NotebookNode, compare=False, repr=False)
    """The cell with metadata and outputs; not to be changed."""

    @property
    def is_code(self) -> bool:
        """Whether it holds code."""
        return self.kind == "code"

    @property
    def is_text(self) -> bool:
        """Whether it holds text."""
        return self.kind == "markdown"

    @property
    def lane(self) -> str | None:
        """The lane of its first lane tag; None outside the lanes."""
        return lane_of(self.tags)

    @property
    def stem(self) -> str:
        """Its id without the lane; the cells of a lane triple share it."""
        return self.id.removesuffix(f"-{self.lane}")

    @property
    def headings(self) -> list[Heading]:
        """The headings in a cell of text, but for lines of fenced code."""
        lines = text_lines(self.source) if self.is_text else []
        matches = filter(None, map(_HEADING.fullmatch, lines))
        return [
            Heading(len(match["marks"]), match["text"].strip()) for match in matches
        ]

    @property
    def task(self) -> Task | None:
        """What the exercise asks that the cell holds; None if it holds none."""
        match = _TASK.match(self.source) if self.is_text else None
        if match is None:
            return None
        text = (match["text"] or "").strip()
        return Task(match["title"].strip(), match["label"], text)


def lane_of(tags: Iterable[str]) -> str | None:
    """Return the lane that the first lane tag names; None if there is no such tag."""
    lanes = (tag.removeprefix(_LANE_TAG) for tag in tags if tag.startswith(_LANE_TAG))
    return next((lane for lane in lanes if lane in LANES), None)


def text_lines(source: str) -> list[str]:
    """Return the lines of Markdown that are text: no fenced code, no formulas."""
    return _NO_TEXT.sub("", source).splitlines()


def blocks(cells: Iterable[Cell]) -> list[list[Cell]]:
    """Return cells as the page shows them: neighbours of one lane triple together."""
    numbered = groupby(enumerate(cells), key=lambda pair: _block(*pair))
    return [[cell for _, cell in group] for _, group in numbered]


def _block(index: int, cell: Cell) -> str | int:
    """Return what the cells of a block have in common, and others have not."""
    return cell.stem if cell.lane else index

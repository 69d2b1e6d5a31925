"""The programs of the three lanes of a chapter: what is counted of them, and how much.

`sidebyside lanes --standalone` writes them, cell by cell, with helpers. Counted are
the cells that all lanes have, with what they need of imports and helpers; what is
literally the same in all lanes is left out, and so are the variables of the environment
that the book sets in front of each program.
"""

import json
import pydoc
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from sidebyside import records, size
from sidebyside.plots import LANES
from sidebyside.vocabulary import Vocabulary, vocabulary

FRAMEWORK = {"pytorch": "torch", "tensorflow": "tensorflow", "keras": "keras"}
"""Lane -> the package that is its framework."""
HEAD = ("lane-imports", "helpers-")
"""How the ids of cells begin that hold imports and helpers."""

COUNTS = ("lines", "statements", "tokens", "of helpers", "names")
"""What is recorded of a program; *of helpers* are tokens, *names* the framework's."""

_SETTING = re.compile(r"(?m)^os\.environ\b.*\n?")
"""A variable of the environment: quieter logs, or the default backend once more."""
_FROM = re.compile(r"# From ([\w.]+), a helper of the book")

Cells = Mapping[str, str]
"""Id of a cell, without the lane -> its code."""


@dataclass(frozen=True)
class Counted:
    """The counts of one lane of a chapter.

    Attributes:
        cells: The size of the cells that do the same task in all lanes, and of the
            imports of this lane alone.
        helpers: The size of the helpers that these cells need, in this lane alone.
        words: What must be known to write both.
        structure: How the cells are nested, and how often their way branches.
        tasks: The ids of the cells.
        sources: Module of the book -> tokens of the helpers that come from it.
    """

    cells: size.Size
    helpers: size.Size
    words: Vocabulary
    structure: size.Structure
    tasks: tuple[str, ...]
    sources: Mapping[str, int]

    @property
    def whole(self) -> size.Size:
        """The size of all code that the lane needs."""
        return self.cells + self.helpers

    @property
    def calls_fit(self) -> bool:
        """Whether it trains by a method `fit`."""
        return "fit" in self.words.methods


def read(folder: Path) -> dict[str, dict[str, Cells]]:
    """Read the notebooks that `sidebyside lanes` has written.

    Args:
        folder: Where they are: `04_training_loop.pytorch.ipynb` and so on.

    Returns:
        Chapter -> lane -> its cells of code.
    """
    chapters: dict[str, dict[str, Cells]] = {}
    for path in sorted(folder.glob("*.*.ipynb")):
        chapter, lane, _ = path.name.split(".")
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        chapters.setdefault(chapter, {})[lane] = {
            cell["id"].removesuffix(f"-{lane}"): "".join(cell["source"])
            for cell in cells
            if cell["cell_type"] == "code"
        }
    return chapters


def tasks(programs: Mapping[str, Cells]) -> list[str]:
    """Return the ids of cells that all lanes have, and that are not the same text."""
    first = next(iter(programs.values()))
    return [
        name
        for name in first
        if not name.startswith(HEAD)
        and all(name in cells for cells in programs.values())
        and len({cells[name] for cells in programs.values()}) > 1
    ]


def count(programs: Mapping[str, Cells]) -> dict[str, Counted]:
    """Return the counts of each lane of a chapter.

    Args:
        programs: Lane -> its cells; all three lanes.

    Raises:
        ValueError: If a lane is missing, or a cell is no Python.
    """
    if set(programs) != set(FRAMEWORK):
        raise ValueError(
            f"count: expected programs of {list(FRAMEWORK)}, received {list(programs)}"
        )
    same = tasks(programs)
    code = {lane: "\n".join(c[name] for name in same) for lane, c in programs.items()}
    needed = {
        lane: size.needed("\n".join(_head(cells)), code[lane])
        for lane, cells in programs.items()
    }
    counts = {}
    for lane in FRAMEWORK:
        texts = needed[lane]
        own = [t for t in texts if any(t not in others for others in needed.values())]
        imports, helpers = _are_imports(own, True), _are_imports(own, False)
        counts[lane] = Counted(
            size.measure(*imports, code[lane]),
            size.measure(*helpers),
            vocabulary("\n".join([*texts, code[lane]]), FRAMEWORK[lane]),
            size.structure(code[lane]),
            tuple(same),
            _sources(programs[lane], helpers),
        )
    return counts


def show(counts: Mapping[str, Mapping[str, Counted]], missing: Sequence[str]) -> None:
    """Show the counts of the chapters as a table, and record them.

    The scoreboard, the page of coverage and *I'm choosing* take them from the record.

    Args:
        counts: Chapter -> lane -> its counts.
        missing: The chapters that could not be counted.

    Raises:
        ValueError: If a chapter lacks a lane.
    """
    by_chapter: dict[str, list[dict[str, Any]]] = {}
    for chapter, lanes in counts.items():
        if set(lanes) != set(FRAMEWORK):
            raise ValueError(
                f"show: expected counts of {list(FRAMEWORK)} for {chapter}, "
                f"received {list(lanes)}"
            )
        by_chapter[chapter] = [_row(chapter, k, lanes[k]) for k in FRAMEWORK]
    header = ["chapter", *COUNTS]
    table = [
        [chapter, *(" / ".join(f"{row[c]:,}" for row in of_chapter) for c in COUNTS)]
        for chapter, of_chapter in by_chapter.items()
    ]
    order = " / ".join(LANES[lane].label for lane in FRAMEWORK)
    caption = f"The programs of {len(counts)} chapters: {order}"
    records.emit(
        "code",
        {"rows": list(chain(*by_chapter.values())), "missing": sorted(missing)},
        as_html=records.html_table(caption, header, table),
        as_text=records.text_table(caption, header, table),
    )


def _row(chapter: str, lane: str, counted: Counted) -> dict[str, Any]:
    whole = counted.whole
    numbers = (
        whole.lines,
        whole.statements,
        whole.tokens,
        counted.helpers.tokens,
        counted.words.known,
    )
    return {"chapter": chapter, "lane": lane, **dict(zip(COUNTS, numbers, strict=True))}


def kinds(words: Vocabulary) -> list[str]:
    """Return the classes among the names that are reached from a framework's import.

    A class counts, too, of which only a method is named: `tf.data.Dataset`.
    """
    heads = {
        ".".join(name.split(".")[:parts])
        for name in words.framework
        for parts in range(2, name.count(".") + 2)
    }
    named = (head for head in heads if head.rpartition(".")[2][0].isupper())
    return sorted(head for head in named if isinstance(pydoc.locate(head), type))


def _head(cells: Cells) -> list[str]:
    head = [code for name, code in cells.items() if name.startswith(HEAD)]
    return [_SETTING.sub("", code) for code in head]


def _are_imports(texts: list[str], wanted: bool) -> list[str]:
    """Return the imports, or else the helpers."""
    return [t for t in texts if t.startswith(("import ", "from ")) == wanted]


def _sources(cells: Cells, helpers: list[str]) -> dict[str, int]:
    tokens = {}
    for code in _head(cells):
        if match := _FROM.match(code):
            own = [text for text in helpers if text in code]
            tokens[match[1]] = size.measure(*own).tokens
    return tokens

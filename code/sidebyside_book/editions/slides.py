"""The slides of a chapter: what stands on each of them, and what the teacher says.

A slide holds a heading, a sentence or two, and one thing: a table, a formula, a list,
a figure, a cell with its output, or the three cells of a lane triple in columns. The
whole prose goes into the speaker's notes; nothing is cut off.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sidebyside_book.box import COMING, QUOTE, quotes, split
from sidebyside_book.chapter import (
    LANES,
    Cell,
    Exercise,
    Notebook,
    blocks,
    exercises,
)
from sidebyside_book.editions import markup, outputs
from sidebyside_book.editions.places import Places

UNSHOWN = ("setup", "imports", "references", "exercises")
"""Cells that are of no use in front of a class."""
LONG = 18
"""Lines of code that a cell with an output may have to be shown, too."""
TOGETHER = 24
"""Lines that code and output may have together, to stand on one slide."""
TALL = 26
"""Lines that a lane's code and output may have together, to stand on one slide."""
SETTLED = ("settle", "measure", "report")
"""First words of the ids of cells whose code nobody needs to see on a wall."""


@dataclass(frozen=True)
class Slide:
    """One slide."""

    title: str
    """In HTML, within a line."""
    body: str
    """In HTML."""
    lead: str = ""
    """A sentence or two above the body, in HTML, within a line."""
    notes: str = ""
    """What the teacher says, in HTML."""
    kind: str = "text"
    """`title`, `text`, `cell`, `triple`, `task`."""


Stack = list[Slide]
"""Slides below each other: a task and its solution; mostly there is but one."""


@dataclass
class _Writer:
    """Walks through a chapter, and keeps what waits for the next slide."""

    where: Places
    quotes: Mapping[str, str]
    """What the text quotes from the outputs, name -> text."""
    heading: str = ""
    lead: str = ""
    notes: list[str] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)

    def add(self, body: str, kind: str) -> None:
        """Add a slide with the sentence that waits, and its notes."""
        notes = "".join(self.notes)
        self.stacks.append([Slide(self.heading, body, self.lead, notes, kind)])
        self.lead, self.notes = "", []

    def flush(self) -> None:
        """Add a slide for a sentence that nothing has come to stand below."""
        if self.lead:
            self.add("", "text")

    def prose(self, source: str) -> None:
        """Take a cell of text: its headings and first sentences, and all as notes."""
        self.flush()
        source = self.where.in_text(QUOTE.sub(self._quoted, source))
        self.notes.append(markup.to_html(re.sub(r"\A#+ .*", "", source)))
        body, leads = "", []
        for block in markup.blocks(source):
            if block.kind == "heading":
                self.heading = markup.inline_html(block.source.lstrip("# "))
            elif block.kind == "list":
                body += markup.to_html(markup.shorten_items(block.source))
            elif block.kind != "paragraph":
                body += markup.to_html(block.source)
            elif not leads:  # the first paragraph says what to look at
                leads.append(markup.inline_html(markup.shorten(block.source)))
        self.lead = " ".join(leads)
        if body:
            self.add(f'<div class="told">{body}</div>', "text")

    def _quoted(self, quote: re.Match[str]) -> str:
        name = quote["name"]
        return f"**{self.quotes.get(name, name)}**"


def slides(notebook: Notebook, where: Places) -> list[Stack]:
    """Return the slides of an executed chapter, in their order.

    Args:
        notebook: The chapter, with text and outputs.
        where: Where other pages are found.
    """
    results = (out for cell in notebook.cells for out in cell.node.get("outputs", []))
    writer = _Writer(where, quotes(results))
    tasks = {exercise.cell.id: exercise for exercise in exercises(notebook)}
    inside = {
        cell.id
        for exercise in tasks.values()
        for cell in (*exercise.fold, exercise.check)
    }
    for block in blocks(notebook.cells):
        cell = block[0]
        if cell.id in tasks:
            writer.flush()
            writer.stacks.append(_exercise(tasks[cell.id], where))
        elif cell.id in inside or cell.id in UNSHOWN:
            continue
        elif cell.id == "title":
            writer.stacks.append([_title(cell, notebook.name, where)])
        elif cell.id == "short":
            _short(writer, cell)
        elif cell.is_text:
            writer.heading = "Aims" if cell.id == "aims" else writer.heading
            writer.prose(cell.source)
            writer.heading = "Setting up" if cell.id == "aims" else writer.heading
        elif cell.id == "report":
            writer.flush()
            writer.heading = "This run"
            _cell(writer, cell)
        elif len(block) > 1:
            _triple(writer, block)
        else:
            _cell(writer, cell)
    writer.flush()
    return writer.stacks


def _title(cell: Cell, name: str, where: Places) -> Slide:
    heading, *rest = [line for line in cell.source.splitlines() if line.strip()]
    question = "".join(f"<p>{markup.inline_html(line)}</p>" for line in rest)
    link = f'<a href="{html.escape(where.published(name))}">the chapter</a>'
    foot = f'<p class="foot">Side by Side, {link}</p>'
    return Slide(
        markup.inline_html(heading.lstrip("# ")), question + foot, kind="title"
    )


def _short(writer: _Writer, cell: Cell) -> None:
    """Add the box below the title, and what surprises whom."""
    inside, below = split(cell.source)
    writer.heading = "In short"
    writer.prose(inside)
    writer.heading = COMING
    writer.prose(below.replace(COMING, "", 1))


def _triple(writer: _Writer, block: list[Cell]) -> None:
    """Add the lanes of a triple; where a lane is tall, its output on a second slide."""
    lead, code = writer.lead, [_code_of_lane(cell) for cell in block]
    results = ["".join(outputs.shown(cell.node)) for cell in block]
    sizes = [len(c.source.splitlines()) for c in block]
    heights = [n + outputs.height(r) for n, r in zip(sizes, results, strict=True)]
    if any(results) and max(heights) > TALL:
        writer.add(_columns(block, code), "triple")
        writer.lead = lead
        writer.add(_columns(block, results), "triple")
    else:
        whole = [c + r for c, r in zip(code, results, strict=True)]
        writer.add(_columns(block, whole), "triple")


def _columns(block: list[Cell], bodies: list[str]) -> str:
    """Return the lanes of a triple next to each other."""
    columns = [
        f'<div class="lane lane-{cell.lane}" role="group" '
        f'aria-label="{LANES[cell.lane]}"><h3>{LANES[cell.lane]}</h3>{body}</div>'
        for cell, body in zip(block, bodies, strict=True)
    ]
    widths = " ".join(f"minmax(0, {share:.2f}fr)" for share in _shares(block))
    return f'<div class="lanes" style="--columns: {widths}">{"".join(columns)}</div>'


def _shares(block: list[Cell]) -> list[float]:
    """Return how wide each column is: a lane with more to read gets more room."""
    sizes = [sum(20 + len(line) for line in c.source.splitlines()) for c in block]
    mean = sum(sizes) / len(sizes)
    return [min(max((size / mean) ** 0.5, 0.8), 1.25) for size in sizes]


def _code_of_lane(cell: Cell) -> str:
    """Return a lane's code without its first line, which the column's heading says."""
    first, _, rest = cell.source.partition("\n")
    return outputs.code(rest if first == f"# {LANES[cell.lane]}" else cell.source)


def _cell(writer: _Writer, cell: Cell) -> None:
    """Add the slides of a code cell: what it puts out and, if that helps, its code."""
    parts = outputs.packed(cell.node)
    quiet = cell.id.split("-")[0] in SETTLED or outputs.draws(cell.node)
    code, length = outputs.code(cell.source), len(cell.source.splitlines())
    if parts and (quiet or length > LONG):
        writer.notes.append(f"<h3>Code</h3>{code}")
    elif parts and length + outputs.height(parts[0]) <= TOGETHER:
        parts[0] = code + parts[0]
    else:
        parts.insert(0, code)
    lead = writer.lead
    for part in parts:
        writer.lead = lead
        writer.add(f'<div class="cell">{part}</div>', "cell")


def _exercise(exercise: Exercise, where: Places) -> Stack:
    """Return a task, and below it the solution."""
    title = f"Exercise {exercise.number}. {markup.inline_html(exercise.task.title)}"
    text = markup.to_html(where.in_text(exercise.task.text))
    task = f'<div class="told">{text}</div>'
    check = f"<h3>The check</h3>{outputs.code(exercise.check.source)}"
    stack = [Slide(title, task, notes=check, kind="task")]
    heading = f"Solution {exercise.number}"
    for block in blocks(exercise.solution):
        if len(block) > 1:
            code = [_code_of_lane(cell) for cell in block]
            stack.append(Slide(heading, _columns(block, code), kind="triple"))
        else:
            body = f'<div class="cell">{outputs.code(block[0].source)}</div>'
            stack.append(Slide(heading, body, kind="cell"))
    return stack

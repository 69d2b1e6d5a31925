"""Which prose goes with one lane, and how it stands in a program: as comments."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

from sidebyside_book.chapter import Cell, Notebook
from sidebyside_book.editions import markup

WIDTH = 86
"""Characters of a comment without its mark."""
LEFT_OUT = frozenset(
    {"aims", "short", "idea", "parameters-text", "summary", "exercises", "differs"}
)
"""Ids of cells of text about the whole chapter, all lanes or how to read it."""

_TARGET = re.compile(r"(?m)^(\([\w-]+\)=|\+\+\+.*|%.*|\{[.#][^}\n]*\})[ \t]*$\n?")
_COLONS = re.compile(r"(?ms)^(?P<fence>:{3,})\{.*?^(?P=fence)[ \t]*$\n?")
_FENCE = re.compile(r"(`{3,}|~{3,})\{")
_ROLE = re.compile(r"\{[\w:.-]+\}(?=`)")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)(\{[^}]*\})?")
_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<place>[^)]*)\)")
_STRONG = re.compile(r"(?<![\w*])(\*{1,2})(?=\S)(.+?)(?<=\S)\1(?![\w*])")
_HTML = re.compile(r"</?\w[^>\n]*>")


def kept(notebook: Notebook, code: Iterable[Cell], lane: str) -> list[Cell]:
    """Return the cells of text that belong to the code of a lane.

    A text belongs to the code right below it, and goes if all of that goes. A text
    without code below it goes with the code of its section. Where a section has no code
    at all, its text stays. It ends at the exercises.

    Args:
        notebook: The chapter.
        code: The cells of code that the lane keeps.
        lane: The lane.
    """
    ids, cells = {cell.id for cell in code}, []
    for section in notebook.sections:
        if any(cell.task for cell in section.cells) or section.title == "Exercises":
            break
        own = {cell.id for cell in section.cells if cell.is_code}
        if own and not own & ids:
            continue
        for texts, below in _groups(section.cells):
            goes = not below or any(cell.id in ids for cell in below)
            cells += [c for c in texts if goes and _is_for(c, lane)]
    return cells


def _groups(cells: Iterable[Cell]) -> Iterator[tuple[list[Cell], list[Cell]]]:
    """Yield runs of text, each with the run of code below it."""
    runs = [
        (is_text, list(run)) for is_text, run in groupby(cells, lambda c: c.is_text)
    ]
    for index, (is_text, run) in enumerate(runs):
        if is_text:
            yield run, runs[index + 1][1] if index + 1 < len(runs) else []


def _is_for(cell: Cell, lane: str) -> bool:
    return cell.lane in (None, lane) and cell.id not in LEFT_OUT


def comment(source: str) -> str:
    """Return Markdown as a comment of Python: plain text, wrapped.

    Tables, figures and directives of MyST are no plain text and are left out.
    """
    source = _COLONS.sub("", _TARGET.sub("", source))
    lines: list[str] = []
    for block in markup.blocks(source):
        block_lines = list(_lines(block))
        lines += ["", *block_lines] if lines and block_lines else block_lines
    return "\n".join(f"# {line}".rstrip() for line in lines)


def _lines(block: markup.Block) -> Iterator[str]:
    """Yield a block of Markdown as lines of plain text."""
    if block.kind == "heading":
        title = plain(block.source.strip("# \n"))
        yield from (title, "-" * len(title))
    elif block.kind == "paragraph":
        yield from textwrap.wrap(plain(" ".join(block.source.split())), WIDTH)
    elif block.kind == "list":
        for item in re.split(r"(?m)^(?=(?:[-*]|\d+\.) )", block.source):
            text = plain(" ".join(item.split()))
            yield from textwrap.wrap(text, WIDTH, subsequent_indent="  ")
    elif block.kind in ("formula", "code") and not _FENCE.match(block.source):
        yield from (f"    {line.rstrip()}" for line in block.source.splitlines())


def plain(text: str) -> str:
    """Return a line of Markdown without its marks; code keeps its backticks."""
    text = _HTML.sub("", _ROLE.sub("", _IMAGE.sub("", text)))
    return _STRONG.sub(r"\2", _LINK.sub(_link, text)).strip()


def _link(match: re.Match[str]) -> str:
    place = match["place"]
    return f"{match['text']} <{place}>" if place.startswith("http") else match["text"]

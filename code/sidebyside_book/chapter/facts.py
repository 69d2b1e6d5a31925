"""What a chapter says about itself: minutes, prerequisites, parameters."""

import ast
import re
from contextlib import suppress
from dataclasses import dataclass

from sidebyside_book.chapter.notebook import Notebook

PARAMETERS = "parameters"
"""The tag of the cell that assigns the parameters."""
Value = str | int | float | bool

_MINUTES = re.compile(r"takes about (\d+) minutes")
_QUESTION = re.compile(r"^\*\*(.+)\*\*$", re.M)
_ROW = re.compile(r"^\|\s*(.+?)\s*\|\s*(necessary|helpful|not needed)\s*\|", re.M)
_LINK = re.compile(r"\[([^\]]*)\]\((\d\d)_\w*\)")


@dataclass(frozen=True)
class About:
    """What `sidebyside list` shows of a chapter."""

    name: str
    title: str
    minutes: int
    """To read it."""
    necessary: tuple[str, ...]
    helpful: tuple[str, ...]


def about(notebook: Notebook) -> About:
    """Return what a chapter's title and its cell `aims` say.

    Raises:
        ValueError: If it has no such cells.
    """
    aims = notebook.get("aims")
    minutes = _MINUTES.search(aims.source) if aims else None
    if not notebook.title or not minutes:
        raise ValueError(
            f"chapter: expected cells `title` and `aims` with the minutes of reading "
            f"in {notebook.name}, received {[cell.id for cell in notebook.cells[:3]]}"
        )
    rows = _ROW.findall(aims.source)
    return About(
        name=notebook.name,
        title=notebook.title,
        minutes=int(minutes[1]),
        necessary=tuple(_plain(what) for what, how in rows if how == "necessary"),
        helpful=tuple(_plain(what) for what, how in rows if how == "helpful"),
    )


def question(notebook: Notebook) -> str:
    """Return what a chapter asks below its title, in Markdown; empty if nothing."""
    cell = notebook.get("title")
    found = _QUESTION.search(cell.source) if cell else None
    return found[1] if found else ""


def _plain(text: str) -> str:
    """Return a link to a chapter as its number and title."""
    return _LINK.sub(lambda match: f"{match[2]} {match[1]}", text)


def parameters(notebook: Notebook) -> dict[str, Value]:
    """Return a chapter's parameters, name -> its value in the notebook.

    Raises:
        ValueError: If there is no cell tagged `parameters`, or it does anything but
            assign literals, or is no Python.
    """
    cells = [cell for cell in notebook.cells if PARAMETERS in cell.tags]
    if len(cells) != 1:
        raise ValueError(
            f"chapter: expected one cell tagged {PARAMETERS!r} in {notebook.name}, "
            f"received {len(cells)}"
        )
    try:
        return dict(_assignment(line) for line in ast.parse(cells[0].source).body)
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"chapter: {notebook.name}: parameters: {error}") from error


def has_parameters(notebook: Notebook) -> bool:
    """Say whether a notebook has a cell that assigns parameters."""
    return any(PARAMETERS in cell.tags for cell in notebook.cells)


def _assignment(line: ast.stmt) -> tuple[str, Value]:
    if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
        with suppress(ValueError):
            return line.targets[0].id, ast.literal_eval(line.value)
    raise ValueError(f"expected NAME = value, received {ast.unparse(line)!r}")

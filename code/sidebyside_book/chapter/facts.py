"""What a chapter says about itself: minutes, prerequisites, parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidebyside_book.chapter.notebook import Notebook

if TYPE_CHECKING:
    from sidebyside.parameters import Parameter

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
    aims, takes = notebook.get("aims"), minutes(notebook)
    if not notebook.title or aims is None or takes is None:
        raise ValueError(
            f"chapter: expected cells `title` and `aims` with the minutes of reading "
            f"in {notebook.name}, received {[cell.id for cell in notebook.cells[:3]]}"
        )
    rows = _ROW.findall(aims.source)
    return About(
        name=notebook.name,
        title=notebook.title,
        minutes=takes,
        necessary=tuple(_plain(what) for what, how in rows if how == "necessary"),
        helpful=tuple(_plain(what) for what, how in rows if how == "helpful"),
    )


def minutes(notebook: Notebook) -> int | None:
    """Return how many minutes of reading a chapter states; None if it states none."""
    aims = notebook.get("aims")
    match = _MINUTES.search(aims.source) if aims else None
    return int(match[1]) if match else None


def question(notebook: Notebook) -> str:
    """Return what a chapter asks below its title, in Markdown; empty if nothing."""
    cell = notebook.get("title")
    match = _QUESTION.search(cell.source) if cell else None
    return match[1] if match else ""


def _plain(text: str) -> str:
    """Return a link to a chapter as its number and title."""
    return _LINK.sub(lambda match: f"{match[2]} {match[1]}", text)


def parameters(notebook: Notebook) -> "dict[str, Parameter]":
    """Return a notebook's parameters by name; none if no cell is tagged so.

    Raises:
        ValueError: If several cells are tagged `parameters`, or one does anything but
            set them.
    """
    # Here, since executing works where `sidebyside` is another package.
    from sidebyside.parameters import read

    cells = [cell for cell in notebook.cells if PARAMETERS in cell.tags]
    if len(cells) > 1:
        raise ValueError(
            f"chapter: expected one cell tagged {PARAMETERS!r} in {notebook.name}, "
            f"received {len(cells)}"
        )
    return {
        parameter.name: parameter for cell in cells for parameter in read(cell.source)
    }


def defaults(offer: "Mapping[str, Parameter]") -> dict[str, Value]:
    """Return the parameters' values in the notebook, but for those it computes."""
    return {
        parameter.name: parameter.value
        for parameter in offer.values()
        if parameter.value is not None
    }

"""A notebook's file, parsed once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from nbformat import NotebookNode, v4

from sidebyside_book.chapter.cells import Cell

_SECTION = 2
"""The level of the headings that begin a section."""
_KEPT = 256
"""How many notebooks are kept: more than the book has."""


@dataclass(frozen=True)
class Section:
    """The cells below a heading of the second level, the cell with it included."""

    title: str
    """Empty for what comes before the first section."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Notebook:
    """A notebook as it is stored."""

    name: str
    """Its file's name without folder and suffix: `01_tensors`."""
    cells: tuple[Cell, ...]
    node: NotebookNode = field(compare=False, repr=False)
    """The whole notebook; not to be changed."""

    @property
    def code(self) -> list[Cell]:
        """The cells of code."""
        return [cell for cell in self.cells if cell.is_code]

    @property
    def text(self) -> list[Cell]:
        """The cells of text."""
        return [cell for cell in self.cells if cell.is_text]

    @property
    def title(self) -> str:
        """Its first heading of the first level; empty if there is none."""
        headings = (heading for cell in self.text for heading in cell.headings)
        return next((heading.text for heading in headings if heading.level == 1), "")

    @property
    def sections(self) -> list[Section]:
        """The sections; what stands before the first one is a section without title.

        A cell with several headings stands in the section of the last one.
        """
        groups: list[tuple[str, list[Cell]]] = [("", [])]
        for cell in self.cells:
            titles = [h.text for h in cell.headings if h.level == _SECTION]
            groups += [(title, []) for title in titles]
            groups[-1][1].append(cell)
        return [Section(title, tuple(cells)) for title, cells in groups]

    def get(self, name: str) -> Cell | None:
        """Return the first cell with this id, or None."""
        return next((cell for cell in self.cells if cell.id == name), None)

    def before(self, name: str) -> list[Cell]:
        """Return the cells that stand before a cell; all if there is no such one."""
        return list(takewhile(lambda cell: cell.id != name, self.cells))


def read_notebook(path: Path) -> Notebook:
    """Return a notebook's file, parsed; the same text is parsed once in a process.

    Raises:
        OSError: If it can't be read.
        ValueError: If it is no notebook.
    """
    try:
        return _parsed(path.stem, path.read_text(encoding="utf-8"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"chapter: expected a notebook, received {path}: {error}"
        ) from error


@lru_cache(maxsize=_KEPT)
def _parsed(name: str, text: str) -> Notebook:
    node = v4.reads(text)
    for cell in node.cells:
        cell.source.encode()  # JSON can hold half of an emoji; no file and no page can
    return notebook_of(node, name)


def notebook_of(node: NotebookNode, name: str = "") -> Notebook:
    """Return a notebook that is in memory, with its sources as strings."""
    return Notebook(name, tuple(_cells(node.cells)), node)


def _cells(nodes: Iterable[NotebookNode]) -> Iterator[Cell]:
    turn = 0
    for index, node in enumerate(nodes):
        runs = node.cell_type == "code" and bool(node.source.strip())
        turn += runs
        yield Cell(
            id=node.get("id", f"cell {index}"),
            kind=node.cell_type,
            source=node.source,
            tags=tuple(node.metadata.get("tags", ())),
            turn=turn if runs else None,
            node=node,
        )

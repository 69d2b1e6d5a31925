"""Which cells of a notebook a change reaches, by the names that cells bind and read."""

import ast
from collections.abc import Iterable, Iterator, Sequence

from nbformat import NotebookNode

from sidebyside_book.editions.names import names, tree


def way(cells: Sequence[NotebookNode], start: int, end: int) -> list[int]:
    """Return the places of the cells by which a change reaches one that must notice.

    A program slice forward from the change, and of it the slice backward from the cell
    that must notice (Weiser, "Program slicing", 1981). Names tell: what one cell does
    to another in silence, through a file or a setting, is not seen.

    Args:
        cells: Those of the notebook.
        start: The place of the changed cell.
        end: The place of the one that must notice.
    """
    seen = _bound(cells[start])
    reached = [start]
    for place in range(start + 1, end):
        if _read(cells[place]) & seen:
            reached.append(place)
            seen |= _bound(cells[place])
    return sorted({start, *rests_on(cells, end, reached)})


def rests_on(
    cells: Sequence[NotebookNode], end: int, among: Iterable[int]
) -> list[int]:
    """Return the places of the cells that one cell rests on, and its own.

    Args:
        cells: Those of the notebook.
        end: The place of the cell.
        among: The places of those that are asked.
    """
    wanted = _read(cells[end])
    places = [end]
    for place in sorted((k for k in among if k < end), reverse=True):
        if _bound(cells[place]) & wanted:
            places.append(place)
            wanted |= _read(cells[place])
    return sorted(places)


def _read(cell: NotebookNode) -> set[str]:
    return set(names(cell).read) if cell.cell_type == "code" else set()


def _bound(cell: NotebookNode) -> set[str]:
    """Return the names that a cell binds, and those of the things that it changes."""
    if cell.cell_type != "code":
        return set()
    known = names(cell)
    return {*known.assigned, *known.left, *known.imported, *_changed(tree(cell))}


def _changed(module: ast.Module) -> Iterator[str]:
    """Yield `x` for `x.part = 1`, `x["part"] = 1` and a bare `x.method()`."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute() | ast.Subscript() if not isinstance(
                node.ctx, ast.Load
            ):
                yield from _base(node)
            case ast.Expr(ast.Call(ast.Attribute() as method)):
                yield from _base(method)


def _base(node: ast.expr) -> Iterator[str]:
    """Yield the name that an expression like `x.part["other"]` begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id

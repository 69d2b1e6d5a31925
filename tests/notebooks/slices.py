"""Which cells of a notebook a change reaches, by the names that cells bind and read."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nbformat import NotebookNode

from sidebyside_book.editions.names import Names, names, tree

NOTHING = Names(frozenset(), frozenset(), {}, frozenset(), {})


class Slices:
    """The cells of a notebook, and which of them reach which.

    Names tell: what a cell binds, what it reads, and what the functions read that it
    calls. What one cell does to another in silence, through a file or a setting, is
    not seen.

    Source: Weiser, "Program slicing", 1981.
    """

    def __init__(self, cells: Sequence[NotebookNode]) -> None:
        self.bound = [_bound(cell) for cell in cells]
        later: dict[str, set[str]] = {}  # function -> what it reads when called
        for cell in cells:
            for name, read in _names(cell).read_later.items():
                later.setdefault(name, set()).update(read)
        self.read = [_closure(_names(cell).read, later) for cell in cells]

    def way(self, start: int, end: int) -> list[int]:
        """Return the places of the cells by which a change reaches another cell.

        Of the slice forward from the change it is the slice backward from that cell.

        Args:
            start: The place of the changed cell.
            end: The place of the one that must notice.
        """
        seen, reached = set(self.bound[start]), [start]
        for place in range(start + 1, end):
            if self.read[place] & seen:
                reached.append(place)
                seen |= self.bound[place]
        return sorted({start, *self.rests_on(end, reached)})

    def rests_on(self, end: int, among: Iterable[int] | None = None) -> list[int]:
        """Return the places of the cells that one cell rests on, and its own.

        Args:
            end: The place of the cell.
            among: The places of those that are asked; None for all before it.
        """
        wanted, places = set(self.read[end]), [end]
        asked = range(end) if among is None else {k for k in among if k < end}
        for place in sorted(asked, reverse=True):
            if self.bound[place] & wanted:
                places.append(place)
                wanted |= self.read[place]
        return sorted(places)


def _closure(read: Iterable[str], later: Mapping[str, set[str]]) -> set[str]:
    """Return names, and those that functions of these names read, and so on."""
    known: set[str] = set()
    new = set(read)
    while new:
        known |= new
        new = {name for function in new for name in later.get(function, ())} - known
    return known


def _names(cell: NotebookNode) -> Names:
    return names(cell) if cell.cell_type == "code" else NOTHING


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

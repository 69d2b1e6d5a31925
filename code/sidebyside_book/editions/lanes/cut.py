"""Which cells of a chapter one lane's program is made of.

| cell of code | in the program of a lane |
|---|---|
| tagged with this lane | always |
| tagged with another lane, or one of `LEFT_OUT` | never |
| all others | if the program binds every name that the cell reads |

A lane's own cell may import another framework if it is about that seam (tag `seam`), as
where Keras' gradients come from its backend.

So a cell that names things of several lanes, or of a cell that stayed out, stays out as
if it had the tag `compare`. A lane's own cell can't stay out: if it reads such a name,
the lane does not run alone, and that is a problem of the chapter.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from sidebyside.vocabulary import imports
from sidebyside_book.chapter import LANES, Cell, Notebook
from sidebyside_book.editions.names import Names, names, tree
from sidebyside_book.editions.owners import owner

COMPARE = "compare"
LEFT_OUT = frozenset({COMPARE, "parity", "self-check", "solution"})
"""Tags of cells that no single lane needs: comparisons, proofs, exercises."""
SEAM = "seam"
"""Tag of cells about the seam between two frameworks: a lane's own may import both."""
OF_THE_BOOK = frozenset({"setup"})
"""Ids of cells for which a program has something of its own."""


@dataclass(frozen=True)
class Need:
    """A name that a cell reads and its lane's program does not bind."""

    name: str
    cells: tuple[str, ...]
    """Ids of the cells that bind it; empty for a framework of another lane."""


@dataclass(frozen=True)
class Cut:
    """One lane of a chapter.

    Attributes:
        lane: The lane.
        cells: The cells of its program, in order.
        dropped: Id of an untagged cell that stayed out -> what it would need.
        problems: Id of a cell that can't stay out -> what it would need.
    """

    lane: str
    cells: tuple[Cell, ...]
    dropped: dict[str, tuple[Need, ...]]
    problems: dict[str, tuple[Need, ...]]


def cut(notebook: Notebook, lane: str) -> Cut:
    """Return the cells of one lane's program, and what is wrong with them.

    Raises:
        ValueError: If there is no such lane.
    """
    if lane not in LANES:
        raise ValueError(f"lanes: expected one of {list(LANES)}, received {lane!r}")
    kept = [cell for cell in notebook.code if _may_stay(cell, lane)]
    while True:
        needs = {cell.id: _needs(cell, kept, notebook, lane) for cell in kept}
        staying = [cell for cell in kept if cell.lane or not needs[cell.id]]
        if len(staying) == len(kept):
            break
        kept = staying
    ids = {cell.id for cell in kept}
    others = [c for c in notebook.code if c.id not in ids and _may_stay(c, lane)]
    return Cut(
        lane,
        tuple(kept),
        dropped={cell.id: _needs(cell, kept, notebook, lane) for cell in others},
        problems={cell: needed for cell, needed in needs.items() if needed},
    )


def compared(notebook: Notebook) -> dict[str, tuple[Need, ...]]:
    """Return the untagged cells that no lane keeps -> what they would need.

    They count as tagged `compare`. Of names that all lanes miss, these alone are told.
    """
    dropped = [cut(notebook, lane).dropped for lane in LANES]
    cells = [c for c in dropped[0] if all(c in other for other in dropped)]
    return {cell: _missed([lane[cell] for lane in dropped]) for cell in cells}


def _missed(needs: list[tuple[Need, ...]]) -> tuple[Need, ...]:
    """Return what all lanes need, or else what any of them does."""
    common = set.intersection(*map(set, needs))
    return tuple(sorted(common or set().union(*needs), key=lambda need: need.name))


def _may_stay(cell: Cell, lane: str) -> bool:
    out = LEFT_OUT.intersection(cell.tags) or cell.id in OF_THE_BOOK
    return not out and cell.lane in (None, lane)


def _needs(
    cell: Cell, kept: Iterable[Cell], notebook: Notebook, lane: str
) -> tuple[Need, ...]:
    """Return what a cell reads, the chapter binds, and the kept cells do not."""
    bound = {name for other in kept for name in binds(other)}
    needs = []
    for name in sorted(_names(cell).read - bound):
        cells = tuple(c.id for c in notebook.code if name in binds(c))
        if cells and not set(cells) <= OF_THE_BOOK:
            needs.append(Need(name, cells))
    return (*needs, *_foreign(cell, lane))


def _foreign(cell: Cell, lane: str) -> Iterator[Need]:
    """Yield the frameworks of other lanes that a cell imports itself."""
    if cell.lane and SEAM in cell.tags:
        return
    for name, module in _imports(cell):
        if owner(module) not in (None, lane):
            yield Need(name, ())


@cache
def _names(cell: Cell) -> Names:
    return names(cell)


@cache
def _imports(cell: Cell) -> tuple[tuple[str, str], ...]:
    return tuple(imports(tree(cell)))


@cache
def binds(cell: Cell) -> frozenset[str]:
    """Return all names that a cell binds for the cells below."""
    bound = _names(cell)
    return bound.assigned | bound.left | frozenset(bound.imported)

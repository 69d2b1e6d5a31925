"""Which helpers of `sidebyside` a program needs, and which fall away with their calls.

A program keeps what loads data, feeds, builds, trains, measures and draws. What belongs
to the book alone falls away: the check of the installation and of the parameters, the
proof that three lanes are one, the counting of code, the ledger of claims, the report
at a chapter's end, the picture of an idea.

- A statement that only calls such a helper falls away wherever it stands.
- A `with` that only watches, or holds back start-up lines, becomes its body.
- Any other statement of a cell that names such a helper falls away, and so does what
  reads a name that only such statements bind.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch

from sidebyside_book.editions.lanes.source import bound, refs, unwrapped, without

PACKAGE = "sidebyside"
OF_THE_BOOK = (
    "sidebyside.versions",
    "sidebyside.parameters",
    "sidebyside.parity",
    "sidebyside.evidence",
    "sidebyside.ledger",
    "sidebyside.size",
    "sidebyside.report",
    "sidebyside.diagrams",
    "sidebyside.datasets.describe",
    "sidebyside.lanes.*.probe",
    "sidebyside.lanes._watch.*",
)
"""Modules and helpers that fall away."""
TRANSPARENT = ("sidebyside.quiet", "sidebyside.hushed", "sidebyside.lanes.*.watch")
"""Contexts that change nothing in the block below them."""
SHELL = "get_ipython"
"""What magics become; a program has none."""


@dataclass(frozen=True)
class Piece:
    """The source of a cell, or of a definition, with what its names mean.

    Attributes:
        place: Where it comes from: the id of a cell.
        source: Python without magics.
    """

    place: str
    source: str


def of_the_book(dotted: str) -> bool:
    """Say whether a helper, by its full name, falls away."""
    return any(fnmatch(dotted, p) or dotted.startswith(f"{p}.") for p in OF_THE_BOOK)


def meanings(source: str) -> dict[str, str]:
    """Return name -> full name of what source imports from `sidebyside`."""
    full_names = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                full_names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return {k: v for k, v in full_names.items() if v.startswith(f"{PACKAGE}.")}


def stripped(source: str, known: Mapping[str, str]) -> str:
    """Return source without calls of the book's helpers and transparent contexts.

    Args:
        source: Python.
        known: Name -> full name of what it means.
    """
    while (change := next(_changes(source, known), None)) is not None:
        source = change
    return source


def _changes(source: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield source with one thing less."""
    for parent in ast.walk(ast.parse(source)):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, [])
            for node in block if isinstance(block, list) else []:
                if isinstance(node, ast.With) and _is_transparent(node, known):
                    yield unwrapped(source, node)
                elif _only_calls(node, known):
                    yield without(source, node, len(block))


def _is_transparent(node: ast.With, known: Mapping[str, str]) -> bool:
    calls = [item.context_expr for item in node.items]
    names = [dotted(c.func, known) for c in calls if isinstance(c, ast.Call)]
    return len(names) == len(calls) and all(
        any(fnmatch(name, pattern) for pattern in TRANSPARENT) for name in names
    )


def _only_calls(node: ast.stmt, known: Mapping[str, str]) -> bool:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    name = dotted(node.value.func, known)
    return of_the_book(name) or name.startswith(f"{SHELL}()")


def dotted(node: ast.expr, known: Mapping[str, str]) -> str:
    """Return the full name of what an expression names; `?` stands for others."""
    if isinstance(node, ast.Name):
        return known.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value, known)}.{node.attr}"
    return f"{dotted(node.func, known)}()" if isinstance(node, ast.Call) else "?"


def without_book(
    pieces: list[Piece], known: Mapping[str, str]
) -> tuple[list[Piece], dict[str, list[str]]]:
    """Return pieces of a program without the book's helpers, and what fell away.

    Returns:
        The pieces, and place -> the names that it no longer binds.
    """
    pieces = [Piece(p.place, stripped(p.source, known)) for p in pieces]
    fallen: dict[str, list[str]] = {}
    while True:
        gone = {n for names in fallen.values() for n in names} - _bound(pieces)
        change = next(_falls(pieces, known, gone), None)
        if change is None:
            return pieces, fallen
        index, node, siblings = change
        place, source = pieces[index].place, pieces[index].source
        fallen.setdefault(place, []).extend(sorted(bound([node])))
        pieces[index] = Piece(place, without(source, node, siblings))


def _falls(
    pieces: list[Piece], known: Mapping[str, str], gone: set[str]
) -> Iterator[tuple[int, ast.stmt, int]]:
    """Yield statements that name a helper of the book, or a name that fell away."""
    for index, piece in enumerate(pieces):
        body = ast.parse(piece.source).body
        for node in body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for ref in refs(node):
                full = known.get(ref.name, "")
                full += f".{ref.attribute}" if full and ref.attribute else ""
                if of_the_book(full) or ref.name in gone:
                    yield index, node, len(body)
                    break


def _bound(pieces: list[Piece]) -> frozenset[str]:
    return bound(node for piece in pieces for node in ast.parse(piece.source).body)

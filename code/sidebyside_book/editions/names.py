"""Which names a piece of a notebook binds, and which it reads from other cells."""

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from IPython.core.inputtransformer2 import TransformerManager

from sidebyside.vocabulary import imports
from sidebyside_book.chapter import Cell

BODIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Names:
    """The names that a cell shares with the rest of its notebook.

    Attributes:
        assigned: By `=`, `def`, `class` and the like, at the top level.
        left: By loops, `with ... as` and `except ... as` at the top level.
        imported: From the imported name to the module (or the thing in it).
        read: Names that the cell, or a function in it, reads and does not bind.
        read_later: For each function and class of the cell the names that it reads
            from the notebook when it is called.
    """

    assigned: frozenset[str]
    left: frozenset[str]
    imported: dict[str, str]
    read: frozenset[str]
    read_later: dict[str, frozenset[str]]


@cache
def python(source: str) -> str:
    """Return a cell's source as plain Python: magics become calls."""
    return TransformerManager().transform_cell(source)


def tree(cell: Cell) -> ast.Module:
    """Return a code cell's syntax tree; an empty one where it does not parse."""
    try:
        return ast.parse(python(cell.source))
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def names(cell: Cell) -> Names:
    """Return the names of a code cell; none where it does not parse."""
    module = tree(cell)
    top = list(_top_level(module))
    assigned = {node.name for node in top if isinstance(node, BODIES[:3])}
    left: set[str] = set()
    for node in top:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            assigned |= {name for target in targets for name in _stored(target)}
        elif isinstance(node, ast.For | ast.AsyncFor):
            left |= _stored(node.target)
        elif isinstance(node, ast.withitem) and node.optional_vars:
            left |= _stored(node.optional_vars)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            left.add(node.name)
    left -= assigned
    imported = dict(imports(module))
    bound = assigned | left | set(imported)
    table = _table(cell)
    read = frozenset(_globals(table)) - bound
    later = {t.get_name(): frozenset(_globals(t)) for t in table.get_children()}
    return Names(frozenset(assigned), frozenset(left), imported, read, later)


def _top_level(node: ast.AST) -> Iterator[ast.AST]:
    """Walk the tree without the insides of functions and classes."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, BODIES):
            yield from _top_level(child)


def _stored(target: ast.expr) -> set[str]:
    nodes = (node for node in ast.walk(target) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Store)} - {"_"}


def _table(cell: Cell) -> symtable.SymbolTable:
    try:
        return symtable.symtable(python(cell.source), cell.id, "exec")
    except SyntaxError:
        return symtable.symtable("", cell.id, "exec")


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the names of the notebook that a scope and those within it read."""
    at_top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (at_top or symbol.is_global()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _globals(inner)

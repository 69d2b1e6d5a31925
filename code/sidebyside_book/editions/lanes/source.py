"""Python source that is changed piece by piece, so that comments and layout stay."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Ref:
    """A place where source reads a name that none of its functions binds.

    Attributes:
        name: The name.
        attribute: What is read of it, as `figure` of `plots.figure`; empty if all.
        node: The whole: the name, or the attribute.
        later: Whether it is read when a function is called, not when it is defined.
    """

    name: str
    attribute: str
    node: ast.expr
    later: bool


def refs(tree: ast.AST) -> list[Ref]:
    """Return what a piece of source reads from its module, in the order of the text."""
    references = list(_refs(tree, frozenset(), False))
    return sorted(references, key=lambda ref: (ref.node.lineno, ref.node.col_offset))


def _refs(node: ast.AST, local: frozenset[str], later: bool) -> Iterator[Ref]:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.value.id not in local:
            yield Ref(node.value.id, node.attr, node, later)
        return
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in local:
            yield Ref(node.id, "", node, later)
        return
    body: list[ast.AST] = []
    if isinstance(node, FUNCTIONS):
        body = node.body if isinstance(node.body, list) else [node.body]
        inside = local | _bound_in(node)
        for part in body:
            yield from _refs(part, inside, True)
    elif isinstance(node, COMPREHENSIONS):
        local = local | _stored(node)
    for child in ast.iter_child_nodes(node):
        if child not in body:
            yield from _refs(child, local, later)


def _bound_in(function: ast.AST) -> frozenset[str]:
    """Return the parameters of a function, and what its body binds."""
    arguments = {
        node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)
    }
    return frozenset(arguments) | bound(ast.iter_child_nodes(function))


def locals_of(tree: ast.AST) -> frozenset[str]:
    """Return what any function in a piece of source binds for itself."""
    functions = (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))
    return frozenset().union(*map(_bound_in, functions))


def bound(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Return what statements bind, but not what functions and classes in them do."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, (ast.Lambda, *COMPREHENSIONS)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        names |= bound(ast.iter_child_nodes(node))
    return frozenset(names)


def _stored(node: ast.AST) -> frozenset[str]:
    stored = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return frozenset(n.id for n in stored if isinstance(n.ctx, ast.Store))


def replace(source: str, changes: Iterable[tuple[ast.AST, str]]) -> str:
    """Return source in which the texts of some nodes are others.

    Args:
        source: What the nodes were parsed from.
        changes: Node -> its new text; no node lies in another one.
    """
    text = source.encode()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    spans = [
        (
            starts[node.lineno - 1] + node.col_offset,
            starts[node.end_lineno - 1] + node.end_col_offset,
            new.encode(),
        )
        for node, new in changes
    ]
    for begin, end, new in sorted(spans, reverse=True):
        text = text[:begin] + new + text[end:]
    return text.decode()


def first_line(node: ast.stmt) -> int:
    """Return the line in which a statement begins, its decorators included."""
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def without(source: str, node: ast.stmt, siblings: int) -> str:
    """Return source without a statement, and without the comment right above it.

    Args:
        source: What it was parsed from.
        node: The statement.
        siblings: How many statements its block has; the only one becomes `pass`.
    """
    lines = source.splitlines()
    begin, end = first_line(node) - 1, node.end_lineno
    kept = [f"{' ' * node.col_offset}pass"] if siblings == 1 and node.col_offset else []
    while begin and not kept and lines[begin - 1].strip().startswith("#"):
        begin -= 1
    return "\n".join([*lines[:begin], *kept, *lines[end:]])


def unwrapped(source: str, node: ast.With) -> str:
    """Return source in which the body of a `with` stands in its place."""
    lines = source.splitlines()
    begin, first = node.lineno - 1, node.body[0]
    if first.lineno == node.lineno:  # with x: y
        body = [" " * node.col_offset + lines[begin][first.col_offset :]]
        start = begin + 1
    else:
        header = max(item.context_expr.end_lineno for item in node.items)
        body, start = [], header
    shift = first.col_offset - node.col_offset
    indent = " " * first.col_offset
    rest = [
        line[shift:] if line.startswith(indent) else line
        for line in lines[start : node.end_lineno]
    ]
    return "\n".join([*lines[:begin], *body, *rest, *lines[node.end_lineno :]])

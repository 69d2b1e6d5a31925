"""What the rules look at in the code and in the text of a cell."""

import ast
import io
import tokenize
from collections.abc import Callable, Iterator

from sidebyside_book.chapter import Notebook, text_lines
from sidebyside_book.editions.names import python

Problems = Iterator[tuple[str, str]]
"""Pairs: the id of the cell, and what was expected there and what came."""

Rule = Callable[[Notebook], Problems]

PROVES = {f"parity.{name}" for name in ("check", "ladder", "rehearsal", "chance")}
PROVES |= {"parity.record"}
"""What proves something, and raises a ParityError where it doesn't hold."""


def calls(node: ast.AST) -> Iterator[str]:
    """Yield the dotted name of everything that is called: `parity.ladder`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield dotted(part.func)


def strings(node: ast.AST) -> Iterator[str]:
    """Yield the strings in a piece of code."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for an attribute of an attribute; `?` stands for what is no name.

    `model(X).mean` is `?.mean`.
    """
    if isinstance(node, ast.Name):
        return node.id
    return (
        f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"
    )


def comments(source: str) -> dict[int, str]:
    """Return the comments of a piece of Python by line, without `#`.

    Where it does not parse, there are none.
    """
    lines = io.StringIO(python(source)).readline
    try:
        tokens = list(tokenize.generate_tokens(lines))
    except (SyntaxError, tokenize.TokenError):
        return {}
    notes = (token for token in tokens if token.type == tokenize.COMMENT)
    return {token.start[0]: token.string.lstrip("# ") for token in notes}


def bullets(source: str) -> list[str]:
    """Return the first line of each item of the lists in a piece of Markdown."""
    return [line[2:].strip() for line in text_lines(source) if line[:2] in ("- ", "* ")]

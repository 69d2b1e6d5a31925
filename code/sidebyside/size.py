"""How much code a lane needs: lines, statements, tokens and names, counted alike."""

import ast
import inspect
import io
import keyword
import textwrap
import tokenize
from collections.abc import Callable
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.ENCODING,
}


@dataclass(frozen=True)
class Size:
    """The size of some code, without comments, docstrings and blank lines.

    Attributes:
        lines: Lines that hold code.
        statements: Statements, nested ones and definitions included.
        tokens: Names, operators and literals, as Python's tokenizer sees them.
        names: The different names in it: a measure of what must be known.
    """

    lines: int
    statements: int
    tokens: int
    names: frozenset[str]

    def __add__(self, other: "Size") -> "Size":
        """Add the counts, and unite the names."""
        return Size(
            self.lines + other.lines,
            self.statements + other.statements,
            self.tokens + other.tokens,
            self.names | other.names,
        )


NOTHING = Size(0, 0, 0, frozenset())


def measure(*code: str | Callable[..., object]) -> Size:
    """Measure the size of pieces of code together.

    Args:
        code: Source texts (of a notebook's cell, say), functions or classes.

    Raises:
        ValueError: If a piece is no Python.
    """
    return sum((_measure(_source(piece)) for piece in code), NOTHING)


def _source(piece: str | Callable[..., object]) -> str:
    if isinstance(piece, str):
        return TransformerManager().transform_cell(piece)  # magics become calls
    return textwrap.dedent(inspect.getsource(inspect.unwrap(piece)))


def _measure(source: str) -> Size:
    try:
        tree = ast.parse(source)
        all_tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError) as error:
        raise ValueError(f"size: expected Python, received {source[:60]!r}") from error
    docstrings = _docstring_lines(tree)
    tokens = [
        token
        for token in all_tokens
        if token.type not in _LAYOUT and token.start[0] not in docstrings
    ]
    lines = {n for t in tokens for n in range(t.start[0], t.end[0] + 1)}
    names = {
        t.string
        for t in tokens
        if t.type == tokenize.NAME and not keyword.iskeyword(t.string)
    }
    statements = sum(
        isinstance(node, ast.stmt) and node.lineno not in docstrings
        for node in ast.walk(tree)
    )
    return Size(len(lines), statements, len(tokens), frozenset(names))


def _docstring_lines(tree: ast.Module) -> set[int]:
    """Return the lines that belong to docstrings (a text that is a statement)."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }

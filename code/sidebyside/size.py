"""How much code a lane needs, counted alike in every lane; see also `vocabulary`.

| function | what it counts |
|---|---|
| `measure` | lines, statements, tokens, names |
| `structure` | how deep statements are nested, and how often the way branches |
| `needed` | nothing: it finds the helpers that a piece of code needs |
"""

import ast
import inspect
import io
import keyword
import textwrap
import tokenize
from collections.abc import Callable, Iterator
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
_FORMATTED = {"FSTRING_START": 1, "FSTRING_END": -1}
"""How the tokens of an f-string begin and end, from Python 3.12 on -> depth."""


@dataclass(frozen=True)
class Size:
    """The size of some code, without comments, docstrings and blank lines.

    Attributes:
        lines: Lines that hold code.
        statements: Statements, nested ones and definitions included.
        tokens: Names, operators and literals, as Python's tokenizer sees them; a text
            with values in it (an f-string) is one literal, in each version of Python.
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
        all_tokens = list(_tokens(source))
    except (SyntaxError, tokenize.TokenError) as error:
        raise ValueError(f"size: expected Python, received {source[:60]!r}") from error
    docstrings = list(_docstrings(tree))
    places = [(text.value.lineno, text.value.col_offset) for text in docstrings]
    ends = [(text.end_lineno or 0, text.end_col_offset or 0) for text in docstrings]
    spans = list(zip(places, ends, strict=True))
    tokens = [
        token
        for token in all_tokens
        if token.type not in _LAYOUT
        and not any(start <= token.start < end for start, end in spans)
    ]
    lines = {n for t in tokens for n in range(t.start[0], t.end[0] + 1)}
    names = {
        t.string
        for t in tokens
        if t.type == tokenize.NAME and not keyword.iskeyword(t.string)
    }
    statements = sum(
        isinstance(node, ast.stmt) and node not in docstrings for node in ast.walk(tree)
    )
    return Size(len(lines), statements, len(tokens), frozenset(names))


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """Yield the tokens of a source; those of an f-string as one, its first."""
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        step = _FORMATTED.get(tokenize.tok_name[token.type], 0)
        if depth == 0:
            yield token
        depth += step


def _docstrings(tree: ast.Module) -> Iterator[ast.Expr]:
    """Yield the docstrings: texts that are a statement."""
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Expr) else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield node


def parsed(code: str) -> ast.Module:
    """Return the syntax tree of a piece of code, magics as calls.

    Raises:
        ValueError: If it is no Python.
    """
    source = _source(code)
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise ValueError(f"size: expected Python, received {source[:60]!r}") from error


_BLOCKS = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.If,
    ast.With,
    ast.Try,
)
_BRANCHES = (ast.For, ast.While, ast.If, ast.IfExp, ast.ExceptHandler, ast.match_case)


@dataclass(frozen=True)
class Structure:
    """The structure of some code, as far as it can be counted.

    Attributes:
        depth: Blocks inside one another, at the deepest place: functions, classes,
            loops, conditions, contexts.
        branches: Loops, conditions, comprehensions, `and` and `or`, caught errors,
            cases: McCabe's number less one.
    """

    depth: int
    branches: int


def structure(code: str) -> Structure:
    """Return how deep code is nested, and how often the way through it branches.

    Raises:
        ValueError: If the code is no Python.
    """
    tree = parsed(code)
    return Structure(_depth(tree), sum(map(_branches, ast.walk(tree))))


def _branches(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, _BRANCHES))


def _depth(node: ast.AST) -> int:
    """Return the blocks inside one another; an `elif` is no deeper than its `if`."""
    parts = list(ast.iter_child_nodes(node))
    rest = node.orelse if isinstance(node, ast.If) else []
    beside = rest if len(rest) == 1 and isinstance(rest[0], ast.If) else []
    inner = max((_depth(part) for part in parts if part not in beside), default=0)
    return max([inner + isinstance(node, _BLOCKS), *map(_depth, beside)])


def needed(helpers: str, by: str) -> list[str]:
    """Return those statements of a module that code needs, in their order.

    Args:
        helpers: A module: imports, functions, classes, constants.
        by: The code that needs some of it.

    Returns:
        The statements that bind a name which the code reads, or which another of them
        reads; and those that bind none, for they do something.

    Raises:
        ValueError: If either is no Python.
    """
    source = _source(helpers)
    statements = parsed(source).body
    wanted, kept = _read(parsed(by)), set[int]()
    while new := {
        index
        for index, node in enumerate(statements)
        if index not in kept and (not (bound := _bound(node)) or bound & wanted)
    }:
        kept |= new
        wanted |= {name for index in new for name in _read(statements[index])}
    return [_text(source, statements[index]) for index in sorted(kept)]


def _read(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _bound(node: ast.stmt) -> set[str]:
    """Return the names that a statement of a module binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {a.asname or a.name.partition(".")[0] for a in node.names}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return {n.id for n in targets if isinstance(n.ctx, ast.Store)}


def _text(source: str, node: ast.stmt) -> str:
    """Return a statement's source, its decorators included."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])

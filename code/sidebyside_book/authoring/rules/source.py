"""What the rules look at: the cells of a notebook, their tags, code and prose."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator

from nbformat import NotebookNode

from sidebyside_book.editions.names import python
from sidebyside_book.editions.names import tree as tree

Problems = Iterator[tuple[str, str]]
"""Pairs: the id of the cell, and what was expected there and what came."""

Rule = Callable[[NotebookNode], Problems]

LANES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras"}
"""The lanes in their order, with the name that the first line of a lane cell gives."""

SUFFIXES = {"pytorch": "_pt", "tensorflow": "_tf", "keras": "_ks"}


def tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def is_code(cell: NotebookNode) -> bool:
    """Say whether a cell holds code."""
    return cell.cell_type == "code"


def is_prose(cell: NotebookNode) -> bool:
    """Say whether a cell holds text."""
    return cell.cell_type == "markdown"


def lane_of(cell: NotebookNode) -> str | None:
    """Return the lane of a cell's first lane tag, None for a cell of no lane."""
    found = [tag.removeprefix("lane-") for tag in tags(cell) if tag[:5] == "lane-"]
    return found[0] if found else None


def stem_of(cell: NotebookNode) -> str:
    """Return a cell's id without its lane; the cells of a triple share it."""
    return cell.id.removesuffix(f"-{lane_of(cell)}")


def by_id(notebook: NotebookNode, name: str) -> NotebookNode | None:
    """Return the first cell with this id, or None."""
    return next((cell for cell in notebook.cells if cell.id == name), None)


def before(notebook: NotebookNode, name: str) -> list[NotebookNode]:
    """Return the cells that stand before a cell; all cells if there is no such one."""
    ids = [cell.id for cell in notebook.cells]
    return notebook.cells[: ids.index(name)] if name in ids else notebook.cells


PROVES = {f"parity.{name}" for name in ("check", "ladder", "rehearsal", "chance")}
PROVES |= {"parity.record"}
"""What proves something, and raises a ParityError where it doesn't hold."""


def blocks(cells: list[NotebookNode]) -> list[list[NotebookNode]]:
    """Return the cells as the page shows them: lane cells of one stem are one block."""
    found: list[list[NotebookNode]] = []
    for cell in cells:
        together = found and lane_of(cell) and lane_of(found[-1][0])
        if together and stem_of(cell) == stem_of(found[-1][0]):
            found[-1].append(cell)
        else:
            found.append([cell])
    return found


def calls(node: ast.AST) -> Iterator[str]:
    """Yield the dotted name of everything that is called: `parity.ladder`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield dotted(part.func)


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
    found = (token for token in tokens if token.type == tokenize.COMMENT)
    return {token.start[0]: token.string.lstrip("# ") for token in found}


def text_lines(source: str) -> list[str]:
    """Return the lines of Markdown that are prose: no fenced code, no formulas."""
    without = re.sub(r"(?ms)^(`{3,}|~{3,}).*?^\1[ \t]*$|^\$\$.*?\$\$", "", source)
    return without.splitlines()


def bullets(source: str) -> list[str]:
    """Return the first line of each item of the lists in a piece of Markdown."""
    return [line[2:].strip() for line in text_lines(source) if line[:2] in ("- ", "* ")]

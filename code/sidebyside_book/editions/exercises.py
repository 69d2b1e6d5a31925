"""The exercises of a chapter: task, solution, check, and what must be defined."""

import ast
import re
from dataclasses import dataclass

from nbformat import NotebookNode

from sidebyside_book.editions.names import names, tree

TASK = re.compile(
    r"\A(`{3,}|:{3,})\{exercise\} +(?P<title>\S.*)\n:label: *(?P<label>\S+)"
)
"""How the cell of a task begins."""
BODY = re.compile(r"\n\n(?P<body>.*)\n(?:`{3,}|:{3,})\s*\Z", re.DOTALL)
PREDICTED = re.compile(r"guess|predict")
"""In the name of what a reader writes down before running anything."""


@dataclass(frozen=True)
class Exercise:
    """One exercise, in the cells of its chapter."""

    number: int
    """From 1, within the chapter."""
    title: str
    task: NotebookNode
    fold: tuple[NotebookNode, ...]
    """All that is folded away: the solution's cells, and the fence around them."""
    check: NotebookNode

    @property
    def text(self) -> str:
        """What is asked, in Markdown, without the fence."""
        found = BODY.search(self.task.source)
        return found["body"].strip() if found else ""

    @property
    def solution(self) -> list[NotebookNode]:
        """The solution's cells of code."""
        return [cell for cell in self.fold if cell.cell_type == "code"]

    def needed(self, cell: NotebookNode) -> list[str]:
        """Return the names that a cell of the solution defines and the check reads."""
        defined, read = names(cell).assigned, names(self.check).read
        first: dict[str, int] = {}
        for node in ast.walk(tree(cell)):
            name = getattr(node, "id", getattr(node, "name", None))
            if name in defined:
                first[name] = min(node.lineno, first.get(name, node.lineno))
        return sorted(defined & read, key=lambda name: (first[name], name))

    @property
    def predictions(self) -> list[str]:
        """The names of what is predicted, among those that the check reads."""
        found = [name for cell in self.solution for name in self.needed(cell)]
        return [name for name in found if PREDICTED.search(name)]


def find(notebook: NotebookNode) -> list[Exercise]:
    """Return the exercises of a chapter, in their order.

    Raises:
        ValueError: If an exercise has no solution or no check after its task.
    """
    found: list[Exercise] = []
    cells = list(notebook.cells)
    for start, cell in enumerate(cells):
        title = TASK.match(cell.source) if cell.cell_type == "markdown" else None
        if not title:
            continue
        end = start + 1
        while end < len(cells) and "solution" in cells[end].metadata.get("tags", []):
            end += 1
        if end == len(cells) or cells[end].id != f"{cell.id}-check":
            raise ValueError(
                f"exercises: expected {cell.id}, its solution, {cell.id}-check; "
                f"received {[c.id for c in cells[start : end + 1]]}"
            )
        fold = tuple(cells[start + 1 : end])
        found.append(
            Exercise(len(found) + 1, title["title"].strip(), cell, fold, cells[end])
        )
    return found

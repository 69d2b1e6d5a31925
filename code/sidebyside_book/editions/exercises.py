"""What has to be defined in an exercise, and what is predicted in it."""

import ast
import re

from sidebyside_book.chapter import Cell, Exercise
from sidebyside_book.editions.names import names, tree

PREDICTED = re.compile(r"guess|predict")
"""In the name of what a reader writes down before running anything."""


def needed(exercise: Exercise, cell: Cell) -> list[str]:
    """Return the names that a cell of the solution defines and the check reads."""
    defined, read = names(cell).assigned, names(exercise.check).read
    first: dict[str, int] = {}
    for node in ast.walk(tree(cell)):
        name = getattr(node, "id", getattr(node, "name", None))
        if name in defined:
            first[name] = min(node.lineno, first.get(name, node.lineno))
    return sorted(defined & read, key=lambda name: (first[name], name))


def predictions(exercise: Exercise) -> list[str]:
    """Return the names of what is predicted, among those that the check reads."""
    read = [name for cell in exercise.solution for name in needed(exercise, cell)]
    return [name for name in read if PREDICTED.search(name)]

"""The exercises of a chapter: task, solution, check."""

from dataclasses import dataclass

from sidebyside_book.chapter.cells import Cell, Task
from sidebyside_book.chapter.notebook import Notebook


@dataclass(frozen=True)
class Exercise:
    """One exercise, in the cells of its chapter."""

    number: int
    """From 1, within the chapter."""
    task: Task
    cell: Cell
    """The one that holds the task."""
    fold: tuple[Cell, ...]
    """All that is folded away: the solution's cells, and the fence around them."""
    check: Cell

    @property
    def solution(self) -> list[Cell]:
        """The solution's cells of code."""
        return [cell for cell in self.fold if cell.is_code]


def exercises(notebook: Notebook) -> list[Exercise]:
    """Return the exercises of a chapter, in their order.

    Raises:
        ValueError: If an exercise has no solution or no check after its task.
    """
    places = [i for i, cell in enumerate(notebook.cells) if cell.task]
    return [_exercise(notebook.cells, i, n) for n, i in enumerate(places, 1)]


def _exercise(cells: tuple[Cell, ...], start: int, number: int) -> Exercise:
    cell, end = cells[start], start + 1
    while end < len(cells) and "solution" in cells[end].tags:
        end += 1
    if end == len(cells) or cells[end].id != f"{cell.id}-check":
        raise ValueError(
            f"exercises: expected {cell.id}, its solution, {cell.id}-check; "
            f"received {[c.id for c in cells[start : end + 1]]}"
        )
    return Exercise(number, cell.task, cell, cells[start + 1 : end], cells[end])

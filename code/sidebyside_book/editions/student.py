"""The student edition: every chapter without its solutions, and with its checks.

In the place of a solution stands a cell that names what is to be defined. It defines
nothing itself: so a check of something that is not there yet ends in a `NameError`
that says what is missing, in the check's own words.
"""

import ast
import copy
from collections.abc import Collection
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from sidebyside_book import box
from sidebyside_book.chapter import (
    Cell,
    Exercise,
    Notebook,
    exercises,
    read_notebook,
)
from sidebyside_book.editions import markup
from sidebyside_book.editions.exercises import needed
from sidebyside_book.editions.made import write_all
from sidebyside_book.editions.names import tree
from sidebyside_book.editions.places import Places, places
from sidebyside_book.execution.chapters import Chapter, find_chapters

FOLDER = "_build/student"
FOLDED = "In this edition the solutions are folded away; try first."
"""What the chapter says of its solutions, and the student edition must not."""
TO_FILL = (
    "In this edition the solutions are taken out. A line `# define: ...` names what a "
    "cell has to define: write your code below it, run the cell, then run the check. A "
    "check that ends in a `NameError` names what is still missing; an `AssertionError` "
    "or a `ParityError` says that something is there and not yet right. If there is no "
    "error, the exercise is solved."
)
BRACKETS = "*What stands in brackets is a number that the cells below compute.*"
TAG = "to-fill-in"


def write(book: Path, wanted: Collection[str], folder: Path) -> list[Path]:
    """Write the student edition of some chapters, and return the files.

    Args:
        book: The book's folder.
        wanted: Chapters, as in `find_chapters`; all if empty.
        folder: Where the notebooks are written; others in it stay.

    Raises:
        FileNotFoundError: If `book` isn't the folder of a book.
        ValueError: If a wanted chapter isn't there or has no exercises, or somebody's
            own file is in the way.
    """
    chapters = [c for c in find_chapters(book, list(wanted)) if c.name[:2].isdigit()]
    if not chapters:
        raise ValueError(
            f"student: expected chapters with exercises, received {list(wanted)}"
        )
    if folder.resolve() == (book / "chapters").resolve():
        raise ValueError(
            f"student: expected another folder than the chapters', received {folder}"
        )
    where = places(book, ".ipynb", {chapter.name for chapter in chapters})
    texts = {f"{chapter.name}.ipynb": text(chapter, where) for chapter in chapters}
    return write_all("student", folder, texts)


def text(chapter: Chapter, where: Places) -> str:
    """Return a chapter's student edition as the text of a notebook's file."""
    made = edition(read_notebook(chapter.path), where)
    nbformat.validate(made)
    return nbformat.writes(made, version=4, ensure_ascii=False) + "\n"


def edition(notebook: Notebook, where: Places) -> NotebookNode:
    """Return a chapter without solutions, outputs and fences.

    Args:
        notebook: The chapter, as it is stored.
        where: Where other pages are found.

    Raises:
        ValueError: If the notebook names no kernel.
    """
    kernel = notebook.node.metadata.get("kernelspec")
    if not kernel:
        raise ValueError(
            f"student: expected a kernelspec in the metadata of {notebook.name}, "
            "received none"
        )
    made = v4.new_notebook(metadata={"kernelspec": kernel})
    to_solve = {exercise.cell.id: exercise for exercise in exercises(notebook)}
    for cell in notebook.cells:
        if cell.id in to_solve:
            made.cells += _to_solve(to_solve[cell.id], where)
        elif "solution" not in cell.tags:
            made.cells.append(_kept(cell, notebook.name, where))
    return made


def _kept(cell: Cell, name: str, where: Places) -> NotebookNode:
    """Return a cell that stays, with links that work from where it stands now."""
    kept = copy.deepcopy(cell.node)
    if cell.is_code:
        kept.outputs, kept.execution_count = [], None
        return kept
    kept.source = markup.named(where.in_text(cell.source))
    if cell.id == "title":
        heading, rest = cell.source.split("\n", 1)
        link = f"[the chapter with solutions]({where.published(name)})"
        note = f"*This is the student edition. It is made from {link}.*"
        kept.source = f"{heading} (student edition)\n{rest.rstrip()}\n\n{note}"
    if cell.id == "short":
        kept.source = box.plain(kept.source, BRACKETS)
    if cell.id == "exercises":
        if FOLDED not in cell.source:
            raise ValueError(
                f"student: expected {FOLDED!r} in {name}, cell 'exercises', "
                f"received {cell.source!r}"
            )
        kept.source = kept.source.replace(FOLDED, TO_FILL)
    return kept


def _to_solve(exercise: Exercise, where: Places) -> list[NotebookNode]:
    """Return the task as plain Markdown, and a cell for each that the solution has."""
    task = copy.deepcopy(exercise.cell.node)
    heading = f"### Exercise {exercise.number}. {exercise.task.title}"
    task.source = f"{heading}\n\n{where.in_text(exercise.task.text)}"
    wanted = [(cell, needed(exercise, cell)) for cell in exercise.solution]
    stubs = [_stub(c, names) for c, names in wanted if names or c.lane]
    return [task, *(stubs or [_stub(exercise.solution[0], [])])]


def _stub(cell: Cell, names: list[str]) -> NotebookNode:
    first = cell.source.splitlines()[0]
    lines = [first] if cell.lane else []
    lines += [f"# define: {signature(cell, name)}" for name in names]
    made = v4.new_code_cell("\n".join([*lines, ""]) if lines else "# your code here\n")
    made.id = cell.id.replace("-solution", "-answer")
    made.metadata.tags = [*([f"lane-{cell.lane}"] if cell.lane else []), TAG]
    return made


def signature(cell: Cell, name: str) -> str:
    """Return how a name of a cell is used: `smooth_pt(logits, y)`, `class A`, `x`."""
    for node in tree(cell).body:
        if getattr(node, "name", "") != name:
            continue
        if isinstance(node, ast.ClassDef):
            return f"class {name}"
        if isinstance(node, ast.FunctionDef):
            return f"{name}({ast.unparse(node.args)})"
    return name

"""The files of single lanes: which ones there are, and how they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from sidebyside_book.chapter import LANES, Notebook, read_notebook
from sidebyside_book.editions.lanes.cut import compared
from sidebyside_book.editions.lanes.program import (
    Program,
    as_notebook,
    as_python,
    program,
)
from sidebyside_book.editions.places import places
from sidebyside_book.execution.chapters import find_chapters

FOLDER = "_build/lanes"


@dataclass
class Written:
    """What became of the lanes of some chapters.

    Attributes:
        paths: The files.
        compared: Lines about untagged cells that counted as `compare`.
        problems: Lines about lanes that do not run alone, and so have no files.
    """

    paths: list[Path] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def write(
    book: Path, wanted: Sequence[str], folder: Path, *, standalone: bool = False
) -> Written:
    """Write the lanes of some chapters as programs and as notebooks.

    Args:
        book: The book's folder.
        wanted: Chapters, as in `find_chapters`; all if empty.
        folder: Where the files are written; others in it stay.
        standalone: Whether the helpers of `sidebyside` are written into them.

    Raises:
        FileNotFoundError: If `book` isn't the folder of a book.
        ValueError: If a wanted chapter isn't there or has no lanes.
    """
    notebooks = [read_notebook(c.path) for c in find_chapters(book, list(wanted))]
    notebooks = [notebook for notebook in notebooks if has_lanes(notebook)]
    if not notebooks:
        raise ValueError(
            f"lanes: expected chapters with lanes, received {list(wanted)}"
        )
    made = Written()
    for notebook in notebooks:
        made.compared += inferred(notebook)
        lanes, problems = write_chapter(notebook, book, folder, standalone=standalone)
        made.paths += [path for paths in lanes.values() for path in paths]
        made.problems += problems
    return made


def write_chapter(
    notebook: Notebook, book: Path, folder: Path, *, standalone: bool
) -> tuple[dict[str, list[Path]], list[str]]:
    """Write those lanes of a chapter that run alone.

    Args:
        notebook: The chapter.
        book: The book's folder.
        folder: Where the files are written; others in it stay.
        standalone: Whether the helpers of `sidebyside` are written into them.

    Returns:
        Lane -> its files; and a line for each problem of the lanes that have none.
    """
    where, lanes, problems = places(book, ".ipynb", ()), {}, []
    for lane in LANES:
        try:
            made = program(notebook, lane, where, standalone=standalone)
        except ValueError as error:
            problems += str(error).splitlines()
        else:
            lanes[lane] = write_lane(notebook, made, folder)
    return lanes, problems


def has_lanes(notebook: Notebook) -> bool:
    """Say whether a notebook is a chapter with a cell of code in each lane."""
    lanes = {cell.lane for cell in notebook.code}
    return notebook.name[:2].isdigit() and lanes >= set(LANES)


def write_lane(notebook: Notebook, made: Program, folder: Path) -> list[Path]:
    """Write the files of one lane, and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    node = as_notebook(made, notebook.node.metadata.kernelspec)
    nbformat.validate(node)
    texts = {
        ".py": as_python(made),
        ".ipynb": nbformat.writes(node, version=4, ensure_ascii=False) + "\n",
    }
    for suffix, text in texts.items():
        path = folder / file_name(notebook.name, made.lane, suffix)
        path.write_text(text, encoding="utf-8")
    return [folder / file_name(notebook.name, made.lane, suffix) for suffix in texts]


def file_name(chapter: str, lane: str, suffix: str) -> str:
    """Return the name of a lane's file: `04_training_loop.pytorch.py`."""
    return f"{chapter}.{lane}{suffix}"


def inferred(notebook: Notebook) -> Iterator[str]:
    """Yield a line about each untagged cell that counted as `compare`."""
    for cell, needs in compared(notebook).items():
        names = ", ".join(need.name for need in needs[:4])
        yield f"{notebook.name}: {cell}: counts as `compare`, for it reads {names}"

"""One lane alone: each chapter as three programs of a single framework."""

from pathlib import Path

from sidebyside_book.chapter import read_notebook
from sidebyside_book.editions.places import places


def sources(chapter: Path, lane: str, *, standalone: bool = True) -> str:
    """Return the program of one lane of a chapter, as Python.

    Args:
        chapter: The chapter's notebook, in the folder `chapters` of its book.
        lane: `pytorch`, `tensorflow` or `keras`.
        standalone: Whether the helpers of `sidebyside` are written into it.

    Raises:
        OSError: If the notebook can't be read.
        ValueError: If the lane does not run alone; the message names cell and name.
    """
    from sidebyside_book.editions.lanes.program import as_python, program

    book = chapter.resolve().parents[1]
    where = places(book, ".ipynb", ())
    made = program(read_notebook(chapter), lane, where, standalone=standalone)
    return as_python(made)

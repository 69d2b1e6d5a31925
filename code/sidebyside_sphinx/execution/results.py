"""The chapters with the outputs of their last execution, out of the cache."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from sidebyside_sphinx.execution.cache import cache_root, open_cache
from sidebyside_sphinx.execution.chapters import Chapter, find_chapters, read_settings
from sidebyside_sphinx.execution.digest import digest


@dataclass(frozen=True)
class Executed:
    """A chapter, and what came of its last execution."""

    chapter: Chapter
    notebook: NotebookNode
    """As it stands, text and code, with what its cells put out."""
    path: Path
    """The cached file: its cells of code."""


def executed(book: Path, wanted: Sequence[str] = (), *, command: str) -> list[Executed]:
    """Return chapters with the outputs of their last execution.

    Args:
        book: The book's folder.
        wanted: Chapters, as in `find_chapters`; all if empty.
        command: Who asks, for messages.

    Raises:
        FileNotFoundError: If `book` is no book.
        ValueError: If a chapter was not executed as it stands now.
    """
    settings = read_settings(book)
    cache = open_cache(cache_root(book, settings.cache) / digest(book))
    try:
        found = []
        for chapter in find_chapters(book, wanted):
            notebook = nbformat.read(chapter.path, as_version=4)
            try:
                record = cache.match_cache_notebook(notebook)
            except KeyError:
                raise ValueError(
                    f"{command}: expected chapter {chapter.name} to be executed as it "
                    "stands, received none in the cache: run `sidebyside execute`"
                ) from None
            path = cache.path / "executed" / record.hashkey / "base.ipynb"
            _, merged = cache.merge_match_into_notebook(notebook)
            found.append(Executed(chapter, merged, path))
        return found
    finally:
        cache.db.dispose()

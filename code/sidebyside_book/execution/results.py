"""The chapters with the outputs of their last execution, out of the cache."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from sidebyside_book.execution import failures
from sidebyside_book.execution.cache import (
    KEY,
    Cache,
    cache_root,
    notebook_of,
    seconds_of,
)
from sidebyside_book.execution.chapters import (
    Chapter,
    find_chapters,
    read_settings,
)
from sidebyside_book.execution.digest import look
from sidebyside_book.execution.failures import Failed


@dataclass(frozen=True)
class Executed:
    """A chapter, and what came of its last execution."""

    chapter: Chapter
    notebook: NotebookNode
    """As it stands, text and code, with what its cells put out."""
    path: Path
    """The cached file: its cells of code."""


def executed(
    book: Path,
    wanted: Sequence[str] = (),
    *,
    command: str,
    without: Collection[str] = (),
) -> list[Executed]:
    """Return chapters with the outputs of their last execution.

    Args:
        book: The book's folder.
        wanted: Chapters, as in `find_chapters`; all if empty.
        command: Who asks, for messages.
        without: Names of chapters to leave out.

    Raises:
        FileNotFoundError: If `book` is no book.
        ValueError: If a chapter was not executed as it stands now, or failed.
    """
    with _present_cache(book) as cache:
        chapters = [c for c in find_chapters(book, wanted) if c.name not in without]
        if failed := failures.of_chapters(cache, chapters):
            name, first = next(iter(failed.items()))
            raise ValueError(
                f"{command}: expected chapter {name} to run to its end, received "
                f"{first.failure.error}, {first.failure.where}"
            )
        return [_executed(chapter, cache, command) for chapter in chapters]


def _executed(chapter: Chapter, cache: Cache, command: str) -> Executed:
    notebook = cache.read(chapter)
    record = cache.match(notebook)
    if record is None:
        raise ValueError(
            f"{command}: expected chapter {chapter.name} to be executed as it "
            "stands, received none in the cache: run `sidebyside execute`"
        )
    _, merged = cache.results.merge_match_into_notebook(notebook)
    del merged.metadata.kernelspec[KEY]
    return Executed(chapter, merged, notebook_of(cache.results, record))


def seconds(book: Path, name: str) -> float | None:
    """Return how long a chapter's last execution took [s]; None if it has none.

    Args:
        book: The book's folder.
        name: The chapter, as in `find_chapters`.

    Raises:
        FileNotFoundError: If `book` is no book.
        ValueError: If there is no such chapter.
    """
    with _present_cache(book) as cache:
        (chapter,) = find_chapters(book, [name])
        record = cache.match(cache.read(chapter))
    return seconds_of(record) if record else None


def failed_chapters(book: Path) -> dict[str, Failed]:
    """Return the chapters that failed when they last ran, as they stand now, by name.

    Raises:
        FileNotFoundError: If `book` is no book.
    """
    with _present_cache(book) as cache:
        return failures.of_chapters(cache, find_chapters(book))


def left_out(book: Path) -> dict[str, Failed]:
    """Return the chapters that what is made of the others may leave out, by name.

    Those that failed; in CI, none.

    Raises:
        FileNotFoundError: If `book` is no book.
    """
    return failed_chapters(book) if failures.forgiven() else {}


@contextmanager
def _present_cache(book: Path) -> Iterator[Cache]:
    """Open the book's cache, with what surrounds its chapters now."""
    cache = Cache(cache_root(book, read_settings(book).cache), look(book))
    try:
        yield cache
    finally:
        cache.close()

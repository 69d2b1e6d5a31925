"""What is kept of a chapter that failed, so that its page can be built all the same.

Only a notebook that ran to its end is a result, and goes into the cache. One that
failed lies beside it, in the folder `failed`: with the outputs up to the cell that
failed, and with the reason. It is written whole or not at all, replaced when the
chapter fails again, and removed when it runs to its end.
"""

import os
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from sidebyside_book.execution.cache import Cache
from sidebyside_book.execution.chapters import Chapter
from sidebyside_book.execution.outcome import Failure

FOLDER = "failed"
KEY = "sidebyside_failed"
"""Where the notebook's metadata say why it failed."""


@dataclass(frozen=True)
class Failed:
    """A chapter that failed when it last ran, and what it had put out by then."""

    failure: Failure
    begun: int
    """How many cells of code had begun, the failing one included; 0 if none had."""
    seconds: float
    """How long it ran."""
    ended: float
    """When it failed, in seconds since 1970."""
    notebook: NotebookNode | None
    """All its cells, with the outputs up to there; None if it could not be read."""
    path: Path | None = None
    """Where it is kept; None as long as it isn't."""


def forgiven(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether a site may have a failed chapter: everywhere but in CI."""
    return environ.get("CI") != "true"


def begun(notebook: NotebookNode | None, running: NotebookNode | None) -> int:
    """Return how many cells of code had begun when `running` was the last to begin."""
    if notebook is None or running is None:
        return 0
    place = next(i for i, cell in enumerate(notebook.cells) if cell is running)
    return len(_code(notebook.cells[: place + 1]))


def keep(cache: Path, chapter: str, failed: Failed) -> None:
    """Keep what a failed chapter has put out.

    Args:
        cache: The folder of the cache.
        chapter: The chapter's name.
        failed: What became of it.
    """
    notebook = deepcopy(failed.notebook) or new_notebook()
    for cell in _code(notebook.cells)[failed.begun :]:  # outputs that were stored in it
        cell.update(outputs=[], execution_count=None)
    notebook.metadata[KEY] = {
        "failure": asdict(failed.failure),
        "begun": failed.begun,
        "seconds": failed.seconds,
        "ended": failed.ended,
        "readable": failed.notebook is not None,
    }
    path = place(cache, chapter)
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(nbformat.writes(notebook, nbformat.NO_CONVERT), encoding="utf-8")
    new.replace(path)


def forget(cache: Path, chapter: str) -> None:
    """Remove what is kept of a chapter's failure, if anything is."""
    place(cache, chapter).unlink(missing_ok=True)


def place(cache: Path, chapter: str) -> Path:
    """Return the file in which a chapter's failure is kept."""
    return cache / FOLDER / f"{chapter}.ipynb"


def of_chapters(cache: Cache, chapters: Iterable[Chapter]) -> dict[str, Failed]:
    """Return the chapters that failed when they last ran, name -> what is kept.

    A chapter whose code or key is another one since has not failed, nor has it run.

    Args:
        cache: The book's cache.
        chapters: Where to look.
    """
    kept = {
        chapter: _read(place(cache.path, chapter.name))
        for chapter in chapters
        if place(cache.path, chapter.name).is_file()
    }
    return {
        chapter.name: failed
        for chapter, failed in kept.items()
        if _is_of(failed, chapter, cache)
    }


def _read(path: Path) -> Failed:
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    said = notebook.metadata.pop(KEY)
    return Failed(
        failure=Failure(**said["failure"]),
        begun=said["begun"],
        seconds=said["seconds"],
        ended=said["ended"],
        notebook=notebook if said["readable"] else None,
        path=path,
    )


def _is_of(failed: Failed, chapter: Chapter, cache: Cache) -> bool:
    """Say whether this is what became of the chapter as it stands now."""
    try:
        notebook = cache.read(chapter)
    except Exception:  # whatever it is, it also kept the chapter from being executed
        return failed.notebook is None
    return (
        failed.notebook is not None
        and _what_runs(notebook) == _what_runs(failed.notebook)
        and cache.match(notebook) is None
    )


def _what_runs(notebook: NotebookNode) -> tuple[object, ...]:
    """Return what jupyter-cache looks at: the kernel, our key, the cells of code."""
    cells = [(cell.source, cell.metadata) for cell in _code(notebook.cells)]
    return notebook.metadata.get("kernelspec"), *cells


def _code(cells: list[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type == "code"]

"""Runs chapters under settings; what was finished is kept, and used again.

A run is a job of a sweep: in an empty folder, under a key that is made of the chapter's
cells, its parameters, the package, the data, all versions, the environment and the
machine. So an interrupted command goes on where it was. Failed runs are made again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sidebyside_book.chapter import (
    Value,
    defaults,
    parameters,
    read_notebook,
)
from sidebyside_book.execution.chapters import Chapter
from sidebyside_book.execution.client import own_timeout
from sidebyside_book.execution.digest import Around
from sidebyside_book.machines.ended import Ended, of_result
from sidebyside_book.machines.parts import Name
from sidebyside_book.machines.settings import Setting
from sidebyside_book.sweeps import job as sweep
from sidebyside_book.sweeps import pool
from sidebyside_book.sweeps.job import Job, Result
from sidebyside_book.sweeps.store import Store

PATIENCE = 3
"""By what a cell's limit of time grows: four threads on two cores have to wait."""


@dataclass(frozen=True)
class Page:
    """A chapter, its parameters, and the seconds that a cell of it may run as it is."""

    chapter: Chapter
    offer: Mapping[str, Value]
    timeout_s: int

    @property
    def name(self) -> str:
        """The chapter's name."""
        return self.chapter.name


def pages(chapters: Iterable[Chapter], timeout_s: int) -> list[Page]:
    """Read the chapters' parameters; a page may have none.

    Args:
        chapters: The chapters.
        timeout_s: What one cell may run of those that say nothing of it.
    """
    chapter_pages = []
    for chapter in chapters:
        notebook = read_notebook(chapter.path)
        offer = defaults(parameters(notebook))
        chapter_pages.append(
            Page(chapter, offer, own_timeout(notebook.node, timeout_s))
        )
    return chapter_pages


def names(pages: Sequence[Page], settings: Sequence[Setting]) -> list[Name]:
    """Return chapter and setting of every run, chapter by chapter."""
    return [
        (page.name, setting.name)
        for page in pages
        for setting in settings
        if setting.suits(page.offer)
    ]


def jobs(
    pages: Sequence[Page],
    settings: Sequence[Setting],
    wanted: Iterable[Name],
    around: Around,
) -> dict[Name, Job]:
    """Return a job for each of the wanted runs that are not the chapter as it is.

    Args:
        pages: The chapters.
        settings: The settings.
        wanted: Chapter and setting of the runs.
        around: What surrounds the chapters of the book.
    """
    left = set(wanted)
    made: dict[Name, Job] = {}
    for page in pages:
        these = [
            setting
            for setting in settings
            if (page.name, setting.name) in left and setting.changes(page.offer)
        ]
        cases = [({**page.offer, **s.parameters}, s.variables) for s in these]
        limit_s = PATIENCE * page.timeout_s
        new = sweep.make(page.chapter.path, around, cases, timeout_s=limit_s)
        for setting, job in zip(these, new, strict=True):
            made[page.name, setting.name] = job
    return made


def kept(wanted: Mapping[Name, Job], store: Store) -> dict[Name, Ended]:
    """Return those of the runs that had been made before, and passed."""
    results = {name: store.load(job.key) for name, job in wanted.items()}
    return {
        name: _ended(result, store, name[1], reused=True)
        for name, result in results.items()
        if result
    }


def make(wanted: Mapping[Name, Job], store: Store, number: int) -> Iterator[Ended]:
    """Make the runs, and yield each as it ends.

    Args:
        wanted: The runs.
        store: Where they are kept; held by the caller.
        number: How many are made at once.
    """
    settings = {job.key: setting for (_, setting), job in wanted.items()}
    for result in pool.run_all(list(wanted.values()), number):
        store.keep(result)
        yield _ended(result, store, settings[result.key], reused=False)


def _ended(result: Result, store: Store, setting: str, *, reused: bool) -> Ended:
    return of_result(result, store.runs / f"{result.key}.ipynb", setting, reused)


def forget_all_but(wanted: Iterable[Job], folder: Path) -> None:
    """Remove the kept runs of chapters and settings as they were once."""
    keys = {job.key for job in wanted}
    for path in folder.glob("*/*.ipynb"):
        if path.stem not in keys:
            path.unlink()

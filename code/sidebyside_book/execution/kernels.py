"""Runs notebooks in kernels that work side by side.

One process is enough: it only waits, the kernels are processes of their own. A kernel
ends itself when its parent is gone, so that none is left behind, even by `kill -9`.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

import nbformat
from nbformat import NotebookNode

from sidebyside_book.execution.chapters import Chapter
from sidebyside_book.execution.client import own_timeout, run_cells
from sidebyside_book.execution.failures import Failed, begun
from sidebyside_book.execution.outcome import Outcome, describe
from sidebyside_book.execution.progress import Progress


class Store(Protocol):
    """Where notebooks go that have run."""

    def keep(self, chapter: Chapter, notebook: NotebookNode, seconds: float) -> None:
        """Keep a notebook that ran to its end."""

    def keep_failed(self, chapter: Chapter, failed: Failed) -> None:
        """Keep what a notebook put out that failed."""


@dataclass(frozen=True)
class Plan:
    """What all chapters of a run have in common."""

    jobs: int
    """How many kernels may run at once."""
    timeout_s: int
    """Seconds that one cell may run."""


def run(
    chapters: list[Chapter], plan: Plan, store: Store, progress: Progress
) -> list[Outcome]:
    """Execute the chapters, and start them in the order given.

    A chapter that fails is reported in its `Outcome`; the others go on.
    """
    return asyncio.run(_run_all(chapters, plan, store, progress))


async def _run_all(
    chapters: list[Chapter], plan: Plan, store: Store, progress: Progress
) -> list[Outcome]:
    free = asyncio.Semaphore(plan.jobs)

    async def run_when_free(chapter: Chapter) -> Outcome:
        async with free:
            progress.started(chapter.name)
            outcome = await _run_one(chapter, plan.timeout_s, store, progress)
            progress.finished(
                outcome.chapter,
                outcome.state,
                outcome.seconds,
                failed=outcome.failure is not None,
            )
            return outcome

    return await asyncio.gather(*map(run_when_free, chapters))


async def _run_one(
    chapter: Chapter, timeout_s: int, store: Store, progress: Progress
) -> Outcome:
    """Execute one notebook; what goes wrong in it is the failure of this chapter."""
    notebook: NotebookNode | None = None
    running: NotebookNode | None = None

    def note_cell(cell: NotebookNode, cell_index: int) -> None:
        nonlocal running
        running = cell
        progress.reached(chapter.name, cell_index + 1, len(notebook.cells))

    begin = time.perf_counter()
    try:
        notebook = nbformat.read(chapter.path, as_version=4)
        await run_cells(
            notebook,
            chapter.path.parent,
            timeout_s=own_timeout(notebook, timeout_s),
            on_cell_start=note_cell,
        )
        seconds = time.perf_counter() - begin
        store.keep(chapter, notebook, seconds)
    except Exception as error:
        seconds = time.perf_counter() - begin
        failed = Failed(
            describe(error, running),
            begun(notebook, running),
            seconds,
            time.time(),
            notebook,
        )
        store.keep_failed(chapter, failed)
        return Outcome(chapter.name, "failed", seconds, failed.failure)
    return Outcome(chapter.name, "executed", seconds)

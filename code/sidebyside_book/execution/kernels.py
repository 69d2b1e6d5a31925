"""Runs notebooks in kernels that work side by side.

One process is enough: it only waits, the kernels are processes of their own. A kernel
ends itself when its parent is gone, so that none is left behind, even by `kill -9`.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from sidebyside_book.execution.chapters import Chapter
from sidebyside_book.execution.failures import Failed, begun
from sidebyside_book.execution.manager import NAME, options
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

    async def one(chapter: Chapter) -> Outcome:
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

    return await asyncio.gather(*map(one, chapters))


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
        client = _client(notebook, chapter, timeout_s, note_cell)
        await client.async_execute()
        seconds = time.perf_counter() - begin
        store.keep(chapter, notebook, seconds)
    except Exception as error:
        if asyncio.current_task().cancelling():  # Ctrl-C; nbclient says "Kernel died"
            raise asyncio.CancelledError from error
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


def _client(
    notebook: NotebookNode,
    chapter: Chapter,
    timeout_s: int,
    note_cell: Callable[..., None],
) -> NotebookClient:
    """Return a client that adds nothing to the notebook but its outputs.

    Times noted in the cells' metadata would change the notebook's hash.
    """
    own = notebook.metadata.get("execution", {})
    named = notebook.metadata.get("kernelspec", {}).get("name", NAME)
    return NotebookClient(
        notebook,
        timeout=own.get("timeout", timeout_s),
        resources={"metadata": {"path": str(chapter.path.parent)}},
        record_timing=False,
        on_notebook_start=_leave_signals_alone,
        on_cell_start=note_cell,
        **options(kernel=named),
    )


def _leave_signals_alone(notebook: NotebookNode) -> None:
    """Undo nbclient's handlers: with several kernels each would stop only the last."""
    loop = asyncio.get_running_loop()
    with suppress(RuntimeError):  # not in the main thread: none was set
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)

"""Executes the chapters of a book whose results aren't in the cache."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import nbformat
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.main import JupyterCacheBase
from nbformat import NotebookNode
from rich.console import Console

from sidebyside_book.execution import digest as digests
from sidebyside_book.execution import failures, kernels, report
from sidebyside_book.execution.cache import (
    cache_root,
    open_cache,
    remove_old,
)
from sidebyside_book.execution.chapters import (
    Chapter,
    find_chapters,
    read_settings,
)
from sidebyside_book.execution.environment import kernel_environment
from sidebyside_book.execution.outcome import Outcome
from sidebyside_book.execution.pages import mark_stale
from sidebyside_book.execution.progress import make_progress

LAST_RUN = "last-run.json"


def execute(
    book: Path,
    wanted: Sequence[str] = (),
    *,
    jobs: int | None = None,
    force: bool = False,
    console: Console | None = None,
) -> list[Outcome]:
    """Execute what isn't cached, and say what happened.

    Args:
        book: The book's folder.
        wanted: Chapters, as in `find_chapters`; all if empty.
        jobs: How many kernels run at once; as many as there are cores if None.
        force: Whether to execute chapters that are cached, too.
        console: Where to report; standard output if None.

    Returns:
        One outcome a chapter, in reading order.

    Raises:
        FileNotFoundError: If `book` isn't the folder of a book.
        ValueError: If a wanted chapter isn't there, or `jobs` is less than 1.
    """
    begin = time.perf_counter()
    console = console or Console()
    settings = read_settings(book)
    chapters = find_chapters(book, wanted)
    plan = kernels.Plan(check_jobs(jobs), settings.timeout_s)
    store = _open_store(cache_root(book, settings.cache), book, console)

    done = [] if force else _cached(chapters, store.cache)
    missing = store.longest_first(_without(chapters, done))
    outcomes = [*done, *_run(missing, plan, store, console)]
    if force:
        mark_stale(book / "_build" / ".doctrees")
    place = {chapter.name: index for index, chapter in enumerate(chapters)}
    outcomes.sort(key=lambda outcome: place[outcome.chapter])
    report.show(console, outcomes, time.perf_counter() - begin)
    store.cache.db.dispose()
    return outcomes


@dataclass
class _Store:
    """Where results go: the cache of the present digest, and the times beside it."""

    root: Path
    cache: JupyterCacheBase
    inputs: dict[str, str]
    seconds: dict[str, float] = field(default_factory=dict)

    def keep(self, chapter: Chapter, notebook: NotebookNode, seconds: float) -> None:
        """Put a notebook that ran to its end into the cache."""
        bundle = CacheBundleIn(
            notebook, str(chapter.path), data={"execution_seconds": seconds}
        )
        self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        failures.forget(self.cache.path, chapter.name)
        self.seconds[chapter.name] = round(seconds, 3)
        self.save()

    def keep_failed(self, chapter: Chapter, failed: failures.Failed) -> None:
        """Keep what a failed notebook put out, and no older result of the same code."""
        if failed.notebook is not None:
            with suppress(KeyError):  # as a rule there is none
                record = self.cache.match_cache_notebook(failed.notebook)
                self.cache.remove_cache(record.pk)
        failures.keep(self.cache.path, chapter.name, failed)

    def save(self) -> None:
        """Write times and inputs, whole or not at all."""
        text = json.dumps({"inputs": self.inputs, "seconds": self.seconds}, indent=1)
        new = self.root / f"{LAST_RUN}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.root / LAST_RUN)

    def longest_first(self, chapters: list[Chapter]) -> list[Chapter]:
        """Order so that no long chapter begins last; unknown ones may be long."""
        unknown = float("inf")
        return sorted(chapters, key=lambda c: -self.seconds.get(c.name, unknown))


def _open_store(root: Path, book: Path, console: Console) -> _Store:
    inputs = digests.inputs(book)
    key = digests.combine(inputs)
    cache = open_cache(root / key)
    remove_old(root, key)
    last = _last_run(root)
    _say_what_changed(console, last.get("inputs"), inputs)
    store = _Store(root, cache, inputs, last.get("seconds", {}))
    store.save()
    return store


def _last_run(root: Path) -> dict[str, dict]:
    path = root / LAST_RUN
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _say_what_changed(
    console: Console, before: dict[str, str] | None, now: dict[str, str]
) -> None:
    names = digests.changed(before, now) if before else []
    if names:
        console.print(f"Changed since the last run: {', '.join(names)}.")


def _cached(chapters: list[Chapter], cache: JupyterCacheBase) -> list[Outcome]:
    found = []
    for chapter in chapters:
        try:
            notebook = nbformat.read(chapter.path, as_version=4)
            record = cache.match_cache_notebook(notebook)
        except (KeyError, ValueError):  # not cached, or not readable: for `_run`
            continue
        failures.forget(cache.path, chapter.name)  # a build has executed it since
        seconds = (record.data or {}).get("execution_seconds", 0.0)
        found.append(Outcome(chapter.name, "cached", seconds))
    return found


def _without(chapters: list[Chapter], done: list[Outcome]) -> list[Chapter]:
    names = {outcome.chapter for outcome in done}
    return [chapter for chapter in chapters if chapter.name not in names]


def _run(
    chapters: list[Chapter], plan: kernels.Plan, store: _Store, console: Console
) -> list[Outcome]:
    if not chapters:
        return []
    _warm_fonts()
    with make_progress(console, len(chapters)) as progress:
        return kernels.run(chapters, plan, store, progress)


def _warm_fonts() -> None:
    """Let Matplotlib list the fonts once, or every first kernel does it at once."""
    if find_spec("matplotlib"):
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(command, env=kernel_environment(), check=True)


def check_jobs(jobs: int | None) -> int:
    """Return how many kernels run at once: `jobs`, or the cores that may be used.

    Raises:
        ValueError: If `jobs` is less than 1.
    """
    if jobs is None:
        usable = getattr(os, "sched_getaffinity", None)  # not on macOS
        return len(usable(0)) if usable else os.cpu_count() or 1
    if jobs < 1:
        raise ValueError(f"execute: expected at least 1 job, received jobs={jobs}")
    return jobs

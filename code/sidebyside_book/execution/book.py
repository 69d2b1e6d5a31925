"""Executes the chapters of a book whose results aren't in the cache."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from jupyter_cache.base import CacheBundleIn
from nbformat import NotebookNode
from rich.console import Console

from sidebyside_book.execution import digest as digests
from sidebyside_book.execution import failures, kernels, report
from sidebyside_book.execution.alone import alone
from sidebyside_book.execution.cache import SECONDS, Cache, cache_root, seconds_of
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

    One process does so at a time; another one waits until it has ended.

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
    settings = read_settings(book)
    chapters = find_chapters(book, wanted)
    plan = kernels.Plan(check_jobs(jobs), settings.timeout_s)
    root = cache_root(book, settings.cache)
    with alone(root, "execute"):
        cache = Cache(root, digests.look(book))
        outcomes = _execute(chapters, plan, cache, force, console or Console())
        if force:
            mark_stale(book / "_build" / ".doctrees")
        cache.close()
    return outcomes


def _execute(
    chapters: list[Chapter],
    plan: kernels.Plan,
    cache: Cache,
    force: bool,
    console: Console,
) -> list[Outcome]:
    """Execute what isn't cached, report it, and return the outcomes in their order."""
    begin = time.perf_counter()
    store = _Store(cache, **_last_run(cache.path))
    notebooks = store.read(chapters, console)

    done = [] if force else store.cached(notebooks)
    missing = store.longest_first(_without(chapters, done))
    outcomes = [*done, *_run(missing, plan, store, console)]
    place = {chapter.name: index for index, chapter in enumerate(chapters)}
    outcomes.sort(key=lambda outcome: place[outcome.chapter])
    report.show(console, outcomes, time.perf_counter() - begin)
    return outcomes


@dataclass
class _Store:
    """Where results go: the cache, and what the last run found beside it."""

    cache: Cache
    inputs: dict[str, dict[str, str]] = field(default_factory=dict)
    """Chapter -> what surrounded it when it was last asked for; see `digest`."""
    seconds: dict[str, float] = field(default_factory=dict)

    def read(
        self, chapters: list[Chapter], console: Console
    ) -> dict[str, NotebookNode]:
        """Return the notebooks that can be read, and say what changed around them."""
        notebooks, changed = {}, set()
        for chapter in chapters:
            with suppress(ValueError):  # not a notebook: its failure, when it runs
                notebook = notebooks[chapter.name] = self.cache.read(chapter)
                now = self.cache.around.inputs(chapter.name, notebook)
                before = self.inputs.get(chapter.name, now)
                changed.update(digests.changed(before, now))
                self.inputs[chapter.name] = now
        if changed:
            console.print(f"Changed since the last run: {', '.join(sorted(changed))}.")
        self.save()
        return notebooks

    def cached(self, notebooks: Mapping[str, NotebookNode]) -> list[Outcome]:
        """Return the chapters that have a result."""
        outcomes = []
        for name, notebook in notebooks.items():
            record = self.cache.match(notebook)
            if record is not None:
                failures.forget(self.cache.path, name)  # a build has executed it since
                seconds = seconds_of(record) or 0.0
                outcomes.append(Outcome(name, "cached", seconds))
        return outcomes

    def keep(self, chapter: Chapter, notebook: NotebookNode, seconds: float) -> None:
        """Put a notebook that ran to its end into the cache."""
        uri = str(chapter.path)
        seconds = round(seconds, 3)  # once: the page rounds the same number again
        bundle = CacheBundleIn(
            self.cache.keyed(chapter.name, notebook),
            uri,
            data={SECONDS: seconds},
        )
        self.cache.results.cache_notebook_bundle(
            bundle, check_validity=False, overwrite=True
        )
        self.cache.remove_old(uri)
        failures.forget(self.cache.path, chapter.name)
        self.seconds[chapter.name] = seconds
        self.save()

    def keep_failed(self, chapter: Chapter, failed: failures.Failed) -> None:
        """Keep what a failed notebook put out, and no older result of the same code."""
        if failed.notebook is not None:
            record = self.cache.match(self.cache.keyed(chapter.name, failed.notebook))
            if record is not None:  # as a rule there is none
                self.cache.remove(record)
        failures.keep(self.cache.path, chapter.name, failed)

    def save(self) -> None:
        """Write times and inputs, whole or not at all."""
        text = json.dumps({"inputs": self.inputs, "seconds": self.seconds}, indent=1)
        new = self.cache.path / f"{LAST_RUN}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.cache.path / LAST_RUN)

    def longest_first(self, chapters: list[Chapter]) -> list[Chapter]:
        """Order so that no long chapter begins last; unknown ones may be long."""
        unknown = float("inf")
        return sorted(chapters, key=lambda c: -self.seconds.get(c.name, unknown))


def _last_run(root: Path) -> dict[str, dict]:
    path = root / LAST_RUN
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


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

"""How the runs ended: those of a setting, and those of the chapters as they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rich.console import Console

from sidebyside_book.execution.book import execute
from sidebyside_book.execution.results import executed
from sidebyside_book.machines.verdicts import (
    Turn,
    Verdicts,
    of_notebook,
    turns,
)
from sidebyside_book.runs.execution import reason
from sidebyside_book.sweeps.job import Result

PLAIN = "plain"
"""Stands for no setting: the chapter as it is."""


@dataclass(frozen=True)
class Ended:
    """A run that ended, one way or the other."""

    chapter: str
    setting: str
    seconds: float
    reused: bool
    """Whether it had been made before."""
    cell: str = ""
    """The cell that failed; empty if none did."""
    error: str = ""
    """The first line of why it failed; empty if it did not."""
    verdicts: Verdicts | None = None
    """What it said of the claims; None if it failed."""
    turned: tuple[Turn, ...] = ()

    @property
    def state(self) -> Literal["passed", "failed", "turned"]:
        """What became of it."""
        if self.error:
            return "failed"
        return "turned" if self.turned else "passed"


def as_they_are(
    book: Path, chapters: Sequence[str], jobs: int | None, console: Console
) -> dict[str, Ended]:
    """Execute chapters as `sidebyside execute` does, and return how each ended.

    Args:
        book: The book's folder.
        chapters: Their names.
        jobs: How many kernels run at once; as many as there are cores if None.
        console: Where to report.
    """
    outcomes = execute(book, chapters, jobs=jobs, console=console)
    passed = [outcome.chapter for outcome in outcomes if not outcome.failure]
    results = executed(book, passed, command="machines") if passed else []
    verdicts = {
        result.chapter.name: of_notebook(result.path, result.chapter.name)
        for result in results
    }
    return {
        outcome.chapter: Ended(
            outcome.chapter,
            PLAIN,
            round(outcome.seconds, 3),
            outcome.state == "cached",
            outcome.failure.cell if outcome.failure else "",
            _first_line(reason(outcome.failure)) if outcome.failure else "",
            verdicts.get(outcome.chapter),
        )
        for outcome in outcomes
    }


def of_result(result: Result, notebook: Path, setting: str, reused: bool) -> Ended:
    """Return how a job ended.

    Args:
        result: What came of it.
        notebook: The executed notebook; read only if it passed.
        setting: The setting's name.
        reused: Whether it had been made before.
    """
    return Ended(
        result.chapter,
        setting,
        result.seconds,
        reused,
        result.cell,
        _first_line(result.error),
        None if result.error else of_notebook(notebook, result.chapter),
    )


def judged(run: Ended, expected: Verdicts, plain: Ended) -> Ended:
    """Return a run with the verdicts that turned; none of one that failed."""
    if run.verdicts is None:
        return run
    before = None if run.setting == PLAIN else plain.verdicts
    return replace(run, turned=tuple(turns(run.verdicts, expected, before)))


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]

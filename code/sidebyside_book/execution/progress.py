"""Shows how far the chapters are: bars on a terminal, plain lines elsewhere."""

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars

from sidebyside_book.execution.outcome import Outcome


class Progress(Protocol):
    """What is told about the chapters while they run."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def started(self, chapter: str) -> None:
        """A kernel is being started for the chapter."""

    def reached(self, chapter: str, cell: int, cells: int) -> None:
        """The chapter's cell number `cell` of `cells` begins."""

    def finished(self, outcome: Outcome) -> None:
        """The chapter ended, one way or another."""


def make_progress(console: Console, total: int) -> Progress:
    """Return bars for a terminal, lines for a file or a log."""
    return Live(console, total) if console.is_terminal else Lines(console, total)


class Lines:
    """One line when a chapter ends."""

    def __init__(self, console: Console, total: int) -> None:
        self._console, self._total, self._done = console, total, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def started(self, chapter: str) -> None:
        """Say so: in a log one wants to see what hangs."""
        self._print(f"         {chapter} begins")

    def reached(self, chapter: str, cell: int, cells: int) -> None:
        """Say nothing: a line for each cell would be too many."""

    def finished(self, outcome: Outcome) -> None:
        """Count, name and time the chapter."""
        self._done += 1
        self._print(
            f"[{self._done:>2} of {self._total:>2}] {outcome.chapter} "
            f"{outcome.state} after {outcome.seconds:.1f} s"
        )

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class Live:
    """A bar for the book and one for each chapter that is running."""

    def __init__(self, console: Console, total: int) -> None:
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._book = self._bars.add_task("chapters", total=total)
        self._running: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def started(self, chapter: str) -> None:
        """Add a bar for the chapter's cells."""
        self._running[chapter] = self._bars.add_task(chapter, total=None)

    def reached(self, chapter: str, cell: int, cells: int) -> None:
        """Move the chapter's bar to the cell before the one that begins."""
        self._bars.update(self._running[chapter], completed=cell - 1, total=cells)

    def finished(self, outcome: Outcome) -> None:
        """Replace the chapter's bar by a line above the bars."""
        self._bars.remove_task(self._running.pop(outcome.chapter))
        self._bars.advance(self._book)
        style = "red" if outcome.failure else "green"
        self._bars.console.print(
            f"[{style}]{outcome.state}[/] {outcome.chapter} {outcome.seconds:.1f} s",
            highlight=False,
        )

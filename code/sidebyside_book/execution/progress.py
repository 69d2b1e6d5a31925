"""Shows how far a command's runs are: bars on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars


class Progress(Protocol):
    """What is told about runs while they go on; only `finished` has to be told."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def started(self, name: str) -> None:
        """A kernel is being started for the run of that name."""

    def reached(self, name: str, cell: int, cells: int) -> None:
        """The run's cell number `cell` of `cells` begins."""

    def finished(self, name: str, how: str, seconds: float, *, failed: bool) -> None:
        """The run ended, one way or another."""


def make_progress(console: Console, total: int, what: str = "chapters") -> Progress:
    """Return bars for a terminal, lines for a file or a log.

    Args:
        console: Where to write.
        total: How many runs there are.
        what: What they are of.
    """
    return Live(console, total, what) if console.is_terminal else Lines(console, total)


class Lines:
    """One line when a run ends, with what is left."""

    def __init__(self, console: Console, total: int) -> None:
        self._console, self._total, self._done = console, total, 0
        self._begin = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def started(self, name: str) -> None:
        """Say so: in a log one wants to see what hangs."""
        self._print(f"         {name} begins")

    def reached(self, name: str, cell: int, cells: int) -> None:
        """Say nothing: a line for each cell would be too many."""

    def finished(self, name: str, how: str, seconds: float, *, failed: bool) -> None:
        """Count, name and time the run."""
        self._done += 1
        place = f"{self._done:>{len(str(self._total))}} of {self._total}"
        self._print(f"[{place}] {name} {how} after {seconds:.1f} s{self._rest()}")

    def _rest(self) -> str:
        left = self._total - self._done
        each = (time.perf_counter() - self._begin) / self._done
        return f"; {left} left, about {left * each:.0f} s" if left else ""

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class Live:
    """A bar for all runs, and one for each that has told that it started."""

    def __init__(self, console: Console, total: int, what: str) -> None:
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._all = self._bars.add_task(what, total=total)
        self._running: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def started(self, name: str) -> None:
        """Add a bar for the run's cells."""
        self._running[name] = self._bars.add_task(name, total=None)

    def reached(self, name: str, cell: int, cells: int) -> None:
        """Move the run's bar to the cell before the one that begins."""
        self._bars.update(self._running[name], completed=cell - 1, total=cells)

    def finished(self, name: str, how: str, seconds: float, *, failed: bool) -> None:
        """Replace the run's bar by a line above the bars."""
        if name in self._running:
            self._bars.remove_task(self._running.pop(name))
        self._bars.advance(self._all)
        style = "red" if failed else "green"
        self._bars.console.print(
            f"[{style}]{escape(how)}[/] {escape(name)} {seconds:.1f} s", highlight=False
        )

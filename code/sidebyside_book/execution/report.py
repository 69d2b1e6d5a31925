"""What the command says at its end: times, and what went wrong where."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sidebyside_book.execution.outcome import Failure, Outcome


def show(console: Console, outcomes: list[Outcome], wall_s: float) -> None:
    """Print the table of times, then every failure."""
    console.print(_times(outcomes, wall_s))
    for outcome in outcomes:
        if outcome.failure:
            _show_failure(console, outcome.chapter, outcome.failure)


def _times(outcomes: list[Outcome], wall_s: float) -> Table:
    table = Table("chapter", "result", title="Execution times")
    table.add_column("seconds", justify="right")
    for outcome in outcomes:
        seconds = f"{outcome.seconds:.1f}"
        table.add_row(escape(outcome.chapter), outcome.state, seconds)
    table.add_section()
    table.add_row("this run, wall clock", "", f"{wall_s:.1f}")
    return table


def _show_failure(console: Console, chapter: str, failure: Failure) -> None:
    """Name chapter, cell, lane and error, and end with the traceback's last lines."""
    lines = [
        f"FAILED {chapter}, {failure.where}",
        f"{failure.error}: {failure.message}",
        *(f"  | {line}" for line in failure.traceback.splitlines()),
    ]
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def short(chapter: str, failure: Failure) -> str:
    """Return a failure in two lines: chapter, cell and lane; then what was raised."""
    message = next(iter(failure.message.splitlines()), "")
    return f"FAILED {chapter}, {failure.where}\n{failure.error}: {message}"

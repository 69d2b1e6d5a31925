"""What became of a chapter."""

import re
from dataclasses import dataclass
from typing import Literal

from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode

from sidebyside_book.chapter import lane_of

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LINES_SHOWN = 12


@dataclass(frozen=True)
class Failure:
    """Where and why a chapter stopped."""

    cell: str
    """The cell's id; empty if it failed before the first cell."""
    lane: str
    """`pytorch`, `tensorflow` or `keras`; empty outside the lanes."""
    error: str
    """The name of the exception's class."""
    message: str
    traceback: str
    """The last lines of the traceback, without colours."""

    @property
    def where(self) -> str:
        """The place in words: `cell 'step-keras' (lane keras)`."""
        if not self.cell:
            return "before its first cell"
        return f"cell {self.cell!r}" + (f" (lane {self.lane})" if self.lane else "")


@dataclass(frozen=True)
class Outcome:
    """How a chapter ended, and how long it ran or, if cached, had run."""

    chapter: str
    state: Literal["executed", "cached", "failed"]
    seconds: float
    failure: Failure | None = None


def describe(error: Exception, cell: NotebookNode | None) -> Failure:
    """Turn what ended a chapter into a `Failure`.

    Args:
        error: What was raised.
        cell: The cell that was running, or None.
    """
    name, message = _explain(error)
    tags = cell.metadata.get("tags", []) if cell else []
    return Failure(
        cell=cell.get("id", "") if cell else "",
        lane=lane_of(tags) or "",
        error=name,
        message=message,
        traceback=_last_lines(cell) if cell else "",
    )


def _explain(error: Exception) -> tuple[str, str]:
    if isinstance(error, CellExecutionError):
        return error.ename, error.evalue
    if isinstance(error, CellTimeoutError):
        return "CellTimeoutError", str(error).splitlines()[0]
    return type(error).__name__, str(error)


def _last_lines(cell: NotebookNode) -> str:
    """Return the end of the traceback that the cell put out, if it did."""
    errors = [out for out in cell.get("outputs", []) if out.output_type == "error"]
    text = "\n".join(line for out in errors for line in out.traceback)
    return "\n".join(_COLOURS.sub("", text).rstrip().splitlines()[-_LINES_SHOWN:])

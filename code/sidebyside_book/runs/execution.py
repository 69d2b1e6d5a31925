"""One run of one notebook, through papermill."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode

from sidebyside_book.chapter import Value

if TYPE_CHECKING:
    from sidebyside_book.execution.outcome import Failure

START_ATTEMPTS = 2
"""Kernels that start at the same moment now and then want the same port (papermill's
issue 511); the second attempt finds another."""

_ARROW = re.compile(r"^-+> *\d+ *(.*)$", re.M)
"""The line of a traceback that raised."""


def execute(
    notebook: Path,
    out: Path,
    parameters: Mapping[str, Value],
    *,
    choices: Mapping[str, str],
    folder: Path,
    bar: Mapping[str, Any] | None = None,
    timeout_s: int | None = None,
) -> "Failure | None":
    """Run a notebook, and save it cell by cell.

    Args:
        notebook: The notebook as it is stored.
        out: Where the executed one is saved; its folder is there.
        parameters: Name -> value, checked.
        choices: The variables that count as chosen: see `environment.chosen`.
        folder: Where the kernel runs.
        bar: What `tqdm` is given for the progress by cell; no bar if None.
        timeout_s: Seconds that one cell may run; any time if None.

    Returns:
        What failed, a kernel that died or never started too; None if every cell ran.
    """
    from sidebyside_book.execution.manager import options
    from sidebyside_book.execution.outcome import describe

    for attempt in range(1, START_ATTEMPTS + 1):
        try:
            _papermill(
                notebook,
                out,
                parameters,
                cwd=folder,
                progress_bar=dict(bar) if bar else False,
                execution_timeout=timeout_s,
                **options(choices),
            )
            return None
        except Exception as error:
            cell = _last_begun(out)
            if cell is not None or attempt == START_ATTEMPTS:
                return describe(error, cell)
    raise AssertionError("unreachable")


def _papermill(
    notebook: Path, out: Path, parameters: Mapping[str, Value], **more: Any
) -> None:
    import papermill

    papermill.execute_notebook(
        _literally(notebook.resolve()),
        _literally(out.resolve()),
        parameters=dict(parameters),
        language="python",
        **more,
    )


def _literally(path: Path) -> str:
    """Return a path in which papermill, which formats it, finds nothing to replace."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _last_begun(out: Path) -> NotebookNode | None:
    """Return the cell that ran last, None if none did."""
    if not out.is_file() or not out.stat().st_size:
        return None
    begun = [
        cell
        for cell in nbformat.read(out, as_version=4).cells
        if cell.metadata.get("papermill", {}).get("start_time")
    ]
    return begun[-1] if begun else None


def reason(failure: "Failure") -> str:
    """Return why a run stopped, in a line.

    Of an `assert` without a message, the line that failed is the message.
    """
    arrows = _ARROW.findall(failure.traceback)
    message = failure.message or (arrows[-1] if arrows else "")
    return f"{failure.error}: {message}"


def stopped_at(cell: str, why: str) -> str:
    """Return where and why a run stopped, to stand behind its name."""
    return f", cell {cell!r}: {why}" if cell else f": {why}"

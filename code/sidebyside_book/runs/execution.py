"""One run of one notebook with parameters, which papermill writes into it."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode

from sidebyside_book.chapter import Value

if TYPE_CHECKING:
    from sidebyside_book.execution.outcome import Failure
    from sidebyside_book.execution.progress import Progress

_ARROW = re.compile(r"^-+> *\d+ *(.*)$", re.M)
"""The line of a traceback that raised."""


def execute(
    notebook: Path,
    out: Path,
    parameters: Mapping[str, Value],
    *,
    choices: Mapping[str, str],
    folder: Path,
    progress: "Progress | None" = None,
    timeout_s: int | None = None,
) -> "Failure | None":
    """Run a notebook as `sidebyside execute` does, and save it cell by cell.

    Args:
        notebook: The notebook as it is stored.
        out: Where the executed one is saved; its folder is there.
        parameters: Name -> value, checked.
        choices: The variables that count as chosen: see `environment.chosen`.
        folder: Where the kernel runs.
        progress: What is told of the cells; nothing if None.
        timeout_s: Seconds that one cell may run; what the notebook says, or any time,
            if None.

    Returns:
        What failed, a kernel that died or never started too; None if every cell ran.
    """
    from sidebyside_book.execution.client import own_timeout, run_cells
    from sidebyside_book.execution.outcome import describe

    prepared = _with_parameters(notebook, parameters)
    running: NotebookNode | None = None

    def begin(cell: NotebookNode, cell_index: int) -> None:
        nonlocal running
        running = cell
        if cell.cell_type == "code":
            nbformat.write(prepared, out)
        if progress:
            progress.reached(notebook.stem, cell_index + 1, len(prepared.cells))

    limit_s = own_timeout(prepared, None) if timeout_s is None else timeout_s
    cells = run_cells(
        prepared, folder, timeout_s=limit_s, on_cell_start=begin, choices=choices
    )
    try:
        asyncio.run(cells)
    except Exception as error:
        return describe(error, running)
    finally:
        nbformat.write(prepared, out)
    return None


def _with_parameters(notebook: Path, parameters: Mapping[str, Value]) -> NotebookNode:
    """Return a notebook without outputs, with a cell that sets the parameters.

    It runs in the book's kernel, whatever it names: it may come from anywhere.
    """
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    from sidebyside_book.execution.manager import NAME

    prepared = load_notebook_node(str(notebook))
    if parameters:
        prepared = parameterize_notebook(
            prepared, dict(parameters), kernel_name=NAME, language="python"
        )
    prepared.metadata.kernelspec = {"name": NAME, "display_name": "Python 3"}
    for cell in prepared.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    return prepared


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

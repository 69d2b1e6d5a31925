"""Changes one lane of a chapter's notebook and runs it until a cell fails."""

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from slices import Slices

from sidebyside import _tables as tables
from sidebyside_book.chapter_data import Fault
from sidebyside_book.execution.manager import options


@tables.row
class Perturbation(Fault):
    """A fault with its chapter, the notebook's name without `.ipynb`."""

    chapter: str = ""

    def __str__(self) -> str:
        return f"{self.chapter}: {self.cell}: {self.new}"


@dataclass(frozen=True)
class Failure:
    """The first cell that failed: its id, the error's class and message, the trace."""

    cell: str
    error: str
    message: str
    trace: str


SKIPPED = re.compile(r"(settle|measure)-.*|.*-figure")
"""Ids of cells that no proof rests on; they do not run for a fault."""


def changed(notebook: NotebookNode, change: Perturbation) -> NotebookNode:
    """Return a copy of a notebook with the change, up to the cell that must notice.

    Raises:
        ValueError: If a cell is missing, if `old` does not stand in it exactly once,
            or if the cell that must notice is not tagged `parity`.
    """
    copied = copy.deepcopy(notebook)
    ids = [cell.id for cell in copied.cells]
    for name in (change.cell, change.notices):
        if name not in ids:
            raise ValueError(f"changed: expected a cell {name!r}, received {ids}")
    cell = copied.cells[ids.index(change.cell)]
    if (count := cell.source.count(change.old)) != 1:
        raise ValueError(
            f"changed: expected {change.old!r} once in {change.cell!r}, "
            f"received it {count} times"
        )
    cell.source = cell.source.replace(change.old, change.new)
    end = ids.index(change.notices) + 1
    if "parity" not in (tags := copied.cells[end - 1].metadata.get("tags", [])):
        raise ValueError(
            f"changed: expected the tag 'parity' on {change.notices!r}, received {tags}"
        )
    copied.cells = copied.cells[:end]
    return copied


def first_failure(notebook: NotebookNode, folder: Path) -> Failure | None:
    """Run a notebook in a kernel, in order, until a cell fails.

    Args:
        notebook: What to run; its outputs are written into it.
        folder: The folder that the kernel works in.

    Returns:
        What failed, None if everything ran.
    """
    try:
        _client(notebook, folder).execute()
    except CellExecutionError:
        return next(filter(None, map(_failure, notebook.cells)))
    return None


def failures(
    notebook: NotebookNode, changes: Sequence[Perturbation], folder: Path
) -> Iterator[tuple[Perturbation, Failure | None]]:
    """Make the changes of one chapter in turn, and yield what fails first with each.

    All run in one kernel, after the notebook has run there once as it stands. For each
    change those cells run with it by which it reaches the cell that must notice
    (`Slices.way`); if that notices nothing, all from the changed cell on. What had run
    with an earlier change, and is rested on, runs without it before. At the end all
    that ran with a change runs without one, and every proof must pass: so what was
    noticed was noticed because of the change.

    Args:
        notebook: The chapter; it stays as it is.
        changes: Its rows.
        folder: The folder that the kernel works in.

    Raises:
        ValueError: If a change does not fit, as in `changed`.
        AssertionError: If a cell fails that runs without a change.
    """
    cells, slices = notebook.cells, Slices(notebook.cells)
    ids = [cell.id for cell in cells]
    broken = {change: changed(notebook, change).cells for change in changes}
    places = {c: (ids.index(c.cell), ids.index(c.notices)) for c in changes}
    proofs = {end for _, end in places.values()}
    stale: set[int] = set()  # what has run with a change last

    def mend(wanted: Iterable[int]) -> None:
        again = sorted(stale.intersection(wanted))
        _must_pass(run([cells[k] for k in again]), "again")
        stale.difference_update(again)

    with _running(folder) as run:
        _must_pass(run(cells[: max(proofs, default=-1) + 1]), "as it stands")
        for change in sorted(changes, key=lambda c: (places[c][::-1], c.new)):
            start, end = places[change]
            steps = slices.way(start, end)
            mend({*slices.rests_on(end)} - {*steps})
            failure = run([broken[change][k] for k in steps])
            stale.update(steps)
            if not failure or failure.error != "ParityError":
                failure = run(broken[change][start : end + 1])
                stale.update(range(start, end + 1))
                mend(stale)  # what names do not tell reaches the next change, too
            yield change, failure
        stale |= proofs
        mend(stale)


def _must_pass(failure: Failure | None, when: str) -> None:
    assert not failure, f"{when}: expected a run without change, received {failure}"


@contextmanager
def _running(
    folder: Path,
) -> Iterator[Callable[[Sequence[NotebookNode]], Failure | None]]:
    """Start a kernel; give a function that runs cells in it until one fails."""
    client = _client(new_notebook(cells=[new_code_cell()]), folder)

    def run(cells: Sequence[NotebookNode]) -> Failure | None:
        for cell in copy.deepcopy(cells):
            if SKIPPED.fullmatch(cell.id):
                continue
            try:
                client.execute_cell(cell, 0)
            except CellExecutionError:
                return _failure(cell)
        return None

    client.reset_execution_trackers()
    with client.setup_kernel():
        yield run


def _client(notebook: NotebookNode, folder: Path) -> NotebookClient:
    return NotebookClient(
        notebook,
        timeout=300,  # seconds a cell
        resources={"metadata": {"path": str(folder)}},
        **options(),
    )


def _failure(cell: NotebookNode) -> Failure | None:
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            trace = "\n".join(output.traceback)
            return Failure(cell.id, output.ename, output.evalue, trace)
    return None

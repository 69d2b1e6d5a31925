"""Cells and records for tiny books that are made in memory."""

from dataclasses import dataclass

from bs4 import BeautifulSoup
from nbformat import NotebookNode, v4
from sphinx.application import Sphinx

from sidebyside_book.execution.failures import Failed
from sidebyside_book.execution.outcome import Failure

MIME = "application/vnd.sidebyside.record+json"
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
}
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "tiny"
version = "1.2"
[tool.hatch.build.targets.wheel]
packages = ["tiny"]
"""
"""Of a package to pack: its `pyproject.toml`."""
LANES = ("pytorch", "tensorflow", "keras")
REPORT = {
    "schema": 1,
    "kind": "report",
    "date": "2026-11-20T22:00:00+00:00",
    "seconds": 12.34,
    "seed": 7,
    "python": "3.11.7",
    "backend": "tensorflow",
    "versions": {"torch": "2.13.0", "tensorflow": "2.21.0", "keras": "3.15.1"},
    "machine": {"system": "Linux", "processor": "CPU", "cores": 2, "threads": 1},
}
PARITY = {"schema": 1, "kind": "parity", "name": "p", "passed": True, "rungs": []}


def code(name: str, source: str, *outputs: NotebookNode, **metadata) -> NotebookNode:
    """Return a code cell with an id and outputs; its count is set by `book`."""
    return v4.new_code_cell(source, id=name, outputs=list(outputs), metadata=metadata)


def text(name: str, source: str) -> NotebookNode:
    """Return a Markdown cell with an id."""
    return v4.new_markdown_cell(source, id=name)


def record(fields: dict) -> NotebookNode:
    """Return an output that carries a record beside its HTML."""
    return v4.new_output("display_data", {"text/html": "<p>shown</p>", MIME: fields})


def lanes(stem: str, *which: str, tags: tuple[str, ...] = ()) -> list[NotebookNode]:
    """Return one cell for each lane, in the given order."""
    return [
        code(f"{stem}-{lane}", f"# {lane}\nx = 1", tags=[f"lane-{lane}", *tags])
        for lane in which or LANES
    ]


def report() -> NotebookNode:
    """Return the last cell of a chapter, executed."""
    return code("report", "report.show()", record(REPORT))


def failed(*cells: NotebookNode, at: str, lane: str = "") -> Failed:
    """Return what is kept of a chapter of these cells when the cell `at` has failed."""
    code = [cell.id for cell in cells if cell.cell_type == "code"]
    notebook = v4.new_notebook(cells=list(cells), metadata=KERNEL)
    failure = Failure(at, lane, "ValueError", "no <b>", "")
    return Failed(failure, code.index(at) + 1, 3.0, 1.0, notebook)


def unreadable() -> Failed:
    """Return what is kept of a chapter whose file is no notebook."""
    return Failed(Failure("", "", "NotJSONError", "no JSON", ""), 0, 0.1, 1.0, None)


@dataclass
class Built:
    """A finished build: the page, what Sphinx warned of, and the application."""

    page: BeautifulSoup
    warnings: str
    app: Sphinx

"""One run of a sweep: all that decides its result, and the function that makes it.

A job carries the notebook itself, so that it runs wherever the book's packages are. Its
key is made of everything that can change its result, and names the result's file:

| part of the key | what it holds |
|---|---|
| chapter | the code cells: id, source, tags; prose does not count |
| parameters | all of them, those that keep the notebook's value too |
| environment | Keras' backend, threads, and where libraries are |
| package, data, installed, machine | see `sidebyside_book.execution.digest` |
"""

import json
import os
import platform
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

import sidebyside
from sidebyside_book.chapter import Value
from sidebyside_book.execution.digest import Around, combine, look
from sidebyside_book.execution.environment import chosen, deciding, settings
from sidebyside_book.runs.execution import execute, reason

OWN = ("environment", "beside")
"""What of the book's digest is a part of each job's own key instead; what lies beside
a chapter is no part of it, since a run gets an empty folder."""
METADATA = "sidebyside"
"""Where an executed notebook of a sweep says which run it is."""


@dataclass(frozen=True)
class Job:
    """A run to be made."""

    key: str
    """The digest of all that follows, and of the packages."""
    chapter: str
    source: str
    """The notebook's file."""
    parameters: Mapping[str, Value]
    """All of the chapter's parameters."""
    backend: str
    choices: Mapping[str, str]
    """The variables that count as chosen, wherever it runs."""
    timeout_s: int | None = None
    """Seconds that one cell may run; what the notebook says, or any time, if None."""


@dataclass(frozen=True)
class Result:
    """A run that ended, one way or the other."""

    key: str
    chapter: str
    parameters: Mapping[str, Value]
    backend: str
    seconds: float
    cell: str
    """The cell that failed; empty if none did."""
    error: str
    """Why it failed; empty if it did not."""
    host: str
    notebook: str = ""
    """The executed notebook, up to the cell that failed; empty if there is none."""


Case = tuple[Mapping[str, Value], Mapping[str, str]]
"""All of a chapter's parameters, and variables beside those of this process."""


def make(
    notebook: Path,
    around: Around,
    cases: Sequence[Case],
    *,
    timeout_s: int | None = None,
) -> list[Job]:
    """Return the jobs that run a notebook, one a case.

    Args:
        notebook: The chapter's file.
        around: What surrounds the chapters of its book.
        cases: Parameters and variables of each.
        timeout_s: Seconds that one cell may run; what the notebook says, or any time,
            if None.
    """
    source = notebook.read_text(encoding="utf-8")
    cells = nbformat.reads(source, as_version=4)
    inputs = around.inputs(notebook.stem, cells)
    fixed = {name: value for name, value in inputs.items() if name not in OWN}
    fixed["chapter"] = _code(cells)
    jobs = []
    for parameters, variables in cases:
        environ = {**os.environ, **variables}
        job = Job(
            key=_key(fixed, parameters, deciding(environ)),
            chapter=notebook.stem,
            source=source,
            parameters=dict(parameters),
            backend=settings(environ)["KERAS_BACKEND"],
            choices=chosen(environ),
            timeout_s=timeout_s,
        )
        jobs.append(job)
    return jobs


def _key(
    fixed: Mapping[str, str],
    parameters: Mapping[str, Value],
    environment: Mapping[str, str],
) -> str:
    own = {"parameters": parameters, "environment": environment}
    texts = {k: json.dumps(dict(v), sort_keys=True) for k, v in own.items()}
    return combine({**fixed, **texts})


def run(job: Job) -> Result:
    """Run a job in an empty folder, and return its result; nothing else is changed.

    What goes wrong in the notebook is a result, too. No other state is read than the
    job, the installed packages and the machine, so a job may be run again anywhere.
    """
    with tempfile.TemporaryDirectory(prefix="sidebyside-") as scratch:
        folder, out = Path(scratch, "work"), Path(scratch, "executed.ipynb")
        source = Path(scratch, f"{job.chapter}.ipynb")
        folder.mkdir()
        source.write_text(job.source, encoding="utf-8")
        begin = time.perf_counter()
        failure = execute(
            source,
            out,
            job.parameters,
            choices=job.choices,
            folder=folder,
            timeout_s=job.timeout_s,
        )
        seconds = time.perf_counter() - begin
        notebook = nbformat.read(out, as_version=4)
    result = Result(
        key=job.key,
        chapter=job.chapter,
        parameters=dict(job.parameters),
        backend=job.backend,
        seconds=round(seconds, 3),
        cell=failure.cell if failure else "",
        error=reason(failure) if failure else "",
        host=platform.node(),
    )
    notebook.metadata[METADATA] = asdict(result)
    return replace(result, notebook=nbformat.writes(notebook))


def lost(job: Job, error: str) -> Result:
    """Return the result of a job whose worker died, without a notebook."""
    return Result(
        key=job.key,
        chapter=job.chapter,
        parameters=dict(job.parameters),
        backend=job.backend,
        seconds=0.0,
        cell="",
        error=error,
        host="",
    )


def stored(text: str) -> Result:
    """Return the result that an executed notebook carries.

    Raises:
        ValueError: If it is not a notebook of a sweep.
    """
    try:
        fields: dict[str, Any] = json.loads(text)["metadata"][METADATA]
        return Result(**{**fields, "notebook": text})
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"sweep: expected a notebook of a sweep: {error}") from error


@cache
def place() -> dict[str, str]:
    """Return digests of what a run finds where it runs, to be compared with here."""
    root = Path(sidebyside.__file__).parent
    code = {str(p.relative_to(root)): p.read_text() for p in sorted(root.rglob("*.py"))}
    inputs = look(root).inputs("", new_notebook())
    return {
        "package": combine(code),
        "installed": inputs["installed"],
        "machine": inputs["machine"],
    }


def default_backend() -> str:
    """Return what Keras runs on where nobody chooses."""
    return settings()["KERAS_BACKEND"]


def _code(notebook: NotebookNode) -> str:
    cells = [
        [cell.get("id"), cell.source, cell.metadata.get("tags", [])]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    return json.dumps([notebook.metadata.get("kernelspec", {}).get("name"), cells])

"""The commands `sidebyside run` and `sidebyside list`."""

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sidebyside.runs.chapter import about
from sidebyside.runs.parameters import Value, checked, offered

BACKENDS = ("tensorflow", "jax", "torch")
Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_run(commands: Commands) -> None:
    """Add `run` to a larger command."""
    parser = commands.add_parser(
        "run",
        help="run a chapter with parameters of your own",
        description="Run a chapter from top to bottom and save the executed notebook, "
        "also if a cell fails: then up to that cell. The exit status is 1 if a cell "
        "fails, 2 if the command is wrong.",
    )
    parser.add_argument("chapter", metavar="CHAPTER", help="number, name or path")
    parser.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="set a parameter of the chapter's cell `parameters`; may be repeated",
    )
    parser.add_argument("--backend", choices=BACKENDS, help="of Keras")
    parser.add_argument(
        "--out", type=Path, help="where to save (default: _build/runs/CHAPTER.ipynb)"
    )
    parser.add_argument(
        "--book", type=Path, default=Path(), help="folder of the book (default: here)"
    )
    parser.set_defaults(run=run)


def add_list(commands: Commands) -> None:
    """Add `list` to a larger command."""
    parser = commands.add_parser(
        "list",
        help="show the chapters, how long they take, what they build on",
        description="Show the chapters with minutes of reading, prerequisites, and "
        "the parameters that `sidebyside run` can set.",
    )
    parser.add_argument(
        "--book", type=Path, default=Path(), help="folder of the book (default: here)"
    )
    parser.set_defaults(run=show)


def run(arguments: argparse.Namespace) -> int:
    """Run a chapter, and return the exit status."""
    from sidebyside_sphinx.execution.chapters import find_chapters

    book = arguments.book.resolve()
    try:
        (chapter,) = find_chapters(book, [arguments.chapter])
        offer = offered(chapter.path)
        parameters = checked(arguments.parameter, offer, chapter.name)
        out = arguments.out or book / "_build" / "runs" / f"{chapter.name}.ipynb"
        if out.resolve() == chapter.path.resolve():
            raise ValueError(
                f"run: expected another file than the chapter, received {out}"
            )
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    out.parent.mkdir(parents=True, exist_ok=True)
    failed = execute(chapter.path, out, parameters, arguments.backend)
    print(f"{'Failed' if failed else 'Finished'}; the notebook is {out}")
    if failed:
        print(failed, file=sys.stderr)
    return int(bool(failed))


def execute(
    notebook: Path, out: Path, parameters: Mapping[str, Value], backend: str | None
) -> str:
    """Run a notebook through papermill, with a progress bar by cell.

    Args:
        notebook: The notebook as it is stored; it runs in its own folder.
        out: Where the executed one is saved, cell by cell.
        parameters: Name -> value, checked.
        backend: Of Keras; that of the environment if None.

    Returns:
        What failed, in one paragraph; empty if every cell ran.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    chosen = {"KERAS_BACKEND": backend} if backend else {}
    with _environment(chosen):
        try:
            papermill.execute_notebook(
                notebook,
                out,
                parameters=dict(parameters),
                cwd=notebook.parent,
                kernel_name="python3",
                language="python",
                progress_bar={"desc": notebook.stem, "file": sys.stderr},
                stdout_file=None,
                log_output=False,
            )
        except PapermillExecutionError as error:
            return f"run: {notebook.stem}, cell {error.exec_count}: {error.ename}: " + (
                error.evalue
            )
    return ""


def show(arguments: argparse.Namespace) -> int:
    """Print the chapters, and return the exit status."""
    from sidebyside_sphinx.execution.chapters import find_chapters

    try:
        chapters = find_chapters(arguments.book.resolve())
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    for chapter in chapters:
        if not chapter.name[:2].isdigit():
            continue
        found = about(chapter.path)
        names = ", ".join(f"{k}={v!r}" for k, v in offered(chapter.path).items())
        print(f"{found.name}: {found.title} ({found.minutes} minutes)")
        for what, told in (("needs", found.necessary), ("helped by", found.helpful)):
            if told:
                print(f"    {what}: {', '.join(told)}")
        print(f"    parameters: {names}")
    return 0


@contextmanager
def _environment(more: Mapping[str, str]) -> Any:
    """Let kernels start with the environment of the book, and `more`."""
    from sidebyside_sphinx.execution.environment import settings

    before = dict(os.environ)
    os.environ.update(more)
    os.environ.update(settings())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

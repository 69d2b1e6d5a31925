"""The commands `sidebyside run` and `sidebyside list`."""

import argparse
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sidebyside.parameters import Parameter
from sidebyside_book import surroundings
from sidebyside_book.chapter import Value, about, parameters, read_notebook
from sidebyside_book.cli import Commands, add_book
from sidebyside_book.execution.chapters import Chapter, find_chapters, find_notebook
from sidebyside_book.runs.execution import execute, reason, stopped_at
from sidebyside_book.runs.keeping import keep
from sidebyside_book.runs.parameters import BACKENDS, checked, stated

if TYPE_CHECKING:
    from sidebyside_book.execution.outcome import Failure

_NEGATIVE = re.compile(r"-\.?\d")


def add_run(commands: Commands) -> None:
    """Add `run` to a larger command."""
    parser = commands.add_parser(
        "run",
        help="run a chapter with parameters of your own",
        description="Run a chapter from top to bottom and save the executed notebook, "
        "also if a cell fails: then up to that cell. The exit status is 1 if a cell "
        "fails, 2 if the command is wrong.",
    )
    add_chapter(parser)
    parser.add_argument("--backend", choices=BACKENDS, help="of Keras")
    parser.add_argument(
        "--out", type=Path, help="where to save (default: _build/runs/CHAPTER.ipynb)"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep in data/records the figures that the run hands over, if it passes",
    )
    parser.set_defaults(run=run)


def add_chapter(parser: argparse.ArgumentParser) -> None:
    """Add the chapter and its parameters, which `sweep` has, too."""
    # argparse takes -1 and -0.5 for values, but -1e-3 for an option.
    parser._negative_number_matcher = _NEGATIVE
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
    add_book(parser)


def add_list(commands: Commands) -> None:
    """Add `list` to a larger command."""
    parser = commands.add_parser(
        "list",
        help="show the chapters, how long they take, what they build on",
        description="Show the chapters with minutes of reading, prerequisites, and "
        "the parameters that `sidebyside run` can set, with their ranges.",
    )
    add_book(parser)
    parser.set_defaults(run=show)


def run(arguments: argparse.Namespace) -> int:
    """Run a chapter, and return the exit status."""
    book = arguments.book.resolve()
    chapter = find_notebook(book, arguments.chapter)
    offer = parameters(read_notebook(chapter.path))
    given = checked(arguments.parameter, offer, chapter.name)
    out = arguments.out or book / "_build" / "runs" / f"{chapter.name}.ipynb"
    out = _writable(out.resolve(), chapter.path)
    arguments.interrupted = f"Interrupted; the notebook up to there is {out}"
    failure = _execute(chapter, out, given, arguments.backend)
    print(f"{'Failed' if failure else 'Finished'}; the notebook is {out}")
    if failure:
        print(failure.traceback, file=sys.stderr)
        where = stopped_at(failure.cell, reason(failure))
        print(f"run: {chapter.name}{where}", file=sys.stderr)
    elif arguments.keep:
        print(f"kept in {keep(out, book)}")
    return int(bool(failure))


def _execute(
    chapter: Chapter, out: Path, given: dict[str, Value], backend: str | None
) -> "Failure | None":
    """Run the chapter, and show on stderr how far it is."""
    from rich.console import Console

    from sidebyside_book.execution.progress import make_progress

    surroundings.threads(os.environ)  # refuses nonsense, before anything begins
    begin = time.perf_counter()
    with make_progress(Console(stderr=True), 1, "notebook") as progress:
        progress.started(chapter.name)
        failure = execute(
            chapter.path,
            out,
            given,
            choices=_choices(backend),
            folder=chapter.path.parent,
            progress=progress,
        )
        how, seconds = "failed" if failure else "executed", time.perf_counter() - begin
        progress.finished(chapter.name, how, seconds, failed=bool(failure))
    return failure


def _choices(backend: str | None) -> dict[str, str]:
    """Return what this process's environment chooses, or this backend."""
    from sidebyside_book.execution.environment import chosen

    return chosen({**os.environ, **({"KERAS_BACKEND": backend} if backend else {})})


def _writable(out: Path, chapter: Path) -> Path:
    """Return `out`, once its folder is there and it can be written.

    Raises:
        ValueError: If it is the chapter itself, or no file can be there.
    """
    if out == chapter.resolve():
        raise ValueError(
            f"run: expected another file than the chapter, received --out {out}"
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.open("ab").close()
    except OSError as error:
        raise ValueError(
            f"run: expected a file that can be written, received --out {out}: "
            f"{error.strerror}"
        ) from error
    return out


def show(arguments: argparse.Namespace) -> int:
    """Print the chapters, and return the exit status."""
    chapters = find_chapters(arguments.book.resolve())
    numbered = [c for c in chapters if c.name[:2].isdigit()]
    for notebook in [read_notebook(chapter.path) for chapter in numbered]:
        summary = about(notebook)
        print(f"{summary.name}: {summary.title} ({summary.minutes} minutes)")
        for what, rows in (
            ("needs", summary.necessary),
            ("helped by", summary.helpful),
        ):
            if rows:
                print(f"    {what}: {', '.join(rows)}")
        offer = parameters(notebook).values()
        print(f"    parameters: {', '.join(map(_shown, offer)) or 'none'}")
    return 0


def _shown(parameter: Parameter) -> str:
    """Return a parameter with its value in the notebook, and its range."""
    allowed = stated(parameter)
    return f"{parameter.name}={parameter.text}" + (
        f" ({allowed.text})" if allowed else ""
    )

"""The command `sidebyside lab`: run a lab, and keep what a full run has measured."""

import argparse
import json
from pathlib import Path
from typing import Any

from sidebyside import labs
from sidebyside_book.authoring.writing import write_all
from sidebyside_book.chapter import parameters, read_notebook
from sidebyside_book.cli import Commands, add_book
from sidebyside_book.execution.chapters import find_notebook
from sidebyside_book.gather import from_notebook, of_kind
from sidebyside_book.runs import command

PARAMETER = "FULL"
"""The parameter of a lab that asks for full settings."""


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one; `arguments.run(arguments)` then runs it."""
    parser = commands.add_parser(
        "lab",
        help="run a lab, with full settings for the figures that are cited",
        description="Run a lab. With --full, measure all that it cites, and keep the "
        "figures with date, machine and versions in data/records; the rest of the "
        "machine should be idle. The exit status is 1 if a cell fails: then nothing is "
        "kept.",
    )
    parser.add_argument("chapter", metavar="LAB", help="number, name or path")
    parser.add_argument("--full", action="store_true", help="full settings; keep them")
    add_book(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the lab, keep its record, and return the exit status."""
    book = arguments.book.resolve()
    chapter = find_notebook(book, arguments.chapter)
    if arguments.full and PARAMETER not in parameters(read_notebook(chapter.path)):
        raise ValueError(
            f"lab: expected a lab with a parameter {PARAMETER}, received {chapter.name}"
        )
    out = book / "_build" / "runs" / f"{chapter.name}.ipynb"
    given = [(PARAMETER, "True")] if arguments.full else []
    own = {"parameter": given, "backend": None, "out": out, "book": book}
    status = command.run(argparse.Namespace(**{**vars(arguments), **own}))
    if arguments.full and not status:
        print(f"kept in {keep(out, book)}")
    return status


def keep(executed: Path, book: Path) -> Path:
    """Write the record of an executed lab into `data/records`, whole or not at all.

    Raises:
        ValueError: If the lab has left none.
    """
    published = of_kind(from_notebook(executed), labs.KIND)
    if not published:
        raise ValueError(f"lab: expected a record in {executed}, received none")
    record: dict[str, Any] = published[-1].record
    path = book / "data" / labs.FOLDER / f"{record['lab']}.json"
    path.parent.mkdir(exist_ok=True)
    write_all({path: json.dumps(record, indent=1) + "\n"})
    return path

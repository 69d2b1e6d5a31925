"""The command `sidebyside lab`: run a lab, and keep what a full run has measured."""

import argparse

from sidebyside_book.chapter import parameters, read_notebook
from sidebyside_book.cli import Commands, add_book
from sidebyside_book.execution.chapters import find_notebook
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
    own["keep"] = arguments.full
    return command.run(argparse.Namespace(**{**vars(arguments), **own}))

"""The command `sidebyside execute`."""

import argparse
from pathlib import Path

from sidebyside_book.cli import Commands, add_book, add_chapters
from sidebyside_book.execution import report
from sidebyside_book.execution.book import execute
from sidebyside_book.execution.results import failed_chapters


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one; `arguments.run(arguments)` then runs it."""
    parser = commands.add_parser(
        "execute",
        help="execute the chapters whose results aren't cached",
        description="Execute the chapters whose results aren't cached. "
        "The exit status is 1 if a chapter fails, 2 if the command is wrong.",
    )
    add_arguments(parser)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give `parser` the command's arguments, and `run`."""
    add_chapters(parser)
    parser.add_argument("--jobs", type=int, help="kernels at once (default: the cores)")
    parser.add_argument(
        "--force", action="store_true", help="execute cached chapters, too"
    )
    add_book(parser)
    parser.add_argument(
        "--failures",
        action="store_true",
        help="execute nothing: say which chapters failed when they last ran, and where",
    )
    parser.set_defaults(run=run, interrupted="Interrupted. What was finished is kept.")


def run(arguments: argparse.Namespace) -> int:
    """Execute, and return the exit status."""
    if arguments.failures:
        return _say_failures(arguments.book.resolve())
    outcomes = execute(
        arguments.book.resolve(),
        arguments.chapters,
        jobs=arguments.jobs,
        force=arguments.force,
    )
    return int(any(outcome.failure for outcome in outcomes))


def _say_failures(book: Path) -> int:
    """Name each failed chapter and its cell, and return the exit status."""
    failed = failed_chapters(book)
    for name, kept in failed.items():
        print(report.short(name, kept.failure))
    return int(bool(failed))

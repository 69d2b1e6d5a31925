"""The command `sidebyside execute`."""

import argparse
import sys
from pathlib import Path

from sidebyside_book.execution import report
from sidebyside_book.execution.book import execute
from sidebyside_book.execution.results import failed_chapters

INTERRUPTED = 130
"""Exit status of a command that was stopped by Ctrl-C: 128 + SIGINT."""


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
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
    parser.add_argument(
        "chapters",
        nargs="*",
        metavar="CHAPTER",
        help="name, number or path of a chapter; all if none is given",
    )
    parser.add_argument("--jobs", type=int, help="kernels at once (default: the cores)")
    parser.add_argument(
        "--force", action="store_true", help="execute cached chapters, too"
    )
    parser.add_argument(
        "--book", type=Path, default=Path(), help="folder of the book (default: here)"
    )
    parser.add_argument(
        "--failures",
        action="store_true",
        help="execute nothing: say which chapters failed when they last ran, and where",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Execute, and return the exit status."""
    try:
        if arguments.failures:
            return _say_failures(arguments.book.resolve())
        outcomes = execute(
            arguments.book.resolve(),
            arguments.chapters,
            jobs=arguments.jobs,
            force=arguments.force,
        )
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted. What was finished is kept.", file=sys.stderr)
        return INTERRUPTED
    return int(any(outcome.failure for outcome in outcomes))


def _say_failures(book: Path) -> int:
    """Name each failed chapter and its cell, and return the exit status."""
    failed = failed_chapters(book)
    for name, one in failed.items():
        print(report.short(name, one.failure))
    return int(bool(failed))

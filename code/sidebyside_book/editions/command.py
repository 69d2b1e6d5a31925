"""The commands `sidebyside student`, `sidebyside slides` and `sidebyside offline`."""

import argparse
import sys
from pathlib import Path

from sidebyside_book.cli import Commands, add_book, add_chapters


def add_student(commands: Commands) -> None:
    """Add `student` to a larger command."""
    parser = commands.add_parser(
        "student",
        help="make notebooks for students: no solutions, all checks",
        description="Make the student edition of chapters: the solutions are taken "
        "out, and the checks stay. The exit status is 2 if the command is wrong.",
    )
    _add_chapters(parser, "_build/student")
    parser.set_defaults(run=_student)


def add_slides(commands: Commands) -> None:
    """Add `slides` to a larger command."""
    parser = commands.add_parser(
        "slides",
        help="make slides of executed chapters, one HTML file each",
        description="Make slides of chapters that were executed; each is one HTML "
        "file that needs no network. If none is named, all have slides but those that "
        "failed when they last ran; then the exit status is 1. It is 2 if the command "
        "is wrong.",
    )
    _add_chapters(parser, "_build/slides")
    parser.set_defaults(run=_slides)


def add_offline(commands: Commands) -> None:
    """Add `offline` to a larger command."""
    parser = commands.add_parser(
        "offline",
        help="pack site, notebooks, student edition, slides and data in one file",
        description="Pack what `make book student slides` made, for rooms with a bad "
        "network. What else lies in those folders is named, and left out. The exit "
        "status is 2 if something is missing.",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="the file to write (default: _build/side-by-side-offline-VERSION.zip)",
    )
    parser.add_argument(
        "--with-wheels",
        action="store_true",
        help="download all packages that the book needs on this platform, too",
    )
    add_book(parser)
    parser.set_defaults(run=_offline)


def _add_chapters(parser: argparse.ArgumentParser, folder: str) -> None:
    add_chapters(parser)
    parser.add_argument("--out", type=Path, help=f"the folder (default: {folder})")
    add_book(parser)


def _student(arguments: argparse.Namespace) -> int:
    from sidebyside_book.editions import student

    book = arguments.book.resolve()
    out = arguments.out or book / student.FOLDER
    return _say_where("student", student.write(book, arguments.chapters, out))


def _slides(arguments: argparse.Namespace) -> int:
    """Make slides, say which chapters have none, and return the exit status."""
    from sidebyside_book.editions import deck
    from sidebyside_book.execution import report, results

    book = arguments.book.resolve()
    failed = {} if arguments.chapters else results.left_out(book)
    out = arguments.out or book / deck.FOLDER
    made = deck.write(book, arguments.chapters, out, without=failed)
    _say_where("slides", made)
    for name, kept in failed.items():
        print(f"No slides of {name}: it failed.", file=sys.stderr)
        print(report.short(name, kept.failure), file=sys.stderr)
    return int(bool(failed))


def _offline(arguments: argparse.Namespace) -> int:
    from sidebyside_book.editions import offline

    book = arguments.book.resolve()
    made = offline.write(book, arguments.out, wheels=arguments.with_wheels)
    for name in offline.left_out(book):
        print(f"offline: left out, not of the book: {name}", file=sys.stderr)
    return _say_where("offline", [made])


def _say_where(command: str, made: list[Path]) -> int:
    """Say where the files are that a command made, and return the exit status."""
    where = made[0] if len(made) == 1 else f"{len(made)} files in {made[0].parent}"
    print(f"sidebyside {command}: {where}")
    return 0

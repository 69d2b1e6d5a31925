"""The commands `sidebyside student`, `sidebyside slides` and `sidebyside offline`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_student(commands: Commands) -> None:
    """Add `student` to a larger command."""
    parser = commands.add_parser(
        "student",
        help="make notebooks for students: no solutions, all checks",
        description="Make the student edition of chapters: the solutions are taken "
        "out, and the checks stay. The exit status is 2 if the command is wrong.",
    )
    _add_chapters(parser, "_build/student")
    parser.set_defaults(run=lambda arguments: _run(_student, arguments))


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
    parser.set_defaults(run=_run_slides)


def add_offline(commands: Commands) -> None:
    """Add `offline` to a larger command."""
    parser = commands.add_parser(
        "offline",
        help="pack site, notebooks, student edition, slides and data in one file",
        description="Pack what `make book student slides` made, for rooms with a bad "
        "network. The exit status is 2 if something is missing.",
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
    parser.add_argument(
        "--book", type=Path, default=Path(), help="folder of the book (default: here)"
    )
    parser.set_defaults(run=lambda arguments: _run(_offline, arguments))


def _add_chapters(parser: argparse.ArgumentParser, folder: str) -> None:
    parser.add_argument(
        "chapters",
        nargs="*",
        metavar="CHAPTER",
        help="name, number or path of a chapter; all if none is given",
    )
    parser.add_argument("--out", type=Path, help=f"the folder (default: {folder})")
    parser.add_argument(
        "--book", type=Path, default=Path(), help="folder of the book (default: here)"
    )


def _student(arguments: argparse.Namespace) -> list[Path]:
    from sidebyside_book.editions import student

    book = arguments.book.resolve()
    out = arguments.out or book / student.FOLDER
    return student.write(book, arguments.chapters, out)


def _run_slides(arguments: argparse.Namespace) -> int:
    """Make slides, say which chapters have none, and return the exit status."""
    from sidebyside_book.editions import deck
    from sidebyside_book.execution import report, results

    failed: dict[str, results.Failed] = {}

    def make(arguments: argparse.Namespace) -> list[Path]:
        book = arguments.book.resolve()
        if not arguments.chapters:
            failed.update(results.left_out(book))
        folder = arguments.out or book / deck.FOLDER
        return deck.write(book, arguments.chapters, folder, without=failed)

    status = _run(make, arguments)
    for name, one in failed.items():
        print(f"No slides of {name}: it failed.", file=sys.stderr)
        print(report.short(name, one.failure), file=sys.stderr)
    return status or int(bool(failed))


def _offline(arguments: argparse.Namespace) -> list[Path]:
    from sidebyside_book.editions import offline

    book = arguments.book.resolve()
    return [offline.write(book, arguments.out, wheels=arguments.with_wheels)]


def _run(
    make: Callable[[argparse.Namespace], list[Path]], arguments: argparse.Namespace
) -> int:
    """Make the files, say where they are, and return the exit status."""
    try:
        made = make(arguments)
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    where = made[0] if len(made) == 1 else f"{len(made)} files in {made[0].parent}"
    print(f"sidebyside {arguments.command}: {where}")
    return 0

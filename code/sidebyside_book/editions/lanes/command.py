"""The command `sidebyside lanes`."""

import argparse
import sys
from pathlib import Path

from sidebyside_book.cli import Commands, add_book, add_chapters


def add_parser(commands: Commands) -> None:
    """Add `lanes` to a larger command."""
    parser = commands.add_parser(
        "lanes",
        help="make programs of a single framework, three a chapter",
        description="Cut each chapter into three programs, one a lane, as a file of "
        "Python and as a notebook. Cells without a tag that need several lanes count "
        "as tagged `compare`, and are named. The exit status is 1 if a lane does not "
        "run alone: each problem is told by chapter, cell and name, and such a lane "
        "gets no files. It is 2 if the command is wrong.",
    )
    add_chapters(parser)
    parser.add_argument(
        "--standalone",
        action="store_true",
        help="write the helpers of `sidebyside` that a program uses into the program",
    )
    parser.add_argument("--out", type=Path, help="the folder (default: _build/lanes)")
    add_book(parser)
    parser.set_defaults(run=_lanes)


def _lanes(arguments: argparse.Namespace) -> int:
    from sidebyside_book.editions.lanes import files

    book = arguments.book.resolve()
    out = arguments.out or book / files.FOLDER
    made = files.write(book, arguments.chapters, out, standalone=arguments.standalone)
    print(*made.compared, sep="\n", end="\n" if made.compared else "")
    for problem in made.problems:
        print(problem, file=sys.stderr)
    print(f"sidebyside lanes: {len(made.paths)} files in {out}")
    return int(bool(made.problems))

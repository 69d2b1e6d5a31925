"""The command `sidebyside translate`."""

import argparse
import sys

from sidebyside.reference.rosetta.entries import Entry
from sidebyside_book.chapter import LANES
from sidebyside_book.cli import Commands
from sidebyside_book.translate.ranking import answers, nearest

MOST = 3
"""Rows that are printed without `--all`: they fit on a screen."""


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one."""
    parser = commands.add_parser(
        "translate",
        help="say it in the other two frameworks",
        description="Look a name, a call or some words up in the Rosetta table, and "
        f"print the {MOST} best rows. The exit status is 1 if nothing is found.",
    )
    parser.add_argument(
        "name", nargs="+", help="F.relu, layers.Dense(10), scatter_add, learning rate"
    )
    parser.add_argument("--all", action="store_true", help="print every row found")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what the table has, and return the exit status."""
    wanted = " ".join(arguments.name)
    rows = answers(wanted)
    if not rows:
        near = nearest(wanted)
        hint = f"; near to it: {', '.join(near)}" if near else ""
        print(f"translate: nothing in the table for {wanted!r}{hint}", file=sys.stderr)
        return 1
    seen = rows if arguments.all else rows[:MOST]
    print("\n\n".join(map(as_text, seen)))
    if left := len(rows) - len(seen):
        noun = "row" if left == 1 else "rows"
        print(f"\n{left} more {noun}: add --all to see every one.")
    return 0


def as_text(entry: Entry) -> str:
    """Return an entry as a block of text."""
    lines = [f"{entry.task} ({entry.difference})"]
    for lane, label in LANES.items():
        said = entry.lines.get(lane) or f"- {entry.without[lane]}"
        lines.append(f"  {label:10s}  {said}")
    return "\n".join([*lines, f"  {entry.note}"])

"""The command `sidebyside translate`."""

import argparse
import sys

from sidebyside.reference.rosetta.entries import LANES, Entry, nearest, search
from sidebyside_book.cli import Commands

LABELS = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras"}


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one."""
    parser = commands.add_parser(
        "translate",
        help="say it in the other two frameworks",
        description="Look a name or some words up in the Rosetta table. The exit "
        "status is 1 if nothing is found.",
    )
    parser.add_argument("name", nargs="+", help="torch.scatter_add, scatter, one hot")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what the table has, and return the exit status."""
    wanted = " ".join(arguments.name)
    found = search(wanted)
    if not found:
        near = nearest(wanted)
        hint = f"; near to it: {', '.join(near)}" if near else ""
        print(f"translate: nothing in the table for {wanted!r}{hint}", file=sys.stderr)
        return 1
    print("\n\n".join(map(as_text, found)))
    return 0


def as_text(entry: Entry) -> str:
    """Return an entry as a block of text."""
    lines = [f"{entry.task} ({entry.difference})"]
    for lane in LANES:
        said = entry.lines.get(lane) or f"- {entry.without[lane]}"
        lines.append(f"  {LABELS[lane]:10s}  {said}")
    return "\n".join([*lines, f"  {entry.note}"])

"""The `sidebyside` command."""

import argparse
import sys
from collections.abc import Sequence

from sidebyside import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        argv: The arguments; those of the process if None.
    """
    parser = argparse.ArgumentParser(
        prog="sidebyside", description="Work with the book Side by Side."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    _add_execute(commands)
    arguments = parser.parse_args(argv)
    return int(arguments.run(arguments))


def _add_execute(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    from sidebyside_sphinx.execution.command import add_parser

    add_parser(commands)


if __name__ == "__main__":
    sys.exit(main())

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
    """Add `execute`, or say what is missing for it (on Colab, say, Sphinx)."""
    try:
        from sidebyside_sphinx.execution.command import add_parser
    except ModuleNotFoundError as error:
        message = f"sidebyside execute: expected the book's requirements.txt; {error}"
        # No character starts an option here: all arguments pass.
        parser = commands.add_parser("execute", add_help=False, prefix_chars="\0")
        parser.add_argument("rest", nargs="*")
        parser.set_defaults(run=lambda _: print(message, file=sys.stderr) or 2)
        return
    add_parser(commands)


if __name__ == "__main__":
    sys.exit(main())

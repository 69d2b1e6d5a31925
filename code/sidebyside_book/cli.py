"""The `sidebyside` command."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from sidebyside import __version__, versions

COMMANDS = {
    "execute": "sidebyside_book.execution.command:add_parser",
    "doctor": "sidebyside_book.doctor.command:add_parser",
    "evidence": "sidebyside_book.execution.evidence:add_parser",
    "list": "sidebyside_book.runs.command:add_list",
    "machines": "sidebyside_book.machines.command:add_parser",
    "new-chapter": "sidebyside_book.authoring.command:add_parser",
    "offline": "sidebyside_book.editions.command:add_offline",
    "run": "sidebyside_book.runs.command:add_run",
    "slides": "sidebyside_book.editions.command:add_slides",
    "student": "sidebyside_book.editions.command:add_student",
    "sweep": "sidebyside_book.sweeps.command:add_parser",
    "translate": "sidebyside_book.translate:add_parser",
}
"""Command -> the function that adds it."""

WITHOUT_ASSERTS = ("doctor",)
"""The commands that run where Python drops `assert`: it is what they report."""

Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


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
    given = sys.argv[1:] if argv is None else argv
    # The modules of the other commands take a second to import.
    wanted = [name for name in COMMANDS if name in given[:1]] or COMMANDS
    for name in wanted:
        _add(commands, name, COMMANDS[name])
    arguments = parser.parse_args(given)
    if sys.flags.optimize and arguments.command not in WITHOUT_ASSERTS:
        print(f"{arguments.command}: {versions.NO_ASSERTS}", file=sys.stderr)
        return 2
    return int(arguments.run(arguments))


def _add(commands: Commands, name: str, place: str) -> None:
    """Add a command, or say what is missing for it (on Colab, say, Sphinx)."""
    module, function = place.split(":")
    try:
        add_parser = getattr(import_module(module), function)
    except ModuleNotFoundError as error:
        message = f"sidebyside {name}: expected the book's requirements.txt; {error}"
        # No character starts an option here: all arguments pass.
        parser = commands.add_parser(name, add_help=False, prefix_chars="\0")
        parser.add_argument("rest", nargs="*")
        parser.set_defaults(run=lambda _: print(message, file=sys.stderr) or 2)
        return
    add_parser(commands)


if __name__ == "__main__":
    sys.exit(main())

"""The `sidebyside` command: which commands there are, and how each of them may end.

A command's function returns 0 or 1, and raises whatever else ends it:

| what ends a command | what is said | status |
|---|---|---|
| `ValueError`, `OSError` | a sentence, on stderr: see `surroundings.sentence` | 2 |
| its output is read no further, by `head` say | nothing | 141 |
| Ctrl-C | `arguments.interrupted`, if the command has set it | 130 |
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from sidebyside_book import surroundings

COMMANDS = {
    "check": "sidebyside_book.authoring.check:add_parser",
    "compare": "sidebyside_book.compare:add_parser",
    "execute": "sidebyside_book.execution.command:add_parser",
    "doctor": "sidebyside_book.doctor.command:add_parser",
    "evidence": "sidebyside_book.execution.evidence:add_parser",
    "lanes": "sidebyside_book.editions.lanes.command:add_parser",
    "lab": "sidebyside_book.runs.lab:add_parser",
    "list": "sidebyside_book.runs.command:add_list",
    "machines": "sidebyside_book.machines.command:add_parser",
    "new-chapter": "sidebyside_book.authoring.command:add_parser",
    "offline": "sidebyside_book.editions.command:add_offline",
    "review": "sidebyside_book.authoring.review.command:add_parser",
    "run": "sidebyside_book.runs.command:add_run",
    "slides": "sidebyside_book.editions.command:add_slides",
    "student": "sidebyside_book.editions.command:add_student",
    "sweep": "sidebyside_book.sweeps.command:add_parser",
    "translate": "sidebyside_book.translate.command:add_parser",
}
"""Command -> the function that adds it."""

WITHOUT_ASSERTS = ("doctor",)
"""The commands that run where Python drops `assert`: it is what they report."""

WRONG = 2
"""Exit status of a command that can't do what it was asked for."""
INTERRUPTED = 130
"""Exit status of a command that was stopped by Ctrl-C: 128 + SIGINT."""
PIPE_CLOSED = 141
"""Exit status of a command whose output nobody reads any more: 128 + SIGPIPE."""

Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        argv: The arguments; those of the process if None.
    """
    # Here, since `run_parsed` has to work where `sidebyside` is another package.
    from sidebyside import __version__, versions

    surroundings.print_any_character()
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
        return WRONG
    return run_parsed(arguments)


def run_parsed(arguments: argparse.Namespace) -> int:
    """Run the command that was parsed, and return its exit status."""
    surroundings.print_any_character()
    try:
        with surroundings.home():
            status = int(arguments.run(arguments))
            sys.stdout.flush()  # or a closed pipe is noticed when Python has ended
    except (BrokenPipeError, SystemExit):  # rich makes the second one of the first
        surroundings.forget_unwritten()
        return PIPE_CLOSED
    except (OSError, ValueError) as error:
        surroundings.forget_unwritten()
        print(surroundings.sentence(error, arguments), file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print(getattr(arguments, "interrupted", "Interrupted."), file=sys.stderr)
        return INTERRUPTED
    return status


def add_book(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where the book is."""
    parser.add_argument(
        "--book", type=Path, default=Path(), help="folder of the book (default: here)"
    )


def add_chapters(parser: argparse.ArgumentParser) -> None:
    """Add the chapters that a command is about."""
    parser.add_argument(
        "chapters",
        nargs="*",
        metavar="CHAPTER",
        help="name, number or path of a chapter; all if none is given",
    )


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

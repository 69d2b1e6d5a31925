"""The command `sidebyside check`."""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from sidebyside_book.authoring.rules import RULES, hygiene, problems, setup_problems
from sidebyside_book.chapter import Notebook, read_notebook
from sidebyside_book.cli import Commands, add_book, add_chapters
from sidebyside_book.execution.chapters import Chapter, find_chapters


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one; `arguments.run(arguments)` then runs it."""
    parser = commands.add_parser(
        "check",
        help="hold notebooks against the rules of the book",
        description="Hold notebooks, which are not executed, against the rules of the "
        "book: those of hygiene for all, and for numbered chapters all others. Each "
        "line of output is a problem: chapter, cell, what was expected and what came. "
        "The exit status is 1 if there are any, 2 if the command is wrong.",
    )
    add_chapters(parser)
    add_book(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what is wrong, and return the exit status."""
    book = arguments.book.resolve()
    chosen = find_chapters(book, arguments.chapters)
    wrong = [problem for chapter in chosen for problem in file_problems(chapter.path)]
    wrong += _other_setups(find_chapters(book), {chapter.name for chapter in chosen})
    for problem in wrong:
        print(problem)
    return int(bool(wrong))


def file_problems(path: Path) -> list[str]:
    """Return what is wrong with a notebook's file, as `rules.problems` does."""
    try:
        notebook = read_notebook(path)
    except ValueError as error:
        return [f"{path.stem}: (notebook): {error}"]
    rules = RULES if path.stem[:2].isdigit() else hygiene.RULES
    form = hygiene.stored_form(path.read_bytes().decode("utf-8"))
    stored = [f"{path.stem}: (notebook): {problem}" for problem in form]
    return [*stored, *problems(notebook, rules)]


def _other_setups(book: Iterable[Chapter], names: set[str]) -> list[str]:
    """Return which chapters of these names have not the setup cell of the first."""
    wrong = setup_problems(_readable(book))
    return [problem for problem in wrong if problem.split(":")[0] in names]


def _readable(book: Iterable[Chapter]) -> Iterator[Notebook]:
    for chapter in book:
        try:
            yield read_notebook(chapter.path)
        except ValueError:
            continue  # `file_problems` says so

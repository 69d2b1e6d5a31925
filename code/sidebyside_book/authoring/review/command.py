"""The command `sidebyside review`."""

import argparse
from pathlib import Path

from sidebyside_book.authoring.review import facts
from sidebyside_book.authoring.review.facts import Fact
from sidebyside_book.cli import Commands, add_book
from sidebyside_book.execution.chapters import find_chapters

BRIEF = Path(__file__).parent / "brief.md"


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one; `arguments.run(arguments)` then runs it."""
    parser = commands.add_parser(
        "review",
        help="print the brief for somebody who reviews a chapter",
        description="Print, as Markdown, what is known of a chapter, and the questions "
        "that its reviewer answers. Nothing is executed: what was, is looked up.",
    )
    parser.add_argument(
        "chapter", metavar="CHAPTER", help="name, number or path of the chapter"
    )
    add_book(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the brief, and return the exit status."""
    book = arguments.book.resolve()
    (chapter,) = find_chapters(book, [arguments.chapter])
    print(brief(chapter.name, facts.gather(book, chapter)), end="")
    return 0


def brief(chapter: str, rows: list[Fact]) -> str:
    """Return the brief of a chapter's review, as Markdown."""
    fields = {"chapter": chapter, "number": chapter[:2], "facts": _table(rows)}
    text = BRIEF.read_text(encoding="utf-8")
    for name, value in fields.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    return text


def _table(rows: list[Fact]) -> str:
    lines = ["| | |", "|---|---|"]
    for row in rows:
        cells = (text.replace("|", "\\|") for text in (row.label, row.text))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)

"""The skeleton of a chapter: what a new one is asked to be, and its notebook.

The skeleton is the notebook `chapter.ipynb` beside this file: a small chapter that runs
and keeps all rules but one. It is stored and linted as chapters are. Its notes to the
author and its cell `todo` are what the one rule complains about. `chapter.yaml` holds
what goes with it: notes for teachers, and the faults that its proof must notice.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from sidebyside_book.chapter import read_notebook

TEMPLATE = Path(__file__).parent / "chapter.ipynb"
DATA = TEMPLATE.with_suffix(".yaml")
TODO = "todo"
"""The id of the cell that says what is still to do."""
NOTE = "To the author"
"""What stands in every note of the skeleton, and in no finished chapter."""
PARTS = (
    "Foundations",
    "Vision",
    "Sequences",
    "Decisions",
    "Under the hood",
    "Out of the notebook",
    "Scale",
    "Choosing",
)
"""The parts of the book; the tens digit of a chapter's number is its part."""

_NUMBER = re.compile(rf"(?!00)[0-{len(PARTS) - 1}]\d")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True)
class NewChapter:
    """What a chapter is to be called.

    Attributes:
        number: Two digits; the first is the part.
        name: Its topic in words of small letters, joined by `_`.
        title: Its heading.
        question: What it answers.

    Raises:
        ValueError: If one of them can't be that of a chapter.
    """

    number: str
    name: str
    title: str
    question: str

    def __post_init__(self) -> None:
        """Check everything that can be checked without the book."""
        if not _NUMBER.fullmatch(self.number):
            last = f"{len(PARTS) - 1}9"
            raise _error(f"a number of two digits, 01 to {last}", self.number)
        if not _NAME.fullmatch(self.name):
            raise _error("a name of small letters such as 'data_pipelines'", self.name)
        if not re.fullmatch(r"[^\s#\[\]][^\n\[\]]*", self.title):
            raise _error("a title of one line, without # and [ ]", self.title)
        if not re.fullmatch(r"[^\s*_#>|-][^\n]*\?", self.question):
            raise _error("a question of one line that ends with '?'", self.question)

    @property
    def stem(self) -> str:
        """The file's name without suffix: `08_optimizers`."""
        return f"{self.number}_{self.name}"

    @property
    def part(self) -> str:
        """The caption that its part has where there is none yet."""
        return PARTS[int(self.number[0])]


def asked(
    number: str, name: str, title: str | None, question: str | None
) -> NewChapter:
    """Return the chapter that was asked for; title and question may be left out."""
    words = name.replace("_", " ")
    return NewChapter(
        number=number,
        name=name,
        title=words.capitalize() if title is None else title,
        question=f"What do the three lanes do about {words}, and what differs?"
        if question is None
        else question,
    )


def notebook(new: NewChapter, setup: NotebookNode) -> str:
    """Return the new chapter's file, in the form in which all are stored.

    Args:
        new: What it is to be called.
        setup: The setup cell of the book's first chapter, which all chapters share.
    """
    made = nbformat.v4.reads(TEMPLATE.read_text(encoding="utf-8"))
    for cell in made.cells:
        if cell.id == "title":
            cell.source = f"# {new.title}\n\n**{new.question}**"
        elif cell.id == "setup":
            cell.source, cell.metadata = setup.source, setup.metadata
        cell.source = _numbered(cell.source, new)
    return nbformat.v4.writes(made).rstrip("\n") + "\n"


def data(new: NewChapter) -> str:
    """Return the notes for teachers, and the faults, that fit the skeleton."""
    return _numbered(DATA.read_text(encoding="utf-8"), new)


def _numbered(text: str, new: NewChapter) -> str:
    """Return a text with the labels of the exercises as this chapter has them."""
    return text.replace("ex-00-", f"ex-{new.number}-")


def first_setup(chapters: Path) -> NotebookNode:
    """Return the setup cell of the first chapter.

    Raises:
        ValueError: If there is no chapter with such a cell.
    """
    for path in sorted(chapters.glob("[0-9]*.ipynb")):
        if cell := read_notebook(path).get("setup"):
            return cell.node
    raise _error("a chapter with a cell 'setup' to copy", str(chapters))


def _error(expected: str, received: str) -> ValueError:
    return ValueError(f"new-chapter: expected {expected}, received {received!r}")

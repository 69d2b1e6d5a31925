"""Reading paths: from one lane to another, chapter by chapter.

The hand-written part stands in `data/paths.yaml`. Minutes, titles and prerequisites
come from the chapters, and what surprises first from the tables of defaults and
translations.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import permutations
from typing import Any

from sidebyside import _tables as tables
from sidebyside._files import data_file
from sidebyside._tables import Text
from sidebyside.reference.rosetta.entries import LANES, Lane
from sidebyside_book.chapter import About

FILE = "paths.yaml"
Direction = tuple[str, str]
"""The lane that a reader knows, and the one to learn."""


@tables.row
class Step:
    """A chapter on a path.

    Attributes:
        chapter: Its number.
        why: What it is to this reader.
        look: Titles of the sections to look at.
    """

    chapter: Text
    why: Text
    look: tuple[str, ...] = ()


@tables.row
class Exercise:
    """The first exercise of a path."""

    chapter: Text
    label: Text
    why: Text


@tables.row
class Path:
    """A path from one lane to another.

    Attributes:
        know: The lane that the reader knows.
        learn: The lane to learn.
        known: What the reader knows besides, in the words of the chapters.
        steps: Chapters in reading order.
        skip: Chapters that can wait.
        exercise: Where to begin to write.
    """

    know: Lane
    learn: Lane
    known: tuple[str, ...]
    steps: tuple[Step, ...]
    skip: tuple[Step, ...]
    exercise: Exercise

    @property
    def numbers(self) -> list[str]:
        """The chapters that it speaks of."""
        return [step.chapter for step in (*self.steps, *self.skip)]


@cache
def load() -> dict[Direction, Path]:
    """Return the paths of the installed book.

    Raises:
        ValueError: If a direction is missing, or a path is incomplete.
    """
    return parse(tables.read(data_file(FILE)))


def parse(content: Mapping[str, Any]) -> dict[Direction, Path]:
    """Turn the content of the file into paths, and check them.

    Raises:
        ValueError: As in `load`; the message names the path.
    """
    paths = [_path(fields, content["known"]) for fields in content["paths"]]
    received = [(path.know, path.learn) for path in paths]
    if received != (expected := list(permutations(LANES, 2))):
        raise ValueError(
            f"{FILE}: expected each of {expected} once, in this order, "
            f"received {received}"
        )
    return dict(zip(received, paths, strict=True))


def _path(fields: Mapping[str, Any], known: list[str]) -> Path:
    place = f"{FILE}: {fields.get('know')} to {fields.get('learn')}"
    path = tables.make(Path, {**fields, "known": known}, place)
    if len(set(path.numbers)) < len(path.numbers):
        raise ValueError(
            f"{place}: expected each chapter once, received {path.numbers}"
        )
    if not all(step.look for step in path.steps):
        raise ValueError(f"{place}: expected sections to look at in each step")
    return path


def minutes(path: Path, about: Mapping[str, About]) -> int:
    """Return how long it takes to read the chapters of a path that can be read."""
    read = [about[s.chapter] for s in path.steps if s.chapter in about]
    return sum(chapter.minutes for chapter in read)


def problems(
    path: Path, about: Mapping[str, About], sections: Mapping[str, Iterable[str]]
) -> list[str]:
    """Return where a path and the chapters do not fit together.

    Args:
        path: The path.
        about: Number of a chapter -> what it says about itself.
        sections: Number of a chapter -> the titles of its sections.

    Returns:
        Chapters and sections that are not there, and chapters that need what the path
        has not shown by then and the reader is not said to know.
    """
    wrong: list[str] = []
    if unknown := [n for n in (*path.numbers, path.exercise.chapter) if n not in about]:
        return [f"expected chapters of the book, received {unknown}"]
    known = set(path.known)
    for step in path.steps:
        needed = set(about[step.chapter].necessary)
        if missing := sorted(needed - known):
            wrong.append(f"chapter {step.chapter}: expected {missing} before it")
        known.add(f"{step.chapter} {about[step.chapter].title}")
        titles = {plain(title) for title in sections[step.chapter]}
        if lost := [title for title in step.look if plain(title) not in titles]:
            wrong.append(f"chapter {step.chapter}: expected sections, received {lost}")
    return wrong


def plain(title: str) -> str:
    """Return a title without the marks of code, and with plain quotation marks."""
    return title.translate(str.maketrans("’‘“”", "''\"\"", "`"))

"""Reading paths: from one lane to another, chapter by chapter.

The hand-written part stands in `data/paths.yaml`. Minutes, titles and prerequisites
come from the chapters, and what surprises first from the tables of defaults and
translations.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Any

import yaml

from sidebyside._files import data_file
from sidebyside.reference.rosetta.entries import LANES
from sidebyside_book.chapter import About

FILE = "paths.yaml"
Direction = tuple[str, str]
"""The lane that a reader knows, and the one to learn."""


@dataclass(frozen=True)
class Step:
    """A chapter on a path.

    Attributes:
        chapter: Its number.
        why: What it is to this reader.
        look: Titles of the sections to look at.
    """

    chapter: str
    why: str
    look: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """The first exercise of a path."""

    chapter: str
    label: str
    why: str


@dataclass(frozen=True)
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

    know: str
    learn: str
    known: tuple[str, ...]
    steps: tuple[Step, ...]
    skip: tuple[Step, ...]
    exercise: Exercise


@cache
def load() -> dict[Direction, Path]:
    """Return the paths of the installed book.

    Raises:
        ValueError: If a direction is missing, or a path is incomplete.
    """
    return parse(yaml.safe_load(data_file(FILE).read_text(encoding="utf-8")))


def parse(content: Mapping[str, Any]) -> dict[Direction, Path]:
    """Turn the content of the file into paths, and check them.

    Raises:
        ValueError: As in `load`; the message names the path.
    """
    known = tuple(content["known"])
    found: dict[Direction, Path] = {}
    for fields in content["paths"]:
        path = _path(fields, known)
        found[path.know, path.learn] = path
    expected = list(permutations(LANES, 2))
    if list(found) != expected or len(content["paths"]) != len(expected):
        raise ValueError(
            f"paths: expected each of {expected} once, in this order, received "
            f"{[(p['know'], p['learn']) for p in content['paths']]}"
        )
    return found


def _path(fields: Mapping[str, Any], known: tuple[str, ...]) -> Path:
    name = f"{fields.get('know')} to {fields.get('learn')}"
    expected = {"know", "learn", "steps", "skip", "exercise"}
    if fields.keys() != expected:
        raise ValueError(
            f"paths: {name}: expected {sorted(expected)}, received {sorted(fields)}"
        )
    try:
        steps = tuple(_step(one) for one in fields["steps"])
        skip = tuple(Step(**one) for one in fields["skip"])
        exercise = Exercise(**fields["exercise"])
    except TypeError as error:  # a field too many, or one too few
        raise ValueError(f"paths: {name}: {error}") from error
    path = Path(fields["know"], fields["learn"], known, steps, skip, exercise)
    numbers = [step.chapter for step in (*steps, *skip)]
    if len(set(numbers)) < len(numbers):
        raise ValueError(
            f"paths: {name}: expected each chapter once, received {numbers}"
        )
    if not all(step.look for step in steps):
        raise ValueError(f"paths: {name}: expected sections to look at in each step")
    return path


def _step(fields: Mapping[str, Any]) -> Step:
    return Step(**{**fields, "look": tuple(fields.get("look", ()))})


def minutes(path: Path, about: Mapping[str, About]) -> int:
    """Return how long it takes to read the chapters of a path."""
    return sum(about[step.chapter].minutes for step in path.steps)


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
    numbers = [step.chapter for step in (*path.steps, *path.skip)]
    if unknown := [n for n in (*numbers, path.exercise.chapter) if n not in about]:
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

"""The notes to a chapter: how it is taught, and what people get wrong."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sidebyside_book.chapter import read_notebook
from sidebyside_book.website.pages.guide.fields import make
from sidebyside_book.website.pages.guide.outline import Outline, outline_of

MIN_MISTAKES, MIN_QUESTIONS = 2, 3


@dataclass(frozen=True)
class Section:
    """Minutes for a section in class; `at` is the id of the cell with its heading."""

    at: str
    how: str
    """What the teacher does."""
    talk: int = 0
    code: int = 0
    short: int | None = None
    """Minutes of talk and code when time is short; None: as many as else."""
    cost: str = ""
    """What is lost by that."""

    @property
    def full(self) -> int:
        """Minutes of talk and code."""
        return self.talk + self.code

    @property
    def least(self) -> int:
        """Minutes in the short version."""
        return self.full if self.short is None else self.short


@dataclass(frozen=True)
class Mistake:
    """A wrong belief, how it shows in the room, and the cell that corrects it."""

    belief: str
    shows: str
    cell: str
    mend: str


@dataclass(frozen=True)
class Question:
    """A question to the room; with choices it is one for peer instruction."""

    ask: str
    answer: str
    choices: dict[str, str] = field(default_factory=dict)
    right: str = ""
    tells: dict[str, str] = field(default_factory=dict)
    """Wrong choice -> what it reveals."""


@dataclass(frozen=True)
class Exercise:
    """An exercise of the chapter that is done in class, after a section."""

    label: str
    after: str
    minutes: int
    how: str
    short: bool = False
    """Whether the short version keeps it."""


@dataclass(frozen=True)
class Show:
    """The one figure or table to show if there is time for only one."""

    cell: str
    why: str


@dataclass(frozen=True)
class Notes:
    """All notes to a chapter."""

    chapter: str
    why: str
    sections: tuple[Section, ...]
    mistakes: tuple[Mistake, ...]
    questions: tuple[Question, ...]
    exercises: tuple[Exercise, ...]
    show: Show
    room: tuple[str, ...]
    """What breaks in the room."""

    def practice(self, section: str) -> int:
        """Return the minutes of exercises after a section."""
        return sum(e.minutes for e in self.exercises if e.after == section)

    @property
    def minutes(self) -> int:
        """Minutes of the whole chapter in class."""
        exercises = sum(e.minutes for e in self.exercises)
        return sum(s.full for s in self.sections) + exercises

    @property
    def short(self) -> int:
        """Minutes of the short version."""
        exercises = sum(e.minutes for e in self.exercises if e.short)
        return sum(s.least for s in self.sections) + exercises


def load(
    folder: Path, chapters: Path, without: Collection[str] = ()
) -> dict[str, Notes]:
    """Return the notes to all chapters, name -> notes, in the order of their numbers.

    Args:
        folder: Where the notes are: a file `NN_topic.yaml` a chapter.
        chapters: Where the notebooks are.
        without: Names of chapters that cannot be read: their notes are left out, since
            nothing can be held against them.

    Raises:
        ValueError: If a note is incomplete, or speaks of what its chapter hasn't got.
    """
    found = {}
    for path in sorted(folder.glob("[0-9][0-9]_*.yaml")):
        chapter = chapters / f"{path.stem}.ipynb"
        if not chapter.is_file():
            raise ValueError(f"guide: {path.name}: expected a chapter {chapter.name}")
        if path.stem in without:
            continue
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        outline = outline_of(read_notebook(chapter))
        found[path.stem] = parse(path.stem, content, outline)
    return found


def parse(chapter: str, content: Any, outline: Outline) -> Notes:
    """Turn the content of a file into notes, and check them against the chapter.

    Raises:
        ValueError: As in `load`; the message names the chapter and the entry.
    """
    needed = {"why", "sections", "mistakes", "questions", "exercises", "show", "room"}
    if not isinstance(content, dict) or content.keys() != needed:
        keys = sorted(content) if isinstance(content, dict) else content
        raise ValueError(
            f"guide: {chapter}: expected {sorted(needed)}, received {keys}"
        )
    kinds = {"sections": Section, "mistakes": Mistake, "questions": Question}
    kinds["exercises"] = Exercise
    many = {
        key: tuple(
            make(kind, one, f"{chapter}: {key} {n}")
            for n, one in enumerate(content[key], start=1)
        )
        for key, kind in kinds.items()
    }
    show = make(Show, content["show"], f"{chapter}: show")
    notes = Notes(chapter, content["why"], show=show, room=(*content["room"],), **many)
    if problems := list(_problems(notes, outline)):
        raise ValueError(f"guide: {chapter}: expected {'; '.join(problems)}")
    return notes


def _problems(notes: Notes, outline: Outline) -> Iterator[str]:
    yield from _unknown(notes, outline)
    for section in notes.sections:
        if not 0 <= section.least <= section.full or not section.full:
            yield f"minutes in {section.at!r}, no more of them in the short version"
        if section.least < section.full and not section.cost:
            yield f"what the short version of {section.at!r} costs"
    if not all(exercise.minutes for exercise in notes.exercises):
        yield "minutes for each exercise"
    if len(notes.mistakes) < MIN_MISTAKES:
        yield f"{MIN_MISTAKES} mistakes at least, received {len(notes.mistakes)}"
    if len(notes.questions) < MIN_QUESTIONS:
        yield f"{MIN_QUESTIONS} questions at least, received {len(notes.questions)}"
    if not any(question.choices for question in notes.questions):
        yield "a question with choices"
    for question in notes.questions:
        yield from _choice_problems(question)


def _unknown(notes: Notes, outline: Outline) -> Iterator[str]:
    """Yield what the notes name and the chapter doesn't have."""
    at = [section.at for section in notes.sections]
    wanted = {
        "sections of the chapter": (at, outline.sections),
        "cells of the chapter": (
            [notes.show.cell, *(mistake.cell for mistake in notes.mistakes)],
            outline.cells,
        ),
        "exercises of the chapter": (
            [exercise.label for exercise in notes.exercises],
            outline.exercises,
        ),
        "exercises after sections that have notes": (
            [exercise.after for exercise in notes.exercises],
            at,
        ),
    }
    for what, (names, known) in wanted.items():
        if strange := [name for name in names if name not in known]:
            yield f"{what}, received {strange}"
    order = [name for name in outline.sections if name in at]
    if at != order and not set(at) - set(outline.sections):
        yield f"sections once each and in the chapter's order {order}, received {at}"


def _choice_problems(question: Question) -> Iterator[str]:
    if not question.choices:
        return
    short = question.ask[:40]
    texts = [*question.choices.values(), *question.tells.values()]
    if not all(isinstance(text, str) for text in texts):
        yield f"texts to choose from in {short!r}, received {texts}"
    if question.right not in question.choices:
        yield (
            f"the right answer of {short!r} among {sorted(question.choices)}, "
            f"received {question.right!r}"
        )
    wrong = question.choices.keys() - {question.right}
    if wrong != question.tells.keys():
        yield (
            f"what each wrong answer to {short!r} reveals, {sorted(wrong)}, "
            f"received {sorted(question.tells)}"
        )

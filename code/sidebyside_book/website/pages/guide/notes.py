"""The notes to a chapter: how it is taught, and what people get wrong."""

from collections.abc import Collection, Iterator
from dataclasses import field
from pathlib import Path

from sidebyside import _tables as tables
from sidebyside._tables import Count, Text, YesNo
from sidebyside_book import chapter_data
from sidebyside_book.chapter import read_notebook
from sidebyside_book.website.pages.guide.outline import Outline, outline_of

MIN_MISTAKES, MIN_QUESTIONS = 2, 3


@tables.row
class Section:
    """Minutes for a section in class; `at` is the id of the cell with its heading."""

    at: Text
    how: Text
    """What the teacher does."""
    talk: Count = 0
    code: Count = 0
    short: Count | None = None
    """Minutes of talk and code when time is short; None: as many as else."""
    cost: Text = ""
    """What is lost by that."""

    @property
    def full(self) -> int:
        """Minutes of talk and code."""
        return self.talk + self.code

    @property
    def least(self) -> int:
        """Minutes in the short version."""
        return self.full if self.short is None else self.short


@tables.row
class Mistake:
    """A wrong belief, how it shows in the room, and the cell that corrects it."""

    belief: Text
    shows: Text
    cell: Text
    mend: Text


@tables.row
class Question:
    """A question to the room; with choices it is one for peer instruction."""

    ask: Text
    answer: Text
    choices: dict[str, Text] = field(default_factory=dict)
    right: Text = ""
    tells: dict[str, Text] = field(default_factory=dict)
    """Wrong choice -> what it reveals."""


@tables.row
class Exercise:
    """An exercise of the chapter that is done in class, after a section."""

    label: Text
    after: Text
    minutes: Count
    how: Text
    short: YesNo = False
    """Whether the short version keeps it."""


@tables.row
class Show:
    """The one figure or table to show if there is time for only one."""

    cell: Text
    why: Text


@tables.row
class Notes:
    """All notes to a chapter."""

    why: Text
    sections: tuple[Section, ...]
    mistakes: tuple[Mistake, ...]
    questions: tuple[Question, ...]
    exercises: tuple[Exercise, ...]
    show: Show
    room: tuple[Text, ...]
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


def load(book: Path, without: Collection[str] = ()) -> dict[str, Notes]:
    """Return the notes to all chapters, name -> notes, in the order of their numbers.

    Args:
        book: The book's folder.
        without: Names of chapters that cannot be read: their notes are left out, since
            nothing can be held against them.

    Raises:
        ValueError: If a note is incomplete, or speaks of what its chapter hasn't got.
    """
    notes = {}
    for path in chapter_data.paths(book):
        chapter = book / "chapters" / f"{path.stem}.ipynb"
        if not chapter.is_file():
            raise ValueError(f"guide: {path.name}: expected a chapter {chapter.name}")
        if path.stem not in without:
            content = chapter_data.read(path).notes
            outline = outline_of(read_notebook(chapter))
            notes[path.stem] = parse(path.stem, content, outline)
    return notes


def parse(chapter: str, content: object, outline: Outline) -> Notes:
    """Turn the notes of a file into rows, and check them against the chapter.

    Raises:
        ValueError: As in `load`; the message names the chapter and the entry.
    """
    place = f"chapters/{chapter}.yaml: notes"
    notes = tables.make(Notes, content, place)
    tables.refuse(place, _problems(notes, outline))
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

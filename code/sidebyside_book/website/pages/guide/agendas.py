"""Agendas: timetables made of sections and exercises, whose minutes add up."""

from collections.abc import Collection, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Literal

from sidebyside import _tables as tables
from sidebyside._tables import Count, Some, Text, YesNo
from sidebyside_book.website.pages.guide.notes import Notes

FILE = "agendas.yaml"
MAX_SITTING = 100
"""Minutes that people sit before there has to be a break."""
MIN_SLACK = 0.05
"""Share of an agenda that is kept free."""


@tables.row
class Slot:
    """A row of a timetable."""

    what: Text
    minutes: Count
    teacher: Text = ""
    people: Text = ""
    needs: Text = ""
    kind: Literal["work", "break", "slack"] = "work"
    chapter: Text = ""
    sections: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    whole: YesNo = False
    """All of the chapter's short version."""

    def least(self, notes: Notes) -> int:
        """Return the minutes that its parts take when they are cut short.

        A section that the short version leaves out takes its full time here, since an
        agenda that names it wants it.
        """
        if self.whole:
            return notes.short
        sections = {section.at: section for section in notes.sections}
        labels = {exercise.label: exercise.minutes for exercise in notes.exercises}
        minutes = [sections[at].least or sections[at].full for at in self.sections]
        return sum(minutes) + sum(labels[label] for label in self.exercises)


@tables.row
class Day:
    """A sitting, from its first minute to its last."""

    title: Text
    minutes: Count
    slots: tuple[Slot, ...]

    @property
    def starts(self) -> list[int]:
        """The minute in which each slot begins."""
        return [0, *accumulate(slot.minutes for slot in self.slots)][:-1]


@tables.row
class Agenda:
    """A workshop of one length for one audience."""

    id: Text
    title: Text
    who: Text
    goal: Text
    cut: Text
    """What to cut first when it runs late."""
    days: Some[Day]

    @property
    def chapters(self) -> set[str]:
        """The names of the chapters that it has parts of."""
        return {slot.chapter for day in self.days for slot in day.slots if slot.chapter}


def load(
    path: Path, notes: Mapping[str, Notes], without: Collection[str] = ()
) -> list[Agenda]:
    """Return the agendas of a file, checked against the notes to the chapters.

    Args:
        path: The file.
        notes: The notes, by the chapters' names.
        without: Names of chapters that cannot be read: agendas that have parts of them
            are left out, since their minutes can't be checked.

    Raises:
        ValueError: If minutes don't add up, or a part is unknown or has too few.
    """
    return parse(tables.read(path), notes, without)


def parse(
    content: object, notes: Mapping[str, Notes], without: Collection[str] = ()
) -> list[Agenda]:
    """Turn the content of the file into agendas, and check them.

    Raises:
        ValueError: As in `load`; the message names agenda and slot.
    """
    every = tables.make_all(Agenda, content, FILE)
    tables.refuse(FILE, [] if every else ["an agenda at least, received none"])
    agendas = [agenda for agenda in every if agenda.chapters.isdisjoint(without)]
    for agenda in agendas:
        for day in agenda.days:
            place = f"{FILE}: {agenda.id}: {day.title}"
            tables.refuse(place, _problems(day, notes))
    return agendas


def _problems(day: Day, notes: Mapping[str, Notes]) -> Iterator[str]:
    total = sum(slot.minutes for slot in day.slots)
    if total != day.minutes:
        yield f"slots of {day.minutes} minutes together, received {total}"
    for slot in day.slots:
        yield from _slot_problems(slot, notes)
    slack = sum(slot.minutes for slot in day.slots if slot.kind == "slack")
    if slack < MIN_SLACK * day.minutes:
        yield f"slack of {MIN_SLACK:.0%} at least, received {slack} minutes"
    if (sitting := _longest_sitting(day)) > MAX_SITTING:
        yield f"a break after {MAX_SITTING} minutes, received {sitting} without"


def _slot_problems(slot: Slot, notes: Mapping[str, Notes]) -> Iterator[str]:
    if not slot.minutes:
        yield f"minutes in {slot.what!r}"
    if slot.kind == "work" and not (slot.teacher and slot.people):
        yield f"in {slot.what!r} what the teacher does and what the people do"
    if not slot.chapter:
        return
    if slot.chapter not in notes:
        yield f"in {slot.what!r} a chapter with notes, received {slot.chapter!r}"
        return
    about = notes[slot.chapter]
    known = {section.at for section in about.sections} | {
        e.label for e in about.exercises
    }
    if strange := {*slot.sections, *slot.exercises} - known:
        yield f"in {slot.what!r} parts that have notes, received {sorted(strange)}"
    elif slot.minutes < (least := slot.least(about)):
        yield f"{least} minutes at least for {slot.what!r}, received {slot.minutes}"


def _longest_sitting(day: Day) -> int:
    longest = sitting = 0
    for slot in day.slots:
        sitting = 0 if slot.kind == "break" else sitting + slot.minutes
        longest = max(longest, sitting)
    return longest

"""Agendas: timetables made of sections and exercises, whose minutes add up."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import yaml

from sidebyside_book.website.pages.guide.fields import make
from sidebyside_book.website.pages.guide.notes import Notes

MAX_SITTING = 100
"""Minutes that people sit before there has to be a break."""
MIN_SLACK = 0.05
"""Share of an agenda that is kept free."""


@dataclass(frozen=True)
class Slot:
    """A row of a timetable."""

    what: str
    minutes: int
    teacher: str = ""
    people: str = ""
    needs: str = ""
    kind: str = "work"
    """`work`, `break` or `slack`."""
    chapter: str = ""
    sections: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    whole: bool = False
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


@dataclass(frozen=True)
class Day:
    """A sitting, from its first minute to its last."""

    title: str
    minutes: int
    slots: tuple[Slot, ...]

    @property
    def starts(self) -> list[int]:
        """The minute in which each slot begins."""
        return [0, *accumulate(slot.minutes for slot in self.slots)][:-1]


@dataclass(frozen=True)
class Agenda:
    """A workshop of one length for one audience."""

    id: str
    title: str
    who: str
    goal: str
    cut: str
    """What to cut first when it runs late."""
    days: tuple[Day, ...]

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
    return parse(yaml.safe_load(path.read_text(encoding="utf-8")), notes, without)


def parse(
    content: object, notes: Mapping[str, Notes], without: Collection[str] = ()
) -> list[Agenda]:
    """Turn the content of the file into agendas, and check them.

    Raises:
        ValueError: As in `load`; the message names agenda and slot.
    """
    if not isinstance(content, list) or not content:
        raise ValueError(f"guide: agendas: expected a list, received {content!r}")
    every = [_agenda(n, one) for n, one in enumerate(content, start=1)]
    agendas = [agenda for agenda in every if agenda.chapters.isdisjoint(without)]
    for agenda in agendas:
        for day in agenda.days:
            if problems := list(_problems(day, notes)):
                told = "; ".join(problems)
                raise ValueError(f"guide: {agenda.id}: {day.title}: expected {told}")
    return agendas


def _agenda(number: int, values: object) -> Agenda:
    found = make(Agenda, values, f"agenda {number}")
    days = []
    for raw in found.days:
        day = make(Day, raw, f"{found.id}: day")
        slots = [
            make(Slot, slot, f"{found.id}: {day.title}: slot {n}")
            for n, slot in enumerate(day.slots, start=1)
        ]
        days.append(Day(day.title, day.minutes, tuple(slots)))
    return Agenda(**{**vars(found), "days": tuple(days)})


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
    if slot.kind not in ("work", "break", "slack"):
        yield f"in {slot.what!r} work, break or slack, received {slot.kind!r}"
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
    known = {one.at for one in about.sections} | {e.label for e in about.exercises}
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

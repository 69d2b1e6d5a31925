"""Words that two lanes share and that mean something else, from the Rosetta table."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from sidebyside.reference.rosetta.entries import Entry, load
from sidebyside_book.website.pages import parts
from sidebyside_book.website.pages.paths.table import Direction

_CALL = re.compile(r"\b(?:torch|tf|keras)(?:\.\w+)+(?=\()")
_MODULES = re.compile(r"\b(?:torch|tf|keras)\.(?:\w+\.)*(?=\w+\()")
_FRAMEWORK = re.compile(r"\b(?:torch|tf|keras\.ops|keras)\.")
TRAPS = (
    "argument order",
    "more arguments on one side",
    "defaults differ",
    "input or return type differs",
)
"""The classes of difference in which a word that both lanes have is a trap."""


@dataclass(frozen=True)
class Word:
    """A word that both lanes use, and not in the same way."""

    name: str
    entry: Entry
    code: dict[str, Markup]


def words(direction: Direction) -> list[Word]:
    """Return the words that mean something else, from the Rosetta table.

    Those are the rows in which both lanes call a function of the same name, and the
    table says that more than names differs, and that shows between these two lanes.
    """
    shared = []
    for entry in load().values():
        lines = [entry.lines.get(lane, "") for lane in direction]
        calls = [_CALL.search(line) for line in lines]
        if entry.difference not in TRAPS or not all(calls):
            continue
        names = {call[0].split(".")[-1] for call in calls if call}
        if len(names) == 1 and _differ(entry, *lines):
            code = {
                lane: parts.highlighted(line)
                for lane, line in zip(direction, lines, strict=True)
            }
            shared.append(Word(names.pop(), entry, code))
    return sorted(shared, key=lambda word: word.name)


def _differ(entry: Entry, line: str, other: str) -> bool:
    """Say whether two lines differ by more than where their functions live."""
    types = entry.difference == "input or return type differs"
    without = _FRAMEWORK if types else _MODULES
    return without.sub("", line) != without.sub("", other)

"""Which rows of the Rosetta table answer to a question, the best first."""

import difflib
import re
from collections.abc import Iterator
from enum import IntEnum
from functools import cache

from sidebyside.reference.rosetta.entries import Entry, load
from sidebyside_book.translate.aliases import ALIASES
from sidebyside_book.translate.names import asked, family, fold, head, inside, last


class Rank(IntEnum):
    """How well a row answers, the best first."""

    EXACT = 0
    """A line begins with that very name, or the row is known under it."""
    CALLED = 1
    """It is the row's own name or task."""
    LAST = 2
    """A line begins with a name of the same end: `torch.relu` for `tf.nn.relu`."""
    FAMILY = 3
    """... for other axes, or of a layer for a function: `BatchNorm2d`."""
    INSIDE = 4
    """A line has it further on."""
    TASK = 5
    """Its words are in the row's name and task."""
    LINE = 6
    """They are in its lines, too."""
    TRAP = 7
    """They are only in the trap."""


def answers(text: str) -> list[Entry]:
    """Return the rows that answer to a name, a call or words, the best first.

    Rows of one rank stand in the order of how many lanes earn it, then of the table.

    Raises:
        ValueError: If the text has nothing to look for.
    """
    if not text.strip("() \t\n"):
        raise ValueError(f"translate: expected a name or words, received {text!r}")
    name = asked(text)
    ranked = [(entry, _ranks(entry, text, name)) for entry in load().values()]
    matches = [(entry, min(r), -r.count(min(r))) for entry, r in ranked if r]
    return [entry for entry, *_ in sorted(matches, key=lambda row: row[1:])]


def nearest(text: str, count: int = 3) -> list[str]:
    """Return names in the table that look like one that is not there.

    Names of the same framework go first: `torch.clamp` for `torch.clammp`.
    """
    name = asked(text)
    known: dict[str, list[str]] = {}
    for other in _known():
        known.setdefault(fold(last(other)), []).append(other)
    near = difflib.get_close_matches(fold(last(name)), known, n=count, cutoff=0.7)
    return [max(known[end], key=lambda full: _same_root(full, name)) for end in near]


def _same_root(name: str, other: str) -> bool:
    return name.split(".")[0] == other.split(".")[0]


def _known() -> Iterator[str]:
    for entry in load().values():
        yield entry.id
        yield from ALIASES.get(entry.id, ())
        for line in entry.lines.values():
            for name in inside(line):
                yield name.lstrip(".")


def _ranks(entry: Entry, text: str, name: str) -> list[Rank]:
    """Return every rank that a row earns, once for each lane that does."""
    return [
        *_by_alias(entry, text, name),
        *_by_head(entry, name),
        *_by_any_name(entry, name),
        *_by_words(entry, last(name)),
    ]


def _by_alias(entry: Entry, text: str, name: str) -> Iterator[Rank]:
    known = [fold(alias) for alias in ALIASES.get(entry.id, ())]
    if fold(text) in known or fold(name) in known:
        yield Rank.EXACT
    if {fold(entry.id), fold(entry.task)} & {fold(text), fold(name), fold(last(name))}:
        yield Rank.CALLED
    if fold(last(name)) in known:
        yield Rank.FAMILY


def _by_head(entry: Entry, name: str) -> Iterator[Rank]:
    for line in entry.lines.values():
        begins = head(line) or ""
        if "." not in begins:  # sum(...) of Python
            continue
        if begins == name:
            yield Rank.EXACT
        elif fold(last(begins)) == fold(last(name)):
            yield Rank.LAST
        elif family(begins) == family(name):
            yield Rank.FAMILY


def _by_any_name(entry: Entry, name: str) -> Iterator[Rank]:
    for line in entry.lines.values():
        if family(name) in map(family, inside(line)):
            yield Rank.INSIDE


def _by_words(entry: Entry, text: str) -> Iterator[Rank]:
    task = f"{entry.id} {entry.task}"
    lines = " ".join(entry.lines.values())
    if _has(task, text):
        yield Rank.TASK
    elif _has(f"{task} {lines}", text):
        yield Rank.LINE
    elif _has(f"{task} {lines} {entry.note}", text):
        yield Rank.TRAP


def _has(text: str, wanted: str) -> bool:
    """Say whether each of the wanted words is in the text.

    A longer one may be the beginning of a word there: *decay* of *decays*.
    """
    there, words = _words(text), _words(wanted)
    begins = [w for w in words if len(w) > 3 and any(v.startswith(w) for v in there)]
    return bool(words) and set(words) <= {*there, *begins}


@cache
def _words(text: str) -> set[str]:
    """Return the words of a text, in small letters and without the plural's s."""
    return {_singular(word) for word in re.findall(r"[^\W_]+", text.lower())}


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word

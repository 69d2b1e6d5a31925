"""The entries of the Rosetta table: read and checked, without a framework."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cache
from typing import Annotated, Any, Literal, get_args

from sidebyside import _tables as tables
from sidebyside._files import data_file
from sidebyside._tables import Text

FILE = "rosetta.yaml"
Lane = Literal["pytorch", "tensorflow", "keras"]
LANES: tuple[str, ...] = get_args(Lane)
Section = Literal[
    "tensors",
    "math",
    "linear algebra",
    "random numbers",
    "neural layers",
    "losses",
    "optimizers",
    "training",
    "data",
    "saving",
    "devices",
    "distributed",
]
SECTIONS: tuple[str, ...] = get_args(Section)
Difference = Literal[
    "same",
    "names differ",
    "argument order",
    "more arguments on one side",
    "defaults differ",
    "input or return type differs",
    "composed of several",
    "none",
]
DIFFERENCES: tuple[str, ...] = get_args(Difference)
"""How the lines differ, from the mildest class to a lane that has no such thing."""

MAX_LINE = 120


@tables.row
class Entry:
    """One row of the table.

    Attributes:
        id: Words with hyphens; the anchor on the page.
        section: One of `SECTIONS`.
        task: What the lines do.
        lines: Lane -> one line of code; a lane that has no such thing is not in it.
        without: Lane -> why there is no line, and what to do instead.
        difference: One of `DIFFERENCES`.
        note: The trap.
        compare: How the results are compared: `values`, `shape`, `distribution`,
            or not at all: `runs`.
        result: Lane -> an expression that gives what is compared; `_` is the line's
            value. Without one it is the value itself.
        tolerance: The largest difference of values, relative to the largest value.
        chapters: Numbers of chapters in which it is used.
    """

    id: Annotated[str, tables.like("[a-z0-9]+(-[a-z0-9]+)*", "words with hyphens")]
    section: Section
    task: Text
    lines: dict[Lane, Text]
    without: dict[Lane, Text]
    difference: Difference
    note: Annotated[str, tables.like("(?s).{15,}", "a note that says something")]
    compare: Literal["values", "shape", "distribution", "runs"] = "values"
    result: dict[Lane, Text] = field(default_factory=dict)
    tolerance: float = 1e-5
    chapters: tuple[str, ...] = ()


@cache
def load() -> dict[str, Entry]:
    """Return the table of the installed book, id -> entry.

    Raises:
        ValueError: If a row is incomplete, or says something that it may not say.
    """
    return parse(tables.read(data_file(FILE)))


def parse(content: Mapping[str, Any]) -> dict[str, Entry]:
    """Turn the content of the file, section -> rows, into entries, and check them.

    Raises:
        ValueError: As in `load`; the message names the row.
    """
    rows = [_fields(section, row) for section, rows in content.items() for row in rows]
    return tables.checked(Entry, rows, FILE, _problems)


def _fields(section: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its lanes gathered into `lines` and `without`."""
    fields = {key: value for key, value in row.items() if key not in LANES}
    lanes = {lane: row[lane] for lane in LANES if lane in row}
    absent = {k: v["none"] for k, v in lanes.items() if _is_absent(v)}
    lines = {k: v for k, v in lanes.items() if k not in absent}
    if isinstance(result := row.get("result"), str):
        fields["result"] = dict.fromkeys(LANES, result)
    return {**fields, "section": section, "lines": lines, "without": absent}


def _is_absent(value: object) -> bool:
    """Say whether a row gives a lane no line, but the reason: `{none: ...}`."""
    return isinstance(value, Mapping) and value.keys() == {"none"}


def _problems(entry: Entry) -> Iterator[str]:
    if missing := set(LANES) - entry.lines.keys() - entry.without.keys():
        yield f"a line, or `none` with a reason, of {sorted(missing)}"
    if bool(entry.without) != (entry.difference == "none"):
        yield "the difference 'none' exactly where a lane is missing"
    if entry.difference == "same" and len(_bodies(entry)) > 1:
        yield "lines that are the same but for their prefix"
    if entry.difference == "names differ" and len(_bodies(entry)) == 1:
        yield "another difference than of names, since the lines are the same"
    for lane, line in entry.lines.items():
        yield from _line_problems(lane, line)


def _line_problems(lane: str, line: str) -> list[str]:
    try:
        statements = len(ast.parse(line).body)
    except SyntaxError:
        return [f"Python in lane {lane!r}, received {line!r}"]
    if statements != 1 or "\n" in line.strip() or len(line) > MAX_LINE:
        return [f"one line of at most {MAX_LINE} characters in lane {lane!r}"]
    return []


def _bodies(entry: Entry) -> set[str]:
    """Return the lines without what only names the framework."""
    without = re.compile(r"\b(torch|tf|keras\.ops|keras)\.")
    return {without.sub("", line) for line in entry.lines.values()}

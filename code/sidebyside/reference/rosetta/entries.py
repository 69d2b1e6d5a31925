"""The entries of the Rosetta table: read, checked, searched; without a framework."""

import ast
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from sidebyside._files import data_file

FILE = "rosetta.yaml"
LANES = ("pytorch", "tensorflow", "keras")
PREFIXES = {"pytorch": "torch", "tensorflow": "tf", "keras": "keras"}
SECTIONS = (
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
)
DIFFERENCES = (
    "same",
    "names differ",
    "argument order",
    "more arguments on one side",
    "defaults differ",
    "input or return type differs",
    "composed of several",
    "none",
)
"""How the lines differ, from the mildest class to a lane that has no such thing."""

COMPARISONS = ("values", "shape", "distribution", "runs")
MAX_LINE = 120
_NAME = re.compile(r"(?:torch|tf|tfcore|keras)(?:\.\w+)+|\b\w+\.\w+(?=\()")


@dataclass(frozen=True)
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
        compare: How the results are compared: one of `COMPARISONS`.
        result: Lane -> an expression that gives what is compared; `_` is the line's
            value. Without one it is the value itself.
        tolerance: The largest difference of values, relative to the largest value.
        chapters: Numbers of chapters in which it is used.
    """

    id: str
    section: str
    task: str
    lines: dict[str, str]
    without: dict[str, str]
    difference: str
    note: str
    compare: str = "values"
    result: dict[str, str] = field(default_factory=dict)
    tolerance: float = 1e-5
    chapters: tuple[str, ...] = ()

    def names(self) -> set[str]:
        """Return the dotted names in the lines: `torch.scatter_add`, `tf.gather`."""
        return {name for line in self.lines.values() for name in _NAME.findall(line)}


@cache
def load() -> dict[str, Entry]:
    """Return the table of the installed book, id -> entry.

    Raises:
        ValueError: If a row is incomplete, or says something that it may not say.
    """
    return parse(yaml.safe_load(data_file(FILE).read_text(encoding="utf-8")))


def parse(content: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Entry]:
    """Turn the content of the file, section -> rows, into entries, and check them.

    Raises:
        ValueError: As in `load`; the message names the row.
    """
    found: dict[str, Entry] = {}
    for section, rows in content.items():
        for row in rows:
            entry = _entry(section, row)
            if problems := _problems(entry, found):
                raise ValueError(f"rosetta: {entry.id}: expected {'; '.join(problems)}")
            found[entry.id] = entry
    return found


def _entry(section: str, row: Mapping[str, Any]) -> Entry:
    name = row.get("id", "?")
    required = {"id", "task", "difference", "note", *LANES}
    optional = {"compare", "result", "tolerance", "chapters"}
    missing, unknown = required - row.keys(), row.keys() - required - optional
    if missing or unknown:
        raise ValueError(
            f"rosetta: {name}: expected {sorted(required)} and perhaps "
            f"{sorted(optional)}; missing {sorted(missing)}, unknown {sorted(unknown)}"
        )
    result = row.get("result", {})
    if isinstance(result, str):
        result = dict.fromkeys(LANES, result)
    return Entry(
        id=name,
        section=section,
        task=row["task"],
        lines={lane: row[lane] for lane in LANES if isinstance(row[lane], str)},
        without={
            lane: row[lane].get("none", "")
            for lane in LANES
            if isinstance(row[lane], Mapping)
        },
        difference=row["difference"],
        note=row["note"],
        compare=row.get("compare", "values"),
        result=dict(result),
        tolerance=float(row.get("tolerance", 1e-5)),
        chapters=tuple(row.get("chapters", ())),
    )


def _problems(entry: Entry, earlier: Mapping[str, Entry]) -> list[str]:
    found = []
    if entry.id in earlier or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.id):
        found.append("an id of words with hyphens that no other row has")
    if entry.section not in SECTIONS:
        found.append(f"a section of {SECTIONS}, received {entry.section!r}")
    if entry.difference not in DIFFERENCES:
        found.append(f"a difference of {DIFFERENCES}, received {entry.difference!r}")
    if entry.compare not in COMPARISONS:
        found.append(f"a comparison of {COMPARISONS}, received {entry.compare!r}")
    if bool(entry.without) != (entry.difference == "none"):
        found.append("the difference 'none' exactly where a lane is missing")
    if not all(reason.strip() for reason in entry.without.values()):
        found.append("a reason for the lane that is missing")
    if len(entry.note) < 15:
        found.append(f"a note that says something, received {entry.note!r}")
    if entry.difference == "same" and len(_bodies(entry)) > 1:
        found.append("lines that are the same but for their prefix")
    if entry.difference == "names differ" and len(_bodies(entry)) == 1:
        found.append("another difference than of names, since the lines are the same")
    for lane, line in entry.lines.items():
        found += _line_problems(lane, line)
    return found


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


def search(wanted: str) -> list[Entry]:
    """Return the entries that answer to a name or a word, the best first.

    Args:
        wanted: A dotted name (`torch.scatter_add`), its end, or any words.
    """
    entries = list(load().values())
    word = wanted.lower().strip().rstrip("()")
    exact = [e for e in entries if any(_ends(name, word) for name in e.names())]
    if exact:
        return exact
    return [
        e
        for e in entries
        if word in " ".join([e.id.replace("-", " "), e.task, *e.lines.values()]).lower()
    ]


def _ends(name: str, word: str) -> bool:
    name = name.lower()
    return name == word or name.endswith(f".{word}")


def nearest(wanted: str) -> list[str]:
    """Return names in the table that look like one that is not there."""
    known = {name for entry in load().values() for name in entry.names()}
    known |= {name.split(".")[-1] for name in known}
    return difflib.get_close_matches(wanted, sorted(known), n=3)

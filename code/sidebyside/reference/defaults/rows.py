"""The rows of the table of defaults, read from `data/defaults.yaml` and checked."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from sidebyside._files import data_file
from sidebyside.reference.rosetta.entries import LANES

FILE = "defaults.yaml"
STAGES = ("first hour", "first model", "first training", "later")
"""When somebody who learns a lane meets a default."""

REQUIRED = {"id", "topic", "stage", "what", "reads", "shows", "agree", "note"}
OPTIONAL = {"chapters", "tolerance"}


@dataclass(frozen=True)
class Row:
    """A default that differs.

    Attributes:
        id: Words with hyphens; the anchor on the page.
        topic: What it belongs to: losses, optimizers ...
        stage: When one meets it: one of `STAGES`.
        what: What is left to the default.
        reads: Lane -> an expression that gives the default.
        shows: Lane -> code that takes the default.
        agree: Lane -> code with what to pass.
        note: When it bites.
        tolerance: The largest relative difference that counts as equal.
        chapters: Numbers of chapters that meet it.
    """

    id: str
    topic: str
    stage: str
    what: str
    reads: dict[str, str]
    shows: dict[str, str]
    agree: dict[str, str]
    note: str
    tolerance: float = 1e-3
    chapters: tuple[str, ...] = ()


@cache
def load() -> dict[str, Row]:
    """Return the rows of the installed book, id -> row, in the order of the file.

    Raises:
        ValueError: If a row is incomplete, or its code is no Python; it is named.
    """
    return parse(yaml.safe_load(data_file(FILE).read_text(encoding="utf-8")))


def parse(content: Sequence[Mapping[str, Any]]) -> dict[str, Row]:
    """Turn the content of the file into rows, and check them.

    Raises:
        ValueError: As in `load`.
    """
    found: dict[str, Row] = {}
    for fields in content:
        name = fields.get("id", "?")
        missing, unknown = REQUIRED - fields.keys(), fields.keys() - REQUIRED - OPTIONAL
        if missing or unknown or name in found:
            raise ValueError(
                f"defaults: {name}: expected {sorted(REQUIRED)} and perhaps "
                f"{sorted(OPTIONAL)}, once; missing {sorted(missing)}, "
                f"unknown {sorted(unknown)}"
            )
        row = Row(**{**fields, "chapters": tuple(fields.get("chapters", ()))})
        if problems := _problems(row):
            raise ValueError(f"defaults: {name}: expected {'; '.join(problems)}")
        found[name] = row
    return found


def _problems(row: Row) -> list[str]:
    found = []
    if row.stage not in STAGES:
        found.append(f"a stage of {STAGES}, received {row.stage!r}")
    for kind in ("reads", "shows", "agree"):
        codes: dict[str, str] = getattr(row, kind)
        if unknown := codes.keys() - set(LANES):
            found.append(f"lanes of {LANES} in {kind}, received {sorted(unknown)}")
        if kind != "reads" and len(codes) < 2:
            found.append(f"two lanes or more in {kind}, received {len(codes)}")
        for lane, code in codes.items():
            try:
                ast.parse(code)
            except SyntaxError:
                found.append(f"Python in {kind}, lane {lane!r}, received {code!r}")
    if set(row.shows) - set(row.reads):
        found.append("a default that is read in each lane that shows it")
    return found

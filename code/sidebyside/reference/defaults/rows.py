"""The rows of the table of defaults, read from `data/defaults.yaml` and checked."""

import ast
from collections.abc import Iterator
from functools import cache
from typing import Literal, get_args

from sidebyside import _tables as tables
from sidebyside._files import data_file
from sidebyside._tables import Text
from sidebyside.reference.rosetta.entries import Lane

FILE = "defaults.yaml"
Stage = Literal["first hour", "first model", "first training", "later"]
STAGES: tuple[str, ...] = get_args(Stage)
"""When somebody who learns a lane meets a default."""


@tables.row
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

    id: Text
    topic: Text
    stage: Stage
    what: Text
    reads: dict[Lane, Text]
    shows: dict[Lane, Text]
    agree: dict[Lane, Text]
    note: Text
    tolerance: float = 1e-3
    chapters: tuple[str, ...] = ()


@cache
def load() -> dict[str, Row]:
    """Return the rows of the installed book, id -> row, in the order of the file.

    Raises:
        ValueError: If a row is incomplete, or its code is no Python; it is named.
    """
    return parse(tables.read(data_file(FILE)))


def parse(content: object) -> dict[str, Row]:
    """Turn the content of the file into rows, and check them.

    Raises:
        ValueError: As in `load`.
    """
    return tables.checked(Row, content, FILE, _problems)


def _problems(row: Row) -> Iterator[str]:
    for kind in ("reads", "shows", "agree"):
        codes: dict[str, str] = getattr(row, kind)
        if kind != "reads" and len(codes) < 2:
            yield f"two lanes or more in {kind}, received {len(codes)}"
        for lane, code in codes.items():
            try:
                ast.parse(code)
            except SyntaxError:
                yield f"Python in {kind}, lane {lane!r}, received {code!r}"
    if set(row.shows) - set(row.reads):
        yield "a default that is read in each lane that shows it"

"""The rows of the table of mistakes, read from `data/mistakes.yaml` and checked."""

from dataclasses import field
from functools import cache
from typing import Literal

from sidebyside import _tables as tables
from sidebyside._files import data_file
from sidebyside._tables import Text
from sidebyside.plots import LANES

FILE = "mistakes.yaml"
Kind = Literal["raises", "warns", "silent", "right", "impossible"]
Lane = Literal["pytorch", "tensorflow", "keras"]
BACKENDS = ("tensorflow", "jax", "torch")
"""Keras' backends that train."""


@tables.row
class Mistake:
    """A mistake that is made in each lane.

    Attributes:
        id: Its name.
        outcomes: Lane -> what becomes of it, or backend of Keras -> that.
        names: What a helpful message would name -> the pattern that finds it.
        notice: Lane -> what notices it where the framework is silent.
    """

    id: Text
    outcomes: dict[Lane, Kind | dict[Literal["tensorflow", "jax", "torch"], Kind]]
    names: dict[Text, Text] = field(default_factory=dict)
    notice: dict[Lane, Text] = field(default_factory=dict)

    def kinds(self, backend: str) -> tuple[str | None, ...]:
        """Return the outcome in each lane; None where the mistake is not made."""
        of = (self.outcomes.get(lane) for lane in LANES)
        return tuple(o[backend] if isinstance(o, dict) else o for o in of)


@cache
def load() -> dict[str, Mistake]:
    """Return the mistakes of the installed book, id -> row, in the file's order.

    Raises:
        ValueError: If a row is incomplete, or a silent outcome has no `notice`.
    """
    return parse(tables.read(data_file(FILE)))


def parse(content: object) -> dict[str, Mistake]:
    """Turn the content of the file into rows, and check them.

    Raises:
        ValueError: As in `load`.
    """
    rows = tables.by_id(tables.make_all(Mistake, content, FILE), FILE)
    for row in rows.values():
        tables.refuse(f"{FILE}: {row.id}", _problems(row))
    return rows


def _problems(row: Mistake) -> list[str]:
    problems = []
    for lane, outcome in row.outcomes.items():
        kinds = list(outcome.values()) if isinstance(outcome, dict) else [outcome]
        if isinstance(outcome, dict) and (
            lane != "keras" or set(outcome) != {*BACKENDS}
        ):
            problems.append(
                f"all of {BACKENDS} for keras, received {outcome} for {lane}"
            )
        if ("silent" in kinds) != (lane in row.notice):
            problems.append(
                f"a `notice` for {lane} exactly if it is silent, received "
                f"{row.notice.get(lane)!r}"
            )
    return problems

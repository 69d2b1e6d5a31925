"""The table of common mistakes: what becomes of each, and what notices it.

It is read from `data/mistakes.yaml`. A chapter that makes the mistakes holds its atlas
(`sidebyside.mishaps`) against the table.
"""

from dataclasses import field, replace
from functools import cache
from typing import Any, Literal, get_args

from sidebyside import _tables as tables
from sidebyside import records
from sidebyside._files import data_file
from sidebyside._mishap import names_in
from sidebyside._tables import Text
from sidebyside.mishaps import Atlas, MishapError
from sidebyside.plots import LANES

FILE = "mistakes.yaml"
Kind = Literal["raises", "warns", "silent", "right", "impossible"]
Lane = Literal["pytorch", "tensorflow", "keras"]
Backend = Literal["tensorflow", "jax", "torch"]
BACKENDS: tuple[str, ...] = get_args(Backend)
"""Keras' backends that train."""


@tables.row
class Mistake:
    """A mistake that is made in each lane.

    Attributes:
        id: Its name.
        outcomes: Lane -> what becomes of it, or backend of Keras -> that.
        names: What a helpful message would name -> the pattern that finds it.
        left_out: Lane -> which of `names` its message does not name, or backend of
            Keras -> that; for a mistake whose messages are compared.
        notice: Lane -> what notices it where the framework is silent.
    """

    id: Text
    outcomes: dict[Lane, Kind | dict[Backend, Kind]]
    names: dict[Text, Text] = field(default_factory=dict)
    left_out: dict[Lane, list[Text] | dict[Backend, list[Text]]] = field(
        default_factory=dict
    )
    notice: dict[Lane, Text] = field(default_factory=dict)

    def kinds(self, backend: str) -> tuple[str | None, ...]:
        """Return the outcome in each lane; None where the mistake is not made."""
        return tuple(_on(backend, self.outcomes.get(lane)) for lane in LANES)

    def named(self, lane: str, backend: str) -> dict[str, bool]:
        """Return whether a lane's message names what a helpful one would.

        Args:
            lane: The lane.
            backend: Keras' backend; counts for Keras only.

        Returns:
            What it would name -> whether it does.
        """
        missing = _on(backend, self.left_out.get(lane, []))
        return {words: words not in missing for words in self.names}


@cache
def load() -> dict[str, Mistake]:
    """Return the mistakes of the installed book, id -> row, in the file's order.

    Raises:
        ValueError: If a row is incomplete, or a silent outcome has no `notice`.
    """
    return parse(tables.read(data_file(FILE)))


def hold(atlas: Atlas, backend: str) -> None:
    """Ask all messages what they name, and compare all outcomes with the table.

    Args:
        atlas: The mistakes that were made; `named` of each is set.
        backend: Keras' backend.

    Raises:
        MishapError: If an outcome is not the one of the table, or if an error or a
            warning names nothing that belongs to its mistake; or if it names more or
            less than the table says of a mistake whose messages are compared.
    """
    table = load()
    for (mistake, lane), mishap in atlas.items():
        names = names_in(mishap.message, table[mistake].names)
        atlas[mistake, lane] = replace(mishap, named=names)
    atlas.check({name: row.kinds(backend) for name, row in table.items()})
    wrong = [
        f"{mistake} in {lane}: expected {expected}, received {dict(mishap.named)}"
        for (mistake, lane), mishap in atlas.items()
        if mishap.named
        and table[mistake].left_out
        and (expected := table[mistake].named(lane, backend)) != mishap.named
    ]
    if wrong:
        raise MishapError("atlas, what messages name: " + "; ".join(wrong))


def show_checks(atlas: Atlas) -> None:
    """Show what notices each mistake that was silent in a lane, as a table."""
    caption = "What notices the silent mistakes"
    header = ["mistake", *(look.label for look in LANES.values())]
    silent = {m.mistake for lane in LANES for m in atlas.of(lane, "silent")}
    rows = [
        [mistake, *(_notice(atlas, mistake, lane) for lane in LANES)]
        for mistake in atlas.mistakes()
        if mistake in silent
    ]
    records.emit(
        "checks",
        {"mistakes": [name for name, *_ in rows]},
        as_html=records.html_table(caption, header, rows),
        as_text=records.text_table(caption, header, rows),
    )


def _notice(atlas: Atlas, mistake: str, lane: str) -> str:
    mishap = atlas.get((mistake, lane))
    if mishap is None:
        return "not made"
    if mishap.kind != "silent":
        return f"not needed: {mishap.short}"
    return load()[mistake].notice[lane].replace("`", "")


def parse(content: object) -> dict[str, Mistake]:
    """Turn the content of the file into rows, and check them.

    Raises:
        ValueError: As in `load`.
    """
    return tables.checked(Mistake, content, FILE, _problems)


def _on(backend: str, cell: Any) -> Any:
    """Return what a cell of the table says of a backend; most say one thing of all."""
    return cell[backend] if isinstance(cell, dict) else cell


def _all(cell: Any) -> list[Any]:
    """Return what a cell says, of all backends."""
    return list(cell.values()) if isinstance(cell, dict) else [cell]


def _problems(row: Mistake) -> list[str]:
    problems = []
    for lane, of in (*row.outcomes.items(), *row.left_out.items()):
        if isinstance(of, dict) and (lane != "keras" or set(of) != {*BACKENDS}):
            problems.append(f"all of {BACKENDS} for keras, received {of} for {lane}")
    for lane, missing in row.left_out.items():
        if unknown := {w for each in _all(missing) for w in each} - {*row.names}:
            problems.append(f"{lane} to leave out `names`, received {unknown}")
    for lane, outcome in row.outcomes.items():
        if ("silent" in _all(outcome)) != (lane in row.notice):
            problems.append(
                f"a `notice` for {lane} exactly if it is silent, received "
                f"{row.notice.get(lane)!r}"
            )
    return problems

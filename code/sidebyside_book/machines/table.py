"""What is shown and written of the runs: a table in Markdown, and JSON."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sidebyside_book.machines.ended import PLAIN, Ended
from sidebyside_book.machines.parts import Name
from sidebyside_book.machines.settings import SETTINGS

SCHEMA = 1


def markdown(ended: Mapping[Name, Ended]) -> str:
    """Return the table, chapter by setting, and what failed or turned.

    Args:
        ended: Chapter and setting -> how the run ended.
    """
    lines = [*_table(ended), "", *_details(ended.values())]
    return "\n".join(lines) + "\n"


def _table(ended: Mapping[Name, Ended]) -> Iterator[str]:
    chapters = list(dict.fromkeys(chapter for chapter, _ in ended))
    order = [PLAIN, *(setting.name for setting in SETTINGS)]
    settings = sorted({setting for _, setting in ended}, key=order.index)
    rows = [["chapter", *settings]]
    for chapter in chapters:
        runs = [ended.get((chapter, setting)) for setting in settings]
        rows.append([chapter, *(one.state if one else "" for one in runs)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        yield f"| {' | '.join(cells)} |"


def _details(ended: Iterable[Ended]) -> Iterator[str]:
    """Yield what failed or turned; what is the same under several settings, once."""
    settings: dict[tuple[str, str], list[str]] = {}
    for one in ended:
        for what in _wrong(one):
            settings.setdefault((one.chapter, what), []).append(one.setting)
    for (chapter, what), names in settings.items():
        yield f"- {chapter}, {', '.join(names)}: {what}"


def _wrong(one: Ended) -> Iterator[str]:
    """Yield what is wrong with a run, without the setting."""
    if one.error:
        where = f"cell `{one.cell}`" if one.cell else "before its first cell"
        yield f"failed, {where}: {one.error}"
    for turn in one.turned:
        told = [f"{_said(turn.verdict)} here"]
        if turn.expected:
            told.append(f"{_said(turn.expected)} expected")
        if one.setting != PLAIN and turn.plain != turn.verdict:
            told.append(f"{_said(turn.plain)} as it is")
        yield f"{turn.claim} turned: {', '.join(told)}"


def _said(verdict: str | None) -> str:
    return repr(verdict) if verdict else "no verdict"


def summary(ended: Sequence[Ended]) -> str:
    """Return how many runs ended how, in a line."""
    number = {
        state: sum(one.state == state for one in ended)
        for state in ("passed", "turned", "failed")
    }
    reused = sum(one.reused for one in ended)
    told = ", ".join(f"{count} {state}" for state, count in number.items())
    return f"{len(ended)} runs: {told} ({reused} of them had been made before)."


def as_json(ended: Sequence[Ended], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that is known of the runs, as JSON types.

    Args:
        ended: How they ended.
        about: What else to say: the part, the machine, the settings.
    """
    return {
        "schema": SCHEMA,
        "well": all(one.state == "passed" for one in ended),
        **about,
        "runs": [{**asdict(one), "state": one.state} for one in ended],
    }

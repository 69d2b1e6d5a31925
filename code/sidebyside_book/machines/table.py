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
        rows.append([chapter, *(run.state if run else "" for run in runs)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        yield f"| {' | '.join(cells)} |"


def _details(ended: Iterable[Ended]) -> Iterator[str]:
    """Yield what failed or turned; what is the same under several settings, once."""
    settings: dict[tuple[str, str], list[str]] = {}
    for run in ended:
        for what in _wrong(run):
            settings.setdefault((run.chapter, what), []).append(run.setting)
    for (chapter, what), names in settings.items():
        yield f"- {chapter}, {', '.join(names)}: {what}"


def _wrong(run: Ended) -> Iterator[str]:
    """Yield what is wrong with a run, without the setting."""
    if run.error:
        where = f"cell `{run.cell}`" if run.cell else "before its first cell"
        yield f"failed, {where}: {run.error}"
    for turn in run.turned:
        phrases = [f"{_said(turn.verdict)} here"]
        if turn.expected:
            phrases.append(f"{_said(turn.expected)} expected")
        if run.setting != PLAIN and turn.plain != turn.verdict:
            phrases.append(f"{_said(turn.plain)} as it is")
        yield f"{turn.claim} turned: {', '.join(phrases)}"


def _said(verdict: str | None) -> str:
    return repr(verdict) if verdict else "no verdict"


def summary(ended: Sequence[Ended]) -> str:
    """Return how many runs ended how, in a line."""
    number = {
        state: sum(run.state == state for run in ended)
        for state in ("passed", "turned", "failed")
    }
    reused = sum(run.reused for run in ended)
    counts = ", ".join(f"{count} {state}" for state, count in number.items())
    return f"{len(ended)} runs: {counts} ({reused} of them had been made before)."


def as_json(ended: Sequence[Ended], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that is known of the runs, as JSON types.

    Args:
        ended: How they ended.
        about: What else to say: the part, the machine, the settings.
    """
    return {
        "schema": SCHEMA,
        "well": all(run.state == "passed" for run in ended),
        **about,
        "runs": [{**asdict(run), "state": run.state} for run in ended],
    }

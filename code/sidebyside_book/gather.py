"""Read back what executed notebooks carry: verdicts and measurements.

The site uses this at build time, and `sidebyside evidence` prints the same.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidebyside.ledger import Ledger
from sidebyside.records import MIME, SCHEMA

CHAPTER = re.compile(r"(\d\d)_\w+")


@dataclass(frozen=True)
class PageRecord:
    """A record, and the page and the cell that carry it.

    Attributes:
        page: The page's name without folder and suffix: `41_graphs_and_compilation`.
        cell: The id of the cell whose output carries the record.
        record: The record.
    """

    page: str
    cell: str
    record: dict[str, Any]

    @property
    def chapter(self) -> str | None:
        """The chapter's number, None for a page without one."""
        match = CHAPTER.fullmatch(self.page)
        return match[1] if match else None


def from_notebook(path: Path, page: str | None = None) -> Iterator[PageRecord]:
    """Yield the records of an executed notebook, in the order of its cells.

    Args:
        path: The notebook's file.
        page: The name of its page; that of the file if None.

    Raises:
        ValueError: If the file is no notebook, or was not executed, or a record has
            another schema.
    """
    code = _code(path)
    if not any(cell.get("execution_count") for _, cell in code):
        raise ValueError(
            f"evidence: expected an executed notebook, received {path} without results"
        )
    for name, cell in code:
        for output in cell.get("outputs", ()):
            record = output.get("data", {}).get(MIME)
            if record is None:
                continue
            if record.get("schema") != SCHEMA:
                raise ValueError(
                    f"evidence: expected records of schema {SCHEMA}, received "
                    f"{record.get('schema')!r} in {path}, cell {name!r}"
                )
            yield PageRecord(page or path.stem, name, record)


def _code(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the cells of code of a file with their ids; on Colab they have none."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [
            (cell.get("id", f"cell {place}"), cell)
            for place, cell in enumerate(cells)
            if cell["cell_type"] == "code"
        ]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"evidence: expected a notebook, received {path}") from error


def of_kind(records: Iterable[PageRecord], kind: str) -> list[PageRecord]:
    """Return the records of one kind, in their order."""
    return [placed for placed in records if placed.record["kind"] == kind]


def verdicts(records: Iterable[PageRecord]) -> dict[str, PageRecord]:
    """Return the verdict of every settled claim, claim -> its record.

    A claim that is settled twice keeps the first; `problems` complains about it.
    """
    settled: dict[str, PageRecord] = {}
    for verdict in of_kind(records, "verdict"):
        settled.setdefault(verdict.record["claim"], verdict)
    return settled


def problems(
    records: Iterable[PageRecord], pages: Iterable[str], ledger: Ledger
) -> list[str]:
    """Return where ledger and chapters do not fit together.

    Every claim of a chapter that stands in the book is settled there, once, and
    nowhere else.

    Args:
        records: The records of the whole book.
        pages: The names of all pages of the book.
        ledger: The claims.
    """
    chapters = {match[1] for match in map(CHAPTER.fullmatch, pages) if match}
    settled: dict[str, list[PageRecord]] = {}
    for verdict in of_kind(records, "verdict"):
        settled.setdefault(verdict.record["claim"], []).append(verdict)
    wrong = [
        f"{name}: expected a claim of the ledger, received it from {own[0].page}"
        for name, own in settled.items()
        if name not in ledger.claims
    ]
    for claim in ledger.claims.values():
        own = settled.get(claim.id, [])
        places = [f"{verdict.page}, cell {verdict.cell!r}" for verdict in own]
        if claim.chapter in chapters and not own:
            wrong.append(
                f"{claim.id}: expected chapter {claim.chapter} to settle it, "
                "received no verdict"
            )
        if len(own) > 1:
            wrong.append(f"{claim.id}: expected one verdict, received {places}")
        if any(verdict.chapter != claim.chapter for verdict in own):
            wrong.append(
                f"{claim.id}: expected a verdict from chapter {claim.chapter}, "
                f"received one from {places}"
            )
    return wrong


def changes(
    records: Iterable[PageRecord], ledger: Ledger
) -> list[tuple[PageRecord, str]]:
    """Return the verdicts that are not as expected, each with what was expected.

    *Undecided* is as expected where the claim says what would decide it: a machine or
    a seed may leave it open.
    """
    return [
        (verdict, ledger.claims[name].expected)
        for name, verdict in verdicts(records).items()
        if not ledger.claims[name].allows(verdict.record["verdict"])
    ]


def by_lane(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the rows of a measurement, lane -> row."""
    return {row["lane"]: row for row in record["rows"]}

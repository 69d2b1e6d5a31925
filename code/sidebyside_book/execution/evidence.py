"""The command `sidebyside evidence`: what the executed notebooks measured, as JSON."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sidebyside import ledger
from sidebyside_book import gather
from sidebyside_book.cli import Commands, add_book
from sidebyside_book.execution import report
from sidebyside_book.execution.failures import Failed
from sidebyside_book.execution.results import executed, left_out
from sidebyside_book.gather import PageRecord

KINDS = (
    "verdict",
    "measurement",
    "parity",
    "record",
    "race",
    "report",
    "defaults",
    "rosetta",
)


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one; `arguments.run(arguments)` then runs it."""
    parser = commands.add_parser(
        "evidence",
        help="print what the executed notebooks measured, as JSON",
        description="Print the records of executed notebooks as JSON: of the files "
        "that are named, else of the book's chapters as they were last executed. "
        "The exit status is 1 if a chapter failed, so that something is missing, and "
        "2 if there is nothing to read.",
    )
    parser.add_argument(
        "notebooks", nargs="*", type=Path, metavar="FILE", help="an executed notebook"
    )
    parser.add_argument("--kind", choices=KINDS, help="records of one kind only")
    parser.add_argument(
        "--changes",
        action="store_true",
        help="say, in words, which verdicts differ from those that were expected; the "
        "exit status is 1 if one does",
    )
    add_book(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print, and return the exit status."""
    failed: dict[str, Failed] = {}
    records = [
        record for path in arguments.notebooks for record in gather.from_notebook(path)
    ]
    if not arguments.notebooks:
        failed = left_out(arguments.book.resolve())
        records = of_book(arguments.book.resolve(), failed)
    changed: list[tuple[PageRecord, str]] = []
    if arguments.changes:
        changed = gather.changes(records, ledger.load())
        print(changes_in_words(records, changed))
    else:
        shown = gather.of_kind(records, arguments.kind) if arguments.kind else records
        print(json.dumps([vars(record) for record in shown], indent=1))
    for name, kept in failed.items():
        print(report.short(name, kept.failure), file=sys.stderr)
        print("What it measures from there on is missing.", file=sys.stderr)
    return int(bool(failed or changed))


def of_book(book: Path, failed: Mapping[str, Failed]) -> list[PageRecord]:
    """Return the records of a book's chapters, from the cache of their last execution.

    Args:
        book: The book's folder.
        failed: Chapters that failed: they have the records of the cells before.

    Raises:
        FileNotFoundError: If `book` is no book.
        ValueError: If another chapter was not executed as it stands now.
    """
    whole = [
        record
        for result in executed(book, command="evidence", without=failed)
        for record in gather.from_notebook(result.path, result.chapter.name)
    ]
    return whole + [
        record
        for name, kept in failed.items()
        if kept.path and kept.begun > 1  # something ran to its end
        for record in gather.from_notebook(kept.path, name)
        if record.cell != kept.failure.cell
    ]


def changes_in_words(
    records: Sequence[PageRecord], changed: Sequence[tuple[PageRecord, str]]
) -> str:
    """Return, in words, how the verdicts compare with what the ledger expects.

    Args:
        records: All records.
        changed: What `gather.changes` returns for them.
    """
    claims = ledger.load()
    settled = gather.verdicts(records)
    left_open = [
        name
        for name, verdict in settled.items()
        if verdict.record["verdict"] == ledger.UNDECIDED
    ]
    lines = [
        f"{len(settled)} verdicts computed, {len(changed)} of them not as expected"
        + (": look at these." if changed else ".")
    ]
    if left_open:
        lines.append(f"Undecided here: {', '.join(left_open)}.")
    for verdict, expected in changed:
        claim = claims.claims[verdict.record["claim"]]
        lines.append(
            f"  {claim.id}: {verdict.record['verdict']!r}, {expected!r} was expected "
            f"({verdict.page}, cell {verdict.cell!r}): {claim.claim}"
        )
    return "\n".join(lines)

"""How much code each lane needs, chapter by chapter, as the lab of code counts it."""

import re

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from sidebyside.programs import COUNTS
from sidebyside_book import gather
from sidebyside_book.gather import PageRecord
from sidebyside_book.website import notebook, records, stopped
from sidebyside_book.website.pages import parts

SHOWS = re.compile(r"\bprograms\.show\(")
"""How a cell records the counts."""

Counts = dict[str, dict[str, int]]
"""Lane -> what was counted, one of `COUNTS` -> how much."""


def record(app: Sphinx) -> PageRecord | None:
    """Return the record of all counts; None where no page has it."""
    return next(iter(gather.of_kind(records.all_records(app.env), "code")), None)


def counts(app: Sphinx) -> dict[str, Counts]:
    """Return what was counted, page -> lane -> counts; chapters of the book only."""
    placed = record(app)
    pages: dict[str, Counts] = {}
    for row in placed.record["rows"] if placed else ():
        if page := parts.page_named(app.env, row["chapter"]):
            of_page = pages.setdefault(page, {})
            of_page[row["lane"]] = {what: row[what] for what in COUNTS}
    return pages


def lost(env: BuildEnvironment) -> list[str]:
    """Return the pages that would have recorded the counts if they had not failed."""
    return [
        page
        for page in stopped.pages(env)
        if any(SHOWS.search(cell.source) for cell in notebook.lost_cells(env, page))
    ]

"""The page of defaults that differ, sorted by how much they hurt."""

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sidebyside.reference.defaults.rows import Row, load
from sidebyside.reference.defaults.runner import gap_in_words
from sidebyside_book.chapter import LANES
from sidebyside_book.website import records
from sidebyside_book.website.pages import parts

logger = logging.getLogger(__name__)


def render(app: Sphinx, here: str) -> str:
    """Return the rows with what was measured, the worst first."""
    measured = measured_rows(app.env)
    pages = parts.chapters(app.env)
    rows = [
        {
            "row": row,
            "defaults": measured[row.id]["defaults"],
            "gap": gap_in_words(measured[row.id]["gap"]),
            "code": {lane: code(row, lane) for lane in LANES},
            "chapters": [
                (parts.title(app.env, pages[n]), parts.link(app, here, pages[n]))
                for n in row.chapters
                if n in pages
            ],
        }
        for row in sorted(load().values(), key=lambda r: -_hurt(measured, r))
        if row.id in measured
    ]
    topics = sorted({row.topic for row in load().values()})
    return parts.template(
        "defaults/defaults.html",
        rows=rows,
        lanes=LANES,
        topics=topics,
        topic_options=[(topic.replace(" ", "-"), topic) for topic in topics],
    )


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn if the table wasn't run as it stands (event `env-updated`)."""
    if not (pages := parts.users(env, "defaults")):
        return
    if missing := sorted(load().keys() - measured_rows(env).keys()):
        logger.warning(
            f"expected a record of every default, received none of {missing[:5]}",
            type="sidebyside",
            subtype="defaults",
            location=pages[0],
        )


def measured_rows(env: BuildEnvironment) -> dict[str, dict]:
    """Return what the run recorded, row -> its record."""
    rows: dict[str, dict] = {}
    for _, record in records.of_kind(env, "defaults"):
        rows |= record["rows"]
    return rows


def _hurt(measured: dict[str, dict], row: Row) -> float:
    return measured[row.id]["hurt"] if row.id in measured else 0.0


def code(row: Row, lane: str) -> dict[str, Markup]:
    """Return the two pieces of code of a lane, highlighted."""
    return {
        kind: parts.highlighted(codes[lane])
        for kind, codes in (("shows", row.shows), ("agree", row.agree))
        if lane in codes
    }

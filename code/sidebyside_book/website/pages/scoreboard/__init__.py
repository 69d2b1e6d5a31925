"""The scoreboard: what was measured, side by side."""

from sphinx.application import Sphinx

from sidebyside_book.website.pages import missing, parts
from sidebyside_book.website.pages.scoreboard import render


def setup(app: Sphinx) -> None:
    """Connect its parts, and what checks them."""
    parts.register("scoreboard", render.render)
    parts.register("scoreboard-summary", render.render_summary)
    missing.register("scoreboard", render.lacks)
    app.connect("env-updated", render.check)

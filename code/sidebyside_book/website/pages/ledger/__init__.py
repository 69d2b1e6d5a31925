"""The ledger: every claim with its verdict, and where the articles disagree."""

from pathlib import Path

from sphinx.application import Sphinx

from sidebyside_book.website.pages import missing, parts
from sidebyside_book.website.pages.ledger import render


def setup(app: Sphinx) -> None:
    """Connect its parts, and what checks them."""
    parts.register("articles", render.render_articles)
    parts.register("ledger", render.render)
    parts.register("ledger-summary", render.render_summary)
    parts.register("contradictions", render.render_contradictions)
    parts.add_script("ledger", Path(__file__).with_name("ledger.js"))
    missing.register("ledger", render.lacks)
    app.connect("env-updated", render.check)

"""Which chapter proves what, and with how much room."""

from sphinx.application import Sphinx

from sidebyside_book.website.pages import missing, parts
from sidebyside_book.website.pages.coverage import render


def setup(app: Sphinx) -> None:
    """Connect its parts, and what checks them."""
    parts.register("coverage", render.render)
    missing.register("coverage", render.lacks)
    app.connect("env-updated", render.check)

"""The table of defaults that differ."""

from sphinx.application import Sphinx

from sidebyside_book.website.pages import parts
from sidebyside_book.website.pages.defaults import render


def setup(app: Sphinx) -> None:
    """Connect its parts, and what checks them."""
    parts.register("defaults", render.render)
    app.connect("env-updated", render.check)

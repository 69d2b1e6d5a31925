"""Named systems that the book does not run."""

from sphinx.application import Sphinx

from sidebyside_book.website.pages import parts
from sidebyside_book.website.pages.elsewhere import render


def setup(app: Sphinx) -> None:
    """Connect its parts, and what checks them."""
    parts.register("elsewhere", render.render)

"""The list of chapters on the front page: each with the question that it answers."""

from sphinx.application import Sphinx

from sidebyside_book.website.pages import parts
from sidebyside_book.website.pages.contents import render


def setup(app: Sphinx) -> None:
    """Connect its part."""
    parts.register("chapters", render.render)

"""The gallery: every diagram of the package, and where the book draws it."""

from sphinx.application import Sphinx

from sidebyside_book.website.pages import parts
from sidebyside_book.website.pages.gallery import render


def setup(app: Sphinx) -> None:
    """Connect its part."""
    parts.register("gallery", render.render)

"""Rosetta: the same line in each lane, with a search."""

from pathlib import Path

from sphinx.application import Sphinx

from sidebyside_book.website.pages import parts
from sidebyside_book.website.pages.rosetta import render


def setup(app: Sphinx) -> None:
    """Connect its parts, and what checks them."""
    parts.register("rosetta", render.render)
    parts.add_script("rosetta", Path(__file__).with_name("rosetta.js"))
    app.connect("env-updated", render.check)

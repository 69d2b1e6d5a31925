"""The reading paths from one framework to another."""

from sphinx.application import Sphinx

from sidebyside_book.website.pages import missing, parts
from sidebyside_book.website.pages.paths import places, render


def setup(app: Sphinx) -> None:
    """Connect its parts, and what checks them."""
    parts.register("path-surprises", render.render_surprises)
    parts.register("path-decided", render.render_decided)
    parts.register("path-words", render.render_words)
    parts.register("path-steps", render.render_steps)
    parts.register("path-exercise", render.render_exercise)
    parts.register("doors", render.render_doors)
    missing.register("path-surprises", places.lacks_defaults)
    missing.register("doors", places.lacks_minutes)
    missing.register("path-steps", places.lacks_sections)
    app.connect("env-updated", render.check)

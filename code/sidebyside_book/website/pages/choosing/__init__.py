"""I'm choosing: what was measured, weighed as the reader weighs it."""

from pathlib import Path

from sphinx.application import Sphinx

from sidebyside_book.website.pages import missing, parts
from sidebyside_book.website.pages.choosing import render


def setup(app: Sphinx) -> None:
    """Connect its parts, and what checks them."""
    parts.register("choosing", render.render)
    parts.add_script("choosing", Path(__file__).with_name("choosing.js"))
    parts.register("choosing-profiles", render.render_profiles)
    parts.register("choosing-evidence", render.render_evidence)
    parts.register("choosing-shift", render.render_shift)
    parts.register("choosing-silent", render.render_silent)
    missing.register("choosing", render.lacks)
    app.connect("env-updated", render.check)

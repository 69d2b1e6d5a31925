"""The book's Sphinx extension: lanes, evidence, and the look of a page."""

from importlib import import_module
from importlib.util import find_spec

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

__version__ = "0.1.0"
ENV_VERSION = 5
"""Raise it with every change of what is kept of a page, or old pages stay."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Connect the parts to Sphinx."""
    # Here, so that the execution of chapters, which needs none of them, starts quickly.
    from sidebyside_sphinx import (
        evidence,
        failed,
        foot,
        guard,
        guide,
        icons,
        mathml,
        page,
        records,
    )
    from sidebyside_sphinx.lanes import GroupLanes

    if find_spec("sidebyside_sphinx.execution"):
        import_module("sidebyside_sphinx.execution").connect(app)

    failed.connect(app)
    app.add_transform(records.AddAnchors)
    app.add_transform(GroupLanes)
    app.add_env_collector(records.RecordCollector)
    app.add_env_collector(guard.GuardCollector)
    app.connect("env-updated", guard.check_book)
    evidence.connect(app)
    guide.connect(app)
    app.connect("html-page-context", guard.check_html)

    app.add_html_math_renderer(
        mathml.RENDERER, (mathml.visit_inline, None), (mathml.visit_block, None)
    )
    app.connect("html-page-context", mathml.add_styles)

    app.connect("config-inited", page.add_folders)
    app.connect("config-inited", page.drop_thebe)
    # The theme drops templates that render to nothing (500) and adds buttons (501).
    app.connect("html-page-context", foot.add_to_page, priority=400)
    app.connect("html-page-context", page.describe, priority=400)
    app.connect("html-page-context", page.finish, priority=600)
    app.connect("builder-inited", icons.write_fonts)
    app.connect("build-finished", icons.remove_unused)
    app.add_css_file("sidebyside/book.css")
    app.add_css_file("sidebyside/lanes.css")
    app.add_css_file("sidebyside/evidence.css")
    app.add_css_file("sidebyside/guide.css")
    app.add_css_file("sidebyside/doors.css")
    app.add_js_file("sidebyside/lanes.js", loading_method="defer")
    app.add_js_file("sidebyside/rosetta.js", loading_method="defer")
    app.add_js_file("sidebyside/choosing.js", loading_method="defer")
    return {
        "version": __version__,
        "env_version": ENV_VERSION,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }

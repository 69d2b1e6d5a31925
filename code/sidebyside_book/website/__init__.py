"""The book's Sphinx extension: lanes, evidence, and the look of a page."""

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

__version__ = "0.1.0"
ENV_VERSION = 6
"""Raise it with every change of what is kept of a page, or old pages stay."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Connect the parts to Sphinx."""
    # Here, since MyST-NB loads `records` in every book, and slides read styles alone.
    from sidebyside_book import execution
    from sidebyside_book.website import (
        assets,
        failed,
        foot,
        guard,
        icons,
        lanes,
        mathml,
        page,
        pages,
        records,
    )
    from sidebyside_book.website.tabs import GroupLanes

    execution.connect(app)
    failed.connect(app)
    app.add_transform(records.AddAnchors)
    app.add_transform(GroupLanes)
    app.add_env_collector(records.RecordCollector)
    app.connect("env-updated", records.gather, priority=100)  # before who asks for them
    app.add_env_collector(guard.GuardCollector)
    app.connect("env-updated", guard.check_book)
    pages.setup(app)
    app.connect("html-page-context", guard.check_html)

    app.add_html_math_renderer(
        mathml.RENDERER, (mathml.visit_inline, None), (mathml.visit_block, None)
    )
    app.connect("html-page-context", mathml.add_styles)

    app.connect("config-inited", page.add_folders)
    app.connect("config-inited", page.drop_thebe)
    app.connect("html-page-context", assets.add_scripts)
    app.connect("html-page-context", lanes.offer)
    # The theme drops templates that render to nothing (500) and adds buttons (501).
    app.connect("html-page-context", foot.add_to_page, priority=400)
    app.connect("html-page-context", page.describe, priority=400)
    app.connect("html-page-context", page.finish, priority=600)
    app.connect("builder-inited", icons.write_fonts)
    app.connect("builder-inited", assets.write)
    app.connect("build-finished", icons.remove_unused)
    return {
        "version": __version__,
        "env_version": ENV_VERSION,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }

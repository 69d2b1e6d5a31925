"""Programs of one framework, to download from the head of a chapter's page.

They are made while the page is written, from the notebook alone; nothing is executed.
A lane that does not run alone is not offered; `sidebyside lanes` says why.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from sidebyside_book.chapter import LANES, read_notebook
from sidebyside_book.execution.chapters import CONFIG
from sidebyside_book.website import notebook, stopped

FOLDER = "_lanes"
"""Of the programs, in the site."""
logger = logging.getLogger(__name__)
KINDS = {".py": "program", ".ipynb": "notebook"}


def offer(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Write a chapter's programs and link them (event `html-page-context`)."""
    if doctree is None or not notebook.is_readable(app.env, pagename):
        return
    if stopped.of_page(app.env, pagename):
        return
    # Here, since slides and others load the website without ruff.
    from sidebyside_book.editions.lanes import files

    chapter = read_notebook(Path(app.env.doc2path(pagename)))
    if not files.has_lanes(chapter) or not (Path(app.srcdir) / CONFIG).is_file():
        return  # plain Sphinx has no settings that say where the book is published
    folder = Path(app.outdir) / FOLDER
    lanes, problems = files.write_chapter(
        chapter, Path(app.srcdir), folder, standalone=True
    )
    for problem in problems:
        logger.info("not offered: %s", problem)
    addresses = {
        lane: {
            path.suffix: context["pathto"](f"{FOLDER}/{path.name}", 1) for path in paths
        }
        for lane, paths in lanes.items()
    }
    context["body"] = below_title(context["body"], links(addresses))


def links(addresses: Mapping[str, Mapping[str, str]]) -> str:
    """Return the links to a chapter's programs as HTML; empty if there are none.

    Args:
        addresses: Lane -> suffix -> address of the file.
    """
    if not addresses:
        return ""
    items = "".join(_item(lane, kinds) for lane, kinds in addresses.items())
    return (
        '<nav class="lane-programs" aria-labelledby="lane-programs">'
        '<span id="lane-programs">This chapter in one framework:</span>'
        f"<ul>{items}</ul></nav>"
    )


def _item(lane: str, kinds: Mapping[str, str]) -> str:
    files = " ".join(_link(lane, *pair) for pair in kinds.items())
    return f"<li>{LANES[lane]} {files}</li>"


def _link(lane: str, suffix: str, address: str) -> str:
    spoken = (
        f'<span class="lane-programs-told"> {KINDS[suffix]}, {LANES[lane]} alone</span>'
    )
    return f'<a href="{escape(address)}" download>{suffix}{spoken}</a>'


def below_title(body: str, html: str) -> str:
    """Return a page's body with something right below its title."""
    title, end, rest = body.partition("</h1>")
    return f"{title}{end}\n{html}{rest}" if html and end else body

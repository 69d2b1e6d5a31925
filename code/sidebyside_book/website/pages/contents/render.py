"""The chapters in reading order, made from the notebooks of the table of contents."""

from pathlib import Path

from sphinx.application import Sphinx

from sidebyside_book.chapter import question, read_notebook
from sidebyside_book.website import notebook
from sidebyside_book.website.pages import parts


def render(app: Sphinx, here: str) -> str:
    """Return the list of chapters."""
    pages = parts.chapters(app.env).values()
    return parts.template(
        "contents/contents.html",
        chapters=[
            (parts.link(app, here, page), parts.title(app.env, page), _asks(app, page))
            for page in pages
        ],
    )


def _asks(app: Sphinx, page: str) -> str:
    """Return the question of a chapter; nothing if its file can't be read."""
    if not notebook.is_readable(app.env, page):
        return ""
    return question(read_notebook(Path(app.env.doc2path(page))))

"""The chapters by parts, made from the table of contents and the executed notebooks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from sidebyside_book.chapter import question, read_notebook
from sidebyside_book.website import notebook
from sidebyside_book.website.pages import parts
from sidebyside_book.website.pages.contents import pictures


@dataclass(frozen=True)
class Card:
    """A chapter as the front page shows it."""

    number: str
    link: str
    title: str
    question: str
    """Empty if the chapter's file can't be read."""
    picture: pictures.Small | None


def render(app: Sphinx, here: str) -> str:
    """Return the chapters, part by part, with a picture each."""
    pictures.clear(app)
    return parts.template(
        "contents/contents.html",
        parts=[
            (caption, [_card(app, here, *chapter) for chapter in chapters])
            for caption, chapters in by_part(app.env)
        ],
        size=pictures.SIZE,
        root="../" * here.count("/"),
    )


def by_part(env: BuildEnvironment) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return (part, chapters as number and page name), parts without chapters left out.

    Chapters that stand in no part come last, without a name.
    """
    left = {page: number for number, page in parts.chapters(env).items()}
    grouped = [
        (caption, [(left.pop(page), page) for page in pages if page in left])
        for caption, pages in _captions(env)
    ]
    grouped.append(("", [(number, page) for page, number in left.items()]))
    return [(caption, chapters) for caption, chapters in grouped if chapters]


def _captions(env: BuildEnvironment) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of the table of contents with their pages."""
    for tree in env.get_doctree(env.config.root_doc).findall(toctree):
        yield tree["caption"] or "", tree["includefiles"]


def _card(app: Sphinx, here: str, number: str, page: str) -> Card:
    return Card(
        number,
        parts.link(app, here, page),
        parts.title(app.env, page),
        _asks(app, page),
        pictures.make(app, page),
    )


def _asks(app: Sphinx, page: str) -> str:
    """Return the question of a chapter; nothing if its file can't be read."""
    if not notebook.is_readable(app.env, page):
        return ""
    return question(read_notebook(Path(app.env.doc2path(page))))

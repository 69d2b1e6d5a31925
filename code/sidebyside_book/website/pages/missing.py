"""What a failed chapter takes away: a box on its own page, a note on every other page.

A page that is made of evidence says below its title which chapters failed on this
machine, and what it therefore lacks. What a part lacks, its own module knows; it is
asked through `register`.
"""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from urllib.parse import urlencode

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

from sidebyside_book.chapter import LANES
from sidebyside_book.website import records, stopped
from sidebyside_book.website.pages import parts
from sidebyside_book.website.stopped import Stopped

FORM = "issues/new"
TEMPLATE = "cell-fails.yml"
"""The form of the repository for a cell that fails."""

Lacks = Callable[[Sphinx, str, str], Markup]
"""Says, for a page and the page of a failed chapter, what the first one lacks."""

_LACKS: dict[str, Lacks] = {}


def connect(app: Sphinx) -> None:
    """Put the box into pages of failed chapters, and make the note known as a part."""
    app.add_transform(AddBox)
    parts.register(parts.NOTE, render)


def register(part: str, lacks: Lacks) -> None:
    """Let the note on a page that uses a part say what that part lacks."""
    _LACKS[part] = lacks


class AddBox(SphinxTransform):
    """Say at the top of a failed chapter's page that it failed, and what to do."""

    default_priority = 9  # when cells have their anchors

    def apply(self, **kwargs: object) -> None:
        """Put the box below the title."""
        failed = stopped.of_page(self.env, self.env.docname)
        if failed is not None:
            html = box(failed, PurePosixPath(self.env.docname).name, self.config)
            parts.put_below_title(self.document, html)


def box(failed: Stopped, chapter: str, config: Config) -> str:
    """Return the box that a failed chapter's page begins with."""
    failure = failed.failure
    repository = config.html_theme_options.get("repository_url", "")
    known = {"template": TEMPLATE, "chapter": chapter, "cell": failure.cell}
    return parts.template(
        "failed.html",
        chapter=chapter,
        failed=failed,
        lane=LANES.get(failure.lane, ""),
        cell=records.anchor(failure.cell) if failed.failing is not None else "",
        form=f"{repository}/{FORM}?{urlencode(known)}" if repository else "",
    )


def render(app: Sphinx, here: str) -> str:
    """Return the note on a page; nothing if it lacks nothing.

    A page that asks for the note by its name gets all failed chapters.
    """
    used = parts.PartCollector.of(app.env).get(here, [])
    rows = [
        (failed, *place(app, here, page), _lacked(app, here, page, used))
        for page, failed in stopped.pages(app.env).items()
        if page != here
    ]
    every = parts.NOTE in used
    if not every:
        rows = [row for row in rows if row[-1]]
    if not rows:
        return ""
    return parts.template("missing.html", rows=rows, every=every, lanes=LANES)


def _lacked(app: Sphinx, here: str, page: str, used: Iterable[str]) -> list[Markup]:
    sentences = [_LACKS[part](app, here, page) for part in used if part in _LACKS]
    return list(dict.fromkeys(filter(None, sentences)))


def place(app: Sphinx, here: str, page: str) -> tuple[str, str]:
    """Return the title of a failed chapter, and the address of the cell that failed."""
    failed = stopped.pages(app.env)[page]
    begun = failed.failing is not None
    anchor = records.anchor(failed.failure.cell) if begun else ""
    return parts.title(app.env, page), parts.link(app, here, page, anchor)


def places(app: Sphinx, here: str, pages: Iterable[str]) -> list[tuple[str, str]]:
    """Return titles and addresses of failed chapters."""
    return [place(app, here, page) for page in pages]


def listed(said: str, names: Iterable[str]) -> Markup:
    """Return a sentence that ends with a list of names; nothing without names."""
    text = Markup(", ").join(names)  # escapes what is not HTML
    return Markup("{}: {}.").format(said, text) if text else Markup("")


def by_number(env: BuildEnvironment) -> dict[str, str]:
    """Return the failed chapters, number -> page name."""
    failed = stopped.pages(env)
    return {n: page for n, page in parts.chapters(env).items() if page in failed}

"""The gallery of diagrams, made from `sidebyside.diagrams.ALL` and the notebooks."""

import re
from dataclasses import dataclass

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from sidebyside import diagrams
from sidebyside_book.website import notebook, records
from sidebyside_book.website.pages import parts


@dataclass(frozen=True)
class Shown:
    """A diagram, and the cells that draw it."""

    name: str
    title: str
    description: str
    svg: Markup
    module: str
    code: Markup
    places: list[tuple[str, str]]
    """Title of a page, address of the cell there."""


def render(app: Sphinx, here: str) -> str:
    """Return the gallery."""
    shown = [_shown(app, here, name) for name in sorted(diagrams.ALL)]
    return parts.template("gallery/gallery.html", diagrams=shown)


def _shown(app: Sphinx, here: str, name: str) -> Shown:
    draw = diagrams.ALL[name]
    drawn = draw()
    return Shown(
        name=name,
        title=drawn.title,
        description=drawn.description,
        svg=Markup(drawn.svg()),
        module=f"code/{draw.__module__.replace('.', '/')}.py",
        code=parts.highlighted(f"diagrams.{draw.__name__}()"),
        places=[
            (
                parts.title(app.env, page),
                parts.link(app, here, page, records.anchor(cell)),
            )
            for page, cell in places(app.env, draw.__name__)
        ],
    )


def places(env: BuildEnvironment, function: str) -> list[tuple[str, str]]:
    """Return the cells that draw a diagram: page name, id of the cell."""
    call = re.compile(rf"\bdiagrams\.{re.escape(function)}\(")
    return [
        (page, cell.id)
        for page in sorted(env.found_docs)
        for cell in notebook.source_cells(env, page)
        if cell.is_code and call.search(cell.source)
    ]

"""The coverage page: chapter by section by lane, counted from the cells' tags."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sidebyside_book.website import notebook
from sidebyside_book.website.pages import parts
from sidebyside_book.website.tabs import LANES

EXERCISES = "Exercises"
logger = logging.getLogger(__name__)


@dataclass
class Section:
    """A section of a chapter, with the code that each lane has in it."""

    title: str
    cells: Counter[str] = field(default_factory=Counter)

    @property
    def missing(self) -> list[str]:
        """The lanes that have fewer cells here than another lane."""
        most = max(self.cells.values(), default=0)
        return [lane for lane in LANES if self.cells[lane] < most]


def sections(path: Path) -> list[Section]:
    """Return the sections of a notebook in which there is code of a lane.

    Args:
        path: The notebook's file; a section begins at a heading of the second level.
    """
    found = [Section("Before the first section")]
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            found += [Section(title) for title in _headings(source)]
        for tag in cell["metadata"].get("tags", []):
            if tag.startswith("lane-"):
                found[-1].cells[tag.removeprefix("lane-")] += 1
    return [section for section in found if section.cells]


def _headings(source: str) -> list[str]:
    """Return the titles of the second level in a piece of Markdown."""
    fenced, titles = False, []
    for line in source.splitlines():
        fenced ^= line.startswith(("```", "~~~", ":::"))
        if line.startswith("## ") and not fenced:
            titles.append(line[3:].strip())
    return titles


def render(app: Sphinx, here: str) -> str:
    """Return the matrix of all chapters."""
    env = app.env
    pages = parts.notebooks(env)
    found = {
        number: sections(Path(env.doc2path(page))) for number, page in pages.items()
    }
    return parts.template(
        "coverage/coverage.html",
        lanes=LANES,
        chapters=[
            (
                number,
                parts.title(env, page),
                parts.link(app, here, page),
                found[number],
            )
            for number, page in pages.items()
        ],
        total={
            lane: sum(s.cells[lane] for one in found.values() for s in one)
            for lane in LANES
        },
    )


def lacks(app: Sphinx, here: str, page: str) -> Markup:
    """Say that a chapter is not counted; one that can be read is, if it fails, too."""
    if notebook.is_readable(app.env, page):
        return Markup("")
    return Markup("Its sections are not counted.")


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn about a section that lacks a lane (event `env-updated`)."""
    for page in parts.notebooks(env).values():
        for section in sections(Path(env.doc2path(page))):
            if section.missing:
                logger.warning(
                    f"section {section.title!r}: expected as many cells of each lane, "
                    f"received {dict(section.cells)} (missing "
                    f"{', '.join(section.missing)})",
                    type="sidebyside",
                    subtype="coverage",
                    location=page,
                )

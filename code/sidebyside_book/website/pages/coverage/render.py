"""The coverage page: chapter by section by lane, counted from the cells' tags.

Under each chapter stand the lines of its programs, where all lanes run alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sidebyside_book.chapter import LANES, Notebook, read_notebook
from sidebyside_book.website import notebook
from sidebyside_book.website.pages import parts, programs

logger = logging.getLogger(__name__)


@dataclass
class Section:
    """A section of a chapter, with the code that each lane has in it."""

    title: str
    cells: Counter[str]

    @property
    def missing(self) -> list[str]:
        """The lanes that have fewer cells here than another lane."""
        most = max(self.cells.values(), default=0)
        return [lane for lane in LANES if self.cells[lane] < most]


def sections(notebook: Notebook) -> list[Section]:
    """Return the sections of a notebook in which there is code of a lane."""
    every = [
        Section(
            section.title or "Before the first section",
            Counter(cell.lane for cell in section.cells if cell.lane),
        )
        for section in notebook.sections
    ]
    return [section for section in every if section.cells]


def _of_book(env: BuildEnvironment) -> dict[str, list[Section]]:
    """Return the sections of each chapter that can be read, page name -> sections."""
    pages = parts.notebooks(env).values()
    files = {page: Path(env.doc2path(page)) for page in pages}
    return {page: sections(read_notebook(path)) for page, path in files.items()}


def render(app: Sphinx, here: str) -> str:
    """Return the matrix of all chapters."""
    env = app.env
    pages = parts.notebooks(env)
    chapters, counts = _of_book(env), programs.counts(app)
    placed = programs.record(app)
    missing = placed.record["missing"] if placed else []
    return parts.template(
        "coverage/coverage.html",
        lanes=LANES,
        chapters=[
            (
                number,
                parts.title(env, page),
                parts.link(app, here, page),
                chapters[page],
                _lines(counts, missing, page),
            )
            for number, page in pages.items()
        ],
        total={
            lane: sum(s.cells[lane] for sections in chapters.values() for s in sections)
            for lane in LANES
        },
    )


def _lines(
    counts: Mapping[str, programs.Counts], missing: Sequence[str], page: str
) -> dict[str, int] | str:
    """Return the lines of each lane's program, or why they were not counted."""
    if page in counts:
        return {lane: of_lane["lines"] for lane, of_lane in counts[page].items()}
    if PurePosixPath(page).name in missing:
        return "not counted: not every lane can be cut out and run alone yet"
    return "not counted"


def lacks(app: Sphinx, here: str, page: str) -> Markup:
    """Say that a chapter is not counted; one that can be read is, if it fails, too."""
    if notebook.is_readable(app.env, page):
        return Markup("")
    return Markup("Its sections are not counted.")


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn about a section that lacks a lane (event `env-updated`)."""
    for page, sections in _of_book(env).items():
        for section in sections:
            if section.missing:
                logger.warning(
                    f"section {section.title!r}: expected as many cells of each lane, "
                    f"received {dict(section.cells)} (missing "
                    f"{', '.join(section.missing)})",
                    type="sidebyside",
                    subtype="coverage",
                    location=page,
                )

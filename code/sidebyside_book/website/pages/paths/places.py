"""What the reading paths name in a chapter: minutes, sections, exercises.

Also in the part that is missing here, since the chapter failed before it.
"""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from sidebyside_book.chapter import About, Cell, about, read_notebook
from sidebyside_book.website import notebook, stopped
from sidebyside_book.website.pages import missing, parts
from sidebyside_book.website.pages.defaults import render as defaults
from sidebyside_book.website.pages.paths import table as paths
from sidebyside_book.website.pages.paths.table import Direction

DEFAULTS = "defaults"
"""The name of the page that runs the table of defaults."""


def page_of(direction: Direction) -> str:
    """Return the name of a direction's page, without its folder."""
    return "from_{}_to_{}".format(*direction)


def chapters(env: BuildEnvironment) -> dict[str, About]:
    """Return what the chapters say about themselves, by number."""
    files = {n: Path(env.doc2path(page)) for n, page in parts.notebooks(env).items()}
    return {number: about(read_notebook(path)) for number, path in files.items()}


def sections(env: BuildEnvironment, page: str) -> dict[str, str]:
    """Return the sections of a chapter, title -> anchor; no anchor if it is missing."""
    anchors = {
        paths.plain(entry.astext()): entry["anchorname"].lstrip("#")
        for entry in env.tocs[page].findall(nodes.reference)
        if entry.get("anchorname")
    }
    lost = [h for cell in notebook.lost_cells(env, page) for h in cell.headings]
    titles = [heading.text for heading in lost if heading.level > 1]
    return {**dict.fromkeys(map(paths.plain, titles), ""), **anchors}


def exercises(env: BuildEnvironment, page: str) -> dict[str, str]:
    """Return the exercises of a chapter, label -> title."""
    return _exercises(notebook.source_cells(env, page))


def is_lost(env: BuildEnvironment, page: str, label: str) -> bool:
    """Say whether an exercise is missing because its chapter failed."""
    failed = stopped.of_page(env, page)
    lost = _exercises(notebook.lost_cells(env, page))
    return failed is not None and (label in lost or not failed.readable)


def _exercises(cells: Iterable[Cell]) -> dict[str, str]:
    return {cell.task.label: cell.task.title for cell in cells if cell.task}


def unreadable(env: BuildEnvironment) -> set[str]:
    """Return the numbers of the chapters whose files could not be read."""
    failed = missing.by_number(env)
    return {n for n, page in failed.items() if not notebook.is_readable(env, page)}


def lacks_defaults(app: Sphinx, here: str, page: str) -> Markup:
    """Say that the table of defaults was not run."""
    if PurePosixPath(page).name != DEFAULTS or defaults.measured_rows(app.env):
        return Markup("")
    return Markup("It runs the table of defaults, of which nothing is known here.")


def lacks_minutes(app: Sphinx, here: str, page: str) -> Markup:
    """Say that a chapter is left out where the minutes of a path are added up."""
    number = {page: number for number, page in missing.by_number(app.env).items()}
    if number.get(page) not in unreadable(app.env):
        return Markup("")
    return Markup("Its minutes are not counted.")


def lacks_sections(app: Sphinx, here: str, page: str) -> Markup:
    """Say which sections of a failed chapter the path names and can't show."""
    number = {page: number for number, page in missing.by_number(app.env).items()}
    steps = [
        step
        for direction, path in paths.load().items()
        if PurePosixPath(here).name == page_of(direction)
        for step in path.steps
        if step.chapter == number.get(page)
    ]
    if steps and not notebook.is_readable(app.env, page):
        return Markup("The path is shown without it.")
    anchors = sections(app.env, page)
    titles = [title for step in steps for title in step.look]
    look = [title for title in titles if anchors.get(paths.plain(title)) == ""]
    return missing.listed("Sections of the path that are missing", look)

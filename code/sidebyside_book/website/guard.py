"""Refuse a page that was not honestly executed.

What can be seen on the document tree is noted while a page is read and kept in
Sphinx's environment, so that a build which reads nothing new still complains.
Every complaint is a `sidebyside.guard` warning, which `-W` turns into a failed build.
"""

from collections.abc import Sequence
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx_design.shared import is_component

from sidebyside_book.chapter import Cell
from sidebyside_book.website import notebook, records, stopped
from sidebyside_book.website.per_page import PerPage

logger = logging.getLogger(__name__)


class GuardCollector(PerPage):
    """Note, for each notebook page, what is wrong with it."""

    attribute = "sidebyside_guard"

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Look at a page that has just been read."""
        env = app.env
        if notebook.is_notebook(env, env.docname):
            cells = notebook.source_cells(env, env.docname)
            failed = stopped.of_page(env, env.docname)
            GuardCollector.of(env)[env.docname] = [
                *order_problems(doctree, cells, failed.failing if failed else None),
                *empty_tabs(doctree),
            ]


def order_problems(
    doctree: nodes.document,
    cells: Sequence[Cell],
    failing: int | None = None,
) -> list[str]:
    """Return the first sign that the notebook didn't run once, from top to bottom.

    Args:
        doctree: The page.
        cells: The cells of its notebook.
        failing: The position of the cell at which it stopped; that one has no number if
            the kernel died before it said so.
    """
    for node in doctree.findall(notebook.is_code_cell):
        cell, count = cells[node["cell_index"]], node["exec_count"]
        if count is None and node["cell_index"] == failing:
            continue
        if count is None:
            return [f"cell {cell.id!r} was not executed"]
        if count != cell.turn:
            return [
                f"executed out of order: expected cell {cell.id!r} to run as "
                f"number {cell.turn}, received number {count}"
            ]
    return []


def empty_tabs(doctree: nodes.document) -> list[str]:
    """Return a complaint for each tab that shows neither code nor output."""
    return [
        f"empty tab {content.parent[0].astext()!r}"
        for content in doctree.findall(lambda n: is_component(n, "tab-content"))
        if not content.astext().strip() and not any(content.findall(nodes.image))
    ]


def check_book(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn about every page that is not in order (event `env-updated`)."""
    for docname in sorted(GuardCollector.of(env)):
        for problem in GuardCollector.of(env)[docname] + missing_records(app, docname):
            _warn(problem, docname)


def missing_records(app: Sphinx, docname: str) -> list[str]:
    """Return which proof that the page was executed is missing.

    A page that stopped at a failing cell says so itself.
    """
    if stopped.of_page(app.env, docname):
        return []
    missing = []
    if not records.of_page(app.env, docname, "report"):
        missing.append("no report record: end the notebook with report.show(...)")
    executes = app.config.nb_execution_mode != "off"
    if executes and NbMetadataCollector.get_exec_data(app.env, docname) is None:
        missing.append("no execution record: the notebook was not run for this book")
    return missing


def check_html(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Warn about a tab that is empty in the finished page (`html-page-context`)."""
    if "sd-tab-content" not in context.get("body", ""):
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    for tab in soup.select(".sd-tab-content"):
        if not tab.get_text(strip=True) and not tab.find(["img", "svg"]):
            _warn(f"tab {tab.get('id')!r} is empty in the HTML page", pagename)


def _warn(message: str, docname: str) -> None:
    logger.warning(message, type="sidebyside", subtype="guard", location=docname)

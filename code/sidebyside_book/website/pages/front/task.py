"""The small task on the front page, as the page `one_task` executed it."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sidebyside_book.chapter import LANES, SUFFIXES
from sidebyside_book.gather import PageRecord, of_kind
from sidebyside_book.website import notebook, records, stopped
from sidebyside_book.website.pages import executed, parts

PAGE, STEM = "one_task", "program"
"""The page that executes the task, and what the ids of its three cells begin with."""
DIFFERS = re.compile(r'<span class="c1">(# differs: [^<]*)</span>')
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Program:
    """One lane's whole program."""

    lane: str
    code: Markup
    printed: str
    """What it put out; empty if it did not run to its end."""

    @property
    def label(self) -> str:
        """The lane's name."""
        return LANES[self.lane]


def render(app: Sphinx, here: str) -> str:
    """Return the three programs and what their comparison found."""
    page = parts.page_named(app.env, PAGE)
    if page is None:
        return ""
    return parts.template(
        "front/task.html",
        programs=programs(app.env, page),
        proofs=[
            (rung, parts.link(app, here, page, records.anchor(proof.cell)))
            for proof in proofs(app.env)
            for rung in proof.record["rungs"]
        ],
        link=parts.link(app, here, page),
    )


def programs(env: BuildEnvironment, page: str) -> list[Program]:
    """Return the programs of a page in the order of the lanes."""
    cells = {
        cell.lane: (position, cell)
        for position, cell in enumerate(notebook.source_cells(env, page))
        if cell.lane and cell.stem == STEM
    }
    printed = executed.printed(env, page)
    return [
        Program(lane, marked(cell.source), printed.get(position, ""))
        for lane, (position, cell) in sorted(cells.items(), key=_in_order)
    ]


def _in_order(item: tuple[str, Any]) -> int:
    return list(LANES).index(item[0])


def marked(code: str) -> Markup:
    """Return code as HTML in which the comments on differences are marked."""
    html = str(parts.highlighted(code))
    return Markup(DIFFERS.sub(r'<mark class="differs">\1</mark>', html))


def proofs(env: BuildEnvironment) -> list[PageRecord]:
    """Return the comparisons in float64 that the page made and that held."""
    return [
        proof
        for proof in of_kind(records.all_records(env), "parity")
        if proof.page == PAGE
        and proof.record["passed"]
        and proof.record["dtype"] == "float64"
    ]


def lacks(app: Sphinx, here: str, page: str) -> Markup:
    """Say that the proof is missing if it is this page that failed."""
    if PurePosixPath(page).name != PAGE:
        return Markup("")
    return Markup("So the three programs at the top were not compared.")


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn where the task is not whole (event `env-updated`)."""
    for user in parts.users(env, "one-task"):
        for problem in problems(env):
            logger.warning(problem, type="sidebyside", subtype="front", location=user)


def problems(env: BuildEnvironment) -> list[str]:
    """Return what keeps the front page from showing a whole, proven task."""
    page = parts.page_named(env, PAGE)
    if page is None:
        return [f"one-task: expected a page {PAGE!r}, received none"]
    if stopped.of_page(env, page):
        return []  # the page says so itself
    shown = programs(env, page)
    lanes = [program.lane for program in shown]
    wrong = [
        f"one-task: expected that the program in {program.label} prints something"
        for program in shown
        if not program.printed
    ]
    if lanes != list(SUFFIXES):
        wrong.append(
            f"one-task: expected cells {STEM}-LANE of {list(SUFFIXES)}, "
            f"received {lanes}"
        )
    if not proofs(env):
        wrong.append("one-task: expected a parity record in float64, received none")
    return wrong

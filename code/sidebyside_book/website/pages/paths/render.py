"""The reading paths: what surprises first, words, chapters, the first exercise.

A page that is called `from_pytorch_to_keras` shows the path of that direction.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sidebyside.reference.defaults.rows import STAGES, Row
from sidebyside.reference.defaults.rows import load as load_rows
from sidebyside.reference.defaults.runner import gap_in_words, pair
from sidebyside.reference.rosetta.entries import load as load_entries
from sidebyside_book.chapter import LANES
from sidebyside_book.website.pages import parts
from sidebyside_book.website.pages.defaults import render as defaults
from sidebyside_book.website.pages.paths import places as path_places
from sidebyside_book.website.pages.paths import table as paths
from sidebyside_book.website.pages.paths import words
from sidebyside_book.website.pages.paths.places import page_of
from sidebyside_book.website.pages.paths.table import Direction

FIRST = 3
"""How many defaults of a stage are shown at once."""

MANY = 12
"""A list of more things that only one lane decides is what such a path is about."""

PARTS = ("path-surprises", "path-decided", "path-words", "path-steps", "path-exercise")
_PAGE = re.compile(r"from_(\w+)_to_(\w+)")
logger = logging.getLogger(__name__)


def direction_of(page: str) -> Direction:
    """Return which way a page leads.

    Raises:
        ValueError: If its name does not say so.
    """
    match = _PAGE.fullmatch(PurePosixPath(page).name)
    if match is None or (match[1], match[2]) not in paths.load():
        raise ValueError(
            f"paths: expected a page called from_LANE_to_LANE, received {page!r}"
        )
    return match[1], match[2]


@dataclass(frozen=True)
class Surprise:
    """A default in which two lanes differ."""

    row: Row
    gap: float | None
    defaults: dict[str, str]
    results: dict[str, str]

    @property
    def difference(self) -> str:
        """The difference in words."""
        return gap_in_words(self.gap)

    @property
    def code(self) -> dict[str, dict[str, Markup]]:
        """Lane -> `shows` and `agree`, highlighted."""
        return {lane: defaults.code(self.row, lane) for lane in LANES}


def surprises(env: BuildEnvironment, direction: Direction) -> dict[str, list[Surprise]]:
    """Return the defaults in which two lanes differ, stage -> the largest first.

    Results of another shape come last: somebody will notice.
    """
    by_stage: dict[str, list[Surprise]] = {stage: [] for stage in STAGES}
    measured = defaults.measured_rows(env)
    for row in load_rows().values():
        pairs = measured.get(row.id, {}).get("pairs", {})
        if pair(*direction) not in pairs:
            continue
        gap = pairs[pair(*direction)]
        if gap is None or gap > 2 * row.tolerance:
            record = measured[row.id]
            surprise = Surprise(row, gap, record["defaults"], record["results"])
            by_stage[row.stage].append(surprise)
    for of_stage in by_stage.values():
        of_stage.sort(key=lambda surprise: -(surprise.gap or 0))
    return by_stage


def render_surprises(app: Sphinx, here: str) -> str:
    """Return what surprises first, stage by stage."""
    direction = direction_of(here)
    by_stage = surprises(app.env, direction)
    return parts.template(
        "paths/surprises.html",
        **_lanes(direction),
        stages=[stage for stage in by_stage.items() if stage[1]],
        total=sum(map(len, by_stage.values())),
        measured=bool(defaults.measured_rows(app.env)),
        first=FIRST,
        later=STAGES[-1],
        table=_page(app, here, "defaults"),
    )


def render_decided(app: Sphinx, here: str) -> str:
    """Return which defaults only one of the two lanes has."""
    know, learn = direction_of(here)
    measured = defaults.measured_rows(app.env)

    def only(lane: str, other: str) -> list[dict[str, Any]]:
        return [
            {
                "row": row,
                "default": measured[row.id]["defaults"].get(lane, ""),
                "code": defaults.code(row, other).get("agree")
                if lane in row.agree
                else None,
            }
            for stage in STAGES
            for row in load_rows().values()
            if row.stage == stage and row.id in measured
            if lane in row.reads and other not in row.reads
        ]

    return parts.template(
        "paths/decided.html",
        **_lanes((know, learn)),
        many=MANY,
        measured=bool(measured),
        gone=only(know, learn),
        new=only(learn, know),
        table=_page(app, here, "defaults"),
    )


def render_words(app: Sphinx, here: str) -> str:
    """Return the words that mean something else, and what is not there."""
    know, learn = direction_of(here)
    return parts.template(
        "paths/words.html",
        **_lanes((know, learn)),
        words=words.words((know, learn)),
        missing=[
            (entry, parts.highlighted(entry.lines[know]))
            for entry in load_entries().values()
            if know in entry.lines and learn in entry.without
        ],
        table=_page(app, here, "rosetta"),
    )


def render_steps(app: Sphinx, here: str) -> str:
    """Return the chapters in reading order, with minutes and reasons."""
    direction = direction_of(here)
    path, facts = paths.load()[direction], path_places.chapters(app.env)
    pages = parts.chapters(app.env)

    def shown(step: paths.Step) -> dict[str, Any]:
        page = pages[step.chapter]
        anchors = path_places.sections(app.env, page)
        return {
            "step": step,
            "about": facts[step.chapter],
            "link": _link(app, here, page, direction[1]),
            "look": [
                (title, anchor and _link(app, here, page, direction[1], anchor))
                for title in step.look
                if (anchor := anchors.get(paths.plain(title))) is not None
            ],
        }

    return parts.template(
        "paths/steps.html",
        **_lanes(direction),
        known=path.known,
        steps=[shown(step) for step in path.steps if step.chapter in facts],
        skip=[shown(step) for step in path.skip if step.chapter in facts],
        minutes=paths.minutes(path, facts),
    )


def render_exercise(app: Sphinx, here: str) -> str:
    """Return where to begin to write."""
    direction = direction_of(here)
    exercise = paths.load()[direction].exercise
    page = parts.chapters(app.env).get(exercise.chapter)
    titles = path_places.exercises(app.env, page) if page else {}
    return parts.template(
        "paths/exercise.html",
        **_lanes(direction),
        exercise=exercise,
        title=titles.get(exercise.label, exercise.label if page else ""),
        lost=bool(page) and path_places.is_lost(app.env, page, exercise.label),
        chapter=parts.title(app.env, page) if page else "",
        link=_link(app, here, page, direction[1], exercise.label) if page else "",
    )


def render_doors(app: Sphinx, here: str) -> str:
    """Return the table of all directions, with the minutes of each."""
    facts = path_places.chapters(app.env)
    doors = {
        direction: {
            "link": _page(app, here, page_of(direction)),
            "minutes": paths.minutes(path, facts),
        }
        for direction, path in paths.load().items()
    }
    return parts.template("paths/doors.html", lanes=LANES, doors=doors)


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn where a path and the chapters don't fit together (event `env-updated`)."""
    if not (users := parts.users(env, "path-steps")):
        return
    pages, facts = parts.chapters(env), path_places.chapters(env)
    sections = {n: list(path_places.sections(env, pages[n])) for n in facts}
    unreadable = path_places.unreadable(env)
    for page in users:
        path = paths.load()[direction_of(page)]
        on_it = {step.chapter for step in (*path.steps, *path.skip, path.exercise)}
        if on_it & unreadable:
            continue  # what is said of the other chapters can rest on that one
        wrong = paths.problems(path, facts, sections)
        label, home = path.exercise.label, pages.get(path.exercise.chapter)
        if home and label not in path_places.exercises(env, home):
            wrong.append(f"expected an exercise of {home}, received {label!r}")
        for problem in wrong:
            logger.warning(problem, type="sidebyside", subtype="paths", location=page)


def _lanes(direction: Direction) -> dict[str, Any]:
    know, learn = direction
    return {"know": know, "learn": learn, "lanes": LANES, "both": direction}


def _link(app: Sphinx, here: str, page: str, lane: str, anchor: str = "") -> str:
    """Return the address of a place in a chapter, with a lane chosen."""
    address = f"{parts.link(app, here, page)}?lane={lane}"
    return f"{address}#{anchor}" if anchor else address


def _page(app: Sphinx, here: str, name: str) -> str:
    """Return the address of a page by its name without folder."""
    page = parts.page_named(app.env, name)
    return parts.link(app, here, page) if page else ""

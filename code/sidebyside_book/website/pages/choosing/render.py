"""The page "I'm choosing": what was measured becomes scores, and scores a result."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sidebyside import records
from sidebyside_book import gather
from sidebyside_book.chapter import LANES
from sidebyside_book.website import records as gathered
from sidebyside_book.website.pages import missing, parts
from sidebyside_book.website.pages.choosing import table as choosing
from sidebyside_book.website.pages.choosing import weighing
from sidebyside_book.website.pages.choosing.answers import (
    Answer,
    Answered,
    Line,
    answered,
    lost,
)
from sidebyside_book.website.pages.choosing.weighing import Scores
from sidebyside_book.website.pages.ledger import render as ledger
from sidebyside_book.website.pages.scoreboard import render as scoreboard

EQUAL = 3
"""The weight of every question for a reader who has not moved any."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Weighed:
    """Everything that is weighed, and what follows from weights."""

    questions: list[Answered]

    @property
    def scores(self) -> dict[str, Scores]:
        """Question -> scores, for the questions that were measured."""
        every = {q.question.id: q.scores for q in self.questions}
        return {name: scores for name, scores in every.items() if scores is not None}

    @property
    def shorts(self) -> dict[str, str]:
        """Question -> its short name."""
        return {q.question.id: q.question.short for q in self.questions}

    @property
    def equal(self) -> dict[str, int]:
        """The weights of a reader who has not moved any."""
        return dict.fromkeys(self.scores, EQUAL)

    def totals(self, weights: Mapping[str, int]) -> Scores:
        """Return lane -> total; nothing if nothing that was measured has weight."""
        return weighing.totals(weights, self.scores)


def render(app: Sphinx, here: str) -> str:
    """Return the questions with their weights, and the totals."""
    weighed = Weighed(answered(app, here))
    data = {"lanes": LANES, "scores": weighed.scores, "equal": EQUAL}
    # In a script element nothing but "</" could end it early.
    safe = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return parts.template(
        "choosing/choosing.html",
        weighed=weighed,
        lanes=LANES,
        totals=weighed.totals(weighed.equal),
        profiles=choosing.load().profiles,
        equal=EQUAL,
        most=weighing.MOST,
        backend=_backend(app),
        data=Markup(safe),
    )


def _backend(app: Sphinx) -> str:
    """Return on which backend Keras was measured, in words."""
    measurements = gathered.of_kind(app.env, "measurement")
    backends = {record["backend"] for _, record in measurements}
    names = sorted(LANES.get(name, name.upper()) for name in backends if name)
    return f"; Keras on {' and '.join(names)}" if names else ""


def render_profiles(app: Sphinx, here: str) -> str:
    """Return what follows from a few ready-made weights."""
    weighed = Weighed(answered(app, here))
    return parts.template(
        "choosing/profiles.html",
        lanes=LANES,
        shorts=weighed.shorts,
        profiles=[
            (profile, weighed.totals(profile.weights))
            for profile in choosing.load().profiles
        ],
    )


def render_evidence(app: Sphinx, here: str) -> str:
    """Return every number that a score rests on, with its place in the book."""
    weighed = Weighed(answered(app, here))
    return parts.template(
        "choosing/evidence.html",
        lanes=LANES,
        questions=weighed.questions,
        scores=weighed.scores,
        line_scores=weighing.ratios,
    )


def render_shift(app: Sphinx, here: str) -> str:
    """Return how far the spread of the measurements moves a total."""
    weighed = Weighed(answered(app, here))
    furthest = max((shift(weighed, lane) for lane in LANES), default=0.0)
    return parts.template("choosing/shift.html", furthest=furthest)


def shift(weighed: Weighed, lane: str) -> float:
    """Return how far a lane's total moves if all its values move to a quartile."""
    before = weighed.totals(weighed.equal)
    moved = [
        Weighed(_moved(weighed.questions, lane, end)).totals(weighed.equal)
        for end in ("low", "high")
    ]
    return max((abs(t[lane] - before[lane]) for t in moved if t), default=0.0)


def _moved(questions: list[Answered], lane: str, end: str) -> list[Answered]:
    """Return the questions with all values of a lane at one end of their spread."""

    def of_line(line: Line) -> Line:
        value = line.values[lane]
        moved = replace(value, value=getattr(value, end))
        return replace(line, values={**line.values, lane: moved})

    def of_criterion(answer: Answer) -> Answer:
        return replace(answer, lines=[of_line(line) for line in answer.lines])

    return [
        replace(question, answers=[of_criterion(a) for a in question.answers])
        for question in questions
    ]


def render_silent(app: Sphinx, here: str) -> str:
    """Return what the numbers can't tell, with what the ledger says about it."""
    rows = {row.claim.id: row for row in ledger.rows(app, here)}
    return parts.template(
        "choosing/silent.html",
        silent=[
            (
                silent,
                [(rows[name], _entry(app, here, name)) for name in silent.claims],
                _spread(app, here, silent.metric),
            )
            for silent in choosing.load().silent
        ],
    )


def _entry(app: Sphinx, here: str, claim: str) -> str:
    """Return the address of a claim in the ledger."""
    home = parts.users(app.env, "ledger")
    return parts.link(app, here, home[0] if home else here, claim)


def _spread(app: Sphinx, here: str, metric: str | None) -> dict[str, str] | None:
    """Return by how much the lanes differ at most in a metric of the scoreboard."""
    measurements = scoreboard.measurements(app, metric) if metric else []
    gaps = []
    for _, measurement in measurements:
        values = [row["value"] for row in measurement.record["rows"]]
        gaps.append(max(values) - min(values))
    if not gaps:
        return None
    home = parts.users(app.env, "scoreboard")
    return {
        "metric": str(metric),
        "largest": records.number(max(gaps)),
        "chapters": str(len(gaps)),
        "link": parts.link(app, here, home[0] if home else here, f"score-{metric}"),
    }


def lacks(app: Sphinx, here: str, page: str) -> Markup:
    """Say which questions have fewer numbers because a chapter failed."""
    shorts = [
        question.short
        for question in choosing.load().questions.values()
        if any(page in lost(app.env, c) for c in question.criteria)
    ]
    return missing.listed("Questions that have fewer numbers for that reason", shorts)


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn about a criterion that looks where nothing was raced (`env-updated`)."""
    if not (pages := parts.users(env, "choosing")):
        return
    names = {Path(name).name for name in env.found_docs}
    races = gather.of_kind(gathered.all_records(env), "race")
    cells = {(race.page, race.cell) for race in races}
    for question in choosing.load().questions.values():
        for criterion in question.criteria:
            place = (criterion.fields.get("page"), criterion.fields.get("race"))
            is_race = criterion.kind == "race" and place[0] in names
            looked = is_race and not lost(env, criterion)
            if looked and place not in cells:
                logger.warning(
                    f"question {question.id!r}: expected a race in {place[0]}, cell "
                    f"{place[1]!r}, received none",
                    type="sidebyside",
                    subtype="choosing",
                    location=pages[0],
                )

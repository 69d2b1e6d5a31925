"""What the book has measured for the questions of the page "I'm choosing"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from sidebyside import ledger
from sidebyside.evidence import METRICS
from sidebyside.figures import quantity
from sidebyside_book import gather
from sidebyside_book.chapter import LANES
from sidebyside_book.gather import PageRecord
from sidebyside_book.website import notebook, records, stopped
from sidebyside_book.website.pages import missing, parts, programs
from sidebyside_book.website.pages.choosing import table as choosing
from sidebyside_book.website.pages.choosing import weighing
from sidebyside_book.website.pages.choosing.table import Criterion, Question
from sidebyside_book.website.pages.choosing.weighing import Scores, Value
from sidebyside_book.website.pages.scoreboard import render as scoreboard


@dataclass(frozen=True)
class Line:
    """One place where something was measured in all lanes."""

    title: str
    link: str
    values: dict[str, Value]
    unit: str

    @property
    def shown(self) -> dict[str, str]:
        """Lane -> the value in short form, with its range if there is one."""
        return {lane: _text(value, self.unit) for lane, value in self.values.items()}


def _text(value: Value, unit: str) -> str:
    middle = quantity(value.value, unit)
    if value.low == value.high:
        return middle
    return f"{middle} ({quantity(value.low, unit)} to {quantity(value.high, unit)})"


@dataclass(frozen=True)
class Answer:
    """A criterion with all that was measured for it; no lines: not measured."""

    criterion: Criterion
    lines: list[Line]
    missing: list[tuple[str, str]]
    """Title and address of each chapter that would have measured it, but failed."""


@dataclass(frozen=True)
class Answered:
    """A question with its answers, and the scores that follow from them."""

    question: Question
    answers: list[Answer]

    @property
    def measured(self) -> list[Answer]:
        """The criteria that were measured in all lanes."""
        return [answer for answer in self.answers if answer.lines]

    @property
    def missing(self) -> bool:
        """Whether a chapter failed that would have measured something."""
        return any(answer.missing for answer in self.answers)

    @property
    def scores(self) -> Scores | None:
        """The mean over the criteria of the mean over their lines, if there are any."""
        by_criterion = [
            weighing.mean([weighing.ratios(line.values) for line in answer.lines])
            for answer in self.measured
        ]
        return weighing.mean(by_criterion) if by_criterion else None


def answered(app: Sphinx, here: str) -> list[Answered]:
    """Return the questions with what the book has measured."""
    finders = {"metrics": _metrics, "code": _code, "figure": _figure, "race": _race}
    return [
        Answered(
            question,
            [
                Answer(
                    criterion,
                    list(finders[criterion.kind](app, here, criterion.fields)),
                    missing.places(app, here, lost(app.env, criterion)),
                )
                for criterion in question.criteria
            ],
        )
        for question in choosing.load().questions.values()
    ]


def lost(env: BuildEnvironment, criterion: Criterion) -> list[str]:
    """Return the pages of chapters that failed before they had measured a criterion."""
    looks = {
        "metrics": _loses_metrics,
        "code": lambda env, page, _: page in programs.lost(env),
        "figure": _loses_figure,
        "race": _loses_race,
    }
    looks_at = looks[criterion.kind]
    return [p for p in stopped.pages(env) if looks_at(env, p, criterion.fields)]


def _loses_metrics(env: BuildEnvironment, page: str, fields: Mapping[str, Any]) -> bool:
    gone = any(page in scoreboard.lost(env, metric) for metric in fields["metrics"])
    return gone and _wanted(page, fields.get("only"))


def _loses_figure(env: BuildEnvironment, page: str, fields: Mapping[str, Any]) -> bool:
    home = missing.by_number(env).get(
        ledger.load().claim(fields["claim"]).chapter or ""
    )
    settled = gather.verdicts(records.all_records(env))
    return page == home and fields["claim"] not in settled


def _loses_race(env: BuildEnvironment, page: str, fields: Mapping[str, Any]) -> bool:
    names = [cell.id for cell in notebook.lost_cells(env, page)]
    whole = not notebook.is_readable(env, page)
    return Path(page).name == fields["page"] and (whole or fields["race"] in names)


def _metrics(app: Sphinx, here: str, fields: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the sums of some metrics of the scoreboard, page by page."""
    by_page: dict[str, list[PageRecord]] = {}
    for metric in fields["metrics"]:
        for page, measurement in scoreboard.measurements(app, metric):
            if _wanted(page, fields.get("only")):
                by_page.setdefault(page, []).append(measurement)
    for page, measurements in by_page.items():
        rows = [gather.by_lane(measurement.record) for measurement in measurements]
        if len(rows) == len(fields["metrics"]) and all(
            len(r) == len(LANES) for r in rows
        ):
            values = {lane: _sum([row[lane] for row in rows]) for lane in LANES}
            anchor = records.anchor(measurements[0].cell)
            yield _line(app, here, page, anchor, values, METRICS[fields["metrics"][0]])


def _wanted(page: str, only: list[str] | str | None) -> bool:
    name = Path(page).name
    if only == "chapters":
        return bool(gather.CHAPTER.fullmatch(name))
    return only is None or name in only


def _sum(rows: list[Mapping[str, Any]]) -> Value:
    spread = [
        (row["value"], row["q1"], row["q3"])
        if row["samples"] > 1
        else _single(row["value"])
        for row in rows
    ]
    return Value(*(sum(column) for column in zip(*spread, strict=True)))


def _single(value: float) -> tuple[float, float, float]:
    """Return a value that was measured once, with the spread that it is given."""
    return value, value * (1 - weighing.SINGLE), value * (1 + weighing.SINGLE)


def _code(app: Sphinx, here: str, fields: Mapping[str, Any]) -> Iterator[Line]:
    """Yield a size of the lanes' programs, chapter by chapter."""
    for page, counts in programs.counts(app).items():
        numbers = {lane: of_lane[fields["code"]] for lane, of_lane in counts.items()}
        if all(numbers.values()):
            values = {lane: Value(n, n, n) for lane, n in numbers.items()}
            yield _line(app, here, page, "", values, "count")


def _figure(app: Sphinx, here: str, fields: Mapping[str, Any]) -> Iterator[Line]:
    """Yield figures that a verdict carries, one of each lane."""
    verdict = gather.verdicts(records.all_records(app.env)).get(fields["claim"])
    figures = dict(verdict.record["measured"]) if verdict else {}
    names = {lane: f"{fields['figure']}, {lane}" for lane in LANES}
    if verdict and figures.keys() >= set(names.values()):
        by_lane = {lane: figures[name] for lane, name in names.items()}
        place = f"choosing: {fields['claim']}: {fields['figure']!r}"
        if wrong := [f for f in by_lane.values() if not isinstance(f, int | float)]:
            raise ValueError(
                f"{place}: expected numbers of each lane, received {wrong}"
            )
        values = {lane: Value(n, n, n) for lane, n in by_lane.items()}
        whole = all(isinstance(number, int) for number in by_lane.values())
        anchor, unit = records.anchor(verdict.cell), "count" if whole else "1"
        yield _line(app, here, parts.page_of(app.env, verdict), anchor, values, unit)


def _race(app: Sphinx, here: str, fields: Mapping[str, Any]) -> Iterator[Line]:
    """Yield what a race found for one entry of each lane."""
    for race in gather.of_kind(records.all_records(app.env), "race"):
        if (race.page, race.cell) != (fields["page"], fields["race"]):
            continue
        rows = {row["lane"]: row for row in race.record["rows"]}
        if rows.keys() >= set(fields["lanes"].values()):
            values = {
                lane: _timed(rows[name], fields.get("time"))
                for lane, name in fields["lanes"].items()
            }
            anchor, unit = records.anchor(race.cell), race.record["unit"]
            yield _line(app, here, parts.page_of(app.env, race), anchor, values, unit)


def _timed(row: Mapping[str, Any], which: str | None) -> Value:
    """Return the time of an entry of a race: its median, or its first call."""
    if which == "first":
        return Value(*_single(row["first"]))
    return Value(row["median"], row["q1"], row["q3"])


def _line(
    app: Sphinx, here: str, page: str, anchor: str, values: dict[str, Value], unit: str
) -> Line:
    title = parts.title(app.env, page)
    return Line(title, parts.link(app, here, page, anchor), values, unit)

"""The scoreboard: what all chapters measured of the lanes, side by side."""

import re
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sidebyside.evidence import METRICS
from sidebyside.figures import quantity, shown
from sidebyside_book import gather
from sidebyside_book.chapter import LANES
from sidebyside_book.gather import PageRecord
from sidebyside_book.website import notebook, records, stopped
from sidebyside_book.website.foot import NAMES
from sidebyside_book.website.pages import charts, missing, parts, programs

CHARTED = ("time per training step", "time to first step", "peak memory", "import time")
TABLED = ("parameters", "accuracy", "AUC", "loss")
CODE = ("lines", "statements", "tokens", "names")
MEASURES = re.compile(r"""\bmeasure\(\s*["']([^"']+)["']""")
"""How a cell names the metric that it measures."""

Rows = dict[str, dict[str, Any]]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """A line of a table: one page, one value a lane."""

    title: str
    link: str
    values: dict[str, str]
    ratios: dict[str, float]
    conditions: str


def measurements(app: Sphinx, metric: str) -> list[tuple[str, PageRecord]]:
    """Return where a metric was measured, as (page name, record), in page order."""
    return [
        (parts.page_of(app.env, measurement), measurement)
        for measurement in gather.of_kind(records.all_records(app.env), "measurement")
        if measurement.record["metric"] == metric
    ]


def render(app: Sphinx, here: str) -> str:
    """Return charts and tables of everything that was measured."""
    charted = [_charted(app, here, metric) for metric in CHARTED]
    tabled = [_tabled(app, here, metric) for metric in TABLED]
    return parts.template(
        "scoreboard/scoreboard.html",
        lanes=LANES,
        charted=[metric for metric in charted if metric["panels"] or metric["missing"]],
        tabled=[metric for metric in tabled if metric["lines"] or metric["missing"]],
        code=_code(app, here),
        uncounted=_uncounted(app, here),
        code_missing=missing.places(app, here, programs.lost(app.env)),
        circumstances=_circumstances(app),
    )


def render_summary(app: Sphinx, here: str) -> str:
    """Return what the scoreboard comes to, in sentences whose figures are computed."""
    steps = [_ratios(step.record) for _, step in measurements(app, CHARTED[0])]
    whole = [ratios for ratios in steps if len(ratios) == len(LANES)]
    codes = [_code_ratios(counts) for counts in programs.counts(app).values()]
    return parts.template(
        "scoreboard/summary.html",
        lanes=LANES,
        chapters=len(whole),
        wins={lane: sum(r[lane] == 1 for r in whole) for lane in LANES},
        median=_medians(whole),
        worst=_extremes(whole, max),
        best=_extremes(whole, min),
        written=len(codes),
        shortest={lane: sum(r[lane] == 1 for r in codes) for lane in LANES},
        code=_medians(codes),
    )


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn about a metric that a page gives twice (event `env-updated`)."""
    for metric in METRICS:
        seen: set[str] = set()
        for page, measurement in measurements(app, metric):
            if page in seen:
                logger.warning(
                    f"expected one measurement of {metric!r} on a page, received "
                    f"another in cell {measurement.cell!r}",
                    type="sidebyside",
                    subtype="evidence",
                    location=page,
                )
            seen.add(page)


def _ratios(record: Mapping[str, Any]) -> dict[str, float]:
    rows = gather.by_lane(record)
    least = min(row["value"] for row in rows.values())
    return {lane: _over(row["value"], least) for lane, row in rows.items()}


def _over(value: float, least: float) -> float:
    return value / least if least else 1.0


def _medians(ratios: list[dict[str, float]]) -> dict[str, float]:
    return {
        lane: statistics.median(r[lane] for r in ratios) for lane in LANES if ratios
    }


def _extremes(ratios: list[dict[str, float]], choose: Any) -> dict[str, float]:
    return {lane: choose(r[lane] for r in ratios) for lane in LANES if ratios}


def _charted(app: Sphinx, here: str, metric: str) -> dict[str, Any]:
    """Return a metric's panels and table; all its panels share one axis."""
    measured = measurements(app, metric)
    largest = max((max(_ratios(m.record).values()) for _, m in measured), default=1)
    panels = []
    for page, measurement in measured:
        rows = gather.by_lane(measurement.record)
        least = min(row["value"] for row in rows.values())
        points = {
            lane: charts.Point(
                *(_over(row[key], least) for key in ("value", "q1", "q3"))
            )
            for lane, row in rows.items()
        }
        line = _line(app, here, page, measurement)
        values = ", ".join(f"{LANES[k]} {v}" for k, v in line.values.items())
        label = f"{metric}, {line.title}: {values}"
        panels.append((line, charts.ratio_chart(points, largest, label)))
    return {"metric": metric, "panels": panels, "missing": _missing(app, here, metric)}


def _tabled(app: Sphinx, here: str, metric: str) -> dict[str, Any]:
    measured = measurements(app, metric)
    lines = [_line(app, here, page, measurement) for page, measurement in measured]
    return {"metric": metric, "lines": lines, "missing": _missing(app, here, metric)}


def lost(env: BuildEnvironment, metric: str) -> list[str]:
    """Return the pages that would have measured a metric if they had not failed."""
    return [
        page
        for page in stopped.pages(env)
        for cell in notebook.lost_cells(env, page)
        if metric in MEASURES.findall(cell.source)
    ]


def lacks(app: Sphinx, here: str, page: str) -> Markup:
    """Say what is not on the scoreboard because a chapter failed."""
    names = [metric for metric in METRICS if page in lost(app.env, metric)]
    if not notebook.is_readable(app.env, page):
        names.append("the size of its code")
    if page in programs.lost(app.env):
        names.append("the size of all chapters' code")
    return missing.listed("Missing for that reason", names)


def _missing(app: Sphinx, here: str, metric: str) -> list[tuple[str, str]]:
    return missing.places(app, here, lost(app.env, metric))


def _line(app: Sphinx, here: str, page: str, measurement: PageRecord) -> Line:
    record = measurement.record
    unit = record["unit"]
    rows: Rows = gather.by_lane(record)
    return Line(
        title=parts.title(app.env, page),
        link=parts.link(app, here, page, records.anchor(measurement.cell)),
        values={lane: _value(row, unit) for lane, row in rows.items()},
        ratios=_ratios(record),
        conditions=", ".join(f"{k} {shown(v)}" for k, v in record["conditions"]),
    )


def _value(row: Mapping[str, Any], unit: str) -> str:
    value = quantity(row["value"], unit)
    if row["samples"] == 1:
        return value
    return f"{value} ({quantity(row['q1'], unit)} to {quantity(row['q3'], unit)})"


def _code_ratios(counts: programs.Counts) -> dict[str, float]:
    tokens = {lane: of_lane["tokens"] for lane, of_lane in counts.items()}
    least = min(tokens.values())
    return {lane: _over(number, least) for lane, number in tokens.items()}


def _code(app: Sphinx, here: str) -> list[dict[str, Any]]:
    return [
        {
            "title": parts.title(app.env, page),
            "link": parts.link(app, here, page),
            "sizes": {
                lane: [of_lane[what] for what in CODE]
                for lane, of_lane in counts.items()
            },
            "ratios": _code_ratios(counts),
        }
        for page, counts in programs.counts(app).items()
    ]


def _uncounted(app: Sphinx, here: str) -> dict[str, Any] | None:
    """Return which chapters were not counted, and the cell that says so."""
    placed = programs.record(app)
    if placed is None:
        return None
    home = parts.page_of(app.env, placed)
    return {
        "link": parts.link(app, here, home, records.anchor(placed.cell)),
        "chapters": [
            (parts.title(app.env, page), parts.link(app, here, page))
            for name in placed.record["missing"]
            if (page := parts.page_named(app.env, name))
        ],
    }


def _circumstances(app: Sphinx) -> list[str]:
    """Return the machines and versions under which the measurements were made."""
    circumstances = set()
    for metric in METRICS:
        for _, measurement in measurements(app, metric):
            record = measurement.record
            names = [n for n in NAMES if n in record["versions"]]
            versions = ", ".join(f"{NAMES[n]} {record['versions'][n]}" for n in names)
            threads = record["threads"]
            circumstances.add(
                f"{record['processor']}, {threads} thread{'s' * (threads > 1)}; "
                f"{versions}; Keras on {record['backend'] or 'no backend'}"
            )
    return sorted(circumstances)

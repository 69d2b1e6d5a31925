"""The foot of a chapter: with what, when, where and how long it last ran."""

from datetime import datetime
from typing import Any

from sphinx.application import Sphinx

from sidebyside_book.chapter import LANES
from sidebyside_book.website import records

NAMES = {
    "torch": LANES["pytorch"],
    "tensorflow": LANES["tensorflow"],
    "keras": LANES["keras"],
    "jax": "JAX",
    "numpy": "NumPy",
}
"""Distribution name -> what readers call it; only these stand in the foot."""


def add_to_page(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give the template what the page's records say (event `html-page-context`)."""
    reports = records.of_page(app.env, pagename, "report")
    if reports:
        parity = [
            record
            for kind in ("parity", "record")
            for record in records.of_page(app.env, pagename, kind)
        ]
        context["last_verified"] = lines(reports[-1], parity)
        context["last_verified_date"] = reports[-1]["date"][:10]


def lines(report: records.Record, parity: list[records.Record]) -> dict[str, str]:
    """Return the foot as term -> text, in reading order."""
    day = datetime.fromisoformat(report["date"])
    machine = report["machine"]
    versions = report["versions"]
    seed = report["seed"]
    return {
        "Last verified": f"{day.day} {day:%B %Y}",
        "Parity": _parity(parity),
        "Run time": f"{report['seconds']:.1f} s",
        "Seed": "none" if seed is None else str(seed),
        "Versions": ", ".join(
            [f"Python {report['python']}"]
            + [f"{NAMES[key]} {versions[key]}" for key in NAMES if key in versions]
        ),
        "Keras backend": report["backend"] or "Keras was not imported",
        "Machine": f"{machine['system']}, {machine['processor']}, "
        f"{_count(machine['cores'], 'core')}, {_count(machine['threads'], 'thread')}",
    }


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _parity(parity: list[records.Record]) -> str:
    if not parity:
        return "no check on this page"
    passed = sum(record["passed"] for record in parity)
    checks = f"{_count(passed, 'check')} passed"
    broken = len(parity) - passed
    # A broken check stops a notebook, so one that stands on a page was caught there.
    return checks + (f", {broken} broken on purpose" if broken else "")

"""The Rosetta table's page: code, notes, links, and how equal the lanes are."""

import re
from dataclasses import dataclass

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sidebyside.records import number
from sidebyside.reference.rosetta import entries
from sidebyside.reference.rosetta.entries import Entry
from sidebyside_book.chapter import LANES
from sidebyside_book.website import records
from sidebyside_book.website.pages import parts

PYTORCH = "https://docs.pytorch.org/docs/stable/search.html?q="
TENSORFLOW = "https://www.tensorflow.org/api_docs/python/"
KERAS = "https://keras.io/api/"
KERAS_PAGES = {
    "activations": "layers/activations/",
    "config": "utils/config_utils/",
    "initializers": "layers/initializers/",
    "regularizers": "layers/regularizers/",
}
"""Where Keras' documentation puts a module, if not under its own name."""

KERAS_OWN = ("callbacks", "distribution", "layers", "losses", "metrics", "ops")
KERAS_OWN += ("optimizers", "random", "utils")
_NAME = {
    "pytorch": re.compile(r"\btorch(?:\.\w+)+"),
    "tensorflow": re.compile(r"\btf(?:\.\w+)+"),
    "keras": re.compile(r"\bkeras(?:\.\w+)+"),
}
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cell:
    """What a row shows of a lane."""

    code: Markup | None
    reason: str
    name: str
    docs: str


def render(app: Sphinx, here: str) -> str:
    """Return the table with its search and filters."""
    measured = _measured(app.env)
    table = entries.load().values()
    pages = parts.chapters(app.env)
    rows = [
        {
            "entry": entry,
            "cells": {lane: _cell(entry, lane) for lane in LANES},
            "equal": _equal(entry, measured.get(entry.id)),
            "chapters": [
                (parts.title(app.env, pages[n]), parts.link(app, here, pages[n]))
                for n in entry.chapters
                if n in pages
            ],
            "text": _text(entry),
        }
        for entry in table
    ]
    sections = [s for s in entries.SECTIONS if any(e.section == s for e in table)]
    classes = [d for d in entries.DIFFERENCES if any(e.difference == d for e in table)]
    return parts.template(
        "rosetta/rosetta.html",
        rows=rows,
        lanes=LANES,
        sections=sections,
        classes=classes,
    )


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn if the table wasn't run as it stands (event `env-updated`)."""
    if not (pages := parts.users(env, "rosetta")):
        return
    table, measured = entries.load(), _measured(env)
    if missing := sorted(table.keys() - measured.keys()):
        _warn(
            f"expected a record of every row, received none of {missing[:5]}", pages[0]
        )
    numbers = parts.chapters(env)
    for entry in table.values():
        if unknown := [n for n in entry.chapters if n not in numbers]:
            message = (
                f"row {entry.id!r}: expected chapters of the book, received {unknown}"
            )
            _warn(message, pages[0])


def _warn(message: str, page: str) -> None:
    logger.warning(message, type="sidebyside", subtype="rosetta", location=page)


def _measured(env: BuildEnvironment) -> dict[str, float]:
    """Return the differences of the rows, as the book has just measured them."""
    differences: dict[str, float] = {}
    for _, record in records.of_kind(env, "rosetta"):
        differences |= record["differences"]
    return differences


def _cell(entry: Entry, lane: str) -> Cell:
    line = entry.lines.get(lane)
    if line is None:
        return Cell(None, entry.without[lane], "", "")
    match = _NAME[lane].search(line)
    name = match[0] if match else ""
    return Cell(parts.highlighted(line), "", name, _docs(lane, name) if name else "")


def _docs(lane: str, name: str) -> str:
    """Return where a name is documented."""
    if lane == "pytorch":
        return PYTORCH + name
    if lane == "tensorflow":
        return TENSORFLOW + name.replace(".", "/")
    module = name.split(".")[1]
    own = f"{module}/" if module in KERAS_OWN else ""
    return KERAS + KERAS_PAGES.get(module, own)


def _equal(entry: Entry, worst: float | None) -> str:
    if entry.compare == "runs" or worst is None or len(entry.lines) < 2:
        return "runs"
    if entry.compare == "shape":
        return "equal shapes"
    if entry.compare == "distribution":
        return "equal mean and spread"
    return "equal" if worst == 0 else f"equal within {number(worst, 2)}"


def _text(entry: Entry) -> str:
    """Return what a search looks through."""
    said = [entry.id, entry.task, entry.note, *entry.lines.values()]
    return " ".join([*said, *entry.without.values()]).lower()

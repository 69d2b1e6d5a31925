"""The pattern of a chapter: how long it is, its box, its picture, what its proof calls.

A chapter can be read in twenty minutes. Its box is the ten-minute path, its picture
shows the idea, and its proof calls the functions that a reader has read. What needs a
race, a count or a score is settled in a lab.
"""

import re
from collections.abc import Iterator
from functools import wraps

from sidebyside import ledger
from sidebyside.ledger import Claim
from sidebyside_book import box as short
from sidebyside_book.authoring.rules.source import Problems, Rule, calls, strings
from sidebyside_book.chapter import LANES, SUFFIXES, Cell, Notebook, minutes, text_lines
from sidebyside_book.editions.names import names, tree

FIRST_EDITION = frozenset(
    {
        "05_data_pipelines",
        "06_structured_data",
        "21_sentiment",
        "41_graphs_and_compilation",
        "51_exchange",
        "71_migrating",
    }
)
"""Chapters that are not yet brought to the pattern. The list only ever gets shorter."""
LABS = frozenset({"40", "41", "44", "46", "49"})
"""Numbers of the chapters that measure: they may settle every kind of claim."""
MEASURED = frozenset({"performance", "usability"})
"""Kinds of claims that need a race, a count or a score."""

MAX_CELLS, MAX_EXERCISE_CELLS = 60, 24
MAX_WORDS, MAX_MINUTES = 1_800, 20
MAX_BOX_LINES = 8
PICTURES, QUOTED = "diagrams.", "{glue:text}`"

_MARKUP = re.compile(r"\s*(?::{3,}|:[\w-]+:|\([\w-]+\)=$)")
_TARGET = re.compile(r"\]\([^)]*\)")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def counts(notebook: Notebook) -> tuple[int, int]:
    """Return how many cells stand before the exercises, and how many are theirs."""
    before = len(notebook.before("exercises"))
    return before, len(notebook.before("references")) - before


def words(notebook: Notebook) -> int:
    """Return how many words of prose a chapter has, up to its references.

    Tables, exercises and names in backticks count; code, formulas, addresses and the
    lines that open directives do not.
    """
    cells = [cell for cell in notebook.before("references") if cell.is_text]
    return sum(len(_WORD.findall(line)) for cell in cells for line in _prose(cell))


def _prose(cell: Cell) -> Iterator[str]:
    source = f"{cell.task.title}\n\n{cell.task.text}" if cell.task else cell.source
    for line in text_lines(source):
        if not _MARKUP.match(line):
            yield _TARGET.sub("]", line)


def _second_edition(rule: Rule) -> Rule:
    """Return a rule that leaves chapters of the first edition alone."""

    @wraps(rule)
    def held(notebook: Notebook) -> Problems:
        if notebook.name not in FIRST_EDITION:
            yield from rule(notebook)

    return held


@_second_edition
def lengths(notebook: Notebook) -> Problems:
    """Twenty minutes: so many cells, so many words."""
    before, after = counts(notebook)
    if before > MAX_CELLS:
        wanted = f"at most {MAX_CELLS} cells before the exercises"
        yield "exercises", f"expected {wanted}, received {before}"
    if after > MAX_EXERCISE_CELLS:
        wanted = (
            f"at most {MAX_EXERCISE_CELLS} cells from the exercises to the references"
        )
        yield "exercises", f"expected {wanted}, received {after}"
    if (count := words(notebook)) > MAX_WORDS:
        yield "title", f"expected at most {MAX_WORDS} words of prose, received {count}"
    if (takes := minutes(notebook)) and takes > MAX_MINUTES:
        wanted = f"at most {MAX_MINUTES} minutes of reading"
        yield "aims", f"expected {wanted}, received {takes}"


@_second_edition
def box(notebook: Notebook) -> Problems:
    """Below the title, a box says what comes out, and what surprises whom, and where.

    The numbers in the box are quoted from the cells that compute them.
    """
    cell = notebook.get("short")
    if cell is None or not cell.source.startswith(short.BEGIN):
        came = cell.source[:30] if cell else "none"
        yield (
            "short",
            f"expected a cell that begins with {short.BEGIN!r}, received {came!r}",
        )
        return
    inside, below = short.split(cell.source)
    count, most = len(inside.splitlines()), MAX_BOX_LINES
    if not 1 <= count <= most:
        yield "short", f"expected 1 to {most} lines in the box, received {count}"
    if not short.QUOTE.search(inside):
        yield "short", f"expected a number by {QUOTED!r} in the box, received none"
    if short.COMING not in below:
        yield "short", f"expected {short.COMING!r} below the box, received none"
    rows = [line for line in below.splitlines() if line.startswith("| **")]
    for name in LANES.values():
        row = next((row for row in rows if row.startswith(f"| **{name}")), "")
        if "](#" not in row:
            wanted = f"a row '| **{name}' with a link to a section"
            yield "short", f"expected {wanted}, received {row!r}"


@_second_edition
def picture(notebook: Notebook) -> Problems:
    """A diagram shows the idea before the first lane does anything."""
    before = notebook.before("exercises")
    drawing = [c for c in before if c.is_code and any(map(_draws, calls(tree(c))))]
    lanes = [c for c in before if c.lane and not c.id.startswith("imports")]
    if not drawing or (lanes and before.index(drawing[0]) > before.index(lanes[0])):
        wanted = f"a call of {PICTURES}... above the first lane"
        came = f"it first in {drawing[0].id!r}" if drawing else "none"
        yield "idea", f"expected {wanted}, received {came}"


def _draws(name: str) -> bool:
    return name.startswith(PICTURES)


@_second_edition
def proves_what_is_shown(notebook: Notebook) -> Problems:
    """The proof calls functions that a reader has read, in each lane."""
    before = notebook.before("exercises")
    defined: set[str] = set()
    called: set[str] = set()
    for cell in before:
        if cell.is_code and cell.lane:
            defined |= set(names(cell).read_later)
        if cell.is_code and "parity" in cell.tags:
            called |= defined & _reached(cell, before)
    for lane, suffix in SUFFIXES.items():
        if not any(name.endswith(suffix) for name in called):
            wanted = f"a proof that calls a function of the lane, named '..{suffix}'"
            yield "summary", f"expected {wanted}, received none in {lane}"


def _reached(cell: Cell, cells: list[Cell]) -> set[str]:
    """Return the names that a cell reads, and those that these are made of."""
    reads: dict[str, frozenset[str]] = {}
    reached: set[str] = set()
    for other in (cell for cell in cells if cell.is_code):
        known = names(other)
        reads |= dict.fromkeys(known.assigned, known.read) | known.read_later
    new = set(names(cell).read)
    while new - reached:
        reached |= new
        new = set().union(*(reads.get(name, set()) for name in new))
    return reached


@_second_edition
def settled(notebook: Notebook) -> Problems:
    """Outside the labs, a chapter settles only what running it answers."""
    if notebook.name[:2] in LABS:
        return
    for cell, claim in claims(notebook):
        if claim.kind in MEASURED:
            wanted = f"a claim of {claim.kind} to be settled in a lab"
            yield cell.id, f"expected {wanted}, received {claim.id}"


def claims(notebook: Notebook) -> Iterator[tuple[Cell, Claim]]:
    """Yield the claims of the ledger that a chapter's cells settle."""
    known = ledger.load().claims
    for cell in notebook.code:
        if cell.id.split("-")[0] == "settle":
            for name in strings(tree(cell)):
                if name in known:
                    yield cell, known[name]


RULES: tuple[Rule, ...] = (lengths, box, picture, proves_what_is_shown, settled)

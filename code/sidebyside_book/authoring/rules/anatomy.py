"""Anatomy: the parts that every chapter has, so that a reader finds their way."""

import ast
import re

from sidebyside.parameters import parse
from sidebyside_book.authoring.rules.source import (
    PROVES,
    Problems,
    Rule,
    bullets,
    calls,
    comments,
)
from sidebyside_book.authoring.skeleton import NOTE, TODO
from sidebyside_book.chapter import Cell, Notebook, blocks, minutes, text_lines
from sidebyside_book.editions.names import python, tree

FRONT = ["title", "aims", "setup", "imports"]
BETWEEN = ("short", "idea")
"""What may stand between these: what the chapter finds, and the picture of its idea."""
PARAMETERS = ["parameters", "parameters-check"]
LANDMARKS = [*FRONT, *PARAMETERS, "summary", "exercises", "references", "report"]
KINDS = {name: "markdown" for name in LANDMARKS}
KINDS |= dict.fromkeys(["setup", "imports", *PARAMETERS, "report"], "code")
HEADED = ("summary", "exercises", "references")
REPORT = "report.show(seed=SEED)"
CHECK = "parameters.check(globals())"

NO_VERBS = {
    "a",
    "an",
    "and",
    "how",
    "in",
    "of",
    "on",
    "that",
    "the",
    "this",
    "to",
    "what",
}
NO_VERBS |= {"when", "where", "why", "your"}
EVIDENCE = {"measure": "evidence.measure", "settle": "evidence.settle"}
"""First word of a cell's id -> what it calls, and what only such cells call."""

MAX_BLOCKS, MIN_BLOCKS = 30, 10
MAX_LINES, USUAL_LINES = 25, 15
WITHOUT_PROSE = {"setup", "imports", *PARAMETERS}

MEASURED = re.compile(
    r"(?<![\w.\-/])\d+(?:[.,]\d+)?"
    r"(?:e[-+]?\d+|\s?%|\s?[mµu]?s(?!\w)|\s?[x×](?!\w|\s?\d)|(?<=\.\d)\s+times(?!\w))"
)
"""A number by heart: 98 %, 3.1 ms, 2 s, 4x, 1e-5. Not 8 × 8, which is a shape."""


def landmarks(notebook: Notebook) -> Problems:
    """The fixed parts are there, once, in order; the report is the last cell."""
    names = [cell.id for cell in notebook.cells]
    for name in LANDMARKS:
        yield from _landmark(name, notebook.get(name))
    if not any(
        c.source.startswith("## What differs") for c in notebook.before("summary")
    ):
        yield "summary", "expected a section '## What differs' above, received none"
    present = [name for name in names if name in LANDMARKS]
    wanted = sorted(present, key=LANDMARKS.index)
    if present != wanted:
        yield (
            present[0],
            f"expected the parts in the order {wanted}, received {present}",
        )
    front = [name for name in names if name not in BETWEEN][: len(FRONT)]
    if front != FRONT:
        yield "title", f"expected to begin with {FRONT}, received {front}"
    for last in notebook.cells[-1:]:
        if (last.id, last.source) == ("report", REPORT):
            continue
        yield last.id, f"expected {REPORT!r} as the last cell, received {last.source!r}"


def _landmark(name: str, cell: Cell | None) -> Problems:
    heading = f"## {name.capitalize()}" if name in HEADED else ""
    if cell is None:
        yield name, "expected a cell of this id, received none"
    elif cell.kind != KINDS[name]:
        yield name, f"expected a {KINDS[name]} cell, received {cell.kind}"
    elif not cell.source.startswith(heading):
        yield name, f"expected {heading!r} first, received {cell.source[:20]!r}"


def title(notebook: Notebook) -> Problems:
    """One H1 in the chapter, and below it the question that the chapter answers."""
    for cell in notebook.text:
        count = sum(heading.level == 1 for heading in cell.headings)
        if count != (wanted := int(cell.id == "title")):
            yield cell.id, f"expected {wanted} headings of level 1, received {count}"
    if cell := notebook.get("title"):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if len(lines) != 2 or not lines[1].strip("*_ ").endswith("?"):
            yield "title", f"expected a heading and one question, received {lines[1:]}"


def aims(notebook: Notebook) -> Problems:
    """Three to five aims that begin with a verb, prerequisites, and the time."""
    cell = notebook.get("aims")
    if cell is None:
        return
    items = bullets(cell.source)
    if not 3 <= len(items) <= 5:
        yield "aims", f"expected 3 to 5 bullets, received {len(items)}"
    for aim in items:
        word = aim.split(" ")[0].strip("*_,`")
        is_verb = re.fullmatch(r"[a-z-]+", word) and word not in NO_VERBS
        if not is_verb or (word.endswith("ing") and word != "bring"):
            yield "aims", f"expected a verb in lower case first, received {aim!r}"
    rows = [line for line in cell.source.splitlines() if line.startswith("|")]
    if len(rows) < 3 or not rows[0].lower().startswith("| prerequisite"):
        yield "aims", f"expected a table '| prerequisite | ...', received {rows[:1]}"
    if minutes(notebook) is None:
        yield "aims", "expected 'takes about N minutes', how many, received nothing"


def parameters(notebook: Notebook) -> Problems:
    """Parameters are capitals, literals, explained, and used."""
    cell = notebook.get("parameters")
    if cell is None:
        return
    if "parameters" not in cell.tags:
        yield "parameters", f"expected the tag 'parameters', received {list(cell.tags)}"
    notes, lines = comments(cell.source), python(cell.source).splitlines()
    rest = "\n".join(c.source for c in notebook.cells if c.is_code and c is not cell)
    for part in tree(cell).body:
        name, is_literal = _assigned(part)
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name) or not is_literal:
            line = lines[part.lineno - 1]
            yield "parameters", f"expected 'NAME = literal', received {line!r}"
        above = part.lineno - 1 if lines[part.lineno - 2][:1] == "#" else None
        places = [*range(part.lineno, part.end_lineno + 1), above]
        if not any(len(notes.get(place, "").split()) > 1 for place in places):
            yield "parameters", f"expected a comment with the reason of {name}"
        if name and not re.search(rf"\b{name}\b", rest):
            yield "parameters", f"expected that a cell uses {name}, received none"
    yield from _ranges(notebook, cell)


def _ranges(notebook: Notebook, cell: Cell) -> Problems:
    """Each parameter states its range, and the next cell holds them to it."""
    try:
        ranges = parse(cell.source)
    except ValueError as error:
        yield "parameters", str(error)
        return
    for part in tree(cell).body:
        name, _ = _assigned(part)
        if name and name not in ranges:
            yield "parameters", f"expected 'NAME = VALUE  # RANGE; reason' for {name}"
    checking = notebook.get("parameters-check")
    if checking is not None and checking.source != CHECK:
        yield checking.id, f"expected {CHECK!r}, received {checking.source!r}"


def _assigned(part: ast.stmt) -> tuple[str, bool]:
    """Return the one name that a statement assigns, and whether it is to a literal."""
    if not isinstance(part, ast.Assign) or not isinstance(part.targets[0], ast.Name):
        return "", False
    try:
        ast.literal_eval(part.value)
    except ValueError:
        return part.targets[0].id, False
    return part.targets[0].id, len(part.targets) == 1


def evidence(notebook: Notebook) -> Problems:
    """What a chapter found is recorded in cells that are named for it."""
    for cell in notebook.code:
        called = set(calls(tree(cell)))
        for word, function in EVIDENCE.items():
            named = cell.id.split("-")[0] == word
            if named != (function in called):
                wanted = f"a call of {function} in cells named '{word}-...' only"
                yield cell.id, f"expected {wanted}, received named={named}"


def size(notebook: Notebook) -> Problems:
    """Not too long to read: blocks of code in a chapter, lines of code in a cell.

    The three cells of a lane triple are one block, as on the page. The front matter,
    the exercises, proofs, and cells that record evidence do not count.
    """
    body = notebook.before("exercises")
    code = [block for block in blocks(body) if block[0].is_code]
    free = {*WITHOUT_PROSE, *EVIDENCE}
    count = sum(
        block[0].id.split("-")[0] not in free and "parity" not in block[0].tags
        for block in code
    )
    if not MIN_BLOCKS <= count <= MAX_BLOCKS:
        wanted = f"{MIN_BLOCKS} to {MAX_BLOCKS} blocks of code before the exercises"
        yield "exercises", f"expected {wanted}, received {count}"
    lengths = {
        cell.id: sum(bool(line.strip()) for line in cell.source.splitlines())
        for cell in notebook.code
    }
    for name, length in lengths.items():
        if length > MAX_LINES:
            yield name, f"expected at most {MAX_LINES} lines of code, received {length}"
    free = {"setup", *EVIDENCE}
    free |= {cell.id for cell in notebook.code if "parity" in cell.tags}
    long = [
        name
        for name, length in lengths.items()
        if length > USUAL_LINES and not {name, name.split("-")[0]} & free
    ]
    if len(long) > len(lengths) / 5:
        wanted = f"at most {USUAL_LINES} lines in four of five code cells"
        yield long[0], f"expected {wanted}, received more in {long}"


def prose(notebook: Notebook) -> Problems:
    """Before each block of code, text says what to look at; a heading is not enough."""
    parts = blocks(notebook.cells)
    for above, block in zip([[], *parts], parts, strict=False):
        cell = block[0]
        free = {"self-check", "solution"} & set(cell.tags)
        free |= WITHOUT_PROSE & {cell.id.removesuffix(f"-{cell.lane}")}
        if not cell.is_code or free:
            continue
        lines = text_lines(above[0].source) if above and above[0].is_text else []
        if not any(line.strip() and line[0] != "#" for line in lines):
            yield cell.id, "expected a cell of text above that says what to look at"


def proof(notebook: Notebook) -> Problems:
    """The chapter proves parity, before the exercises, and each `parity` cell does."""
    proving = [cell for cell in notebook.cells if "parity" in cell.tags]
    for cell in proving:
        parts = [part for part in tree(cell).body if not isinstance(part, ast.Try)]
        called = {name for part in parts for name in calls(part)}
        if not called & PROVES:
            yield cell.id, f"expected a call of one of {sorted(PROVES)}"
    if not any(cell in notebook.before("exercises") for cell in proving):
        yield "summary", "expected a cell tagged 'parity' before it, received none"


def summary(notebook: Notebook) -> Problems:
    """The summary answers the aims, one bullet each."""
    aim, answer = notebook.get("aims"), notebook.get("summary")
    if aim and answer and len(bullets(aim.source)) != len(bullets(answer.source)):
        wanted, came = len(bullets(aim.source)), len(bullets(answer.source))
        yield "summary", f"expected {wanted} bullets, one for each aim, received {came}"


def measured(notebook: Notebook) -> Problems:
    """What was measured is printed by a cell: no number by heart in the conclusions.

    Looked at are the sections *What differs* and *Summary*, sentence by sentence. A
    sentence with a link cites its source; a number in backticks or a formula is no
    measurement.
    """
    heading = ""
    for cell in notebook.text:
        for line in text_lines(cell.source):
            heading = line[3:].strip().lower() if line.startswith("## ") else heading
            if heading not in ("what differs", "summary"):
                continue
            for sentence in re.split(
                r"(?<=[.!?])\s+", re.sub(r"`[^`]*`|\$[^$]*\$", "", line)
            ):
                number = MEASURED.search(sentence)
                if number and "](" not in sentence:
                    yield (
                        cell.id,
                        f"expected no number by heart, received '{number[0]}'",
                    )


def finished(notebook: Notebook) -> Problems:
    """Nothing of the skeleton of `sidebyside new-chapter` is left to do.

    This is one problem, however many notes are left: it names the cell `todo`.
    """
    left = [cell.id for cell in notebook.text if cell.id == TODO or NOTE in cell.source]
    if left:
        wanted = "the skeleton's question and task to be replaced"
        yield TODO, f"expected {wanted}, received its notes in {', '.join(left)}"


RULES: tuple[Rule, ...] = (
    finished,
    landmarks,
    title,
    aims,
    parameters,
    evidence,
    size,
    prose,
    proof,
    summary,
    measured,
)

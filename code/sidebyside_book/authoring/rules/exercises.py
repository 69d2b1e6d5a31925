"""Exercises: each with a solution in all lanes, folded away, and a check of its own."""

import ast
import re
from collections import defaultdict

from cells import (
    LANES,
    PROVES,
    Problems,
    Rule,
    before,
    calls,
    comments,
    is_code,
    is_prose,
    lane_of,
    tags,
    tree,
)
from nbformat import NotebookNode

from sidebyside_book.editions.exercises import TASK as EXERCISE
from sidebyside_book.editions.exercises import Exercise, find
from sidebyside_book.editions.names import names

OPEN = re.compile(
    r"\A(`{3,}|:{3,})\{solution-start\} *(?P<label>\S+)\n:class: *dropdown\n\1\Z"
)
CLOSE = re.compile(r"\A(`{3,}|:{3,})\{solution-end\}\n\1\Z")
KINDS = ("translation", "predict, then run")


def _titles(notebook: NotebookNode) -> dict[str, str]:
    """Return the titles of the exercises by the id of their cells."""
    found = {c.id: EXERCISE.match(c.source) for c in filter(is_prose, notebook.cells)}
    return {name: match["title"] for name, match in found.items() if match}


def choice(notebook: NotebookNode) -> Problems:
    """Three to six; one translates between lanes, one is predicted before it runs."""
    found = _titles(notebook)
    if not 3 <= len(found) <= 6:
        yield "exercises", f"expected 3 to 6 exercises, received {len(found)}"
    for kind in KINDS:
        if not any(kind in title.lower() for title in found.values()):
            yield "exercises", f"expected '{kind.capitalize()}: ...' as a title"


def shape(notebook: NotebookNode) -> Problems:
    """Task, fold, solution, end of the fold, check: nothing else, in this order."""
    start = len(before(notebook, "exercises")) + 1
    end = len(before(notebook, "references"))
    part = notebook.cells[start:end]
    groups: dict[str, list[NotebookNode]] = defaultdict(list)
    current = ""
    for cell in part:
        current = cell.id if EXERCISE.match(cell.source) else current
        groups[current or cell.id].append(cell)
    for name, cells in groups.items():
        yield from _one(name, cells)


def _one(name: str, cells: list[NotebookNode]) -> Problems:
    task = EXERCISE.match(cells[0].source)
    if not task or not name.startswith("ex-"):
        yield (
            name,
            "expected an exercise: id 'ex-NAME', {exercise} with title and label",
        )
        return
    ids, wanted = (
        [cell.id for cell in cells],
        [f"{name}-{x}" for x in ("open", "close")],
    )
    middle = [cell for cell in cells[2:-2] if is_code(cell)]
    order = [
        name,
        wanted[0],
        *[cell.id for cell in cells[2:-2]],
        wanted[1],
        f"{name}-check",
    ]
    if ids != order or not middle:
        yield (
            name,
            f"expected {name}, -open, solution cells, -close, -check, received {ids}",
        )
        return
    fold = OPEN.match(cells[1].source)
    if not fold or fold["label"] != task["label"]:
        wanted_text = f"a dropdown {{solution-start}} {task['label']}"
        yield cells[1].id, f"expected {wanted_text}, received {cells[1].source!r}"
    if not CLOSE.match(cells[-2].source):
        yield cells[-2].id, f"expected {{solution-end}}, received {cells[-2].source!r}"
    for cell in cells[1:-1]:
        if "solution" not in tags(cell):
            yield cell.id, f"expected the tag 'solution', received {tags(cell)}"
    yield from _lanes(name, cells[2:-2])
    yield from _check(cells[-1])


def _lanes(name: str, solution: list[NotebookNode]) -> Problems:
    """A solution has all lanes, or a word about lanes that says why not."""
    if {lane_of(cell) for cell in solution} >= set(LANES):
        return
    notes = [n for c in solution if is_code(c) for n in comments(c.source).values()]
    notes = [note for note in notes if note not in LANES.values()]  # a first line
    words = " ".join([*notes, *(c.source for c in solution if is_prose(c))]).lower()
    if not re.search(r"\blanes?\b|\bkeras\b|\btensorflow\b|\bpytorch\b", words):
        yield name, "expected a solution in all lanes, or a comment why one is enough"


def _check(cell: NotebookNode) -> Problems:
    if not is_code(cell) or "self-check" not in tags(cell):
        yield cell.id, f"expected code tagged 'self-check', received {tags(cell)}"
        return
    asserts = any(isinstance(part, ast.Assert) for part in ast.walk(tree(cell)))
    if not asserts and not PROVES & set(calls(tree(cell))):
        yield cell.id, f"expected an assert or one of {sorted(PROVES)}"


def named(notebook: NotebookNode) -> Problems:
    """Labels are unique, and solutions stand among the exercises."""
    labels = [m["label"] for c in notebook.cells if (m := EXERCISE.match(c.source))]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield "exercises", f"expected labels that differ, received {label} twice"
    for cell in before(notebook, "exercises"):
        if "solution" in tags(cell):
            yield cell.id, "expected solutions among the exercises only"


def _exercises(notebook: NotebookNode) -> list[Exercise]:
    """Return the exercises; none where `shape` has something to say first."""
    try:
        return find(notebook)
    except ValueError:
        return []


def translations(notebook: NotebookNode) -> Problems:
    """A translation gives code of one lane, wants all, and is graded by parity."""
    for exercise in _exercises(notebook):
        if "translation" not in exercise.title.lower():
            continue
        given = re.findall(r"`[^`]+`|^ {4}\S.*", exercise.text, re.MULTILINE)
        if not any(re.search(r"[(\[:]", code) for code in given):
            yield exercise.task.id, f"expected code of a lane, received {given}"
        if not any(name in exercise.text for name in LANES.values()):
            yield exercise.task.id, "expected the name of the lane that is given"
        if {lane_of(cell) for cell in exercise.solution} != set(LANES):
            yield exercise.task.id, "expected a solution in each lane"
        if not PROVES & set(calls(tree(exercise.check))):
            yield exercise.check.id, f"expected one of {sorted(PROVES)}"


def predictions(notebook: NotebookNode) -> Problems:
    """A prediction is about lanes, is asked for by name, and is graded."""
    about = re.compile(r"_(?:pt|tf|ks)`|" + "|".join(LANES.values()))
    for exercise in _exercises(notebook):
        if "predict, then run" not in exercise.title.lower():
            continue
        several = re.search(r"\b(?:each|which) lane|\blanes\b", exercise.text.lower())
        if not several and len(set(about.findall(exercise.text))) < 2:
            yield exercise.task.id, "expected a question about two lanes at least"
        if not exercise.predictions:
            yield exercise.task.id, "expected a 'guess...' or 'predict...' to be graded"
        for name in exercise.predictions:
            if f"`{name}`" not in exercise.text:
                yield exercise.task.id, f"expected that the task asks for `{name}`"


def alone(notebook: NotebookNode) -> Problems:
    """An exercise can be solved without the others, and nothing solves it before."""
    exercises = _exercises(notebook)
    own = {e.task.id: _names([*e.solution, e.check]) for e in exercises}
    folded = {cell.id for e in exercises for cell in (*e.solution, e.check)}
    body = [c for c in notebook.cells if is_code(c) and c.id not in folded]
    above = _names(body)[0]
    for exercise in exercises:
        name = exercise.task.id
        for other, (bound, _) in own.items():
            for read in sorted(own[name][1] & bound) if other != name else ():
                yield name, f"expected no name of another one, received {read}: {other}"
        for cell in exercise.solution:
            for needed in exercise.needed(cell):
                if needed in above:
                    yield name, f"expected a name that is not there yet, not {needed}"


def _names(cells: list[NotebookNode]) -> tuple[set[str], set[str]]:
    """Return what cells bind, and what they read that they have not bound above."""
    bound: set[str] = set()
    read: set[str] = set()
    for found in map(names, cells):
        read |= found.read - bound
        bound |= found.assigned | found.left | set(found.imported)
    return bound, read


RULES: tuple[Rule, ...] = (choice, shape, named, translations, predictions, alone)

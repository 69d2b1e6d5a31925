"""Exercises: each with a solution in all lanes, folded away, and a check of its own."""

import ast
import re
from collections import defaultdict

from sidebyside_book import chapter
from sidebyside_book.authoring.rules.source import (
    PROVES,
    Problems,
    Rule,
    calls,
    comments,
)
from sidebyside_book.chapter import LANES, Cell, Exercise, Notebook
from sidebyside_book.editions.exercises import needed
from sidebyside_book.editions.exercises import predictions as predicted
from sidebyside_book.editions.names import names, tree

OPEN = re.compile(
    r"\A(`{3,}|:{3,})\{solution-start\} *(?P<label>\S+)\n:class: *dropdown\n\1\Z"
)
CLOSE = re.compile(r"\A(`{3,}|:{3,})\{solution-end\}\n\1\Z")
KINDS = ("translation", "predict, then run")


def choice(notebook: Notebook) -> Problems:
    """Three to six; one translates between lanes, one is predicted before it runs."""
    titles = [cell.task.title for cell in notebook.text if cell.task]
    if not 3 <= len(titles) <= 6:
        yield "exercises", f"expected 3 to 6 exercises, received {len(titles)}"
    for kind in KINDS:
        if not any(kind in title.lower() for title in titles):
            yield "exercises", f"expected '{kind.capitalize()}: ...' as a title"


def shape(notebook: Notebook) -> Problems:
    """Task, fold, solution, end of the fold, check: nothing else, in this order."""
    start = len(notebook.before("exercises")) + 1
    end = len(notebook.before("references"))
    part = notebook.cells[start:end]
    groups: dict[str, list[Cell]] = defaultdict(list)
    current = ""
    for cell in part:
        current = cell.id if cell.task else current
        groups[current or cell.id].append(cell)
    for name, cells in groups.items():
        yield from _exercise(name, cells)


def _exercise(name: str, cells: list[Cell]) -> Problems:
    task = cells[0].task
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
    middle = [cell for cell in cells[2:-2] if cell.is_code]
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
    if not fold or fold["label"] != task.label:
        wanted_text = f"a dropdown {{solution-start}} {task.label}"
        yield cells[1].id, f"expected {wanted_text}, received {cells[1].source!r}"
    if not CLOSE.match(cells[-2].source):
        yield cells[-2].id, f"expected {{solution-end}}, received {cells[-2].source!r}"
    for cell in cells[1:-1]:
        if "solution" not in cell.tags:
            yield cell.id, f"expected the tag 'solution', received {list(cell.tags)}"
    yield from _lanes(name, cells[2:-2])
    yield from _check(cells[-1])


def _lanes(name: str, solution: list[Cell]) -> Problems:
    """A solution has all lanes, or a word about lanes that says why not."""
    if {cell.lane for cell in solution} >= set(LANES):
        return
    notes = [n for c in solution if c.is_code for n in comments(c.source).values()]
    notes = [note for note in notes if note not in LANES.values()]  # a first line
    words = " ".join([*notes, *(c.source for c in solution if c.is_text)]).lower()
    if not re.search(r"\blanes?\b|\bkeras\b|\btensorflow\b|\bpytorch\b", words):
        yield name, "expected a solution in all lanes, or a comment why one is enough"


def _check(cell: Cell) -> Problems:
    if not cell.is_code or "self-check" not in cell.tags:
        yield cell.id, f"expected code tagged 'self-check', received {list(cell.tags)}"
        return
    asserts = any(isinstance(part, ast.Assert) for part in ast.walk(tree(cell)))
    if not asserts and not PROVES & set(calls(tree(cell))):
        yield cell.id, f"expected an assert or one of {sorted(PROVES)}"


def named(notebook: Notebook) -> Problems:
    """Labels are unique, and solutions stand among the exercises."""
    labels = [cell.task.label for cell in notebook.text if cell.task]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield "exercises", f"expected labels that differ, received {label} twice"
    for cell in notebook.before("exercises"):
        if "solution" in cell.tags:
            yield cell.id, "expected solutions among the exercises only"


def _exercises(notebook: Notebook) -> list[Exercise]:
    """Return the exercises; none where `shape` has something to say first."""
    try:
        return chapter.exercises(notebook)
    except ValueError:
        return []


def translations(notebook: Notebook) -> Problems:
    """A translation gives code of one lane, wants all, and is graded by parity."""
    for exercise in _exercises(notebook):
        if "translation" not in exercise.task.title.lower():
            continue
        given = re.findall(r"`[^`]+`|^ {4}\S.*", exercise.task.text, re.MULTILINE)
        if not any(re.search(r"[(\[:]", code) for code in given):
            yield exercise.cell.id, f"expected code of a lane, received {given}"
        if not any(name in exercise.task.text for name in LANES.values()):
            yield exercise.cell.id, "expected the name of the lane that is given"
        if {cell.lane for cell in exercise.solution} != set(LANES):
            yield exercise.cell.id, "expected a solution in each lane"
        if not PROVES & set(calls(tree(exercise.check))):
            yield exercise.check.id, f"expected one of {sorted(PROVES)}"


def predictions(notebook: Notebook) -> Problems:
    """A prediction is about lanes, is asked for by name, and is graded."""
    about = re.compile(r"_(?:pt|tf|ks)`|" + "|".join(LANES.values()))
    for exercise in _exercises(notebook):
        if "predict, then run" not in exercise.task.title.lower():
            continue
        text = exercise.task.text
        several = re.search(r"\b(?:each|which) lane|\blanes\b", text.lower())
        if not several and len(set(about.findall(text))) < 2:
            yield exercise.cell.id, "expected a question about two lanes at least"
        if not predicted(exercise):
            yield exercise.cell.id, "expected a 'guess...' or 'predict...' to be graded"
        for name in predicted(exercise):
            if f"`{name}`" not in text:
                yield exercise.cell.id, f"expected that the task asks for `{name}`"


def alone(notebook: Notebook) -> Problems:
    """An exercise can be solved without the others, and nothing solves it before."""
    exercises = _exercises(notebook)
    own = {e.cell.id: _names([*e.solution, e.check]) for e in exercises}
    folded = {cell.id for e in exercises for cell in (*e.solution, e.check)}
    body = [c for c in notebook.cells if c.is_code and c.id not in folded]
    above = _names(body)[0]
    for exercise in exercises:
        name = exercise.cell.id
        for other, (bound, _) in own.items():
            for read in sorted(own[name][1] & bound) if other != name else ():
                yield name, f"expected no name of another one, received {read}: {other}"
        for cell in exercise.solution:
            for new in needed(exercise, cell):
                if new in above:
                    yield name, f"expected a name that is not there yet, not {new}"


def _names(cells: list[Cell]) -> tuple[set[str], set[str]]:
    """Return what cells bind, and what they read that they have not bound above."""
    bound: set[str] = set()
    read: set[str] = set()
    for cell_names in map(names, cells):
        read |= cell_names.read - bound
        bound |= cell_names.assigned | cell_names.left | set(cell_names.imported)
    return bound, read


RULES: tuple[Rule, ...] = (choice, shape, named, translations, predictions, alone)

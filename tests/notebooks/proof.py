"""A notebook that proves a chapter's exercises: unsolved, solved, wrongly predicted.

All in one kernel. The student's notebook runs from the top. Each check runs as the
student finds it, and is to fail; then the solution runs, and the check, which is to
pass; then the check once more for each wrong prediction, and is to fail.
"""

import copy

from nbformat import NotebookNode, v4

from sidebyside_book.chapter import Exercise, Notebook, exercises
from sidebyside_book.editions.exercises import needed, predictions
from sidebyside_book.editions.student import TAG

UNSOLVED = "-unsolved"
"""How the id of a check ends that is to fail."""
WRONG = """
def wrong_ones(value):
    if isinstance(value, (list, tuple)):
        for i in range(len(value)):
            for other in wrong_ones(value[i]):
                yield type(value)([*value[:i], other, *value[i + 1 :]])
    elif isinstance(value, dict):
        for key in value:
            for other in wrong_ones(value[key]):
                yield {**value, key: other}
    else:
        yield not value if isinstance(value, bool) else value + type(value)(1)


def refuses(check, name, value):
    try:
        exec(check, {**globals(), name: value})
    except AssertionError:
        return True
    return False
""".strip()
GRADES = """
for other in wrong_ones({name}):
    if not refuses({check!r}, {name!r}, other):
        raise RuntimeError(f"expected that the check refuses {name} = {{other!r}}")
"""


def notebook(chapter: Notebook, student: NotebookNode) -> NotebookNode:
    """Return the student's notebook with, after each check, the solution and more."""
    made = copy.deepcopy(student)
    graded = {exercise.check.id: exercise for exercise in exercises(chapter)}
    made.cells = []
    for cell in copy.deepcopy(student.cells):
        if TAG in cell.metadata.get("tags", []):
            cell.id += "-empty"  # the solution's cell has the same one
        if cell.id in graded:
            made.cells += _proof(graded[cell.id])
        else:
            made.cells.append(cell)
    helpers = v4.new_code_cell(WRONG, id="wrong-predictions")
    start = [cell.id for cell in made.cells].index("exercises")
    made.cells.insert(start, helpers)
    return made


def _proof(exercise: Exercise) -> list[NotebookNode]:
    unsolved = copy.deepcopy(exercise.check.node)
    unsolved.id += UNSOLVED
    unsolved.metadata.tags = ["raises-exception"]
    wrong = [
        v4.new_code_cell(
            GRADES.format(name=name, check=exercise.check.source),
            id=f"{exercise.check.id}-{name}".replace("_", "-"),
        )
        for name in predictions(exercise)
    ]
    solved = [cell.node for cell in (*exercise.solution, exercise.check)]
    return [unsolved, *copy.deepcopy(solved), *wrong]


def unexpected(chapter: Notebook, executed: NotebookNode) -> list[str]:
    """Return how unsolved checks ended that don't name what is to be defined."""
    cells = {cell.id: cell for cell in executed.cells}
    found = []
    for exercise in exercises(chapter):
        cell = cells[exercise.check.id + UNSOLVED]
        ends = [f"{o.ename}: {o.evalue}" for o in cell.outputs if "ename" in o]
        names = [name for part in exercise.solution for name in needed(exercise, part)]
        wanted = [f"NameError: name '{name}' is not defined" for name in names]
        if len(ends) != 1 or ends[0] not in wanted:
            found.append(f"{cell.id}: expected one of {wanted}, received {ends}")
    return found

"""The student edition: no solution in it, every check fails until it is solved."""

import io

import nbformat
import proof
import pytest
from nbformat import NotebookNode
from rich.console import Console
from test_chapters import CHAPTERS, read

from sidebyside_sphinx.editions import student
from sidebyside_sphinx.editions.places import places
from sidebyside_sphinx.execution import kernels
from sidebyside_sphinx.execution.chapters import Chapter
from sidebyside_sphinx.execution.progress import Lines

BOOK = CHAPTERS[0].parents[1]
WHERE = places(BOOK, ".ipynb", [path.stem for path in CHAPTERS])
PLAN = kernels.Plan(jobs=1, timeout_s=300)


def edition(path) -> NotebookNode:
    return student.edition(read(path), path.stem, WHERE)


def run(notebook: NotebookNode, folder) -> tuple[kernels.Outcome, list[NotebookNode]]:
    """Execute a notebook as the book's own, and return what became of it."""
    path = folder / "proof.ipynb"
    nbformat.write(notebook, path)
    kept: list[NotebookNode] = []
    [outcome] = kernels.run(
        [Chapter(path.stem, path)],
        PLAN,
        lambda chapter, executed, seconds: kept.append(executed),
        Lines(Console(file=io.StringIO()), 1),
    )
    return outcome, kept


@pytest.mark.slow
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_check_fails_until_it_is_solved(path, tmp_path):
    chapter = read(path)
    outcome, kept = run(proof.notebook(chapter, edition(path)), tmp_path)
    assert outcome.failure is None, outcome.failure
    assert not proof.unexpected(chapter, kept[0])

"""The student edition: no solution in it, every check fails until it is solved."""

import ast
import io
import re

import nbformat
import passed
import proof
import pytest
import sample
from myst_parser.mdit_to_docutils.base import default_slugify
from nbformat import NotebookNode
from rich.console import Console
from test_chapters import CHAPTERS

from sidebyside_book.chapter import exercises, notebook_of, read_notebook
from sidebyside_book.cli import main
from sidebyside_book.editions import student
from sidebyside_book.editions.places import places
from sidebyside_book.execution import kernels
from sidebyside_book.execution.chapters import Chapter
from sidebyside_book.execution.failures import Failed
from sidebyside_book.execution.progress import Lines

BOOK = CHAPTERS[0].parents[1]
WHERE = places(BOOK, ".ipynb", [path.stem for path in CHAPTERS])
PLAN = kernels.Plan(jobs=1, timeout_s=300)


def edition(path) -> NotebookNode:
    return student.edition(read_notebook(path), WHERE)


class Kept:
    """Keeps the notebooks that ran to their end."""

    def __init__(self) -> None:
        self.executed: list[NotebookNode] = []

    def keep(self, chapter: Chapter, notebook: NotebookNode, seconds: float) -> None:
        self.executed.append(notebook)

    def keep_failed(self, chapter: Chapter, failed: Failed) -> None:
        """Its outcome says enough."""


def run(notebook: NotebookNode, folder) -> tuple[kernels.Outcome, list[NotebookNode]]:
    """Execute a notebook as the book's own, and return what became of it."""
    path = folder / "proof.ipynb"
    nbformat.write(notebook, path)
    kept = Kept()
    lines = Lines(Console(file=io.StringIO()), 1)
    [outcome] = kernels.run([Chapter(path.stem, path)], PLAN, kept, lines)
    return outcome, kept.executed


@pytest.mark.slow
@pytest.mark.chapters("student")
@pytest.mark.parametrize("chapter", [p.stem for p in CHAPTERS])
def test_every_check_fails_until_it_is_solved(chapter, tmp_path):
    path = BOOK / f"chapters/{chapter}.ipynb"
    with passed.keeping("student", path):
        read = read_notebook(path)
        outcome, kept = run(proof.notebook(read, edition(path)), tmp_path)
        assert outcome.failure is None, outcome.failure
        assert not proof.unexpected(read, kept[0])


def small(check: str, *, before: str = "pass", solution: str = "guess = 1"):
    """Return a chapter with one exercise, and its student edition."""
    parts = sample.exercise("guess", "Predict, then run: a guess")
    tags = parts[2].metadata.tags[1:]
    parts[2:5] = [sample.code("ex-guess-solution", solution, *tags)]
    parts[-1].source = check
    cells = [
        sample.text("title", "# Small\n\n**How?**"),
        sample.code("above", before),
        sample.text("exercises", f"## Exercises\n\n{student.FOLDED}"),
        *parts,
    ]
    metadata = read_notebook(CHAPTERS[0]).node.metadata
    node = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    chapter = notebook_of(node, "01_small")
    return chapter, student.edition(chapter, WHERE)


@pytest.mark.parametrize(
    ("chapter", "failed", "complaint"),
    [
        (small("assert guess == 1"), None, ""),
        (small("assert guess == 1", before="guess = 1"), None, "received []"),
        (small("assert gues == 1"), "ex-guess-check", ""),
        (small("assert guess == 2"), "ex-guess-check", ""),
        (small("assert guess"), "ex-guess-check-guess", ""),
        (
            small("assert guess[1] == 2", solution="guess = [0, 2]"),
            "ex-guess-check-",
            "",
        ),
    ],
    ids=["good", "solved above", "misspelt", "unsolvable", "ungraded", "half graded"],
)
def test_the_proof_finds_what_proves_nothing(chapter, failed, complaint, tmp_path):
    outcome, kept = run(proof.notebook(*chapter), tmp_path)
    assert bool(outcome.failure) == bool(failed)
    if failed:
        assert outcome.failure.cell.startswith(failed)
    else:
        assert complaint in "\n".join(proof.unexpected(chapter[0], kept[0]))
        assert bool(complaint) == bool(proof.unexpected(chapter[0], kept[0]))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_solutions_are_out_and_checks_are_in(path):
    chapter, made = read_notebook(path), edition(path)
    cells = {cell.id: cell for cell in made.cells}
    for exercise in exercises(chapter):
        assert cells[exercise.check.id].source == exercise.check.source
        for cell in exercise.fold:
            assert cell.source not in [other.source for other in made.cells]
    empty = [
        cell for cell in made.cells if student.TAG in cell.metadata.get("tags", [])
    ]
    assert empty
    assert not any(ast.parse(cell.source).body for cell in empty)
    told = "\n".join(cell.source for cell in made.cells if cell.cell_type == "markdown")
    assert "{solution" not in told
    assert "{exercise" not in told
    assert "folded away" not in told
    assert not re.search(r"^:::|\{glue", told, re.MULTILINE), "shown as it is"
    assert made.cells[0].source.splitlines()[0].endswith("(student edition)")
    assert "versions.check(" in cells["setup"].source, "what a check needs is checked"
    nbformat.validate(made)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_links_lead_to_notebooks_beside_or_to_the_book(path):
    names = {other.name for other in CHAPTERS}
    told = "\n".join(c.source for c in edition(path).cells if c.cell_type == "markdown")
    links = re.findall(r"\]\(([^)\s]+)\)", told)
    assert links
    headings = re.findall(r"^## (.+)$", told, re.MULTILINE)
    sections = set(map(default_slugify, headings))
    for link in links:
        if link.startswith("#"):
            assert link[1:] in sections, link
        else:
            assert link in names or link.startswith("https://"), link


def test_an_empty_cell_says_what_to_define():
    source = (
        "def f(x, *, y=1):\n    return x\n\n\nclass A:\n    pass\n\n\nb = other = 1"
    )
    _, made = small("assert f(1) and A and b", solution=source)
    [empty] = [cell for cell in made.cells if cell.id == "ex-guess-answer"]
    defined = ["# define: f(x, *, y=1)", "# define: class A", "# define: b"]
    assert empty.source.splitlines() == defined


def test_the_same_book_gives_the_same_bytes(tmp_path):
    first, second = (student.write(BOOK, ["01"], tmp_path / n) for n in ("a", "b"))
    assert first[0].read_bytes() == second[0].read_bytes()
    assert first[0].read_bytes().endswith(b"}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["99"], "01_tensors"),
        (["scoreboard"], "student: expected chapters with exercises"),
        (["--out", str(BOOK / "chapters")], "student: expected another folder"),
        (["--book", str(BOOK / "data")], "with _toc.yml in it, received"),
    ],
)
def test_a_wrong_command_writes_nothing(arguments, message, capsys):
    before = {path: path.stat().st_mtime_ns for path in CHAPTERS}
    assert main(["student", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert before == {path: path.stat().st_mtime_ns for path in CHAPTERS}


def test_a_notebook_that_names_no_kernel_is_refused():
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A")])
    with pytest.raises(ValueError, match=r"a kernelspec .* of x, received none"):
        student.edition(notebook_of(node, "x"), WHERE)

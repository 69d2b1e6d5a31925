"""Every chapter of the book keeps every rule."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from rules import RULES, problems, setup_problems
from rules_hygiene import stored_form

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))


def read(path: Path) -> NotebookNode:
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def test_there_are_chapters():
    assert CHAPTERS, "expected notebooks in chapters/, received none"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_chapter_keeps_a_rule(path, rule):
    found = problems(path.stem, read(path), [rule])
    assert not found, "\n".join([rule.__doc__, *found])


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_is_stored_as_all_are(path):
    found = stored_form(path.read_text(encoding="utf-8"))
    assert not found, "\n".join(found)


def test_the_setup_cell_is_the_same_in_all_chapters():
    found = setup_problems({path.stem: read(path) for path in CHAPTERS})
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_a_number_and_a_name(path):
    assert re.fullmatch(r"\d\d_[a-z][a-z0-9_]*", path.stem)
